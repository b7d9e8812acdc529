// Package nsq is a stub: the functions of v1.1.0 that blocking.txt names, and the
// types in their signatures.
package nsq

import (
	"time"
)

type Command struct{}

type Conn struct{}

func (*Conn) Connect() (*IdentifyResponse, error)
func (*Conn) Flush() error
func (*Conn) WriteCommand(cmd *Command) error

type Consumer struct{}

func (*Consumer) ConnectToNSQD(addr string) error
func (*Consumer) ConnectToNSQLookupd(addr string) error

type IdentifyResponse struct{}

type Producer struct{}

func (*Producer) DeferredPublish(topic string, delay time.Duration, body []byte) error
func (*Producer) MultiPublish(topic string, body [][]byte) error
func (*Producer) MultiPublishAsync(topic string, body [][]byte, doneChan chan *ProducerTransaction, args ...interface{}) error
func (*Producer) Ping() error
func (*Producer) Publish(topic string, body []byte) error
func (*Producer) PublishAsync(topic string, body []byte, doneChan chan *ProducerTransaction, args ...interface{}) error
func (*Producer) Stop()

type ProducerTransaction struct{}
