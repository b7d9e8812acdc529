// Package s3 is a stub: the functions of v1.55.8 that blocking.txt names, and the
// types in their signatures.
package s3

import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/request"
)

type AbortMultipartUploadInput struct{}

type AbortMultipartUploadOutput struct{}

type CompleteMultipartUploadInput struct{}

type CompleteMultipartUploadOutput struct{}

type CopyObjectInput struct{}

type CopyObjectOutput struct{}

type CreateBucketInput struct{}

type CreateBucketOutput struct{}

type CreateMultipartUploadInput struct{}

type CreateMultipartUploadOutput struct{}

type DeleteObjectInput struct{}

type DeleteObjectOutput struct{}

type DeleteObjectsInput struct{}

type DeleteObjectsOutput struct{}

type GetObjectInput struct{}

type GetObjectOutput struct{}

type HeadBucketInput struct{}

type HeadBucketOutput struct{}

type HeadObjectInput struct{}

type HeadObjectOutput struct{}

type ListBucketsInput struct{}

type ListBucketsOutput struct{}

type ListObjectsInput struct{}

type ListObjectsOutput struct{}

type ListObjectsV2Input struct{}

type ListObjectsV2Output struct{}

type PutObjectInput struct{}

type PutObjectOutput struct{}

type S3 struct{}

func (*S3) AbortMultipartUpload(input *AbortMultipartUploadInput) (*AbortMultipartUploadOutput, error)
func (*S3) AbortMultipartUploadWithContext(ctx aws.Context, input *AbortMultipartUploadInput, opts ...request.Option) (*AbortMultipartUploadOutput, error)
func (*S3) CompleteMultipartUpload(input *CompleteMultipartUploadInput) (*CompleteMultipartUploadOutput, error)
func (*S3) CompleteMultipartUploadWithContext(ctx aws.Context, input *CompleteMultipartUploadInput, opts ...request.Option) (*CompleteMultipartUploadOutput, error)
func (*S3) CopyObject(input *CopyObjectInput) (*CopyObjectOutput, error)
func (*S3) CopyObjectWithContext(ctx aws.Context, input *CopyObjectInput, opts ...request.Option) (*CopyObjectOutput, error)
func (*S3) CreateBucket(input *CreateBucketInput) (*CreateBucketOutput, error)
func (*S3) CreateBucketWithContext(ctx aws.Context, input *CreateBucketInput, opts ...request.Option) (*CreateBucketOutput, error)
func (*S3) CreateMultipartUpload(input *CreateMultipartUploadInput) (*CreateMultipartUploadOutput, error)
func (*S3) CreateMultipartUploadWithContext(ctx aws.Context, input *CreateMultipartUploadInput, opts ...request.Option) (*CreateMultipartUploadOutput, error)
func (*S3) DeleteObject(input *DeleteObjectInput) (*DeleteObjectOutput, error)
func (*S3) DeleteObjectWithContext(ctx aws.Context, input *DeleteObjectInput, opts ...request.Option) (*DeleteObjectOutput, error)
func (*S3) DeleteObjects(input *DeleteObjectsInput) (*DeleteObjectsOutput, error)
func (*S3) DeleteObjectsWithContext(ctx aws.Context, input *DeleteObjectsInput, opts ...request.Option) (*DeleteObjectsOutput, error)
func (*S3) GetObject(input *GetObjectInput) (*GetObjectOutput, error)
func (*S3) GetObjectWithContext(ctx aws.Context, input *GetObjectInput, opts ...request.Option) (*GetObjectOutput, error)
func (*S3) HeadBucket(input *HeadBucketInput) (*HeadBucketOutput, error)
func (*S3) HeadBucketWithContext(ctx aws.Context, input *HeadBucketInput, opts ...request.Option) (*HeadBucketOutput, error)
func (*S3) HeadObject(input *HeadObjectInput) (*HeadObjectOutput, error)
func (*S3) HeadObjectWithContext(ctx aws.Context, input *HeadObjectInput, opts ...request.Option) (*HeadObjectOutput, error)
func (*S3) ListBuckets(input *ListBucketsInput) (*ListBucketsOutput, error)
func (*S3) ListBucketsWithContext(ctx aws.Context, input *ListBucketsInput, opts ...request.Option) (*ListBucketsOutput, error)
func (*S3) ListObjects(input *ListObjectsInput) (*ListObjectsOutput, error)
func (*S3) ListObjectsPages(input *ListObjectsInput, fn func(*ListObjectsOutput, bool) bool) error
func (*S3) ListObjectsV2(input *ListObjectsV2Input) (*ListObjectsV2Output, error)
func (*S3) ListObjectsV2Pages(input *ListObjectsV2Input, fn func(*ListObjectsV2Output, bool) bool) error
func (*S3) ListObjectsV2WithContext(ctx aws.Context, input *ListObjectsV2Input, opts ...request.Option) (*ListObjectsV2Output, error)
func (*S3) ListObjectsWithContext(ctx aws.Context, input *ListObjectsInput, opts ...request.Option) (*ListObjectsOutput, error)
func (*S3) PutObject(input *PutObjectInput) (*PutObjectOutput, error)
func (*S3) PutObjectWithContext(ctx aws.Context, input *PutObjectInput, opts ...request.Option) (*PutObjectOutput, error)
func (*S3) UploadPart(input *UploadPartInput) (*UploadPartOutput, error)
func (*S3) UploadPartWithContext(ctx aws.Context, input *UploadPartInput, opts ...request.Option) (*UploadPartOutput, error)

type UploadPartInput struct{}

type UploadPartOutput struct{}
