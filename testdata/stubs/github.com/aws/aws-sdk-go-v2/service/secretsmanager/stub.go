// Package secretsmanager is a stub: the functions of v1.50.11 that blocking.txt names, and the
// types in their signatures.
package secretsmanager

import (
	"context"
)

type Client struct{}

func (*Client) CreateSecret(ctx context.Context, params *CreateSecretInput, optFns ...func(*Options)) (*CreateSecretOutput, error)
func (*Client) DeleteSecret(ctx context.Context, params *DeleteSecretInput, optFns ...func(*Options)) (*DeleteSecretOutput, error)
func (*Client) DescribeSecret(ctx context.Context, params *DescribeSecretInput, optFns ...func(*Options)) (*DescribeSecretOutput, error)
func (*Client) GetSecretValue(ctx context.Context, params *GetSecretValueInput, optFns ...func(*Options)) (*GetSecretValueOutput, error)
func (*Client) ListSecrets(ctx context.Context, params *ListSecretsInput, optFns ...func(*Options)) (*ListSecretsOutput, error)
func (*Client) PutSecretValue(ctx context.Context, params *PutSecretValueInput, optFns ...func(*Options)) (*PutSecretValueOutput, error)
func (*Client) UpdateSecret(ctx context.Context, params *UpdateSecretInput, optFns ...func(*Options)) (*UpdateSecretOutput, error)

type CreateSecretInput struct{}

type CreateSecretOutput struct{}

type DeleteSecretInput struct{}

type DeleteSecretOutput struct{}

type DescribeSecretInput struct{}

type DescribeSecretOutput struct{}

type GetSecretValueInput struct{}

type GetSecretValueOutput struct{}

type ListSecretsInput struct{}

type ListSecretsOutput struct{}

type Options struct{}

type PutSecretValueInput struct{}

type PutSecretValueOutput struct{}

type UpdateSecretInput struct{}

type UpdateSecretOutput struct{}
