// Package groupcache is a stub: the functions of v0.0.0-20241129210726-2c02b8208cf8 that blocking.txt names, and the
// types in their signatures.
package groupcache

import (
	"context"
)

type Getter interface {
	Get(ctx context.Context, key string, dest Sink) error
}

type Group struct{}

func (*Group) Get(ctx context.Context, key string, dest Sink) error

type Sink interface{}
