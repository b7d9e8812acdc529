// Package xsync is a stub: the functions of v3.5.1 that blocking.txt names, and the
// types in their signatures.
package xsync

type MapOf[K comparable, V any] struct{}

func (*MapOf[K, V]) Compute(key K, valueFn func(oldValue V, loaded bool) (newValue V, delete bool)) (actual V, ok bool)
func (*MapOf[K, V]) LoadOrCompute(key K, valueFn func() V) (actual V, loaded bool)
func (*MapOf[K, V]) LoadOrTryCompute(key K, valueFn func() (newValue V, cancel bool)) (value V, loaded bool)
func (*MapOf[K, V]) Range(f func(key K, value V) bool)
