// Package rate is a stub: the functions of v0.16.0 that blocking.txt names, and the
// types in their signatures.
package rate

import (
	"context"
)

type Limiter struct{}

func (*Limiter) Wait(ctx context.Context) (err error)
func (*Limiter) WaitN(ctx context.Context, n int) (err error)

type Sometimes struct{}

func (*Sometimes) Do(f func())
