// Package jsoniter is a stub: the functions of v1.1.12 that blocking.txt names, and the
// types in their signatures.
package jsoniter

import (
	"io"
)

func NewDecoder(reader io.Reader) *Decoder
func NewEncoder(writer io.Writer) *Encoder

type API interface {
	NewDecoder(reader io.Reader) *Decoder
	NewEncoder(writer io.Writer) *Encoder
}

type Decoder struct{}

func (*Decoder) Decode(obj interface{}) error
func (*Decoder) More() bool

type Encoder struct{}

func (*Encoder) Encode(val interface{}) error
