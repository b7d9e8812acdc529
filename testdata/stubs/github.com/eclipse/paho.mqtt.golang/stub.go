// Package mqtt is a stub: the functions of v1.5.1 that blocking.txt names, and the
// types in their signatures.
package mqtt

import (
	"time"
)

func WaitTokenTimeout(t Token, d time.Duration) error

type Client interface {
	Connect() Token
	Disconnect(quiesce uint)
	Publish(topic string, qos byte, retained bool, payload interface{}) Token
	Subscribe(topic string, qos byte, callback MessageHandler) Token
	SubscribeMultiple(filters map[string]byte, callback MessageHandler) Token
	Unsubscribe(topics ...string) Token
}

type Message interface{}

type MessageHandler func(Client, Message)

type Token interface {
	Wait() bool
	WaitTimeout(time.Duration) bool
}

type baseToken struct{}

func (*baseToken) Wait() bool
func (*baseToken) WaitTimeout(d time.Duration) bool
