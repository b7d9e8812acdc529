// Package memberlist is a stub: the functions of v0.7.0 that blocking.txt names, and the
// types in their signatures.
package memberlist

import (
	"net"
	"time"
)

func Create(conf *Config) (*Memberlist, error)

type Address struct{}

type Config struct{}

type Memberlist struct{}

func (*Memberlist) Join(existing []string) (int, error)
func (*Memberlist) Leave(timeout time.Duration) error
func (*Memberlist) Ping(node string, addr net.Addr) (time.Duration, error)
func (*Memberlist) SendBestEffort(to *Node, msg []byte) error
func (*Memberlist) SendReliable(to *Node, msg []byte) error
func (*Memberlist) SendTo(to net.Addr, msg []byte) error
func (*Memberlist) SendToAddress(a Address, msg []byte) error
func (*Memberlist) SendToTCP(to *Node, msg []byte) error
func (*Memberlist) SendToUDP(to *Node, msg []byte) error
func (*Memberlist) Shutdown() error
func (*Memberlist) UpdateNode(timeout time.Duration) error

type Node struct{}
