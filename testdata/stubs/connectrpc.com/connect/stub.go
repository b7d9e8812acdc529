// Package connect is a stub: the functions of v1.21.1 that blocking.txt names, and the
// types in their signatures.
package connect

import (
	"context"
	"net/http"
)

type BidiStream[Req any, Res any] struct{}

func (*BidiStream[Req, Res]) Receive() (*Req, error)
func (*BidiStream[Req, Res]) Send(msg *Res) error

type BidiStreamForClient[Req any, Res any] struct{}

func (*BidiStreamForClient[Req, Res]) CloseResponse() error
func (*BidiStreamForClient[Req, Res]) Receive() (*Res, error)
func (*BidiStreamForClient[Req, Res]) Send(msg *Req) error

type Client[Req any, Res any] struct{}

func (*Client[Req, Res]) CallServerStream(ctx context.Context, request *Request[Req]) (*ServerStreamForClient[Res], error)
func (*Client[Req, Res]) CallUnary(ctx context.Context, request *Request[Req]) (*Response[Res], error)

type ClientStream[Req any] struct{}

func (*ClientStream[Req]) Receive() bool

type ClientStreamForClient[Req any, Res any] struct{}

func (*ClientStreamForClient[Req, Res]) CloseAndReceive() (*Response[Res], error)
func (*ClientStreamForClient[Req, Res]) Send(request *Req) error

type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

type Request[T any] struct{}

type Response[T any] struct{}

type ServerStream[Res any] struct{}

func (*ServerStream[Res]) Send(msg *Res) error

type ServerStreamForClient[Res any] struct{}

func (*ServerStreamForClient[Res]) Close() error
func (*ServerStreamForClient[Res]) Receive() bool

type StreamingClientConn interface {
	Receive(any) error
	Send(any) error
}

type StreamingHandlerConn interface {
	Receive(any) error
	Send(any) error
}
