// Package leveldb is a stub: the functions of v1.0.0 that blocking.txt names, and the
// types in their signatures.
package leveldb

import (
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/util"
)

func Open(stor storage.Storage, o *opt.Options) (db *DB, err error)
func OpenFile(path string, o *opt.Options) (db *DB, err error)
func Recover(stor storage.Storage, o *opt.Options) (db *DB, err error)
func RecoverFile(path string, o *opt.Options) (db *DB, err error)

type Batch struct{}

type DB struct{}

func (*DB) Close() error
func (*DB) CompactRange(r util.Range) error
func (*DB) Delete(key []byte, wo *opt.WriteOptions) error
func (*DB) Get(key []byte, ro *opt.ReadOptions) (value []byte, err error)
func (*DB) Has(key []byte, ro *opt.ReadOptions) (ret bool, err error)
func (*DB) OpenTransaction() (*Transaction, error)
func (*DB) Put(key []byte, value []byte, wo *opt.WriteOptions) error
func (*DB) Write(batch *Batch, wo *opt.WriteOptions) error

type Reader interface {
	Get(key []byte, ro *opt.ReadOptions) (value []byte, err error)
}

type Snapshot struct{}

func (*Snapshot) Get(key []byte, ro *opt.ReadOptions) (value []byte, err error)
func (*Snapshot) Has(key []byte, ro *opt.ReadOptions) (ret bool, err error)

type Transaction struct{}

func (*Transaction) Commit() error
func (*Transaction) Delete(key []byte, wo *opt.WriteOptions) error
func (*Transaction) Get(key []byte, ro *opt.ReadOptions) ([]byte, error)
func (*Transaction) Has(key []byte, ro *opt.ReadOptions) (bool, error)
func (*Transaction) Put(key []byte, value []byte, wo *opt.WriteOptions) error
func (*Transaction) Write(b *Batch, wo *opt.WriteOptions) error
