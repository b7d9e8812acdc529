// Package run is a stub: the functions of v1.2.0 that blocking.txt names, and the
// types in their signatures.
package run

type Group struct{}

func (*Group) Add(execute func() error, interrupt func(error))
func (*Group) Run() error
