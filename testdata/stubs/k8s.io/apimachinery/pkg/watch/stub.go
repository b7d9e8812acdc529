// Package watch is a stub: types of v0.37.2 that other stubs need.
package watch

type Interface interface{}
