// Package kms is a stub: the functions of v1.62.5 that blocking.txt names, and the
// types in their signatures.
package kms

import (
	"context"
)

type Client struct{}

func (*Client) CreateKey(ctx context.Context, params *CreateKeyInput, optFns ...func(*Options)) (*CreateKeyOutput, error)
func (*Client) Decrypt(ctx context.Context, params *DecryptInput, optFns ...func(*Options)) (*DecryptOutput, error)
func (*Client) DescribeKey(ctx context.Context, params *DescribeKeyInput, optFns ...func(*Options)) (*DescribeKeyOutput, error)
func (*Client) Encrypt(ctx context.Context, params *EncryptInput, optFns ...func(*Options)) (*EncryptOutput, error)
func (*Client) GenerateDataKey(ctx context.Context, params *GenerateDataKeyInput, optFns ...func(*Options)) (*GenerateDataKeyOutput, error)
func (*Client) GetPublicKey(ctx context.Context, params *GetPublicKeyInput, optFns ...func(*Options)) (*GetPublicKeyOutput, error)
func (*Client) Sign(ctx context.Context, params *SignInput, optFns ...func(*Options)) (*SignOutput, error)
func (*Client) Verify(ctx context.Context, params *VerifyInput, optFns ...func(*Options)) (*VerifyOutput, error)

type CreateKeyInput struct{}

type CreateKeyOutput struct{}

type DecryptInput struct{}

type DecryptOutput struct{}

type DescribeKeyInput struct{}

type DescribeKeyOutput struct{}

type EncryptInput struct{}

type EncryptOutput struct{}

type GenerateDataKeyInput struct{}

type GenerateDataKeyOutput struct{}

type GetPublicKeyInput struct{}

type GetPublicKeyOutput struct{}

type Options struct{}

type SignInput struct{}

type SignOutput struct{}

type VerifyInput struct{}

type VerifyOutput struct{}
