// Package dns is a stub: the functions of v1.1.73 that blocking.txt names, and the
// types in their signatures.
package dns

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

func ActivateAndServe(l net.Listener, p net.PacketConn, handler Handler) error
func ClientConfigFromFile(resolvconf string) (*ClientConfig, error)
func Dial(network string, address string) (conn *Conn, err error)
func DialTimeout(network string, address string, timeout time.Duration) (conn *Conn, err error)
func DialTimeoutWithTLS(network string, address string, tlsConfig *tls.Config, timeout time.Duration) (conn *Conn, err error)
func DialWithTLS(network string, address string, tlsConfig *tls.Config) (conn *Conn, err error)
func Exchange(m *Msg, a string) (r *Msg, err error)
func ExchangeConn(c net.Conn, m *Msg) (r *Msg, err error)
func ExchangeContext(ctx context.Context, m *Msg, a string) (r *Msg, err error)
func ListenAndServe(addr string, network string, handler Handler) error
func ListenAndServeTLS(addr string, certFile string, keyFile string, handler Handler) error

type Client struct{}

func (*Client) Dial(address string) (conn *Conn, err error)
func (*Client) DialContext(ctx context.Context, address string) (conn *Conn, err error)
func (*Client) Exchange(m *Msg, address string) (r *Msg, rtt time.Duration, err error)
func (*Client) ExchangeContext(ctx context.Context, m *Msg, a string) (r *Msg, rtt time.Duration, err error)
func (*Client) ExchangeWithConn(m *Msg, conn *Conn) (r *Msg, rtt time.Duration, err error)

type ClientConfig struct{}

type Conn struct{}

func (*Conn) Read(p []byte) (n int, err error)
func (*Conn) ReadMsg() (*Msg, error)
func (*Conn) ReadMsgHeader(hdr *Header) ([]byte, error)
func (*Conn) Write(p []byte) (int, error)
func (*Conn) WriteMsg(m *Msg) (err error)

type Envelope struct{}

type Handler interface{}

type Header struct{}

type Msg struct{}

type ResponseWriter interface {
	Write([]byte) (int, error)
	WriteMsg(*Msg) error
}

type Server struct{}

func (*Server) ActivateAndServe() error
func (*Server) ListenAndServe() error
func (*Server) Shutdown() error
func (*Server) ShutdownContext(ctx context.Context) error

type Transfer struct{}

func (*Transfer) In(q *Msg, a string) (env chan *Envelope, err error)
func (*Transfer) Out(w ResponseWriter, q *Msg, ch chan *Envelope) error
