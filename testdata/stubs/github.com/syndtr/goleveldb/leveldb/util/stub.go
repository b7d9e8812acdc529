// Package util is a stub: types of v1.0.0 that other stubs need.
package util

type Range struct{}
