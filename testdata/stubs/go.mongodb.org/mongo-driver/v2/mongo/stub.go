// Package mongo is a stub: the functions of v2.10.0 that blocking.txt names, and the
// types in their signatures.
package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

func Connect(opts ...*options.ClientOptions) (*Client, error)
func WithSession(ctx context.Context, sess *Session, fn func(context.Context) error) error

type BulkWriteResult struct{}

type ChangeStream struct{}

func (*ChangeStream) Close(ctx context.Context) error
func (*ChangeStream) Next(ctx context.Context) bool
func (*ChangeStream) TryNext(ctx context.Context) bool

type Client struct{}

func (*Client) Disconnect(ctx context.Context) error
func (*Client) ListDatabaseNames(ctx context.Context, filter any, opts ...options.Lister[options.ListDatabasesOptions]) ([]string, error)
func (*Client) ListDatabases(ctx context.Context, filter any, opts ...options.Lister[options.ListDatabasesOptions]) (ListDatabasesResult, error)
func (*Client) Ping(ctx context.Context, rp *readpref.ReadPref) error
func (*Client) UseSession(ctx context.Context, fn func(context.Context) error) error
func (*Client) Watch(ctx context.Context, pipeline any, opts ...options.Lister[options.ChangeStreamOptions]) (*ChangeStream, error)

type Collection struct{}

func (*Collection) Aggregate(ctx context.Context, pipeline any, opts ...options.Lister[options.AggregateOptions]) (*Cursor, error)
func (*Collection) BulkWrite(ctx context.Context, models []WriteModel, opts ...options.Lister[options.BulkWriteOptions]) (*BulkWriteResult, error)
func (*Collection) CountDocuments(ctx context.Context, filter any, opts ...options.Lister[options.CountOptions]) (int64, error)
func (*Collection) DeleteMany(ctx context.Context, filter any, opts ...options.Lister[options.DeleteManyOptions]) (*DeleteResult, error)
func (*Collection) DeleteOne(ctx context.Context, filter any, opts ...options.Lister[options.DeleteOneOptions]) (*DeleteResult, error)
func (*Collection) Distinct(ctx context.Context, fieldName string, filter any, opts ...options.Lister[options.DistinctOptions]) *DistinctResult
func (*Collection) Drop(ctx context.Context, opts ...options.Lister[options.DropCollectionOptions]) error
func (*Collection) EstimatedDocumentCount(ctx context.Context, opts ...options.Lister[options.EstimatedDocumentCountOptions]) (int64, error)
func (*Collection) Find(ctx context.Context, filter any, opts ...options.Lister[options.FindOptions]) (*Cursor, error)
func (*Collection) FindOne(ctx context.Context, filter any, opts ...options.Lister[options.FindOneOptions]) *SingleResult
func (*Collection) FindOneAndDelete(ctx context.Context, filter any, opts ...options.Lister[options.FindOneAndDeleteOptions]) *SingleResult
func (*Collection) FindOneAndReplace(ctx context.Context, filter any, replacement any, opts ...options.Lister[options.FindOneAndReplaceOptions]) *SingleResult
func (*Collection) FindOneAndUpdate(ctx context.Context, filter any, update any, opts ...options.Lister[options.FindOneAndUpdateOptions]) *SingleResult
func (*Collection) InsertMany(ctx context.Context, documents any, opts ...options.Lister[options.InsertManyOptions]) (*InsertManyResult, error)
func (*Collection) InsertOne(ctx context.Context, document any, opts ...options.Lister[options.InsertOneOptions]) (*InsertOneResult, error)
func (*Collection) ReplaceOne(ctx context.Context, filter any, replacement any, opts ...options.Lister[options.ReplaceOptions]) (*UpdateResult, error)
func (*Collection) UpdateByID(ctx context.Context, id any, update any, opts ...options.Lister[options.UpdateOneOptions]) (*UpdateResult, error)
func (*Collection) UpdateMany(ctx context.Context, filter any, update any, opts ...options.Lister[options.UpdateManyOptions]) (*UpdateResult, error)
func (*Collection) UpdateOne(ctx context.Context, filter any, update any, opts ...options.Lister[options.UpdateOneOptions]) (*UpdateResult, error)
func (*Collection) Watch(ctx context.Context, pipeline any, opts ...options.Lister[options.ChangeStreamOptions]) (*ChangeStream, error)

type Cursor struct{}

func (*Cursor) All(ctx context.Context, results any) error
func (*Cursor) Close(ctx context.Context) error
func (*Cursor) Next(ctx context.Context) bool
func (*Cursor) TryNext(ctx context.Context) bool

type Database struct{}

func (*Database) Aggregate(ctx context.Context, pipeline any, opts ...options.Lister[options.AggregateOptions]) (*Cursor, error)
func (*Database) CreateCollection(ctx context.Context, name string, opts ...options.Lister[options.CreateCollectionOptions]) error
func (*Database) Drop(ctx context.Context) error
func (*Database) ListCollectionNames(ctx context.Context, filter any, opts ...options.Lister[options.ListCollectionsOptions]) ([]string, error)
func (*Database) ListCollections(ctx context.Context, filter any, opts ...options.Lister[options.ListCollectionsOptions]) (*Cursor, error)
func (*Database) RunCommand(ctx context.Context, runCommand any, opts ...options.Lister[options.RunCmdOptions]) *SingleResult
func (*Database) RunCommandCursor(ctx context.Context, runCommand any, opts ...options.Lister[options.RunCmdOptions]) (*Cursor, error)
func (*Database) Watch(ctx context.Context, pipeline any, opts ...options.Lister[options.ChangeStreamOptions]) (*ChangeStream, error)

type DeleteResult struct{}

type DistinctResult struct{}

type IndexModel struct{}

type IndexView struct{}

func (IndexView) CreateMany(ctx context.Context, models []IndexModel, opts ...options.Lister[options.CreateIndexesOptions]) ([]string, error)
func (IndexView) CreateOne(ctx context.Context, model IndexModel, opts ...options.Lister[options.CreateIndexesOptions]) (string, error)
func (IndexView) DropAll(ctx context.Context, opts ...options.Lister[options.DropIndexesOptions]) error
func (IndexView) DropOne(ctx context.Context, name string, opts ...options.Lister[options.DropIndexesOptions]) error
func (IndexView) List(ctx context.Context, opts ...options.Lister[options.ListIndexesOptions]) (*Cursor, error)

type InsertManyResult struct{}

type InsertOneResult struct{}

type ListDatabasesResult struct{}

type Session struct{}

func (*Session) AbortTransaction(ctx context.Context) error
func (*Session) CommitTransaction(ctx context.Context) error
func (*Session) EndSession(ctx context.Context)
func (*Session) WithTransaction(ctx context.Context, fn func(ctx context.Context) (any, error), opts ...options.Lister[options.TransactionOptions]) (any, error)

type SingleResult struct{}

type UpdateResult struct{}

type WriteModel interface{}
