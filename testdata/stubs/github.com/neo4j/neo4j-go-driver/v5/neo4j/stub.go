// Package neo4j is a stub: the functions of v5.28.4 that blocking.txt names, and the
// types in their signatures.
package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j/db"
)

func ExecuteQuery[T any](ctx context.Context, driver DriverWithContext, query string, parameters map[string]any, newResultTransformer func() ResultTransformer[T], settings ...ExecuteQueryConfigurationOption) (res T, err error) {
	panic(0)
}

type DriverWithContext interface {
	Close(ctx context.Context) error
	GetServerInfo(ctx context.Context) (ServerInfo, error)
	VerifyConnectivity(ctx context.Context) error
}

type ExecuteQueryConfiguration struct{}

type ExecuteQueryConfigurationOption func(*ExecuteQueryConfiguration)

type ExplicitTransaction interface {
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	Run(ctx context.Context, cypher string, params map[string]any) (ResultWithContext, error)
}

type ManagedTransaction interface {
	Run(ctx context.Context, cypher string, params map[string]any) (ResultWithContext, error)
}

type ManagedTransactionWork func(tx ManagedTransaction) (any, error)

type Record = db.Record

type ResultSummary interface{}

type ResultTransformer[T any] interface{}

type ResultWithContext interface {
	Collect(ctx context.Context) ([]*Record, error)
	Consume(ctx context.Context) (ResultSummary, error)
	Next(ctx context.Context) bool
	Single(ctx context.Context) (*Record, error)
}

type ServerInfo interface{}

type SessionWithContext interface {
	BeginTransaction(ctx context.Context, configurers ...func(*TransactionConfig)) (ExplicitTransaction, error)
	Close(ctx context.Context) error
	ExecuteRead(ctx context.Context, work ManagedTransactionWork, configurers ...func(*TransactionConfig)) (any, error)
	ExecuteWrite(ctx context.Context, work ManagedTransactionWork, configurers ...func(*TransactionConfig)) (any, error)
	Run(ctx context.Context, cypher string, params map[string]any, configurers ...func(*TransactionConfig)) (ResultWithContext, error)
}

type TransactionConfig struct{}
