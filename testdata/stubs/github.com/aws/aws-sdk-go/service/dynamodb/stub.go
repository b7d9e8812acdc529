// Package dynamodb is a stub: the functions of v1.55.8 that blocking.txt names, and the
// types in their signatures.
package dynamodb

import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/request"
)

type BatchGetItemInput struct{}

type BatchGetItemOutput struct{}

type BatchWriteItemInput struct{}

type BatchWriteItemOutput struct{}

type DeleteItemInput struct{}

type DeleteItemOutput struct{}

type DescribeTableInput struct{}

type DescribeTableOutput struct{}

type DynamoDB struct{}

func (*DynamoDB) BatchGetItem(input *BatchGetItemInput) (*BatchGetItemOutput, error)
func (*DynamoDB) BatchGetItemWithContext(ctx aws.Context, input *BatchGetItemInput, opts ...request.Option) (*BatchGetItemOutput, error)
func (*DynamoDB) BatchWriteItem(input *BatchWriteItemInput) (*BatchWriteItemOutput, error)
func (*DynamoDB) BatchWriteItemWithContext(ctx aws.Context, input *BatchWriteItemInput, opts ...request.Option) (*BatchWriteItemOutput, error)
func (*DynamoDB) DeleteItem(input *DeleteItemInput) (*DeleteItemOutput, error)
func (*DynamoDB) DeleteItemWithContext(ctx aws.Context, input *DeleteItemInput, opts ...request.Option) (*DeleteItemOutput, error)
func (*DynamoDB) DescribeTable(input *DescribeTableInput) (*DescribeTableOutput, error)
func (*DynamoDB) DescribeTableWithContext(ctx aws.Context, input *DescribeTableInput, opts ...request.Option) (*DescribeTableOutput, error)
func (*DynamoDB) GetItem(input *GetItemInput) (*GetItemOutput, error)
func (*DynamoDB) GetItemWithContext(ctx aws.Context, input *GetItemInput, opts ...request.Option) (*GetItemOutput, error)
func (*DynamoDB) PutItem(input *PutItemInput) (*PutItemOutput, error)
func (*DynamoDB) PutItemWithContext(ctx aws.Context, input *PutItemInput, opts ...request.Option) (*PutItemOutput, error)
func (*DynamoDB) Query(input *QueryInput) (*QueryOutput, error)
func (*DynamoDB) QueryPages(input *QueryInput, fn func(*QueryOutput, bool) bool) error
func (*DynamoDB) QueryWithContext(ctx aws.Context, input *QueryInput, opts ...request.Option) (*QueryOutput, error)
func (*DynamoDB) Scan(input *ScanInput) (*ScanOutput, error)
func (*DynamoDB) ScanPages(input *ScanInput, fn func(*ScanOutput, bool) bool) error
func (*DynamoDB) ScanWithContext(ctx aws.Context, input *ScanInput, opts ...request.Option) (*ScanOutput, error)
func (*DynamoDB) TransactWriteItems(input *TransactWriteItemsInput) (*TransactWriteItemsOutput, error)
func (*DynamoDB) TransactWriteItemsWithContext(ctx aws.Context, input *TransactWriteItemsInput, opts ...request.Option) (*TransactWriteItemsOutput, error)
func (*DynamoDB) UpdateItem(input *UpdateItemInput) (*UpdateItemOutput, error)
func (*DynamoDB) UpdateItemWithContext(ctx aws.Context, input *UpdateItemInput, opts ...request.Option) (*UpdateItemOutput, error)

type GetItemInput struct{}

type GetItemOutput struct{}

type PutItemInput struct{}

type PutItemOutput struct{}

type QueryInput struct{}

type QueryOutput struct{}

type ScanInput struct{}

type ScanOutput struct{}

type TransactWriteItemsInput struct{}

type TransactWriteItemsOutput struct{}

type UpdateItemInput struct{}

type UpdateItemOutput struct{}
