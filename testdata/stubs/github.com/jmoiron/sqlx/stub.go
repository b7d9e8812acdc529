// Package sqlx is a stub: the functions of v1.4.0 that blocking.txt names, and the
// types in their signatures.
package sqlx

import (
	"context"
	"database/sql"
)

func Connect(driverName string, dataSourceName string) (*DB, error)
func ConnectContext(ctx context.Context, driverName string, dataSourceName string) (*DB, error)
func Get(q Queryer, dest interface{}, query string, args ...interface{}) error
func GetContext(ctx context.Context, q QueryerContext, dest interface{}, query string, args ...interface{}) error
func LoadFile(e Execer, path string) (*sql.Result, error)
func LoadFileContext(ctx context.Context, e ExecerContext, path string) (*sql.Result, error)
func MustConnect(driverName string, dataSourceName string) *DB
func MustExec(e Execer, query string, args ...interface{}) sql.Result
func MustExecContext(ctx context.Context, e ExecerContext, query string, args ...interface{}) sql.Result
func MustOpen(driverName string, dataSourceName string) *DB
func NamedExec(e Ext, query string, arg interface{}) (sql.Result, error)
func NamedExecContext(ctx context.Context, e ExtContext, query string, arg interface{}) (sql.Result, error)
func NamedQuery(e Ext, query string, arg interface{}) (*Rows, error)
func NamedQueryContext(ctx context.Context, e ExtContext, query string, arg interface{}) (*Rows, error)
func Open(driverName string, dataSourceName string) (*DB, error)
func Preparex(p Preparer, query string) (*Stmt, error)
func PreparexContext(ctx context.Context, p PreparerContext, query string) (*Stmt, error)
func Select(q Queryer, dest interface{}, query string, args ...interface{}) error
func SelectContext(ctx context.Context, q QueryerContext, dest interface{}, query string, args ...interface{}) error

type Conn struct{}

type DB struct{}

func (*DB) BeginTxx(ctx context.Context, opts *sql.TxOptions) (*Tx, error)
func (*DB) Beginx() (*Tx, error)
func (*DB) Connx(ctx context.Context) (*Conn, error)
func (*DB) Get(dest interface{}, query string, args ...interface{}) error
func (*DB) GetContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*DB) MustBegin() *Tx
func (*DB) MustBeginTx(ctx context.Context, opts *sql.TxOptions) *Tx
func (*DB) MustExec(query string, args ...interface{}) sql.Result
func (*DB) MustExecContext(ctx context.Context, query string, args ...interface{}) sql.Result
func (*DB) NamedExec(query string, arg interface{}) (sql.Result, error)
func (*DB) NamedExecContext(ctx context.Context, query string, arg interface{}) (sql.Result, error)
func (*DB) NamedQuery(query string, arg interface{}) (*Rows, error)
func (*DB) NamedQueryContext(ctx context.Context, query string, arg interface{}) (*Rows, error)
func (*DB) PrepareNamed(query string) (*NamedStmt, error)
func (*DB) PrepareNamedContext(ctx context.Context, query string) (*NamedStmt, error)
func (*DB) Preparex(query string) (*Stmt, error)
func (*DB) PreparexContext(ctx context.Context, query string) (*Stmt, error)
func (*DB) QueryRowx(query string, args ...interface{}) *Row
func (*DB) QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
func (*DB) Queryx(query string, args ...interface{}) (*Rows, error)
func (*DB) QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
func (*DB) Select(dest interface{}, query string, args ...interface{}) error
func (*DB) SelectContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error

type Execer interface {
	Exec(query string, args ...interface{}) (sql.Result, error)
}

type ExecerContext interface {
	ExecContext(ctx context.Context, query string, args ...interface{}) (sql.Result, error)
}

type Ext interface{}

type ExtContext interface{}

type NamedStmt struct{}

func (*NamedStmt) Exec(arg interface{}) (sql.Result, error)
func (*NamedStmt) ExecContext(ctx context.Context, arg interface{}) (sql.Result, error)
func (*NamedStmt) Get(dest interface{}, arg interface{}) error
func (*NamedStmt) GetContext(ctx context.Context, dest interface{}, arg interface{}) error
func (*NamedStmt) MustExec(arg interface{}) sql.Result
func (*NamedStmt) Query(arg interface{}) (*sql.Rows, error)
func (*NamedStmt) QueryContext(ctx context.Context, arg interface{}) (*sql.Rows, error)
func (*NamedStmt) QueryRow(arg interface{}) *Row
func (*NamedStmt) QueryRowContext(ctx context.Context, arg interface{}) *Row
func (*NamedStmt) Queryx(arg interface{}) (*Rows, error)
func (*NamedStmt) QueryxContext(ctx context.Context, arg interface{}) (*Rows, error)
func (*NamedStmt) Select(dest interface{}, arg interface{}) error
func (*NamedStmt) SelectContext(ctx context.Context, dest interface{}, arg interface{}) error

type Preparer interface{}

type PreparerContext interface{}

type Queryer interface {
	Query(query string, args ...interface{}) (*sql.Rows, error)
	QueryRowx(query string, args ...interface{}) *Row
	Queryx(query string, args ...interface{}) (*Rows, error)
}

type QueryerContext interface {
	QueryContext(ctx context.Context, query string, args ...interface{}) (*sql.Rows, error)
	QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
	QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
}

type Row struct{}

func (*Row) MapScan(dest map[string]interface{}) error
func (*Row) Scan(dest ...interface{}) error
func (*Row) SliceScan() ([]interface{}, error)
func (*Row) StructScan(dest interface{}) error

type Rows struct{}

type Stmt struct{}

func (*Stmt) Get(dest interface{}, args ...interface{}) error
func (*Stmt) GetContext(ctx context.Context, dest interface{}, args ...interface{}) error
func (*Stmt) MustExec(args ...interface{}) sql.Result
func (*Stmt) MustExecContext(ctx context.Context, args ...interface{}) sql.Result
func (*Stmt) QueryRowx(args ...interface{}) *Row
func (*Stmt) QueryRowxContext(ctx context.Context, args ...interface{}) *Row
func (*Stmt) Queryx(args ...interface{}) (*Rows, error)
func (*Stmt) QueryxContext(ctx context.Context, args ...interface{}) (*Rows, error)
func (*Stmt) Select(dest interface{}, args ...interface{}) error
func (*Stmt) SelectContext(ctx context.Context, dest interface{}, args ...interface{}) error

type Tx struct{}

func (*Tx) Get(dest interface{}, query string, args ...interface{}) error
func (*Tx) GetContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Tx) MustExec(query string, args ...interface{}) sql.Result
func (*Tx) MustExecContext(ctx context.Context, query string, args ...interface{}) sql.Result
func (*Tx) NamedExec(query string, arg interface{}) (sql.Result, error)
func (*Tx) NamedExecContext(ctx context.Context, query string, arg interface{}) (sql.Result, error)
func (*Tx) NamedQuery(query string, arg interface{}) (*Rows, error)
func (*Tx) PrepareNamed(query string) (*NamedStmt, error)
func (*Tx) PrepareNamedContext(ctx context.Context, query string) (*NamedStmt, error)
func (*Tx) Preparex(query string) (*Stmt, error)
func (*Tx) PreparexContext(ctx context.Context, query string) (*Stmt, error)
func (*Tx) QueryRowx(query string, args ...interface{}) *Row
func (*Tx) QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
func (*Tx) Queryx(query string, args ...interface{}) (*Rows, error)
func (*Tx) QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
func (*Tx) Select(dest interface{}, query string, args ...interface{}) error
func (*Tx) SelectContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Tx) Stmtx(stmt interface{}) *Stmt
func (*Tx) StmtxContext(ctx context.Context, stmt interface{}) *Stmt
