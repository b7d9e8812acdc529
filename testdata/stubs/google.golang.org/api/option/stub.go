// Package option is a stub: types of v0.307.0 that other stubs need.
package option

type ClientOption interface{}
