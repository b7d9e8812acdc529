// Package redis is a stub: the functions of v1.9.3 that blocking.txt names, and the
// types in their signatures.
package redis

import (
	"context"
	"time"
)

func Dial(network string, address string, options ...DialOption) (Conn, error)
func DialContext(ctx context.Context, network string, address string, options ...DialOption) (Conn, error)
func DialTimeout(network string, address string, connectTimeout time.Duration, readTimeout time.Duration, writeTimeout time.Duration) (Conn, error)
func DialURL(rawurl string, options ...DialOption) (Conn, error)
func DialURLContext(ctx context.Context, rawurl string, options ...DialOption) (Conn, error)
func DoContext(c Conn, ctx context.Context, cmd string, args ...interface{}) (interface{}, error)
func DoWithTimeout(c Conn, timeout time.Duration, cmd string, args ...interface{}) (interface{}, error)

type Conn interface {
	Close() error
	Do(commandName string, args ...interface{}) (reply interface{}, err error)
	Flush() error
	Receive() (reply interface{}, err error)
}

type ConnWithContext interface {
	DoContext(ctx context.Context, commandName string, args ...interface{}) (reply interface{}, err error)
	ReceiveContext(ctx context.Context) (reply interface{}, err error)
}

type ConnWithTimeout interface {
	DoWithTimeout(timeout time.Duration, commandName string, args ...interface{}) (reply interface{}, err error)
	ReceiveWithTimeout(timeout time.Duration) (reply interface{}, err error)
}

type DialOption struct{}

type Pool struct{}

func (*Pool) Get() Conn
func (*Pool) GetContext(ctx context.Context) (Conn, error)

type PubSubConn struct{}

func (PubSubConn) PSubscribe(channel ...interface{}) error
func (PubSubConn) PUnsubscribe(channel ...interface{}) error
func (PubSubConn) Ping(data string) error
func (PubSubConn) Receive() interface{}
func (PubSubConn) ReceiveContext(ctx context.Context) interface{}
func (PubSubConn) ReceiveWithTimeout(timeout time.Duration) interface{}
func (PubSubConn) Subscribe(channel ...interface{}) error
func (PubSubConn) Unsubscribe(channel ...interface{}) error

type Script struct{}

func (*Script) Do(c Conn, keysAndArgs ...interface{}) (interface{}, error)
func (*Script) DoContext(ctx context.Context, c Conn, keysAndArgs ...interface{}) (interface{}, error)
