// Package pgconn is a stub: the functions of v1.14.3 that blocking.txt names, and the
// types in their signatures.
package pgconn

import (
	"context"
	"io"
)

func Connect(ctx context.Context, connString string) (*PgConn, error)
func ConnectConfig(octx context.Context, config *Config) (pgConn *PgConn, err error)

type Batch struct{}

type CommandTag []byte

type Config struct{}

type MultiResultReader struct{}

func (*MultiResultReader) Close() error
func (*MultiResultReader) NextResult() bool
func (*MultiResultReader) ReadAll() ([]*Result, error)

type PgConn struct{}

func (*PgConn) Close(ctx context.Context) error
func (*PgConn) CopyFrom(ctx context.Context, r io.Reader, sql string) (CommandTag, error)
func (*PgConn) CopyTo(ctx context.Context, w io.Writer, sql string) (CommandTag, error)
func (*PgConn) Exec(ctx context.Context, sql string) *MultiResultReader
func (*PgConn) ExecBatch(ctx context.Context, batch *Batch) *MultiResultReader
func (*PgConn) ExecParams(ctx context.Context, sql string, paramValues [][]byte, paramOIDs []uint32, paramFormats []int16, resultFormats []int16) *ResultReader
func (*PgConn) ExecPrepared(ctx context.Context, stmtName string, paramValues [][]byte, paramFormats []int16, resultFormats []int16) *ResultReader
func (*PgConn) Prepare(ctx context.Context, name string, sql string, paramOIDs []uint32) (*StatementDescription, error)
func (*PgConn) WaitForNotification(ctx context.Context) error

type Result struct{}

type ResultReader struct{}

func (*ResultReader) Close() (CommandTag, error)
func (*ResultReader) NextRow() bool
func (*ResultReader) Read() *Result

type StatementDescription struct{}
