// Package btree is a stub: the functions of v1.1.3 that blocking.txt names, and the
// types in their signatures.
package btree

type BTree struct{}

func (*BTree) Ascend(iterator ItemIterator)
func (*BTree) AscendGreaterOrEqual(pivot Item, iterator ItemIterator)
func (*BTree) AscendLessThan(pivot Item, iterator ItemIterator)
func (*BTree) AscendRange(greaterOrEqual Item, lessThan Item, iterator ItemIterator)
func (*BTree) Descend(iterator ItemIterator)
func (*BTree) DescendGreaterThan(pivot Item, iterator ItemIterator)
func (*BTree) DescendLessOrEqual(pivot Item, iterator ItemIterator)
func (*BTree) DescendRange(lessOrEqual Item, greaterThan Item, iterator ItemIterator)

type BTreeG[T any] struct{}

func (*BTreeG[T]) Ascend(iterator ItemIteratorG[T])
func (*BTreeG[T]) AscendGreaterOrEqual(pivot T, iterator ItemIteratorG[T])
func (*BTreeG[T]) AscendLessThan(pivot T, iterator ItemIteratorG[T])
func (*BTreeG[T]) AscendRange(greaterOrEqual T, lessThan T, iterator ItemIteratorG[T])
func (*BTreeG[T]) Descend(iterator ItemIteratorG[T])
func (*BTreeG[T]) DescendGreaterThan(pivot T, iterator ItemIteratorG[T])
func (*BTreeG[T]) DescendLessOrEqual(pivot T, iterator ItemIteratorG[T])
func (*BTreeG[T]) DescendRange(lessOrEqual T, greaterThan T, iterator ItemIteratorG[T])

type Item interface{}

type ItemIterator func(item Item) bool

type ItemIteratorG[T any] func(item T) bool
