// Package multierror is a stub: the functions of v1.1.1 that blocking.txt names, and the
// types in their signatures.
package multierror

type Error struct{}

type Group struct{}

func (*Group) Go(f func() error)
func (*Group) Wait() *Error
