// Package remotecommand is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package remotecommand

import (
	"context"
)

type Executor interface {
	Stream(options StreamOptions) error
	StreamWithContext(ctx context.Context, options StreamOptions) error
}

type StreamOptions struct{}
