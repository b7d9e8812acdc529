// Package sqs is a stub: the functions of v1.52.11 that blocking.txt names, and the
// types in their signatures.
package sqs

import (
	"context"
)

type ChangeMessageVisibilityInput struct{}

type ChangeMessageVisibilityOutput struct{}

type Client struct{}

func (*Client) ChangeMessageVisibility(ctx context.Context, params *ChangeMessageVisibilityInput, optFns ...func(*Options)) (*ChangeMessageVisibilityOutput, error)
func (*Client) DeleteMessage(ctx context.Context, params *DeleteMessageInput, optFns ...func(*Options)) (*DeleteMessageOutput, error)
func (*Client) DeleteMessageBatch(ctx context.Context, params *DeleteMessageBatchInput, optFns ...func(*Options)) (*DeleteMessageBatchOutput, error)
func (*Client) GetQueueAttributes(ctx context.Context, params *GetQueueAttributesInput, optFns ...func(*Options)) (*GetQueueAttributesOutput, error)
func (*Client) GetQueueUrl(ctx context.Context, params *GetQueueUrlInput, optFns ...func(*Options)) (*GetQueueUrlOutput, error)
func (*Client) ReceiveMessage(ctx context.Context, params *ReceiveMessageInput, optFns ...func(*Options)) (*ReceiveMessageOutput, error)
func (*Client) SendMessage(ctx context.Context, params *SendMessageInput, optFns ...func(*Options)) (*SendMessageOutput, error)
func (*Client) SendMessageBatch(ctx context.Context, params *SendMessageBatchInput, optFns ...func(*Options)) (*SendMessageBatchOutput, error)

type DeleteMessageBatchInput struct{}

type DeleteMessageBatchOutput struct{}

type DeleteMessageInput struct{}

type DeleteMessageOutput struct{}

type GetQueueAttributesInput struct{}

type GetQueueAttributesOutput struct{}

type GetQueueUrlInput struct{}

type GetQueueUrlOutput struct{}

type Options struct{}

type ReceiveMessageInput struct{}

type ReceiveMessageOutput struct{}

type SendMessageBatchInput struct{}

type SendMessageBatchOutput struct{}

type SendMessageInput struct{}

type SendMessageOutput struct{}
