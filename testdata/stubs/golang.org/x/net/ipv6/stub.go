// Package ipv6 is a stub: the functions of v0.61.0 that blocking.txt names, and the
// types in their signatures.
package ipv6

import (
	"net"

	"golang.org/x/net/internal/socket"
)

type ControlMessage struct{}

type Message = socket.Message

type payloadHandler struct{}

func (*payloadHandler) ReadBatch(ms []Message, flags int) (int, error)
func (*payloadHandler) ReadFrom(b []byte) (n int, cm *ControlMessage, src net.Addr, err error)
func (*payloadHandler) WriteBatch(ms []Message, flags int) (int, error)
func (*payloadHandler) WriteTo(b []byte, cm *ControlMessage, dst net.Addr) (n int, err error)
