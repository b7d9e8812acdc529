// Package kinesis is a stub: the functions of v1.56.12 that blocking.txt names, and the
// types in their signatures.
package kinesis

import (
	"context"
)

type Client struct{}

func (*Client) DescribeStream(ctx context.Context, params *DescribeStreamInput, optFns ...func(*Options)) (*DescribeStreamOutput, error)
func (*Client) GetRecords(ctx context.Context, params *GetRecordsInput, optFns ...func(*Options)) (*GetRecordsOutput, error)
func (*Client) GetShardIterator(ctx context.Context, params *GetShardIteratorInput, optFns ...func(*Options)) (*GetShardIteratorOutput, error)
func (*Client) ListShards(ctx context.Context, params *ListShardsInput, optFns ...func(*Options)) (*ListShardsOutput, error)
func (*Client) PutRecord(ctx context.Context, params *PutRecordInput, optFns ...func(*Options)) (*PutRecordOutput, error)
func (*Client) PutRecords(ctx context.Context, params *PutRecordsInput, optFns ...func(*Options)) (*PutRecordsOutput, error)

type DescribeStreamInput struct{}

type DescribeStreamOutput struct{}

type GetRecordsInput struct{}

type GetRecordsOutput struct{}

type GetShardIteratorInput struct{}

type GetShardIteratorOutput struct{}

type ListShardsInput struct{}

type ListShardsOutput struct{}

type Options struct{}

type PutRecordInput struct{}

type PutRecordOutput struct{}

type PutRecordsInput struct{}

type PutRecordsOutput struct{}
