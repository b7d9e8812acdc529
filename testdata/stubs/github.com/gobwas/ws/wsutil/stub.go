// Package wsutil is a stub: the functions of v1.5.0 that blocking.txt names, and the
// types in their signatures.
package wsutil

import (
	"io"

	"github.com/gobwas/ws"
)

func NewReader(r io.Reader, s ws.State) *Reader
func NewWriter(dest io.Writer, state ws.State, op ws.OpCode) *Writer
func ReadClientBinary(rw io.ReadWriter) ([]byte, error)
func ReadClientData(rw io.ReadWriter) ([]byte, ws.OpCode, error)
func ReadClientMessage(r io.Reader, m []Message) ([]Message, error)
func ReadClientText(rw io.ReadWriter) ([]byte, error)
func ReadData(rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error)
func ReadMessage(r io.Reader, s ws.State, m []Message) ([]Message, error)
func ReadServerBinary(rw io.ReadWriter) ([]byte, error)
func ReadServerData(rw io.ReadWriter) ([]byte, ws.OpCode, error)
func ReadServerMessage(r io.Reader, m []Message) ([]Message, error)
func ReadServerText(rw io.ReadWriter) ([]byte, error)
func WriteClientBinary(w io.Writer, p []byte) error
func WriteClientMessage(w io.Writer, op ws.OpCode, p []byte) error
func WriteClientText(w io.Writer, p []byte) error
func WriteMessage(w io.Writer, s ws.State, op ws.OpCode, p []byte) error
func WriteServerBinary(w io.Writer, p []byte) error
func WriteServerMessage(w io.Writer, op ws.OpCode, p []byte) error
func WriteServerText(w io.Writer, p []byte) error

type Message struct{}

type Reader struct{}

func (*Reader) Discard() (err error)
func (*Reader) NextFrame() (hdr ws.Header, err error)
func (*Reader) Read(p []byte) (n int, err error)

type Writer struct{}

func (*Writer) Flush() error
func (*Writer) Write(p []byte) (n int, err error)
