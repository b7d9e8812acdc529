// Package pebble is a stub: the functions of v2.1.7 that blocking.txt names, and the
// types in their signatures.
package pebble

import (
	"context"
	"io"
)

func Open(dirname string, opts *Options) (db *DB, err error)

type Batch struct{}

func (*Batch) Commit(o *WriteOptions) error

type CheckpointOption func(*checkpointOptions)

type DB struct{}

func (*DB) Apply(batch *Batch, opts *WriteOptions) error
func (*DB) Checkpoint(destDir string, opts ...CheckpointOption) (ckErr error)
func (*DB) Close() error
func (*DB) Compact(ctx context.Context, start []byte, end []byte, parallelize bool) error
func (*DB) Delete(key []byte, opts *WriteOptions) error
func (*DB) DeleteRange(start []byte, end []byte, opts *WriteOptions) error
func (*DB) Flush() error
func (*DB) Get(key []byte) ([]byte, io.Closer, error)
func (*DB) Ingest(ctx context.Context, paths []string) error
func (*DB) LogData(data []byte, opts *WriteOptions) error
func (*DB) Merge(key []byte, value []byte, opts *WriteOptions) error
func (*DB) Set(key []byte, value []byte, opts *WriteOptions) error
func (*DB) SingleDelete(key []byte, opts *WriteOptions) error

type Iterator struct{}

func (*Iterator) First() bool
func (*Iterator) Last() bool
func (*Iterator) Next() bool
func (*Iterator) Prev() bool
func (*Iterator) SeekGE(key []byte) bool
func (*Iterator) SeekLT(key []byte) bool
func (*Iterator) SeekPrefixGE(key []byte) bool

type Options struct{}

type WriteOptions struct{}

type checkpointOptions struct{}
