// Package ssm is a stub: the functions of v1.82.0 that blocking.txt names, and the
// types in their signatures.
package ssm

import (
	"context"
)

type Client struct{}

func (*Client) GetParameter(ctx context.Context, params *GetParameterInput, optFns ...func(*Options)) (*GetParameterOutput, error)
func (*Client) GetParameters(ctx context.Context, params *GetParametersInput, optFns ...func(*Options)) (*GetParametersOutput, error)
func (*Client) GetParametersByPath(ctx context.Context, params *GetParametersByPathInput, optFns ...func(*Options)) (*GetParametersByPathOutput, error)
func (*Client) PutParameter(ctx context.Context, params *PutParameterInput, optFns ...func(*Options)) (*PutParameterOutput, error)
func (*Client) SendCommand(ctx context.Context, params *SendCommandInput, optFns ...func(*Options)) (*SendCommandOutput, error)

type GetParameterInput struct{}

type GetParameterOutput struct{}

type GetParametersByPathInput struct{}

type GetParametersByPathOutput struct{}

type GetParametersInput struct{}

type GetParametersOutput struct{}

type Options struct{}

type PutParameterInput struct{}

type PutParameterOutput struct{}

type SendCommandInput struct{}

type SendCommandOutput struct{}
