// Package flock is a stub: the functions of v0.13.1 that blocking.txt names, and the
// types in their signatures.
package flock

import (
	"context"
	"time"
)

type Flock struct{}

func (*Flock) Lock() error
func (*Flock) RLock() error
func (*Flock) TryLock() (bool, error)
func (*Flock) TryLockContext(ctx context.Context, retryDelay time.Duration) (bool, error)
func (*Flock) TryRLock() (bool, error)
func (*Flock) TryRLockContext(ctx context.Context, retryDelay time.Duration) (bool, error)
func (*Flock) Unlock() error
