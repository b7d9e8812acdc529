// Package sarama is a stub: the functions of v1.38.1 that blocking.txt names, and the
// types in their signatures.
package sarama

import (
	"context"
)

func NewAsyncProducer(addrs []string, conf *Config) (AsyncProducer, error)
func NewClient(addrs []string, conf *Config) (Client, error)
func NewClusterAdmin(addrs []string, conf *Config) (ClusterAdmin, error)
func NewConsumer(addrs []string, config *Config) (Consumer, error)
func NewConsumerGroup(addrs []string, groupID string, config *Config) (ConsumerGroup, error)
func NewSyncProducer(addrs []string, config *Config) (SyncProducer, error)

type AsyncProducer interface {
	Close() error
}

type Broker struct{}

type Client interface {
	Coordinator(consumerGroup string) (*Broker, error)
	GetOffset(topic string, partitionID int32, time int64) (int64, error)
	Leader(topic string, partitionID int32) (*Broker, error)
	Partitions(topic string) ([]int32, error)
	RefreshMetadata(topics ...string) error
}

type ClusterAdmin interface{}

type Config struct{}

type Consumer interface {
	Close() error
	ConsumePartition(topic string, partition int32, offset int64) (PartitionConsumer, error)
}

type ConsumerGroup interface {
	Close() error
	Consume(ctx context.Context, topics []string, handler ConsumerGroupHandler) error
}

type ConsumerGroupHandler interface{}

type PartitionConsumer interface{}

type ProducerMessage struct{}

type SyncProducer interface {
	Close() error
	SendMessage(msg *ProducerMessage) (partition int32, offset int64, err error)
	SendMessages(msgs []*ProducerMessage) error
}
