// Package dbus is a stub: the functions of v5.2.4 that blocking.txt names, and the
// types in their signatures.
package dbus

import (
	"context"
)

func ConnectSessionBus(opts ...ConnOption) (*Conn, error)
func ConnectSystemBus(opts ...ConnOption) (*Conn, error)
func SessionBus() (conn *Conn, err error)
func SystemBus() (conn *Conn, err error)

type BusObject interface {
	Call(method string, flags Flags, args ...any) *Call
	CallWithContext(ctx context.Context, method string, flags Flags, args ...any) *Call
	GetProperty(p string) (Variant, error)
	SetProperty(p string, v any) error
	StoreProperty(p string, value any) error
}

type Call struct{}

func (*Call) Store(retvalues ...any) error

type Conn struct{}

func (*Conn) AddMatchSignal(options ...MatchOption) error
func (*Conn) Emit(path ObjectPath, name string, values ...any) error
func (*Conn) Export(v any, path ObjectPath, iface string) error
func (*Conn) ReleaseName(name string) (ReleaseNameReply, error)
func (*Conn) RemoveMatchSignal(options ...MatchOption) error
func (*Conn) RequestName(name string, flags RequestNameFlags) (RequestNameReply, error)

type ConnOption func(conn *Conn) error

type Flags byte

type MatchOption struct{}

type Object struct{}

func (*Object) Call(method string, flags Flags, args ...any) *Call
func (*Object) CallWithContext(ctx context.Context, method string, flags Flags, args ...any) *Call
func (*Object) GetProperty(p string) (Variant, error)
func (*Object) SetProperty(p string, v any) error
func (*Object) StoreProperty(p string, value any) error

type ObjectPath string

type ReleaseNameReply uint32

type RequestNameFlags uint32

type RequestNameReply uint32

type Variant struct{}
