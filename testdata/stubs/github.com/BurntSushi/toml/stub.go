// Package toml is a stub: the functions of v1.6.0 that blocking.txt names, and the
// types in their signatures.
package toml

import (
	"io"
	"io/fs"
)

func DecodeFS(fsys fs.FS, path string, v any) (MetaData, error)
func DecodeFile(path string, v any) (MetaData, error)
func DecodeReader(r io.Reader, v any) (MetaData, error)
func NewDecoder(r io.Reader) *Decoder
func NewEncoder(w io.Writer) *Encoder

type Decoder struct{}

func (*Decoder) Decode(v any) (MetaData, error)

type Encoder struct{}

func (*Encoder) Encode(v any) error

type MetaData struct{}
