// Package config is a stub: the functions of v1.33.16 that blocking.txt names, and the
// types in their signatures.
package config

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func LoadDefaultConfig(ctx context.Context, optFns ...func(*LoadOptions) error) (cfg aws.Config, err error)

type LoadOptions struct{}
