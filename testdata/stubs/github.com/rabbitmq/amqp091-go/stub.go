// Package amqp091 is a stub: the functions of v1.16.0 that blocking.txt names, and the
// types in their signatures.
package amqp091

import (
	"context"
	"crypto/tls"
	"io"
	"time"
)

func Dial(url string) (*Connection, error)
func DialConfig(url string, config Config) (*Connection, error)
func DialTLS(url string, amqps *tls.Config) (*Connection, error)
func Open(conn io.ReadWriteCloser, config Config) (*Connection, error)

type Acknowledger interface {
	Ack(tag uint64, multiple bool) error
	Nack(tag uint64, multiple bool, requeue bool) error
	Reject(tag uint64, requeue bool) error
}

type Channel struct{}

func (*Channel) Ack(tag uint64, multiple bool) error
func (*Channel) Cancel(consumer string, noWait bool) error
func (*Channel) Close() error
func (*Channel) Confirm(noWait bool) error
func (*Channel) Consume(queue string, consumer string, autoAck bool, exclusive bool, noLocal bool, noWait bool, args Table) (<-chan Delivery, error)
func (*Channel) ConsumeWithContext(ctx context.Context, queue string, consumer string, autoAck bool, exclusive bool, noLocal bool, noWait bool, args Table) (<-chan Delivery, error)
func (*Channel) ExchangeBind(destination string, key string, source string, noWait bool, args Table) error
func (*Channel) ExchangeDeclare(name string, kind string, durable bool, autoDelete bool, internal bool, noWait bool, args Table) error
func (*Channel) ExchangeDeclarePassive(name string, kind string, durable bool, autoDelete bool, internal bool, noWait bool, args Table) error
func (*Channel) ExchangeDelete(name string, ifUnused bool, noWait bool) error
func (*Channel) ExchangeUnbind(destination string, key string, source string, noWait bool, args Table) error
func (*Channel) Flow(active bool) error
func (*Channel) Get(queue string, autoAck bool) (msg Delivery, ok bool, err error)
func (*Channel) Nack(tag uint64, multiple bool, requeue bool) error
func (*Channel) Publish(exchange string, key string, mandatory bool, immediate bool, msg Publishing) error
func (*Channel) PublishWithContext(ctx context.Context, exchange string, key string, mandatory bool, immediate bool, msg Publishing) error
func (*Channel) PublishWithDeferredConfirm(exchange string, key string, mandatory bool, immediate bool, msg Publishing) (*DeferredConfirmation, error)
func (*Channel) PublishWithDeferredConfirmWithContext(ctx context.Context, exchange string, key string, mandatory bool, immediate bool, msg Publishing) (*DeferredConfirmation, error)
func (*Channel) Qos(prefetchCount int, prefetchSize int, global bool) error
func (*Channel) QueueBind(name string, key string, exchange string, noWait bool, args Table) error
func (*Channel) QueueDeclare(name string, durable bool, autoDelete bool, exclusive bool, noWait bool, args Table) (Queue, error)
func (*Channel) QueueDeclarePassive(name string, durable bool, autoDelete bool, exclusive bool, noWait bool, args Table) (Queue, error)
func (*Channel) QueueDelete(name string, ifUnused bool, ifEmpty bool, noWait bool) (int, error)
func (*Channel) QueueInspect(name string) (Queue, error)
func (*Channel) QueuePurge(name string, noWait bool) (int, error)
func (*Channel) QueueUnbind(name string, key string, exchange string, args Table) error
func (*Channel) Recover(requeue bool) error
func (*Channel) Reject(tag uint64, requeue bool) error
func (*Channel) Tx() error
func (*Channel) TxCommit() error
func (*Channel) TxRollback() error

type Config struct{}

type Connection struct{}

func (*Connection) Channel() (*Channel, error)
func (*Connection) Close() error
func (*Connection) CloseDeadline(deadline time.Time) error

type DeferredConfirmation struct{}

func (*DeferredConfirmation) Wait() bool
func (*DeferredConfirmation) WaitContext(ctx context.Context) (bool, error)

type Delivery struct{}

func (Delivery) Ack(multiple bool) error
func (Delivery) Nack(multiple bool, requeue bool) error
func (Delivery) Reject(requeue bool) error

type Publishing struct{}

type Queue struct{}

type Table map[string]any
