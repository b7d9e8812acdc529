// Package workqueue is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package workqueue

import (
	"context"
	"time"
)

func ParallelizeUntil(ctx context.Context, workers int, pieces int, doWorkPiece DoWorkPieceFunc, opts ...Options)

type DoWorkPieceFunc func(piece int)

type Options func(*options)

type Typed[t comparable] struct{}

func (*Typed[T]) Add(item T)
func (*Typed[T]) Done(item T)
func (*Typed[T]) Get() (item T, shutdown bool)
func (*Typed[T]) ShutDownWithDrain()

type TypedDelayingInterface[T comparable] interface {
	AddAfter(item T, duration time.Duration)
}

type TypedInterface[T comparable] interface {
	Add(item T)
	Done(item T)
	Get() (item T, shutdown bool)
	ShutDownWithDrain()
}

type options struct{}
