// Package gzip is a stub: the functions of v1.20.3 that blocking.txt names, and the
// types in their signatures.
package gzip

import (
	"io"
)

func NewReader(r io.Reader) (*Reader, error)
func NewWriter(w io.Writer) *Writer
func NewWriterLevel(w io.Writer, level int) (*Writer, error)

type Reader struct{}

func (*Reader) Read(p []byte) (n int, err error)
func (*Reader) Reset(r io.Reader) error
func (*Reader) WriteTo(w io.Writer) (int64, error)

type Writer struct{}

func (*Writer) Close() error
func (*Writer) Flush() error
func (*Writer) Write(p []byte) (int, error)
