// Package v1 is a stub: types of v1.1.1 that other stubs need.
package v1

type Platform struct{}
