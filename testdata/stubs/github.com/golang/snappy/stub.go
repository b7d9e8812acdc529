// Package snappy is a stub: the functions of v0.0.0-20180518054509-2e65f85255db that blocking.txt names, and the
// types in their signatures.
package snappy

import (
	"io"
)

func NewBufferedWriter(w io.Writer) *Writer
func NewReader(r io.Reader) *Reader
func NewWriter(w io.Writer) *Writer

type Reader struct{}

func (*Reader) Read(p []byte) (int, error)

type Writer struct{}

func (*Writer) Close() error
func (*Writer) Flush() error
func (*Writer) Write(p []byte) (nRet int, errRet error)
