// Package s3manager is a stub: the functions of v1.55.8 that blocking.txt names, and the
// types in their signatures.
package s3manager

import (
	"io"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/s3"
)

type Downloader struct{}

func (Downloader) Download(w io.WriterAt, input *s3.GetObjectInput, options ...func(*Downloader)) (n int64, err error)
func (Downloader) DownloadWithContext(ctx aws.Context, w io.WriterAt, input *s3.GetObjectInput, options ...func(*Downloader)) (n int64, err error)

type UploadInput struct{}

type UploadOutput struct{}

type Uploader struct{}

func (Uploader) Upload(input *UploadInput, options ...func(*Uploader)) (*UploadOutput, error)
func (Uploader) UploadWithContext(ctx aws.Context, input *UploadInput, opts ...func(*Uploader)) (*UploadOutput, error)
