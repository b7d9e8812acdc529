// Package gorm is a stub: the functions of v1.31.2 that blocking.txt names, and the
// types in their signatures.
package gorm

import (
	"context"
	"database/sql"
)

func Open(dialector Dialector, opts ...Option) (db *DB, err error)

type Association struct{}

func (*Association) Append(values ...interface{}) error
func (*Association) Clear() error
func (*Association) Count() (count int64)
func (*Association) Delete(values ...interface{}) error
func (*Association) Find(out interface{}, conds ...interface{}) error
func (*Association) Replace(values ...interface{}) error

type ConnPool interface {
	ExecContext(ctx context.Context, query string, args ...interface{}) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, query string, args ...interface{}) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...interface{}) *sql.Row
}

type DB struct{}

func (*DB) AutoMigrate(dst ...interface{}) error
func (*DB) Begin(opts ...*sql.TxOptions) *DB
func (*DB) Commit() *DB
func (*DB) Connection(fc func(tx *DB) error) (err error)
func (*DB) Count(count *int64) (tx *DB)
func (*DB) Create(value interface{}) (tx *DB)
func (*DB) CreateInBatches(value interface{}, batchSize int) (tx *DB)
func (*DB) Delete(value interface{}, conds ...interface{}) (tx *DB)
func (*DB) Exec(sql string, values ...interface{}) (tx *DB)
func (*DB) Find(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) FindInBatches(dest interface{}, batchSize int, fc func(tx *DB, batch int) error) *DB
func (*DB) First(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) FirstOrCreate(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) FirstOrInit(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Last(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Pluck(column string, dest interface{}) (tx *DB)
func (*DB) Rollback() *DB
func (*DB) RollbackTo(name string) *DB
func (*DB) Row() *sql.Row
func (*DB) Rows() (*sql.Rows, error)
func (*DB) Save(value interface{}) (tx *DB)
func (*DB) SavePoint(name string) *DB
func (*DB) Scan(dest interface{}) (tx *DB)
func (*DB) Take(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Transaction(fc func(tx *DB) error, opts ...*sql.TxOptions) (err error)
func (*DB) Update(column string, value interface{}) (tx *DB)
func (*DB) UpdateColumn(column string, value interface{}) (tx *DB)
func (*DB) UpdateColumns(values interface{}) (tx *DB)
func (*DB) Updates(values interface{}) (tx *DB)

type Dialector interface{}

type Migrator interface {
	AddColumn(dst interface{}, field string) error
	AutoMigrate(dst ...interface{}) error
	CreateIndex(dst interface{}, name string) error
	CreateTable(dst ...interface{}) error
	DropTable(dst ...interface{}) error
	HasColumn(dst interface{}, field string) bool
	HasIndex(dst interface{}, name string) bool
	HasTable(dst interface{}) bool
}

type Option interface{}
