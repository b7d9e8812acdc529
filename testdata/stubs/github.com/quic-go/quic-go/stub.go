// Package quic is a stub: the functions of v0.65.0 that blocking.txt names, and the
// types in their signatures.
package quic

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/quic-go/quic-go/internal/qerr"
)

func Dial(ctx context.Context, c net.PacketConn, addr net.Addr, tlsConf *tls.Config, conf *Config) (*Conn, error)
func DialAddr(ctx context.Context, addr string, tlsConf *tls.Config, conf *Config) (*Conn, error)
func DialAddrEarly(ctx context.Context, addr string, tlsConf *tls.Config, conf *Config) (*Conn, error)
func DialEarly(ctx context.Context, c net.PacketConn, addr net.Addr, tlsConf *tls.Config, conf *Config) (*Conn, error)
func Listen(conn net.PacketConn, tlsConf *tls.Config, config *Config) (*Listener, error)
func ListenAddr(addr string, tlsConf *tls.Config, config *Config) (*Listener, error)
func ListenAddrEarly(addr string, tlsConf *tls.Config, config *Config) (*EarlyListener, error)
func ListenEarly(conn net.PacketConn, tlsConf *tls.Config, config *Config) (*EarlyListener, error)

type ApplicationErrorCode = qerr.ApplicationErrorCode

type Config struct{}

type Conn struct{}

func (*Conn) AcceptStream(ctx context.Context) (*Stream, error)
func (*Conn) AcceptUniStream(ctx context.Context) (*ReceiveStream, error)
func (*Conn) CloseWithError(code ApplicationErrorCode, desc string) error
func (*Conn) OpenStream() (*Stream, error)
func (*Conn) OpenStreamSync(ctx context.Context) (*Stream, error)
func (*Conn) OpenUniStream() (*SendStream, error)
func (*Conn) OpenUniStreamSync(ctx context.Context) (*SendStream, error)
func (*Conn) ReceiveDatagram(ctx context.Context) ([]byte, error)
func (*Conn) SendDatagram(p []byte) error

type EarlyListener struct{}

func (*EarlyListener) Accept(ctx context.Context) (*Conn, error)

type Listener struct{}

func (*Listener) Accept(ctx context.Context) (*Conn, error)
func (*Listener) Close() error

type ReceiveStream struct{}

func (*ReceiveStream) Read(p []byte) (int, error)

type SendStream struct{}

func (*SendStream) Write(p []byte) (int, error)

type Stream struct{}

func (*Stream) Read(p []byte) (int, error)
func (*Stream) Write(p []byte) (int, error)

type Transport struct{}

func (*Transport) Close() error
func (*Transport) Dial(ctx context.Context, addr net.Addr, tlsConf *tls.Config, conf *Config) (*Conn, error)
func (*Transport) DialEarly(ctx context.Context, addr net.Addr, tlsConf *tls.Config, conf *Config) (*Conn, error)
func (*Transport) Listen(tlsConf *tls.Config, conf *Config) (*Listener, error)
func (*Transport) ListenEarly(tlsConf *tls.Config, conf *Config) (*EarlyListener, error)
