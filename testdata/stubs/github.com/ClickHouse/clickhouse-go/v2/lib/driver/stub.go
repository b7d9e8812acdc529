// Package driver is a stub: the functions of v2.50.0 that blocking.txt names, and the
// types in their signatures.
package driver

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

type Batch interface {
	Flush() error
	Send() error
}

type Conn interface {
	AsyncInsert(ctx context.Context, query string, wait bool, args ...any) error
	Close() error
	Exec(ctx context.Context, query string, args ...any) error
	Ping(context.Context) error
	PrepareBatch(ctx context.Context, query string, opts ...PrepareBatchOption) (Batch, error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Select(ctx context.Context, dest any, query string, args ...any) error
	ServerVersion() (*ServerVersion, error)
}

type PrepareBatchOption func(options *PrepareBatchOptions)

type PrepareBatchOptions struct{}

type Row interface{}

type Rows interface {
	Close() error
	Next() bool
}

type ServerVersion = proto.ServerHandshake
