// Package zk is a stub: the functions of v1.0.4 that blocking.txt names, and the
// types in their signatures.
package zk

import (
	"time"
)

func Connect(servers []string, sessionTimeout time.Duration, options ...connOption) (*Conn, <-chan Event, error)

type ACL struct{}

type Conn struct{}

func (*Conn) AddAuth(scheme string, auth []byte) error
func (*Conn) Children(path string) ([]string, *Stat, error)
func (*Conn) ChildrenW(path string) ([]string, *Stat, <-chan Event, error)
func (*Conn) Close()
func (*Conn) Create(path string, data []byte, flags int32, acl []ACL) (string, error)
func (*Conn) CreateContainer(path string, data []byte, flag int32, acl []ACL) (string, error)
func (*Conn) CreateProtectedEphemeralSequential(path string, data []byte, acl []ACL) (string, error)
func (*Conn) CreateTTL(path string, data []byte, flag int32, acl []ACL, ttl time.Duration) (string, error)
func (*Conn) Delete(path string, version int32) error
func (*Conn) Exists(path string) (bool, *Stat, error)
func (*Conn) ExistsW(path string) (bool, *Stat, <-chan Event, error)
func (*Conn) Get(path string) ([]byte, *Stat, error)
func (*Conn) GetACL(path string) ([]ACL, *Stat, error)
func (*Conn) GetW(path string) ([]byte, *Stat, <-chan Event, error)
func (*Conn) Multi(ops ...interface{}) ([]MultiResponse, error)
func (*Conn) Set(path string, data []byte, version int32) (*Stat, error)
func (*Conn) SetACL(path string, acl []ACL, version int32) (*Stat, error)
func (*Conn) Sync(path string) (string, error)

type Event struct{}

type Lock struct{}

func (*Lock) Lock() error
func (*Lock) LockWithData(data []byte) error
func (*Lock) Unlock() error

type MultiResponse struct{}

type Stat struct{}

type connOption func(c *Conn)
