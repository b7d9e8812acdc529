// Package s3 is a stub: the functions of v1.114.9 that blocking.txt names, and the
// types in their signatures.
package s3

import (
	"context"
)

type AbortMultipartUploadInput struct{}

type AbortMultipartUploadOutput struct{}

type Client struct{}

func (*Client) AbortMultipartUpload(ctx context.Context, params *AbortMultipartUploadInput, optFns ...func(*Options)) (*AbortMultipartUploadOutput, error)
func (*Client) CompleteMultipartUpload(ctx context.Context, params *CompleteMultipartUploadInput, optFns ...func(*Options)) (*CompleteMultipartUploadOutput, error)
func (*Client) CopyObject(ctx context.Context, params *CopyObjectInput, optFns ...func(*Options)) (*CopyObjectOutput, error)
func (*Client) CreateBucket(ctx context.Context, params *CreateBucketInput, optFns ...func(*Options)) (*CreateBucketOutput, error)
func (*Client) CreateMultipartUpload(ctx context.Context, params *CreateMultipartUploadInput, optFns ...func(*Options)) (*CreateMultipartUploadOutput, error)
func (*Client) DeleteBucket(ctx context.Context, params *DeleteBucketInput, optFns ...func(*Options)) (*DeleteBucketOutput, error)
func (*Client) DeleteObject(ctx context.Context, params *DeleteObjectInput, optFns ...func(*Options)) (*DeleteObjectOutput, error)
func (*Client) DeleteObjects(ctx context.Context, params *DeleteObjectsInput, optFns ...func(*Options)) (*DeleteObjectsOutput, error)
func (*Client) GetBucketLocation(ctx context.Context, params *GetBucketLocationInput, optFns ...func(*Options)) (*GetBucketLocationOutput, error)
func (*Client) GetObject(ctx context.Context, params *GetObjectInput, optFns ...func(*Options)) (*GetObjectOutput, error)
func (*Client) HeadBucket(ctx context.Context, params *HeadBucketInput, optFns ...func(*Options)) (*HeadBucketOutput, error)
func (*Client) HeadObject(ctx context.Context, params *HeadObjectInput, optFns ...func(*Options)) (*HeadObjectOutput, error)
func (*Client) ListBuckets(ctx context.Context, params *ListBucketsInput, optFns ...func(*Options)) (*ListBucketsOutput, error)
func (*Client) ListObjectVersions(ctx context.Context, params *ListObjectVersionsInput, optFns ...func(*Options)) (*ListObjectVersionsOutput, error)
func (*Client) ListObjects(ctx context.Context, params *ListObjectsInput, optFns ...func(*Options)) (*ListObjectsOutput, error)
func (*Client) ListObjectsV2(ctx context.Context, params *ListObjectsV2Input, optFns ...func(*Options)) (*ListObjectsV2Output, error)
func (*Client) ListParts(ctx context.Context, params *ListPartsInput, optFns ...func(*Options)) (*ListPartsOutput, error)
func (*Client) PutObject(ctx context.Context, params *PutObjectInput, optFns ...func(*Options)) (*PutObjectOutput, error)
func (*Client) UploadPart(ctx context.Context, params *UploadPartInput, optFns ...func(*Options)) (*UploadPartOutput, error)
func (*Client) UploadPartCopy(ctx context.Context, params *UploadPartCopyInput, optFns ...func(*Options)) (*UploadPartCopyOutput, error)

type CompleteMultipartUploadInput struct{}

type CompleteMultipartUploadOutput struct{}

type CopyObjectInput struct{}

type CopyObjectOutput struct{}

type CreateBucketInput struct{}

type CreateBucketOutput struct{}

type CreateMultipartUploadInput struct{}

type CreateMultipartUploadOutput struct{}

type DeleteBucketInput struct{}

type DeleteBucketOutput struct{}

type DeleteObjectInput struct{}

type DeleteObjectOutput struct{}

type DeleteObjectsInput struct{}

type DeleteObjectsOutput struct{}

type GetBucketLocationInput struct{}

type GetBucketLocationOutput struct{}

type GetObjectInput struct{}

type GetObjectOutput struct{}

type HeadBucketInput struct{}

type HeadBucketOutput struct{}

type HeadObjectInput struct{}

type HeadObjectOutput struct{}

type ListBucketsInput struct{}

type ListBucketsOutput struct{}

type ListObjectVersionsInput struct{}

type ListObjectVersionsOutput struct{}

type ListObjectsInput struct{}

type ListObjectsOutput struct{}

type ListObjectsV2Input struct{}

type ListObjectsV2Output struct{}

type ListObjectsV2Paginator struct{}

func (*ListObjectsV2Paginator) NextPage(ctx context.Context, optFns ...func(*Options)) (*ListObjectsV2Output, error)

type ListPartsInput struct{}

type ListPartsOutput struct{}

type Options struct{}

type PutObjectInput struct{}

type PutObjectOutput struct{}

type UploadPartCopyInput struct{}

type UploadPartCopyOutput struct{}

type UploadPartInput struct{}

type UploadPartOutput struct{}
