// Package pgxpool is a stub: the functions of v4.18.3 that blocking.txt names, and the
// types in their signatures.
package pgxpool

import (
	"context"

	pgx "github.com/jackc/pgx/v4"
)

func Connect(ctx context.Context, connString string) (*Pool, error)
func ConnectConfig(ctx context.Context, config *Config) (*Pool, error)

type Config struct{}

type Pool struct{}

func (*Pool) BeginFunc(ctx context.Context, f func(pgx.Tx) error) error
func (*Pool) BeginTxFunc(ctx context.Context, txOptions pgx.TxOptions, f func(pgx.Tx) error) error
