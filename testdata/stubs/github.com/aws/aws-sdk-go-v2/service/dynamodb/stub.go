// Package dynamodb is a stub: the functions of v1.73.2 that blocking.txt names, and the
// types in their signatures.
package dynamodb

import (
	"context"
)

type BatchGetItemInput struct{}

type BatchGetItemOutput struct{}

type BatchWriteItemInput struct{}

type BatchWriteItemOutput struct{}

type Client struct{}

func (*Client) BatchGetItem(ctx context.Context, params *BatchGetItemInput, optFns ...func(*Options)) (*BatchGetItemOutput, error)
func (*Client) BatchWriteItem(ctx context.Context, params *BatchWriteItemInput, optFns ...func(*Options)) (*BatchWriteItemOutput, error)
func (*Client) CreateTable(ctx context.Context, params *CreateTableInput, optFns ...func(*Options)) (*CreateTableOutput, error)
func (*Client) DeleteItem(ctx context.Context, params *DeleteItemInput, optFns ...func(*Options)) (*DeleteItemOutput, error)
func (*Client) DeleteTable(ctx context.Context, params *DeleteTableInput, optFns ...func(*Options)) (*DeleteTableOutput, error)
func (*Client) DescribeTable(ctx context.Context, params *DescribeTableInput, optFns ...func(*Options)) (*DescribeTableOutput, error)
func (*Client) ExecuteStatement(ctx context.Context, params *ExecuteStatementInput, optFns ...func(*Options)) (*ExecuteStatementOutput, error)
func (*Client) GetItem(ctx context.Context, params *GetItemInput, optFns ...func(*Options)) (*GetItemOutput, error)
func (*Client) ListTables(ctx context.Context, params *ListTablesInput, optFns ...func(*Options)) (*ListTablesOutput, error)
func (*Client) PutItem(ctx context.Context, params *PutItemInput, optFns ...func(*Options)) (*PutItemOutput, error)
func (*Client) Query(ctx context.Context, params *QueryInput, optFns ...func(*Options)) (*QueryOutput, error)
func (*Client) Scan(ctx context.Context, params *ScanInput, optFns ...func(*Options)) (*ScanOutput, error)
func (*Client) TransactGetItems(ctx context.Context, params *TransactGetItemsInput, optFns ...func(*Options)) (*TransactGetItemsOutput, error)
func (*Client) TransactWriteItems(ctx context.Context, params *TransactWriteItemsInput, optFns ...func(*Options)) (*TransactWriteItemsOutput, error)
func (*Client) UpdateItem(ctx context.Context, params *UpdateItemInput, optFns ...func(*Options)) (*UpdateItemOutput, error)
func (*Client) UpdateTable(ctx context.Context, params *UpdateTableInput, optFns ...func(*Options)) (*UpdateTableOutput, error)

type CreateTableInput struct{}

type CreateTableOutput struct{}

type DeleteItemInput struct{}

type DeleteItemOutput struct{}

type DeleteTableInput struct{}

type DeleteTableOutput struct{}

type DescribeTableInput struct{}

type DescribeTableOutput struct{}

type ExecuteStatementInput struct{}

type ExecuteStatementOutput struct{}

type GetItemInput struct{}

type GetItemOutput struct{}

type ListTablesInput struct{}

type ListTablesOutput struct{}

type Options struct{}

type PutItemInput struct{}

type PutItemOutput struct{}

type QueryInput struct{}

type QueryOutput struct{}

type QueryPaginator struct{}

func (*QueryPaginator) NextPage(ctx context.Context, optFns ...func(*Options)) (*QueryOutput, error)

type ScanInput struct{}

type ScanOutput struct{}

type ScanPaginator struct{}

func (*ScanPaginator) NextPage(ctx context.Context, optFns ...func(*Options)) (*ScanOutput, error)

type TransactGetItemsInput struct{}

type TransactGetItemsOutput struct{}

type TransactWriteItemsInput struct{}

type TransactWriteItemsOutput struct{}

type UpdateItemInput struct{}

type UpdateItemOutput struct{}

type UpdateTableInput struct{}

type UpdateTableOutput struct{}
