// Package pq is a stub: the functions of v1.12.3 that blocking.txt names, and the
// types in their signatures.
package pq

import (
	"context"
	"database/sql/driver"
)

func Open(dsn string) (_ driver.Conn, err error)

type Connector struct{}

func (*Connector) Connect(ctx context.Context) (driver.Conn, error)

type Listener struct{}

func (*Listener) Listen(channel string) error
func (*Listener) NotificationChannel() <-chan *Notification
func (*Listener) Ping() error
func (*Listener) Unlisten(channel string) error
func (*Listener) UnlistenAll() error

type ListenerConn struct{}

func (*ListenerConn) ExecSimpleQuery(q string) (executed bool, err error)
func (*ListenerConn) Listen(channel string) (bool, error)
func (*ListenerConn) Ping() error
func (*ListenerConn) Unlisten(channel string) (bool, error)
func (*ListenerConn) UnlistenAll() (bool, error)

type Notification struct{}
