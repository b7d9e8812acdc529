// Package options is a stub: types of v2.10.0 that other stubs need.
package options

type AggregateOptions struct{}

type BulkWriteOptions struct{}

type ChangeStreamOptions struct{}

type ClientOptions struct{}

type CountOptions struct{}

type CreateCollectionOptions struct{}

type CreateIndexesOptions struct{}

type DeleteManyOptions struct{}

type DeleteOneOptions struct{}

type DistinctOptions struct{}

type DropCollectionOptions struct{}

type DropIndexesOptions struct{}

type EstimatedDocumentCountOptions struct{}

type FindOneAndDeleteOptions struct{}

type FindOneAndReplaceOptions struct{}

type FindOneAndUpdateOptions struct{}

type FindOneOptions struct{}

type FindOptions struct{}

type InsertManyOptions struct{}

type InsertOneOptions struct{}

type ListCollectionsOptions struct{}

type ListDatabasesOptions struct{}

type ListIndexesOptions struct{}

type Lister[T any] interface{}

type ReplaceOptions struct{}

type RunCmdOptions struct{}

type TransactionOptions struct{}

type UpdateManyOptions struct{}

type UpdateOneOptions struct{}
