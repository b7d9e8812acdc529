// Package compress is a stub: types of v0.4.51 that other stubs need.
package compress

type Codec interface{}
