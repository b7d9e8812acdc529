// Package sqs is a stub: the functions of v1.55.8 that blocking.txt names, and the
// types in their signatures.
package sqs

import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/request"
)

type ChangeMessageVisibilityInput struct{}

type ChangeMessageVisibilityOutput struct{}

type DeleteMessageBatchInput struct{}

type DeleteMessageBatchOutput struct{}

type DeleteMessageInput struct{}

type DeleteMessageOutput struct{}

type GetQueueAttributesInput struct{}

type GetQueueAttributesOutput struct{}

type GetQueueUrlInput struct{}

type GetQueueUrlOutput struct{}

type ReceiveMessageInput struct{}

type ReceiveMessageOutput struct{}

type SQS struct{}

func (*SQS) ChangeMessageVisibility(input *ChangeMessageVisibilityInput) (*ChangeMessageVisibilityOutput, error)
func (*SQS) DeleteMessage(input *DeleteMessageInput) (*DeleteMessageOutput, error)
func (*SQS) DeleteMessageBatch(input *DeleteMessageBatchInput) (*DeleteMessageBatchOutput, error)
func (*SQS) DeleteMessageWithContext(ctx aws.Context, input *DeleteMessageInput, opts ...request.Option) (*DeleteMessageOutput, error)
func (*SQS) GetQueueAttributes(input *GetQueueAttributesInput) (*GetQueueAttributesOutput, error)
func (*SQS) GetQueueUrl(input *GetQueueUrlInput) (*GetQueueUrlOutput, error)
func (*SQS) ReceiveMessage(input *ReceiveMessageInput) (*ReceiveMessageOutput, error)
func (*SQS) ReceiveMessageWithContext(ctx aws.Context, input *ReceiveMessageInput, opts ...request.Option) (*ReceiveMessageOutput, error)
func (*SQS) SendMessage(input *SendMessageInput) (*SendMessageOutput, error)
func (*SQS) SendMessageBatch(input *SendMessageBatchInput) (*SendMessageBatchOutput, error)
func (*SQS) SendMessageWithContext(ctx aws.Context, input *SendMessageInput, opts ...request.Option) (*SendMessageOutput, error)

type SendMessageBatchInput struct{}

type SendMessageBatchOutput struct{}

type SendMessageInput struct{}

type SendMessageOutput struct{}
