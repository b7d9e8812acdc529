// Package xsync is a stub: the functions of v4.5.0 that blocking.txt names, and the
// types in their signatures.
package xsync

type ComputeOp int

type Map[K comparable, V any] struct{}

func (*Map[K, V]) Compute(key K, valueFn func(oldValue V, loaded bool) (newValue V, op ComputeOp)) (actual V, ok bool)
func (*Map[K, V]) LoadOrCompute(key K, valueFn func() (newValue V, cancel bool)) (value V, loaded bool)
func (*Map[K, V]) Range(f func(key K, value V) bool)
func (*Map[K, V]) RangeRelaxed(f func(key K, value V) bool)
