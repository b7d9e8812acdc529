// Package nats is a stub: the functions of v1.55.0 that blocking.txt names, and the
// types in their signatures.
package nats

import (
	"context"
	"io"
	"time"
)

func Connect(url string, options ...Option) (*Conn, error)

type AccountInfo struct{}

type AckOpt interface{}

type Conn struct{}

func (*Conn) Close()
func (*Conn) Drain() error
func (*Conn) Flush() error
func (*Conn) FlushTimeout(timeout time.Duration) (err error)
func (*Conn) FlushWithContext(ctx context.Context) error
func (*Conn) Publish(subj string, data []byte) error
func (*Conn) PublishMsg(m *Msg) error
func (*Conn) PublishRequest(subj string, reply string, data []byte) error
func (*Conn) QueueSubscribe(subj string, queue string, cb MsgHandler) (*Subscription, error)
func (*Conn) RTT() (time.Duration, error)
func (*Conn) Request(subj string, data []byte, timeout time.Duration) (*Msg, error)
func (*Conn) RequestMsg(msg *Msg, timeout time.Duration) (*Msg, error)
func (*Conn) RequestMsgWithContext(ctx context.Context, msg *Msg) (*Msg, error)
func (*Conn) RequestWithContext(ctx context.Context, subj string, data []byte) (*Msg, error)
func (*Conn) Subscribe(subj string, cb MsgHandler) (*Subscription, error)

type ConsumerConfig struct{}

type ConsumerInfo struct{}

type DeleteOpt interface{}

type GetObjectInfoOpt interface{}

type GetObjectOpt interface{}

type JSOpt interface{}

type JetStream interface {
	Publish(subj string, data []byte, opts ...PubOpt) (*PubAck, error)
	PublishAsync(subj string, data []byte, opts ...PubOpt) (PubAckFuture, error)
	PublishMsg(m *Msg, opts ...PubOpt) (*PubAck, error)
	PublishMsgAsync(m *Msg, opts ...PubOpt) (PubAckFuture, error)
	PullSubscribe(subj string, durable string, opts ...SubOpt) (*Subscription, error)
	QueueSubscribe(subj string, queue string, cb MsgHandler, opts ...SubOpt) (*Subscription, error)
	Subscribe(subj string, cb MsgHandler, opts ...SubOpt) (*Subscription, error)
	SubscribeSync(subj string, opts ...SubOpt) (*Subscription, error)
}

type JetStreamManager interface {
	AccountInfo(opts ...JSOpt) (*AccountInfo, error)
	AddConsumer(stream string, cfg *ConsumerConfig, opts ...JSOpt) (*ConsumerInfo, error)
	AddStream(cfg *StreamConfig, opts ...JSOpt) (*StreamInfo, error)
	ConsumerInfo(stream string, name string, opts ...JSOpt) (*ConsumerInfo, error)
	DeleteConsumer(stream string, consumer string, opts ...JSOpt) error
	DeleteMsg(name string, seq uint64, opts ...JSOpt) error
	DeleteStream(name string, opts ...JSOpt) error
	GetLastMsg(name string, subject string, opts ...JSOpt) (*RawStreamMsg, error)
	GetMsg(name string, seq uint64, opts ...JSOpt) (*RawStreamMsg, error)
	PurgeStream(name string, opts ...JSOpt) error
	StreamInfo(stream string, opts ...JSOpt) (*StreamInfo, error)
	UpdateStream(cfg *StreamConfig, opts ...JSOpt) (*StreamInfo, error)
}

type KeyValue interface {
	Create(key string, value []byte) (revision uint64, err error)
	Delete(key string, opts ...DeleteOpt) error
	Get(key string) (entry KeyValueEntry, err error)
	GetRevision(key string, revision uint64) (entry KeyValueEntry, err error)
	History(key string, opts ...WatchOpt) ([]KeyValueEntry, error)
	Keys(opts ...WatchOpt) ([]string, error)
	Purge(key string, opts ...DeleteOpt) error
	Put(key string, value []byte) (revision uint64, err error)
	PutString(key string, value string) (revision uint64, err error)
	Status() (KeyValueStatus, error)
	Update(key string, value []byte, last uint64) (revision uint64, err error)
	Watch(keys string, opts ...WatchOpt) (KeyWatcher, error)
	WatchAll(opts ...WatchOpt) (KeyWatcher, error)
}

type KeyValueConfig struct{}

type KeyValueEntry interface{}

type KeyValueManager interface {
	CreateKeyValue(cfg *KeyValueConfig) (KeyValue, error)
	DeleteKeyValue(bucket string) error
	KeyValue(bucket string) (KeyValue, error)
}

type KeyValueStatus interface{}

type KeyWatcher interface{}

type ListObjectsOpt interface{}

type Msg struct{}

func (*Msg) Ack(opts ...AckOpt) error
func (*Msg) AckSync(opts ...AckOpt) error
func (*Msg) InProgress(opts ...AckOpt) error
func (*Msg) Nak(opts ...AckOpt) error
func (*Msg) Respond(data []byte) error
func (*Msg) RespondMsg(msg *Msg) error
func (*Msg) Term(opts ...AckOpt) error

type MsgHandler func(msg *Msg)

type ObjectInfo struct{}

type ObjectMeta struct{}

type ObjectOpt interface{}

type ObjectResult interface{}

type ObjectStore interface {
	Delete(name string) error
	Get(name string, opts ...GetObjectOpt) (ObjectResult, error)
	GetBytes(name string, opts ...GetObjectOpt) ([]byte, error)
	GetInfo(name string, opts ...GetObjectInfoOpt) (*ObjectInfo, error)
	List(opts ...ListObjectsOpt) ([]*ObjectInfo, error)
	Put(obj *ObjectMeta, reader io.Reader, opts ...ObjectOpt) (*ObjectInfo, error)
	PutBytes(name string, data []byte, opts ...ObjectOpt) (*ObjectInfo, error)
}

type Option func(*Options) error

type Options struct{}

type PubAck struct{}

type PubAckFuture interface{}

type PubOpt interface{}

type PullOpt interface{}

type RawStreamMsg struct{}

type StreamConfig struct{}

type StreamInfo struct{}

type SubOpt interface{}

type Subscription struct{}

func (*Subscription) ConsumerInfo() (*ConsumerInfo, error)
func (*Subscription) Drain() error
func (*Subscription) Fetch(batch int, opts ...PullOpt) ([]*Msg, error)
func (*Subscription) NextMsg(timeout time.Duration) (*Msg, error)
func (*Subscription) NextMsgWithContext(ctx context.Context) (*Msg, error)

type WatchOpt interface{}
