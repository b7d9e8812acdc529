// Package websocket is a stub: the functions of v1.8.17 that blocking.txt names, and the
// types in their signatures.
package websocket

import (
	"context"
	"io"
	"net/http"
)

func Accept(w http.ResponseWriter, r *http.Request, opts *AcceptOptions) (*Conn, error)
func Dial(ctx context.Context, u string, opts *DialOptions) (*Conn, *http.Response, error)

type AcceptOptions struct{}

type Conn struct{}

func (*Conn) Close(code StatusCode, reason string) (err error)
func (*Conn) Ping(ctx context.Context) error
func (*Conn) Read(ctx context.Context) (MessageType, []byte, error)
func (*Conn) Reader(ctx context.Context) (MessageType, io.Reader, error)
func (*Conn) Write(ctx context.Context, typ MessageType, p []byte) error
func (*Conn) Writer(ctx context.Context, typ MessageType) (io.WriteCloser, error)

type DialOptions struct{}

type MessageType int

type StatusCode int
