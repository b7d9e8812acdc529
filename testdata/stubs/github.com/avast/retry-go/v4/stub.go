// Package retry is a stub: the functions of v4.7.0 that blocking.txt names, and the
// types in their signatures.
package retry

func Do(retryableFunc RetryableFunc, opts ...Option) error
func DoWithData[T any](retryableFunc RetryableFuncWithData[T], opts ...Option) (T, error) { panic(0) }

type Config struct{}

type Option func(*Config)

type RetryableFunc func() error

type RetryableFuncWithData[T any] func() (T, error)
