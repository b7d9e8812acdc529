// Package ws is a stub: the functions of v1.5.0 that blocking.txt names, and the
// types in their signatures.
package ws

import (
	"bufio"
	"context"
	"io"
	"net"
)

func Dial(ctx context.Context, urlstr string) (net.Conn, *bufio.Reader, Handshake, error)
func MustReadFrame(r io.Reader) Frame
func MustWriteFrame(w io.Writer, f Frame)
func ReadFrame(r io.Reader) (f Frame, err error)
func ReadHeader(r io.Reader) (h Header, err error)
func Upgrade(conn io.ReadWriter) (Handshake, error)
func WriteFrame(w io.Writer, f Frame) error
func WriteHeader(w io.Writer, h Header) error

type Dialer struct{}

func (Dialer) Dial(ctx context.Context, urlstr string) (conn net.Conn, br *bufio.Reader, hs Handshake, err error)

type Frame struct{}

type Handshake struct{}

type Header struct{}

type OpCode byte

type State uint8

type Upgrader struct{}

func (Upgrader) Upgrade(conn io.ReadWriter) (hs Handshake, err error)
