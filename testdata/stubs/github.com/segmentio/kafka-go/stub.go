// Package kafka is a stub: the functions of v0.4.51 that blocking.txt names, and the
// types in their signatures.
package kafka

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go/compress"
)

func Dial(network string, address string) (*Conn, error)
func DialContext(ctx context.Context, network string, address string) (*Conn, error)
func DialLeader(ctx context.Context, network string, address string, topic string, partition int) (*Conn, error)
func DialPartition(ctx context.Context, network string, address string, partition Partition) (*Conn, error)
func LookupPartition(ctx context.Context, network string, address string, topic string, partition int) (Partition, error)
func LookupPartitions(ctx context.Context, network string, address string, topic string) ([]Partition, error)

type AlterConfigsRequest struct{}

type AlterConfigsResponse struct{}

type Batch struct{}

func (*Batch) Close() error
func (*Batch) Read(b []byte) (int, error)
func (*Batch) ReadMessage() (Message, error)

type Broker struct{}

type Client struct{}

func (*Client) AlterConfigs(ctx context.Context, req *AlterConfigsRequest) (*AlterConfigsResponse, error)
func (*Client) ConsumerOffsets(ctx context.Context, tg TopicAndGroup) (map[int]int64, error)
func (*Client) CreatePartitions(ctx context.Context, req *CreatePartitionsRequest) (*CreatePartitionsResponse, error)
func (*Client) CreateTopics(ctx context.Context, req *CreateTopicsRequest) (*CreateTopicsResponse, error)
func (*Client) DeleteTopics(ctx context.Context, req *DeleteTopicsRequest) (*DeleteTopicsResponse, error)
func (*Client) DescribeConfigs(ctx context.Context, req *DescribeConfigsRequest) (*DescribeConfigsResponse, error)
func (*Client) Fetch(ctx context.Context, req *FetchRequest) (*FetchResponse, error)
func (*Client) FindCoordinator(ctx context.Context, req *FindCoordinatorRequest) (*FindCoordinatorResponse, error)
func (*Client) ListOffsets(ctx context.Context, req *ListOffsetsRequest) (*ListOffsetsResponse, error)
func (*Client) Metadata(ctx context.Context, req *MetadataRequest) (*MetadataResponse, error)
func (*Client) OffsetCommit(ctx context.Context, req *OffsetCommitRequest) (*OffsetCommitResponse, error)
func (*Client) OffsetFetch(ctx context.Context, req *OffsetFetchRequest) (*OffsetFetchResponse, error)
func (*Client) Produce(ctx context.Context, req *ProduceRequest) (*ProduceResponse, error)

type CompressionCodec = compress.Codec

type Conn struct{}

func (*Conn) Brokers() ([]Broker, error)
func (*Conn) Controller() (broker Broker, err error)
func (*Conn) CreateTopics(topics ...TopicConfig) error
func (*Conn) DeleteTopics(topics ...string) error
func (*Conn) Read(b []byte) (int, error)
func (*Conn) ReadBatch(minBytes int, maxBytes int) *Batch
func (*Conn) ReadFirstOffset() (int64, error)
func (*Conn) ReadLastOffset() (int64, error)
func (*Conn) ReadMessage(maxBytes int) (Message, error)
func (*Conn) ReadOffset(t time.Time) (int64, error)
func (*Conn) ReadOffsets() (first int64, last int64, err error)
func (*Conn) ReadPartitions(topics ...string) (partitions []Partition, err error)
func (*Conn) Write(b []byte) (int, error)
func (*Conn) WriteCompressedMessages(codec CompressionCodec, msgs ...Message) (nbytes int, err error)
func (*Conn) WriteMessages(msgs ...Message) (int, error)

type ConsumerGroup struct{}

func (*ConsumerGroup) Close() error
func (*ConsumerGroup) Next(ctx context.Context) (*Generation, error)

type CreatePartitionsRequest struct{}

type CreatePartitionsResponse struct{}

type CreateTopicsRequest struct{}

type CreateTopicsResponse struct{}

type DeleteTopicsRequest struct{}

type DeleteTopicsResponse struct{}

type DescribeConfigsRequest struct{}

type DescribeConfigsResponse struct{}

type Dialer struct{}

func (*Dialer) Dial(network string, address string) (*Conn, error)
func (*Dialer) DialContext(ctx context.Context, network string, address string) (*Conn, error)
func (*Dialer) DialLeader(ctx context.Context, network string, address string, topic string, partition int) (*Conn, error)
func (*Dialer) DialPartition(ctx context.Context, network string, address string, partition Partition) (*Conn, error)
func (*Dialer) LookupLeader(ctx context.Context, network string, address string, topic string, partition int) (Broker, error)
func (*Dialer) LookupPartition(ctx context.Context, network string, address string, topic string, partition int) (Partition, error)
func (*Dialer) LookupPartitions(ctx context.Context, network string, address string, topic string) ([]Partition, error)

type FetchRequest struct{}

type FetchResponse struct{}

type FindCoordinatorRequest struct{}

type FindCoordinatorResponse struct{}

type Generation struct{}

func (*Generation) CommitOffsets(offsets map[string]map[int]int64) error
func (*Generation) Start(fn func(ctx context.Context))

type ListOffsetsRequest struct{}

type ListOffsetsResponse struct{}

type Message struct{}

type MetadataRequest struct{}

type MetadataResponse struct{}

type OffsetCommitRequest struct{}

type OffsetCommitResponse struct{}

type OffsetFetchRequest struct{}

type OffsetFetchResponse struct{}

type Partition struct{}

type ProduceRequest struct{}

type ProduceResponse struct{}

type Reader struct{}

func (*Reader) Close() error
func (*Reader) CommitMessages(ctx context.Context, msgs ...Message) error
func (*Reader) FetchMessage(ctx context.Context) (Message, error)
func (*Reader) ReadLag(ctx context.Context) (lag int64, err error)
func (*Reader) ReadMessage(ctx context.Context) (Message, error)
func (*Reader) SetOffsetAt(ctx context.Context, t time.Time) error

type TopicAndGroup struct{}

type TopicConfig struct{}

type Writer struct{}

func (*Writer) Close() error
func (*Writer) WriteMessages(ctx context.Context, msgs ...Message) error
