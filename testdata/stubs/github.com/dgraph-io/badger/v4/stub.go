// Package badger is a stub: the functions of v4.9.6 that blocking.txt names, and the
// types in their signatures.
package badger

import (
	"io"
)

func Open(opt Options) (*DB, error)
func OpenManaged(opts Options) (*DB, error)

type DB struct{}

func (*DB) Backup(w io.Writer, since uint64) (uint64, error)
func (*DB) Close() error
func (*DB) DropAll() error
func (*DB) DropPrefix(prefixes ...[]byte) error
func (*DB) Flatten(workers int) error
func (*DB) Load(r io.Reader, maxPendingWrites int) error
func (*DB) RunValueLogGC(discardRatio float64) error
func (*DB) Sync() error
func (*DB) Update(fn func(txn *Txn) error) error
func (*DB) View(fn func(txn *Txn) error) error

type Item struct{}

func (*Item) Value(fn func(val []byte) error) error
func (*Item) ValueCopy(dst []byte) ([]byte, error)

type Iterator struct{}

func (*Iterator) Next()
func (*Iterator) Rewind()
func (*Iterator) Seek(key []byte)

type Options struct{}

type Sequence struct{}

func (*Sequence) Next() (uint64, error)

type Txn struct{}

func (*Txn) Commit() error
func (*Txn) CommitAt(commitTs uint64, callback func(error)) error
func (*Txn) CommitWith(cb func(error))
func (*Txn) Get(key []byte) (item *Item, rerr error)

type WriteBatch struct{}

func (*WriteBatch) Flush() error
