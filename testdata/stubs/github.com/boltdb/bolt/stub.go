// Package bolt is a stub: the functions of v1.3.1 that blocking.txt names, and the
// types in their signatures.
package bolt

import (
	"io"
	"os"
)

func Open(path string, mode os.FileMode, options *Options) (*DB, error)

type Bucket struct{}

func (*Bucket) ForEach(fn func(k []byte, v []byte) error) error

type DB struct{}

func (*DB) Batch(fn func(*Tx) error) error
func (*DB) Begin(writable bool) (*Tx, error)
func (*DB) Close() error
func (*DB) Sync() error
func (*DB) Update(fn func(*Tx) error) error
func (*DB) View(fn func(*Tx) error) error

type Options struct{}

type Tx struct{}

func (*Tx) Commit() error
func (*Tx) CopyFile(path string, mode os.FileMode) error
func (*Tx) ForEach(fn func(name []byte, b *Bucket) error) error
func (*Tx) WriteTo(w io.Writer) (n int64, err error)
