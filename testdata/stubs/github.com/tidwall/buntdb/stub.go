// Package buntdb is a stub: the functions of v1.3.0 that blocking.txt names, and the
// types in their signatures.
package buntdb

import (
	"io"
)

func Open(path string) (*DB, error)

type DB struct{}

func (*DB) Close() error
func (*DB) Load(rd io.Reader) error
func (*DB) Save(wr io.Writer) error
func (*DB) Shrink() error
func (*DB) Update(fn func(tx *Tx) error) error
func (*DB) View(fn func(tx *Tx) error) error

type Tx struct{}
