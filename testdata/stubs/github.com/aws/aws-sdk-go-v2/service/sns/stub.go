// Package sns is a stub: the functions of v1.47.10 that blocking.txt names, and the
// types in their signatures.
package sns

import (
	"context"
)

type Client struct{}

func (*Client) CreateTopic(ctx context.Context, params *CreateTopicInput, optFns ...func(*Options)) (*CreateTopicOutput, error)
func (*Client) Publish(ctx context.Context, params *PublishInput, optFns ...func(*Options)) (*PublishOutput, error)
func (*Client) PublishBatch(ctx context.Context, params *PublishBatchInput, optFns ...func(*Options)) (*PublishBatchOutput, error)
func (*Client) Subscribe(ctx context.Context, params *SubscribeInput, optFns ...func(*Options)) (*SubscribeOutput, error)
func (*Client) Unsubscribe(ctx context.Context, params *UnsubscribeInput, optFns ...func(*Options)) (*UnsubscribeOutput, error)

type CreateTopicInput struct{}

type CreateTopicOutput struct{}

type Options struct{}

type PublishBatchInput struct{}

type PublishBatchOutput struct{}

type PublishInput struct{}

type PublishOutput struct{}

type SubscribeInput struct{}

type SubscribeOutput struct{}

type UnsubscribeInput struct{}

type UnsubscribeOutput struct{}
