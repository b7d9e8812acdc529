// Package sts is a stub: the functions of v1.51.9 that blocking.txt names, and the
// types in their signatures.
package sts

import (
	"context"
)

type AssumeRoleInput struct{}

type AssumeRoleOutput struct{}

type AssumeRoleWithWebIdentityInput struct{}

type AssumeRoleWithWebIdentityOutput struct{}

type Client struct{}

func (*Client) AssumeRole(ctx context.Context, params *AssumeRoleInput, optFns ...func(*Options)) (*AssumeRoleOutput, error)
func (*Client) AssumeRoleWithWebIdentity(ctx context.Context, params *AssumeRoleWithWebIdentityInput, optFns ...func(*Options)) (*AssumeRoleWithWebIdentityOutput, error)
func (*Client) GetCallerIdentity(ctx context.Context, params *GetCallerIdentityInput, optFns ...func(*Options)) (*GetCallerIdentityOutput, error)

type GetCallerIdentityInput struct{}

type GetCallerIdentityOutput struct{}

type Options struct{}
