// Package kgo is a stub: the functions of v1.22.2 that blocking.txt names, and the
// types in their signatures.
package kgo

import (
	"context"

	"github.com/twmb/franz-go/pkg/kmsg"
)

type Client struct{}

func (*Client) BeginTransaction() error
func (*Client) Close()
func (*Client) CommitMarkedOffsets(ctx context.Context) error
func (*Client) CommitOffsetsSync(ctx context.Context, uncommitted map[string]map[int32]EpochOffset, onDone func(*Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error))
func (*Client) CommitRecords(ctx context.Context, rs ...*Record) error
func (*Client) CommitUncommittedOffsets(ctx context.Context) error
func (*Client) EndTransaction(ctx context.Context, commit TransactionEndTry) error
func (*Client) Flush(ctx context.Context) error
func (*Client) LeaveGroup()
func (*Client) Ping(ctx context.Context) error
func (*Client) PollFetches(ctx context.Context) Fetches
func (*Client) PollRecords(ctx context.Context, maxPollRecords int) Fetches
func (*Client) Produce(ctx context.Context, r *Record, promise func(*Record, error))
func (*Client) ProduceSync(ctx context.Context, rs ...*Record) ProduceResults
func (*Client) Request(ctx context.Context, req kmsg.Request) (kmsg.Response, error)
func (*Client) TryProduce(ctx context.Context, r *Record, promise func(*Record, error))

type EpochOffset struct{}

type Fetch struct{}

type Fetches []Fetch

type ProduceResult struct{}

type ProduceResults []ProduceResult

type Record struct{}

type TransactionEndTry bool
