// Package grpc is a stub: the functions of v1.85.0 that blocking.txt names, and the
// types in their signatures.
package grpc

import (
	"context"
	"net"

	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
)

func Dial(target string, opts ...DialOption) (*ClientConn, error)
func DialContext(ctx context.Context, target string, opts ...DialOption) (conn *ClientConn, err error)
func Invoke(ctx context.Context, method string, args any, reply any, cc *ClientConn, opts ...CallOption) error
func NewClient(target string, opts ...DialOption) (conn *ClientConn, err error)
func NewClientStream(ctx context.Context, desc *StreamDesc, cc *ClientConn, method string, opts ...CallOption) (ClientStream, error)
func SendHeader(ctx context.Context, md metadata.MD) error

type BidiStreamingClient[Req any, Res any] interface {
	Recv() (*Res, error)
	Send(*Req) error
}

type BidiStreamingServer[Req any, Res any] interface {
	Recv() (*Req, error)
	Send(*Res) error
}

type CallOption interface{}

type ClientConn struct{}

func (*ClientConn) Close() error
func (*ClientConn) Connect()
func (*ClientConn) GetState() connectivity.State
func (*ClientConn) Invoke(ctx context.Context, method string, args any, reply any, opts ...CallOption) error
func (*ClientConn) NewStream(ctx context.Context, desc *StreamDesc, method string, opts ...CallOption) (ClientStream, error)
func (*ClientConn) WaitForStateChange(ctx context.Context, sourceState connectivity.State) bool

type ClientConnInterface interface {
	Invoke(ctx context.Context, method string, args any, reply any, opts ...CallOption) error
	NewStream(ctx context.Context, desc *StreamDesc, method string, opts ...CallOption) (ClientStream, error)
}

type ClientStream interface {
	CloseSend() error
	Header() (metadata.MD, error)
	RecvMsg(m any) error
	SendMsg(m any) error
}

type ClientStreamingClient[Req any, Res any] interface {
	CloseAndRecv() (*Res, error)
	Send(*Req) error
}

type ClientStreamingServer[Req any, Res any] interface {
	Recv() (*Req, error)
	SendAndClose(*Res) error
}

type DialOption interface{}

type GenericClientStream[Req any, Res any] struct{}

func (*GenericClientStream[Req, Res]) CloseAndRecv() (*Res, error)
func (*GenericClientStream[Req, Res]) Recv() (*Res, error)
func (*GenericClientStream[Req, Res]) Send(m *Req) error

type GenericServerStream[Req any, Res any] struct{}

func (*GenericServerStream[Req, Res]) Recv() (*Req, error)
func (*GenericServerStream[Req, Res]) Send(m *Res) error
func (*GenericServerStream[Req, Res]) SendAndClose(m *Res) error

type Server struct{}

func (*Server) GracefulStop()
func (*Server) Serve(lis net.Listener) error
func (*Server) Stop()

type ServerStream interface {
	RecvMsg(m any) error
	SendHeader(metadata.MD) error
	SendMsg(m any) error
}

type ServerStreamingClient[Res any] interface {
	Recv() (*Res, error)
}

type ServerStreamingServer[Res any] interface {
	Send(*Res) error
}

type Stream interface {
	RecvMsg(m any) error
	SendMsg(m any) error
}

type StreamDesc struct{}
