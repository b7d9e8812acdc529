// Package pgx is a stub: the functions of v5.12.0 that blocking.txt names, and the
// types in their signatures.
package pgx

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"
)

func BeginFunc(ctx context.Context, db interface {
	Begin(ctx context.Context) (Tx, error)
}, fn func(Tx) error) (err error)
func BeginTxFunc(ctx context.Context, db interface {
	BeginTx(ctx context.Context, txOptions TxOptions) (Tx, error)
}, txOptions TxOptions, fn func(Tx) error) (err error)
func CollectExactlyOneRow[T any](rows Rows, fn RowToFunc[T]) (T, error) { panic(0) }
func CollectOneRow[T any](rows Rows, fn RowToFunc[T]) (T, error)        { panic(0) }
func CollectRows[T any](rows Rows, fn RowToFunc[T]) ([]T, error)        { panic(0) }
func Connect(ctx context.Context, connString string) (*Conn, error)
func ConnectConfig(ctx context.Context, connConfig *ConnConfig) (*Conn, error)
func ForEachRow(rows Rows, scans []any, fn func() error) (pgconn.CommandTag, error)

type Batch struct{}

type BatchResults interface {
	Close() error
	Exec() (pgconn.CommandTag, error)
	Query() (Rows, error)
	QueryRow() Row
}

type CollectableRow interface{}

type Conn struct{}

func (*Conn) Begin(ctx context.Context) (Tx, error)
func (*Conn) BeginTx(ctx context.Context, txOptions TxOptions) (Tx, error)
func (*Conn) Close(ctx context.Context) error
func (*Conn) CopyFrom(ctx context.Context, tableName Identifier, columnNames []string, rowSrc CopyFromSource) (int64, error)
func (*Conn) Deallocate(ctx context.Context, name string) error
func (*Conn) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Conn) Ping(ctx context.Context) error
func (*Conn) Prepare(ctx context.Context, name string, sql string) (sd *pgconn.StatementDescription, err error)
func (*Conn) Query(ctx context.Context, sql string, args ...any) (Rows, error)
func (*Conn) QueryRow(ctx context.Context, sql string, args ...any) Row
func (*Conn) SendBatch(ctx context.Context, b *Batch) BatchResults
func (*Conn) WaitForNotification(ctx context.Context) (*pgconn.Notification, error)

type ConnConfig struct{}

type CopyFromSource interface{}

type Identifier []string

type LargeObject struct{}

func (*LargeObject) Close() error
func (*LargeObject) Read(p []byte) (int, error)
func (*LargeObject) Truncate(size int64) (err error)
func (*LargeObject) Write(p []byte) (int, error)

type Row interface {
	Scan(dest ...any) error
}

type RowToFunc[T any] func(row CollectableRow) (T, error)

type Rows interface {
	Close()
	Next() bool
}

type Tx interface {
	Begin(ctx context.Context) (Tx, error)
	Commit(ctx context.Context) error
	CopyFrom(ctx context.Context, tableName Identifier, columnNames []string, rowSrc CopyFromSource) (int64, error)
	Exec(ctx context.Context, sql string, arguments ...any) (commandTag pgconn.CommandTag, err error)
	Prepare(ctx context.Context, name string, sql string) (*pgconn.StatementDescription, error)
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) Row
	Rollback(ctx context.Context) error
	SendBatch(ctx context.Context, b *Batch) BatchResults
}

type TxOptions struct{}
