// Package pubsub is a stub: types of v0.123.0 that other stubs need.
package pubsub

type Message struct{}

type PublishResult struct{}
