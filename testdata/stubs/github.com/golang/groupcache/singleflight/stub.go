// Package singleflight is a stub: the functions of v0.0.0-20241129210726-2c02b8208cf8 that blocking.txt names, and the
// types in their signatures.
package singleflight

type Group struct{}

func (*Group) Do(key string, fn func() (interface{}, error)) (interface{}, error)
