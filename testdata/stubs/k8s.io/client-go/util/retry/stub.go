// Package retry is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package retry

import (
	"k8s.io/apimachinery/pkg/util/wait"
)

func OnError(backoff wait.Backoff, retriable func(error) bool, fn func() error) error
func RetryOnConflict(backoff wait.Backoff, fn func() error) error
