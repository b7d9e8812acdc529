// Package bbolt is a stub: the functions of v1.5.0 that blocking.txt names, and the
// types in their signatures.
package bbolt

import (
	"io"
	"os"
)

func Compact(dst *DB, src *DB, txMaxSize int64) error
func Open(path string, mode os.FileMode, options *Options) (db *DB, err error)

type Bucket struct{}

func (*Bucket) ForEach(fn func(k []byte, v []byte) error) error
func (*Bucket) ForEachBucket(fn func(k []byte) error) error

type DB struct{}

func (*DB) Batch(fn func(*Tx) error) error
func (*DB) Begin(writable bool) (t *Tx, err error)
func (*DB) Close() error
func (*DB) Sync() (err error)
func (*DB) Update(fn func(*Tx) error) error
func (*DB) View(fn func(*Tx) error) error

type Options struct{}

type Tx struct{}

func (*Tx) Commit() (err error)
func (*Tx) Copy(w io.Writer) error
func (*Tx) CopyFile(path string, mode os.FileMode) error
func (*Tx) ForEach(fn func(name []byte, b *Bucket) error) error
func (*Tx) WriteTo(w io.Writer) (n int64, err error)
