// Package sarama is a stub: the functions of v1.61.1 that blocking.txt names, and the
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

type Acl struct{}

type AclFilter struct{}

type ApiVersionsRequest struct{}

type ApiVersionsResponse struct{}

type AsyncProducer interface {
	AbortTxn() error
	Close() error
	CommitTxn() error
}

type Broker struct{}

func (*Broker) ApiVersions(request *ApiVersionsRequest) (*ApiVersionsResponse, error)
func (*Broker) Close() error
func (*Broker) CommitOffset(request *OffsetCommitRequest) (*OffsetCommitResponse, error)
func (*Broker) Connected() (bool, error)
func (*Broker) CreateTopics(request *CreateTopicsRequest) (*CreateTopicsResponse, error)
func (*Broker) DeleteTopics(request *DeleteTopicsRequest) (*DeleteTopicsResponse, error)
func (*Broker) Fetch(request *FetchRequest) (*FetchResponse, error)
func (*Broker) FetchOffset(request *OffsetFetchRequest) (*OffsetFetchResponse, error)
func (*Broker) FindCoordinator(request *FindCoordinatorRequest) (*FindCoordinatorResponse, error)
func (*Broker) GetMetadata(request *MetadataRequest) (*MetadataResponse, error)
func (*Broker) Heartbeat(request *HeartbeatRequest) (*HeartbeatResponse, error)
func (*Broker) JoinGroup(request *JoinGroupRequest) (*JoinGroupResponse, error)
func (*Broker) LeaveGroup(request *LeaveGroupRequest) (*LeaveGroupResponse, error)
func (*Broker) Open(conf *Config) error
func (*Broker) Produce(request *ProduceRequest) (*ProduceResponse, error)
func (*Broker) SyncGroup(request *SyncGroupRequest) (*SyncGroupResponse, error)

type Client interface {
	Close() error
	Controller() (*Broker, error)
	Coordinator(consumerGroup string) (*Broker, error)
	GetOffset(topic string, partitionID int32, time int64) (int64, error)
	InSyncReplicas(topic string, partitionID int32) ([]int32, error)
	Leader(topic string, partitionID int32) (*Broker, error)
	Partitions(topic string) ([]int32, error)
	RefreshBrokers(addrs []string) error
	RefreshController() (*Broker, error)
	RefreshCoordinator(consumerGroup string) error
	RefreshMetadata(topics ...string) error
	Replicas(topic string, partitionID int32) ([]int32, error)
	WritablePartitions(topic string) ([]int32, error)
}

type ClusterAdmin interface {
	AlterConfig(resourceType ConfigResourceType, name string, entries map[string]*string, validateOnly bool) error
	CreateACL(resource Resource, acl Acl) error
	CreatePartitions(topic string, count int32, assignment [][]int32, validateOnly bool) error
	CreateTopic(topic string, detail *TopicDetail, validateOnly bool) error
	DeleteACL(filter AclFilter, validateOnly bool) ([]MatchingAcl, error)
	DeleteConsumerGroup(group string) error
	DeleteRecords(topic string, partitionOffsets map[int32]int64) error
	DeleteTopic(topic string) error
	DescribeCluster() (brokers []*Broker, controllerID int32, err error)
	DescribeConfig(resource ConfigResource) ([]ConfigEntry, error)
	DescribeConsumerGroups(groups []string) ([]*GroupDescription, error)
	DescribeTopics(topics []string) (metadata []*TopicMetadata, err error)
	ListAcls(filter AclFilter) ([]ResourceAcls, error)
	ListConsumerGroupOffsets(group string, topicPartitions map[string][]int32) (*OffsetFetchResponse, error)
	ListConsumerGroups() (map[string]string, error)
	ListTopics() (map[string]TopicDetail, error)
}

type Config struct{}

type ConfigEntry struct{}

type ConfigResource struct{}

type ConfigResourceType int8

type Consumer interface {
	Close() error
	ConsumePartition(topic string, partition int32, offset int64) (PartitionConsumer, error)
	Partitions(topic string) ([]int32, error)
	Topics() ([]string, error)
}

type ConsumerGroup interface {
	Close() error
	Consume(ctx context.Context, topics []string, handler ConsumerGroupHandler) error
}

type ConsumerGroupHandler interface{}

type ConsumerGroupSession interface {
	Commit()
}

type CreateTopicsRequest struct{}

type CreateTopicsResponse struct{}

type DeleteTopicsRequest struct{}

type DeleteTopicsResponse struct{}

type FetchRequest struct{}

type FetchResponse struct{}

type FindCoordinatorRequest struct{}

type FindCoordinatorResponse struct{}

type GroupDescription struct{}

type HeartbeatRequest struct{}

type HeartbeatResponse struct{}

type JoinGroupRequest struct{}

type JoinGroupResponse struct{}

type LeaveGroupRequest struct{}

type LeaveGroupResponse struct{}

type MatchingAcl struct{}

type MetadataRequest struct{}

type MetadataResponse struct{}

type OffsetCommitRequest struct{}

type OffsetCommitResponse struct{}

type OffsetFetchRequest struct{}

type OffsetFetchResponse struct{}

type OffsetManager interface {
	Close() error
	Commit()
}

type PartitionConsumer interface {
	Close() error
}

type PartitionOffsetManager interface {
	Close() error
}

type ProduceRequest struct{}

type ProduceResponse struct{}

type ProducerMessage struct{}

type Resource struct{}

type ResourceAcls struct{}

type SyncGroupRequest struct{}

type SyncGroupResponse struct{}

type SyncProducer interface {
	AbortTxn() error
	Close() error
	CommitTxn() error
	SendMessage(msg *ProducerMessage) (partition int32, offset int64, err error)
	SendMessages(msgs []*ProducerMessage) error
}

type TopicDetail struct{}

type TopicMetadata struct{}
