// Package wait is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package wait

import (
	"context"
	"time"
)

func BackoffUntil(f func(), backoff BackoffManager, sliding bool, stopCh <-chan struct{})
func BackoffUntilWithContext(ctx context.Context, f func(ctx context.Context), backoff BackoffManager, sliding bool)
func ExponentialBackoff(backoff Backoff, condition ConditionFunc) error
func ExponentialBackoffWithContext(ctx context.Context, backoff Backoff, condition ConditionWithContextFunc) error
func Forever(f func(), period time.Duration)
func JitterUntil(f func(), period time.Duration, jitterFactor float64, sliding bool, stopCh <-chan struct{})
func JitterUntilWithContext(ctx context.Context, f func(context.Context), period time.Duration, jitterFactor float64, sliding bool)
func NonSlidingUntil(f func(), period time.Duration, stopCh <-chan struct{})
func NonSlidingUntilWithContext(ctx context.Context, f func(context.Context), period time.Duration)
func Poll(interval time.Duration, timeout time.Duration, condition ConditionFunc) error
func PollImmediate(interval time.Duration, timeout time.Duration, condition ConditionFunc) error
func PollImmediateInfinite(interval time.Duration, condition ConditionFunc) error
func PollImmediateUntil(interval time.Duration, condition ConditionFunc, stopCh <-chan struct{}) error
func PollImmediateWithContext(ctx context.Context, interval time.Duration, timeout time.Duration, condition ConditionWithContextFunc) error
func PollInfinite(interval time.Duration, condition ConditionFunc) error
func PollUntil(interval time.Duration, condition ConditionFunc, stopCh <-chan struct{}) error
func PollUntilContextCancel(ctx context.Context, interval time.Duration, immediate bool, condition ConditionWithContextFunc) error
func PollUntilContextTimeout(ctx context.Context, interval time.Duration, timeout time.Duration, immediate bool, condition ConditionWithContextFunc) error
func PollUntilWithContext(ctx context.Context, interval time.Duration, condition ConditionWithContextFunc) error
func PollWithContext(ctx context.Context, interval time.Duration, timeout time.Duration, condition ConditionWithContextFunc) error
func Until(f func(), period time.Duration, stopCh <-chan struct{})
func UntilWithContext(ctx context.Context, f func(context.Context), period time.Duration)

type Backoff struct{}

type BackoffManager interface{}

type ConditionFunc func() (done bool, err error)

type ConditionWithContextFunc func(context.Context) (done bool, err error)

type Group struct{}

func (*Group) Start(f func())
func (*Group) StartWithChannel(stopCh <-chan struct{}, f func(stopCh <-chan struct{}))
func (*Group) StartWithContext(ctx context.Context, f func(context.Context))
func (*Group) Wait()
