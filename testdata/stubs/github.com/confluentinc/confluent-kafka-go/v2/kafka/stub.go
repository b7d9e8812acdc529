// Package kafka is a stub: the functions of v2.11.1 that blocking.txt names, and the
// types in their signatures.
package kafka

import (
	"context"
	"time"
)

type AdminClient struct{}

func (*AdminClient) AlterConfigs(ctx context.Context, resources []ConfigResource, options ...AlterConfigsAdminOption) (result []ConfigResourceResult, err error)
func (*AdminClient) CreatePartitions(ctx context.Context, partitions []PartitionsSpecification, options ...CreatePartitionsAdminOption) (result []TopicResult, err error)
func (*AdminClient) CreateTopics(ctx context.Context, topics []TopicSpecification, options ...CreateTopicsAdminOption) (result []TopicResult, err error)
func (*AdminClient) DeleteTopics(ctx context.Context, topics []string, options ...DeleteTopicsAdminOption) (result []TopicResult, err error)
func (*AdminClient) DescribeCluster(ctx context.Context, options ...DescribeClusterAdminOption) (result DescribeClusterResult, err error)
func (*AdminClient) DescribeConfigs(ctx context.Context, resources []ConfigResource, options ...DescribeConfigsAdminOption) (result []ConfigResourceResult, err error)
func (*AdminClient) GetMetadata(topic *string, allTopics bool, timeoutMs int) (*Metadata, error)
func (*AdminClient) ListConsumerGroups(ctx context.Context, options ...ListConsumerGroupsAdminOption) (result ListConsumerGroupsResult, err error)

type AlterConfigsAdminOption interface{}

type ConfigResource struct{}

type ConfigResourceResult struct{}

type Consumer struct{}

func (*Consumer) Close() (err error)
func (*Consumer) Commit() ([]TopicPartition, error)
func (*Consumer) CommitMessage(m *Message) ([]TopicPartition, error)
func (*Consumer) CommitOffsets(offsets []TopicPartition) ([]TopicPartition, error)
func (*Consumer) Committed(partitions []TopicPartition, timeoutMs int) (offsets []TopicPartition, err error)
func (*Consumer) GetMetadata(topic *string, allTopics bool, timeoutMs int) (*Metadata, error)
func (*Consumer) OffsetsForTimes(times []TopicPartition, timeoutMs int) (offsets []TopicPartition, err error)
func (*Consumer) Poll(timeoutMs int) (event Event)
func (*Consumer) QueryWatermarkOffsets(topic string, partition int32, timeoutMs int) (low int64, high int64, err error)
func (*Consumer) ReadMessage(timeout time.Duration) (*Message, error)
func (*Consumer) Unsubscribe() (err error)

type ConsumerGroupMetadata struct{}

type CreatePartitionsAdminOption interface{}

type CreateTopicsAdminOption interface{}

type DeleteTopicsAdminOption interface{}

type DescribeClusterAdminOption interface{}

type DescribeClusterResult struct{}

type DescribeConfigsAdminOption interface{}

type Event interface{}

type ListConsumerGroupsAdminOption interface{}

type ListConsumerGroupsResult struct{}

type Message struct{}

type Metadata struct{}

type PartitionsSpecification struct{}

type Producer struct{}

func (*Producer) AbortTransaction(ctx context.Context) error
func (*Producer) CommitTransaction(ctx context.Context) error
func (*Producer) Flush(timeoutMs int) int
func (*Producer) GetMetadata(topic *string, allTopics bool, timeoutMs int) (*Metadata, error)
func (*Producer) InitTransactions(ctx context.Context) error
func (*Producer) Len() int
func (*Producer) Produce(msg *Message, deliveryChan chan Event) error
func (*Producer) QueryWatermarkOffsets(topic string, partition int32, timeoutMs int) (low int64, high int64, err error)
func (*Producer) SendOffsetsToTransaction(ctx context.Context, offsets []TopicPartition, consumerMetadata *ConsumerGroupMetadata) error

type TopicPartition struct{}

type TopicResult struct{}

type TopicSpecification struct{}
