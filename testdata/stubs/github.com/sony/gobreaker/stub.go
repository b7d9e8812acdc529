// Package gobreaker is a stub: the functions of v1.0.0 that blocking.txt names, and the
// types in their signatures.
package gobreaker

type CircuitBreaker struct{}

func (*CircuitBreaker) Execute(req func() (interface{}, error)) (interface{}, error)
