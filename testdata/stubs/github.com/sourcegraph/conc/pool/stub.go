// Package pool is a stub: the functions of v0.3.1-0.20240121214520-5f936abd7ae8 that blocking.txt names, and the
// types in their signatures.
package pool

import (
	"context"
)

type ContextPool struct{}

func (*ContextPool) Go(f func(ctx context.Context) error)
func (*ContextPool) Wait() error

type ErrorPool struct{}

func (*ErrorPool) Go(f func() error)
func (*ErrorPool) Wait() error

type Pool struct{}

func (*Pool) Go(f func())
func (*Pool) Wait()

type ResultPool[T any] struct{}

func (*ResultPool[T]) Go(f func() T)
func (*ResultPool[T]) Wait() []T
