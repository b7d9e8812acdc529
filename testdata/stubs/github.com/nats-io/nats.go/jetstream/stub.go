// Package jetstream is a stub: the functions of v1.55.0 that blocking.txt names, and the
// types in their signatures.
package jetstream

import (
	"context"

	nats "github.com/nats-io/nats.go"
)

type ConsumeContext interface{}

type Consumer interface {
	Consume(handler MessageHandler, opts ...PullConsumeOpt) (ConsumeContext, error)
	Fetch(batch int, opts ...FetchOpt) (MessageBatch, error)
	FetchBytes(maxBytes int, opts ...FetchOpt) (MessageBatch, error)
	FetchNoWait(batch int) (MessageBatch, error)
	Info(context.Context) (*ConsumerInfo, error)
	Next(opts ...FetchOpt) (Msg, error)
}

type ConsumerConfig struct{}

type ConsumerInfo struct{}

type ConsumerManager interface {
	Consumer(ctx context.Context, consumer string) (Consumer, error)
	CreateConsumer(ctx context.Context, cfg ConsumerConfig) (Consumer, error)
	CreateOrUpdateConsumer(ctx context.Context, cfg ConsumerConfig) (Consumer, error)
	DeleteConsumer(ctx context.Context, consumer string) error
	UpdateConsumer(ctx context.Context, cfg ConsumerConfig) (Consumer, error)
}

type FetchOpt func(*pullRequest) error

type GetMsgOpt func(*apiMsgGetRequest) error

type KVCreateOpt interface{}

type KVDeleteOpt interface{}

type KeyValue interface {
	Create(ctx context.Context, key string, value []byte, opts ...KVCreateOpt) (uint64, error)
	Delete(ctx context.Context, key string, opts ...KVDeleteOpt) error
	Get(ctx context.Context, key string) (KeyValueEntry, error)
	GetRevision(ctx context.Context, key string, revision uint64) (KeyValueEntry, error)
	History(ctx context.Context, key string, opts ...WatchOpt) ([]KeyValueEntry, error)
	Keys(ctx context.Context, opts ...WatchOpt) ([]string, error)
	Purge(ctx context.Context, key string, opts ...KVDeleteOpt) error
	Put(ctx context.Context, key string, value []byte) (uint64, error)
	PutString(ctx context.Context, key string, value string) (uint64, error)
	Status(ctx context.Context) (KeyValueStatus, error)
	Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
	Watch(ctx context.Context, keys string, opts ...WatchOpt) (KeyWatcher, error)
	WatchAll(ctx context.Context, opts ...WatchOpt) (KeyWatcher, error)
}

type KeyValueEntry interface{}

type KeyValueStatus interface{}

type KeyWatcher interface{}

type MessageBatch interface{}

type MessageHandler func(msg Msg)

type MessagesContext interface {
	Next(opts ...NextOpt) (Msg, error)
}

type Msg interface {
	Ack() error
	DoubleAck(context.Context) error
	InProgress() error
	Nak() error
	Term() error
}

type NextOpt interface{}

type PubAck struct{}

type PubAckFuture interface{}

type PublishOpt func(*pubOpts) error

type Publisher interface {
	Publish(ctx context.Context, subject string, payload []byte, opts ...PublishOpt) (*PubAck, error)
	PublishAsync(subject string, payload []byte, opts ...PublishOpt) (PubAckFuture, error)
	PublishMsg(ctx context.Context, msg *nats.Msg, opts ...PublishOpt) (*PubAck, error)
	PublishMsgAsync(msg *nats.Msg, opts ...PublishOpt) (PubAckFuture, error)
}

type PullConsumeOpt interface{}

type RawStreamMsg struct{}

type Stream interface {
	DeleteMsg(ctx context.Context, seq uint64) error
	GetLastMsgForSubject(ctx context.Context, subject string) (*RawStreamMsg, error)
	GetMsg(ctx context.Context, seq uint64, opts ...GetMsgOpt) (*RawStreamMsg, error)
	Info(ctx context.Context, opts ...StreamInfoOpt) (*StreamInfo, error)
	Purge(ctx context.Context, opts ...StreamPurgeOpt) error
}

type StreamConfig struct{}

type StreamInfo struct{}

type StreamInfoOpt func(*streamInfoRequest) error

type StreamManager interface {
	CreateOrUpdateStream(ctx context.Context, cfg StreamConfig) (Stream, error)
	CreateStream(ctx context.Context, cfg StreamConfig) (Stream, error)
	DeleteStream(ctx context.Context, stream string) error
	Stream(ctx context.Context, stream string) (Stream, error)
	StreamNameBySubject(ctx context.Context, subject string) (string, error)
	UpdateStream(ctx context.Context, cfg StreamConfig) (Stream, error)
}

type StreamPurgeOpt func(*StreamPurgeRequest) error

type StreamPurgeRequest struct{}

type WatchOpt interface{}

type apiMsgGetRequest struct{}

type pubOpts struct{}

type pullRequest struct{}

type streamInfoRequest struct{}
