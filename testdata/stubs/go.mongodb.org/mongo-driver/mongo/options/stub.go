// Package options is a stub: types of v1.17.10 that other stubs need.
package options

type AggregateOptions struct{}

type BulkWriteOptions struct{}

type ChangeStreamOptions struct{}

type ClientOptions struct{}

type CountOptions struct{}

type CreateCollectionOptions struct{}

type CreateIndexesOptions struct{}

type DeleteOptions struct{}

type DistinctOptions struct{}

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

type ReplaceOptions struct{}

type RunCmdOptions struct{}

type TransactionOptions struct{}

type UpdateOptions struct{}
