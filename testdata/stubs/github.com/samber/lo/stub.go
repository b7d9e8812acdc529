// Package lo is a stub: the functions of v1.53.0 that blocking.txt names, and the
// types in their signatures.
package lo

import (
	"time"

	"github.com/samber/lo/internal/constraints"
)

func Associate[T any, K comparable, V any](collection []T, transform func(item T) (K, V)) map[K]V {
	panic(0)
}
func Async[A any](f func() A) <-chan A { panic(0) }
func Attempt(maxIteration int, f func(index int) error) (int, error)
func AttemptWhileWithDelay(maxIteration int, delay time.Duration, f func(int, time.Duration) (error, bool)) (int, time.Duration, error)
func AttemptWithDelay(maxIteration int, delay time.Duration, f func(index int, duration time.Duration) error) (int, time.Duration, error)
func ContainsBy[T any](collection []T, predicate func(item T) bool) bool { panic(0) }
func CountBy[T any](collection []T, predicate func(item T) bool) int     { panic(0) }
func EveryBy[T any](collection []T, predicate func(item T) bool) bool    { panic(0) }
func Filter[T any, Slice ~[]T](collection Slice, predicate func(item T, index int) bool) Slice {
	panic(0)
}
func FilterMap[T any, R any](collection []T, callback func(item T, index int) (R, bool)) []R {
	panic(0)
}
func Find[T any](collection []T, predicate func(item T) bool) (T, bool)               { panic(0) }
func FlatMap[T any, R any](collection []T, transform func(item T, index int) []R) []R { panic(0) }
func ForEach[T any](collection []T, callback func(item T, index int))                 { panic(0) }
func ForEachWhile[T any](collection []T, predicate func(item T, index int) bool)      { panic(0) }
func GroupBy[T any, U comparable, Slice ~[]T](collection Slice, iteratee func(item T) U) map[U]Slice {
	panic(0)
}
func KeyBy[K comparable, V any](collection []V, iteratee func(item V) K) map[K]V { panic(0) }
func Map[T any, R any](collection []T, transform func(item T, index int) R) []R  { panic(0) }
func MapKeys[K comparable, V any, R comparable](in map[K]V, iteratee func(value V, key K) R) map[R]V {
	panic(0)
}
func MapToSlice[K comparable, V any, R any](in map[K]V, iteratee func(key K, value V) R) []R {
	panic(0)
}
func MapValues[K comparable, V any, R any](in map[K]V, iteratee func(value V, key K) R) map[K]R {
	panic(0)
}
func MaxBy[T any](collection []T, greater func(a T, b T) bool) T     { panic(0) }
func MinBy[T any](collection []T, less func(a T, b T) bool) T        { panic(0) }
func NoneBy[T any](collection []T, predicate func(item T) bool) bool { panic(0) }
func OmitBy[K comparable, V any, Map ~map[K]V](in Map, predicate func(key K, value V) bool) Map {
	panic(0)
}
func PartitionBy[T any, K comparable, Slice ~[]T](collection Slice, iteratee func(item T) K) []Slice {
	panic(0)
}
func PickBy[K comparable, V any, Map ~map[K]V](in Map, predicate func(key K, value V) bool) Map {
	panic(0)
}
func Reduce[T any, R any](collection []T, accumulator func(agg R, item T, index int) R, initial R) R {
	panic(0)
}
func Reject[T any, Slice ~[]T](collection Slice, predicate func(item T, index int) bool) Slice {
	panic(0)
}
func SliceToMap[T any, K comparable, V any](collection []T, transform func(item T) (K, V)) map[K]V {
	panic(0)
}
func SomeBy[T any](collection []T, predicate func(item T) bool) bool { panic(0) }
func SumBy[T any, R constraints.Float | constraints.Integer | constraints.Complex](collection []T, iteratee func(item T) R) R {
	panic(0)
}
func Times[T any](count int, iteratee func(index int) T) []T { panic(0) }
func Try(callback func() error) (ok bool)
func TryCatch(callback func() error, catch func())
func UniqBy[T any, U comparable, Slice ~[]T](collection Slice, iteratee func(item T) U) Slice {
	panic(0)
}
func WaitFor(condition func(i int) bool, timeout time.Duration, heartbeatDelay time.Duration) (totalIterations int, elapsed time.Duration, conditionFound bool)
