// Package http2 is a stub: the functions of v0.61.0 that blocking.txt names, and the
// types in their signatures.
package http2

import (
	"context"
	"io"
	"net"
	"net/http"
)

func ConfigureServer(s *http.Server, conf *Server) error
func ConfigureTransport(t1 *http.Transport) error
func NewFramer(w io.Writer, r io.Reader) *Framer
func ReadFrameHeader(r io.Reader) (FrameHeader, error)

type ClientConn struct{}

func (*ClientConn) Ping(ctx context.Context) error
func (*ClientConn) RoundTrip(req *http.Request) (*http.Response, error)
func (*ClientConn) Shutdown(ctx context.Context) error

type ErrCode uint32

type Flags uint8

type Frame interface{}

type FrameHeader struct{}

type FrameType uint8

type Framer struct{}

func (*Framer) ReadFrame() (Frame, error)
func (*Framer) ReadFrameForHeader(fh FrameHeader) (Frame, error)
func (*Framer) ReadFrameHeader() (FrameHeader, error)
func (*Framer) WriteContinuation(streamID uint32, endHeaders bool, headerBlockFragment []byte) error
func (*Framer) WriteData(streamID uint32, endStream bool, data []byte) error
func (*Framer) WriteDataPadded(streamID uint32, endStream bool, data []byte, pad []byte) error
func (*Framer) WriteGoAway(maxStreamID uint32, code ErrCode, debugData []byte) error
func (*Framer) WriteHeaders(p HeadersFrameParam) error
func (*Framer) WritePing(ack bool, data [8]byte) error
func (*Framer) WritePriority(streamID uint32, p PriorityParam) error
func (*Framer) WritePushPromise(p PushPromiseParam) error
func (*Framer) WriteRSTStream(streamID uint32, code ErrCode) error
func (*Framer) WriteRawFrame(t FrameType, flags Flags, streamID uint32, payload []byte) error
func (*Framer) WriteSettings(settings ...Setting) error
func (*Framer) WriteSettingsAck() error
func (*Framer) WriteWindowUpdate(streamID uint32, incr uint32) error

type HeadersFrameParam struct{}

type PriorityParam struct{}

type PushPromiseParam struct{}

type RoundTripOpt struct{}

type ServeConnOpts struct{}

type Server struct{}

func (*Server) ServeConn(c net.Conn, opts *ServeConnOpts)

type Setting struct{}

type Transport struct{}

func (*Transport) NewClientConn(c net.Conn) (*ClientConn, error)
func (*Transport) RoundTrip(req *http.Request) (*http.Response, error)
func (*Transport) RoundTripOpt(req *http.Request, opt RoundTripOpt) (*http.Response, error)
