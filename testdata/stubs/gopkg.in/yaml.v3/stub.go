// Package yaml is a stub: the functions of v3.0.1 that blocking.txt names, and the
// types in their signatures.
package yaml

import (
	"io"
)

func NewDecoder(r io.Reader) *Decoder
func NewEncoder(w io.Writer) *Encoder

type Decoder struct{}

func (*Decoder) Decode(v interface{}) (err error)

type Encoder struct{}

func (*Encoder) Close() (err error)
func (*Encoder) Encode(v interface{}) (err error)
