// Package object is a stub: types of v5.19.3 that other stubs need.
package object

type Commit struct{}

type CommitIter interface{}
