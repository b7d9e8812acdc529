// Package ec2 is a stub: the functions of v1.344.2 that blocking.txt names, and the
// types in their signatures.
package ec2

import (
	"context"
)

type Client struct{}

func (*Client) CreateTags(ctx context.Context, params *CreateTagsInput, optFns ...func(*Options)) (*CreateTagsOutput, error)
func (*Client) DescribeImages(ctx context.Context, params *DescribeImagesInput, optFns ...func(*Options)) (*DescribeImagesOutput, error)
func (*Client) DescribeInstances(ctx context.Context, params *DescribeInstancesInput, optFns ...func(*Options)) (*DescribeInstancesOutput, error)
func (*Client) DescribeSecurityGroups(ctx context.Context, params *DescribeSecurityGroupsInput, optFns ...func(*Options)) (*DescribeSecurityGroupsOutput, error)
func (*Client) DescribeSubnets(ctx context.Context, params *DescribeSubnetsInput, optFns ...func(*Options)) (*DescribeSubnetsOutput, error)
func (*Client) DescribeVolumes(ctx context.Context, params *DescribeVolumesInput, optFns ...func(*Options)) (*DescribeVolumesOutput, error)
func (*Client) RunInstances(ctx context.Context, params *RunInstancesInput, optFns ...func(*Options)) (*RunInstancesOutput, error)
func (*Client) StartInstances(ctx context.Context, params *StartInstancesInput, optFns ...func(*Options)) (*StartInstancesOutput, error)
func (*Client) StopInstances(ctx context.Context, params *StopInstancesInput, optFns ...func(*Options)) (*StopInstancesOutput, error)
func (*Client) TerminateInstances(ctx context.Context, params *TerminateInstancesInput, optFns ...func(*Options)) (*TerminateInstancesOutput, error)

type CreateTagsInput struct{}

type CreateTagsOutput struct{}

type DescribeImagesInput struct{}

type DescribeImagesOutput struct{}

type DescribeInstancesInput struct{}

type DescribeInstancesOutput struct{}

type DescribeSecurityGroupsInput struct{}

type DescribeSecurityGroupsOutput struct{}

type DescribeSubnetsInput struct{}

type DescribeSubnetsOutput struct{}

type DescribeVolumesInput struct{}

type DescribeVolumesOutput struct{}

type Options struct{}

type RunInstancesInput struct{}

type RunInstancesOutput struct{}

type StartInstancesInput struct{}

type StartInstancesOutput struct{}

type StopInstancesInput struct{}

type StopInstancesOutput struct{}

type TerminateInstancesInput struct{}

type TerminateInstancesOutput struct{}
