// Package pgxpool is a stub: the functions of v5.12.0 that blocking.txt names, and the
// types in their signatures.
package pgxpool

import (
	"context"

	pgx "github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

type Conn struct{}

func (*Conn) Begin(ctx context.Context) (pgx.Tx, error)
func (*Conn) BeginTx(ctx context.Context, txOptions pgx.TxOptions) (pgx.Tx, error)
func (*Conn) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Conn) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Conn) Ping(ctx context.Context) error
func (*Conn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Conn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Conn) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults

type Pool struct{}

func (*Pool) Acquire(ctx context.Context) (c *Conn, err error)
func (*Pool) AcquireFunc(ctx context.Context, f func(*Conn) error) error
func (*Pool) Begin(ctx context.Context) (pgx.Tx, error)
func (*Pool) BeginTx(ctx context.Context, txOptions pgx.TxOptions) (pgx.Tx, error)
func (*Pool) Close()
func (*Pool) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Pool) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Pool) Ping(ctx context.Context) error
func (*Pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Pool) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults

type Tx struct{}

func (*Tx) Begin(ctx context.Context) (pgx.Tx, error)
func (*Tx) Commit(ctx context.Context) error
func (*Tx) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Tx) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Tx) Prepare(ctx context.Context, name string, sql string) (*pgconn.StatementDescription, error)
func (*Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Tx) Rollback(ctx context.Context) error
func (*Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
