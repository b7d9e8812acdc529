// Package converter is a stub: types of v1.50.0 that other stubs need.
package converter

type EncodedValue interface{}
