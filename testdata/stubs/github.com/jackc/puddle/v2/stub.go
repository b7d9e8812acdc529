// Package puddle is a stub: the functions of v2.2.3 that blocking.txt names, and the
// types in their signatures.
package puddle

import (
	"context"
)

type Pool[T any] struct{}

func (*Pool[T]) Acquire(ctx context.Context) (_ *Resource[T], err error)
func (*Pool[T]) Close()
func (*Pool[T]) CreateResource(ctx context.Context) error

type Resource[T any] struct{}
