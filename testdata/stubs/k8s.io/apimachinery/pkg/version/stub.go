// Package version is a stub: types of v0.37.2 that other stubs need.
package version

type Info struct{}
