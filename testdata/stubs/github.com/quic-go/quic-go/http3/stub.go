// Package http3 is a stub: the functions of v0.65.0 that blocking.txt names, and the
// types in their signatures.
package http3

import (
	"context"
	"net"
	"net/http"

	quic "github.com/quic-go/quic-go"
)

type ClientConn struct{}

func (*ClientConn) RoundTrip(req *http.Request) (*http.Response, error)

type QUICListener interface{}

type RoundTripOpt struct{}

type Server struct{}

func (*Server) ListenAndServe() error
func (*Server) ListenAndServeTLS(certFile string, keyFile string) error
func (*Server) Serve(conn net.PacketConn) error
func (*Server) ServeListener(ln QUICListener) error
func (*Server) ServeQUICConn(conn *quic.Conn) error
func (*Server) Shutdown(ctx context.Context) error

type Transport struct{}

func (*Transport) RoundTrip(req *http.Request) (*http.Response, error)
func (*Transport) RoundTripOpt(req *http.Request, opt RoundTripOpt) (*http.Response, error)
