// Package concurrency is a stub: the functions of v3.7.3 that blocking.txt names, and the
// types in their signatures.
package concurrency

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

func NewSTM(c *clientv3.Client, apply func(STM) error, so ...STMOption) (*clientv3.TxnResponse, error)
func NewSession(client *clientv3.Client, opts ...SessionOption) (*Session, error)

type Election struct{}

func (*Election) Campaign(ctx context.Context, val string) error
func (*Election) Leader(ctx context.Context) (*clientv3.GetResponse, error)
func (*Election) Proclaim(ctx context.Context, val string) error
func (*Election) Resign(ctx context.Context) (err error)

type Mutex struct{}

func (*Mutex) Lock(ctx context.Context) error
func (*Mutex) TryLock(ctx context.Context) error
func (*Mutex) Unlock(ctx context.Context) error

type STM interface{}

type STMOption func(*stmOptions)

type Session struct{}

func (*Session) Close() error

type SessionOption func(*sessionOptions, *zap.Logger)

type sessionOptions struct{}

type stmOptions struct{}
