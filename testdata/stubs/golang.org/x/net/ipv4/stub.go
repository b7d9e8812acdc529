// Package ipv4 is a stub: the functions of v0.61.0 that blocking.txt names, and the
// types in their signatures.
package ipv4

import (
	"net"

	"golang.org/x/net/internal/socket"
)

type ControlMessage struct{}

type Header struct{}

type Message = socket.Message

type packetHandler struct{}

func (*packetHandler) ReadBatch(ms []Message, flags int) (int, error)
func (*packetHandler) ReadFrom(b []byte) (h *Header, p []byte, cm *ControlMessage, err error)
func (*packetHandler) WriteBatch(ms []Message, flags int) (int, error)
func (*packetHandler) WriteTo(h *Header, p []byte, cm *ControlMessage) error

type payloadHandler struct{}

func (*payloadHandler) ReadBatch(ms []Message, flags int) (int, error)
func (*payloadHandler) ReadFrom(b []byte) (n int, cm *ControlMessage, src net.Addr, err error)
func (*payloadHandler) WriteBatch(ms []Message, flags int) (int, error)
func (*payloadHandler) WriteTo(b []byte, cm *ControlMessage, dst net.Addr) (n int, err error)
