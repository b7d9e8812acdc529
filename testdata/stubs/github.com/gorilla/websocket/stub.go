// Package websocket is a stub: the functions of v1.5.3 that blocking.txt names, and the
// types in their signatures.
package websocket

import (
	"context"
	"io"
	"net/http"
	"time"
)

func ReadJSON(c *Conn, v interface{}) error
func Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header, readBufSize int, writeBufSize int) (*Conn, error)
func WriteJSON(c *Conn, v interface{}) error

type Conn struct{}

func (*Conn) NextReader() (messageType int, r io.Reader, err error)
func (*Conn) NextWriter(messageType int) (io.WriteCloser, error)
func (*Conn) ReadJSON(v interface{}) error
func (*Conn) ReadMessage() (messageType int, p []byte, err error)
func (*Conn) WriteControl(messageType int, data []byte, deadline time.Time) error
func (*Conn) WriteJSON(v interface{}) error
func (*Conn) WriteMessage(messageType int, data []byte) error
func (*Conn) WritePreparedMessage(pm *PreparedMessage) error

type Dialer struct{}

func (*Dialer) Dial(urlStr string, requestHeader http.Header) (*Conn, *http.Response, error)
func (*Dialer) DialContext(ctx context.Context, urlStr string, requestHeader http.Header) (*Conn, *http.Response, error)

type PreparedMessage struct{}

type Upgrader struct{}

func (*Upgrader) Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header) (*Conn, error)
