// Package pubsub is a stub: the functions of v1.52.0 that blocking.txt names, and the
// types in their signatures.
package pubsub

import (
	"context"

	"cloud.google.com/go/internal/pubsub"
	"google.golang.org/api/option"
)

func NewClient(ctx context.Context, projectID string, opts ...option.ClientOption) (c *Client, err error)
func NewClientWithConfig(ctx context.Context, projectID string, config *ClientConfig, opts ...option.ClientOption) (*Client, error)

type Client struct{}

func (*Client) CreateSubscription(ctx context.Context, id string, cfg SubscriptionConfig) (*Subscription, error)
func (*Client) CreateTopic(ctx context.Context, topicID string) (*Topic, error)
func (*Client) CreateTopicWithConfig(ctx context.Context, topicID string, tc *TopicConfig) (*Topic, error)

type ClientConfig struct{}

type Message = pubsub.Message

type PublishResult = pubsub.PublishResult

type Subscription struct{}

func (*Subscription) Config(ctx context.Context) (SubscriptionConfig, error)
func (*Subscription) Delete(ctx context.Context) error
func (*Subscription) Exists(ctx context.Context) (bool, error)
func (*Subscription) Receive(ctx context.Context, f func(context.Context, *Message)) error
func (*Subscription) Update(ctx context.Context, cfg SubscriptionConfigToUpdate) (SubscriptionConfig, error)

type SubscriptionConfig struct{}

type SubscriptionConfigToUpdate struct{}

type Topic struct{}

func (*Topic) Config(ctx context.Context) (TopicConfig, error)
func (*Topic) Delete(ctx context.Context) error
func (*Topic) Exists(ctx context.Context) (bool, error)
func (*Topic) Flush()
func (*Topic) Publish(ctx context.Context, msg *Message) *PublishResult
func (*Topic) Stop()
func (*Topic) Update(ctx context.Context, cfg TopicConfigToUpdate) (TopicConfig, error)

type TopicConfig struct{}

type TopicConfigToUpdate struct{}
