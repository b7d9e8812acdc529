// Package v1beta1 is a stub: types of v0.37.2 that other stubs need.
package v1beta1

type Eviction struct{}
