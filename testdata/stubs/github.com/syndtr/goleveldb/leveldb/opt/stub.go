// Package opt is a stub: types of v1.0.0 that other stubs need.
package opt

type Options struct{}

type ReadOptions struct{}

type WriteOptions struct{}
