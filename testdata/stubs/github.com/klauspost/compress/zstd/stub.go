// Package zstd is a stub: the functions of v1.20.3 that blocking.txt names, and the
// types in their signatures.
package zstd

import (
	"io"
)

func NewReader(r io.Reader, opts ...DOption) (*Decoder, error)
func NewWriter(w io.Writer, opts ...EOption) (*Encoder, error)

type DOption func(*decoderOptions) error

type Decoder struct{}

func (*Decoder) Read(p []byte) (int, error)
func (*Decoder) WriteTo(w io.Writer) (int64, error)

type EOption func(*encoderOptions) error

type Encoder struct{}

func (*Encoder) Close() error
func (*Encoder) Flush() error
func (*Encoder) ReadFrom(r io.Reader) (n int64, err error)
func (*Encoder) Write(p []byte) (n int, err error)

type decoderOptions struct{}

type encoderOptions struct{}
