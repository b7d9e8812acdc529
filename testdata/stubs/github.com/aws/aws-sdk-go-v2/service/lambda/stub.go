// Package lambda is a stub: the functions of v1.114.3 that blocking.txt names, and the
// types in their signatures.
package lambda

import (
	"context"
)

type Client struct{}

func (*Client) GetFunction(ctx context.Context, params *GetFunctionInput, optFns ...func(*Options)) (*GetFunctionOutput, error)
func (*Client) Invoke(ctx context.Context, params *InvokeInput, optFns ...func(*Options)) (*InvokeOutput, error)
func (*Client) ListFunctions(ctx context.Context, params *ListFunctionsInput, optFns ...func(*Options)) (*ListFunctionsOutput, error)

type GetFunctionInput struct{}

type GetFunctionOutput struct{}

type InvokeInput struct{}

type InvokeOutput struct{}

type ListFunctionsInput struct{}

type ListFunctionsOutput struct{}

type Options struct{}
