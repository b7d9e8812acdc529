// Package backoff is a stub: the functions of v5.0.3 that blocking.txt names, and the
// types in their signatures.
package backoff

import (
	"context"
)

func Retry[T any](ctx context.Context, operation Operation[T], opts ...RetryOption) (T, error) {
	panic(0)
}

type Operation[T any] func() (T, error)

type RetryOption func(*retryOptions)

type retryOptions struct{}
