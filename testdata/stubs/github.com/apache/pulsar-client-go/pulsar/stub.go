// Package pulsar is a stub: the functions of v0.19.0 that blocking.txt names, and the
// types in their signatures.
package pulsar

import (
	"context"
	"time"
)

type Client interface {
	CreateProducer(ProducerOptions) (Producer, error)
	CreateReader(ReaderOptions) (Reader, error)
	NewTransaction(duration time.Duration) (Transaction, error)
	Subscribe(ConsumerOptions) (Consumer, error)
	TopicPartitions(topic string) ([]string, error)
}

type Consumer interface {
	Ack(Message) error
	AckCumulative(msg Message) error
	AckID(MessageID) error
	Receive(context.Context) (Message, error)
	Seek(MessageID) error
	SeekByTime(time time.Time) error
	Unsubscribe() error
}

type ConsumerOptions struct{}

type Message interface{}

type MessageID interface{}

type Producer interface {
	Flush() error
	FlushWithCtx(ctx context.Context) error
	Send(context.Context, *ProducerMessage) (MessageID, error)
	SendAsync(context.Context, *ProducerMessage, func(MessageID, *ProducerMessage, error))
}

type ProducerMessage struct{}

type ProducerOptions struct{}

type Reader interface {
	HasNext() bool
	Next(context.Context) (Message, error)
}

type ReaderOptions struct{}

type Transaction interface {
	Abort(context.Context) error
	Commit(context.Context) error
}
