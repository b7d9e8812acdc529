// Package manager is a stub: the functions of v1.23.22 that blocking.txt names, and the
// types in their signatures.
package manager

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func GetBucketRegion(ctx context.Context, client HeadBucketAPIClient, bucket string, optFns ...func(*s3.Options)) (string, error)

type Downloader struct{}

func (Downloader) Download(ctx context.Context, w io.WriterAt, input *s3.GetObjectInput, options ...func(*Downloader)) (n int64, err error)

type HeadBucketAPIClient interface{}

type UploadOutput struct{}

type Uploader struct{}

func (Uploader) Upload(ctx context.Context, input *s3.PutObjectInput, opts ...func(*Uploader)) (*UploadOutput, error)
