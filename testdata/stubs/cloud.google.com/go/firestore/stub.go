// Package firestore is a stub: the functions of v1.29.2 that blocking.txt names, and the
// types in their signatures.
package firestore

import (
	"context"

	"google.golang.org/api/option"
)

func NewClient(ctx context.Context, projectID string, opts ...option.ClientOption) (*Client, error)
func NewClientWithDatabase(ctx context.Context, projectID string, databaseID string, opts ...option.ClientOption) (*Client, error)

type BulkWriter struct{}

func (*BulkWriter) End()
func (*BulkWriter) Flush()

type BulkWriterJob struct{}

func (*BulkWriterJob) Results() (*WriteResult, error)

type Client struct{}

func (*Client) GetAll(ctx context.Context, docRefs []*DocumentRef) (_ []*DocumentSnapshot, err error)
func (*Client) RunTransaction(ctx context.Context, f func(context.Context, *Transaction) error, opts ...TransactionOption) (err error)

type CollectionRef struct{}

func (*CollectionRef) Add(ctx context.Context, data interface{}) (*DocumentRef, *WriteResult, error)

type DocumentIterator struct{}

func (*DocumentIterator) GetAll() ([]*DocumentSnapshot, error)
func (*DocumentIterator) Next() (*DocumentSnapshot, error)

type DocumentRef struct{}

func (*DocumentRef) Create(ctx context.Context, data interface{}) (_ *WriteResult, err error)
func (*DocumentRef) Delete(ctx context.Context, preconds ...Precondition) (_ *WriteResult, err error)
func (*DocumentRef) Get(ctx context.Context) (_ *DocumentSnapshot, err error)
func (*DocumentRef) Set(ctx context.Context, data interface{}, opts ...SetOption) (_ *WriteResult, err error)
func (*DocumentRef) Update(ctx context.Context, updates []Update, preconds ...Precondition) (_ *WriteResult, err error)

type DocumentSnapshot struct{}

type DocumentSnapshotIterator struct{}

func (*DocumentSnapshotIterator) Next() (*DocumentSnapshot, error)

type Precondition interface{}

type QuerySnapshot struct{}

type QuerySnapshotIterator struct{}

func (*QuerySnapshotIterator) Next() (*QuerySnapshot, error)

type SetOption interface{}

type Transaction struct{}

func (*Transaction) Get(dr *DocumentRef) (*DocumentSnapshot, error)
func (*Transaction) GetAll(drs []*DocumentRef) ([]*DocumentSnapshot, error)

type TransactionOption interface{}

type Update struct{}

type WriteBatch struct{}

func (*WriteBatch) Commit(ctx context.Context) (_ []*WriteResult, err error)

type WriteResult struct{}
