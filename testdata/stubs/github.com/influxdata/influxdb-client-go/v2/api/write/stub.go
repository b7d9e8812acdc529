// Package write is a stub: types of v2.14.0 that other stubs need.
package write

type Point struct{}
