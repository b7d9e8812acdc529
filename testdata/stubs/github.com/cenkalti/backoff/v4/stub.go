// Package backoff is a stub: the functions of v4.3.0 that blocking.txt names, and the
// types in their signatures.
package backoff

import (
	"time"
)

func Retry(o Operation, b BackOff) error
func RetryNotify(operation Operation, b BackOff, notify Notify) error
func RetryWithData[T any](o OperationWithData[T], b BackOff) (T, error) { panic(0) }

type BackOff interface{}

type Notify func(error, time.Duration)

type Operation func() error

type OperationWithData[T any] func() (T, error)
