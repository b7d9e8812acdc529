// Package icmp is a stub: the functions of v0.62.0 that blocking.txt names, and the
// types in their signatures.
package icmp

import (
	"net"
)

func ListenPacket(network string, address string) (*PacketConn, error)

type PacketConn struct{}

func (*PacketConn) ReadFrom(b []byte) (int, net.Addr, error)
func (*PacketConn) WriteTo(b []byte, dst net.Addr) (int, error)
