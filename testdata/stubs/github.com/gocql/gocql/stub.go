// Package gocql is a stub: the functions of v1.7.0 that blocking.txt names, and the
// types in their signatures.
package gocql

import (
	"context"
)

func NewSession(cfg ClusterConfig) (*Session, error)

type Batch struct{}

type ClusterConfig struct{}

func (*ClusterConfig) CreateSession() (*Session, error)

type Iter struct{}

func (*Iter) Close() error
func (*Iter) MapScan(m map[string]interface{}) bool
func (*Iter) Scan(dest ...interface{}) bool
func (*Iter) SliceMap() ([]map[string]interface{}, error)

type KeyspaceMetadata struct{}

type Query struct{}

func (*Query) Exec() error
func (*Query) Iter() *Iter
func (*Query) MapScan(m map[string]interface{}) error
func (*Query) MapScanCAS(dest map[string]interface{}) (applied bool, err error)
func (*Query) Scan(dest ...interface{}) error
func (*Query) ScanCAS(dest ...interface{}) (applied bool, err error)

type Scanner interface {
	Next() bool
}

type Session struct{}

func (*Session) AwaitSchemaAgreement(ctx context.Context) error
func (*Session) Close()
func (*Session) ExecuteBatch(batch *Batch) error
func (*Session) ExecuteBatchCAS(batch *Batch, dest ...interface{}) (applied bool, iter *Iter, err error)
func (*Session) KeyspaceMetadata(keyspace string) (*KeyspaceMetadata, error)
func (*Session) MapExecuteBatchCAS(batch *Batch, dest map[string]interface{}) (applied bool, iter *Iter, err error)
