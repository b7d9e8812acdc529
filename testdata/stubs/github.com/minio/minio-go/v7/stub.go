// Package minio is a stub: the functions of v7.4.1 that blocking.txt names, and the
// types in their signatures.
package minio

import (
	"context"
	"io"
	"net/http"
)

type BucketInfo struct{}

type Client struct{}

func (*Client) BucketExists(ctx context.Context, bucketName string) (bool, error)
func (*Client) ComposeObject(ctx context.Context, dst CopyDestOptions, srcs ...CopySrcOptions) (UploadInfo, error)
func (*Client) CopyObject(ctx context.Context, dst CopyDestOptions, src CopySrcOptions) (UploadInfo, error)
func (*Client) FGetObject(ctx context.Context, bucketName string, objectName string, filePath string, opts GetObjectOptions) error
func (*Client) FPutObject(ctx context.Context, bucketName string, objectName string, filePath string, opts PutObjectOptions) (info UploadInfo, err error)
func (*Client) GetBucketLocation(ctx context.Context, bucketName string) (string, error)
func (*Client) GetBucketPolicy(ctx context.Context, bucketName string) (string, error)
func (*Client) GetObject(ctx context.Context, bucketName string, objectName string, opts GetObjectOptions) (*Object, error)
func (*Client) ListBuckets(ctx context.Context) ([]BucketInfo, error)
func (*Client) MakeBucket(ctx context.Context, bucketName string, opts MakeBucketOptions) (err error)
func (*Client) PutObject(ctx context.Context, bucketName string, objectName string, reader io.Reader, size int64, opts PutObjectOptions) (info UploadInfo, err error)
func (*Client) RemoveBucket(ctx context.Context, bucketName string) error
func (*Client) RemoveObject(ctx context.Context, bucketName string, objectName string, opts RemoveObjectOptions) error
func (*Client) SetBucketPolicy(ctx context.Context, bucketName string, policy string) error
func (*Client) StatObject(ctx context.Context, bucketName string, objectName string, opts StatObjectOptions) (ObjectInfo, error)

type CompletePart struct{}

type CopyDestOptions struct{}

type CopySrcOptions struct{}

type Core struct{}

func (Core) AbortMultipartUpload(ctx context.Context, bucket string, object string, uploadID string) error
func (Core) CompleteMultipartUpload(ctx context.Context, bucket string, object string, uploadID string, parts []CompletePart, opts PutObjectOptions) (UploadInfo, error)
func (Core) CopyObject(ctx context.Context, sourceBucket string, sourceObject string, destBucket string, destObject string, metadata map[string]string, srcOpts CopySrcOptions, dstOpts PutObjectOptions) (ObjectInfo, error)
func (Core) GetObject(ctx context.Context, bucketName string, objectName string, opts GetObjectOptions) (io.ReadCloser, ObjectInfo, http.Header, error)
func (Core) ListObjectParts(ctx context.Context, bucket string, object string, uploadID string, partNumberMarker int, maxParts int) (result ListObjectPartsResult, err error)
func (Core) ListObjects(bucket string, prefix string, marker string, delimiter string, maxKeys int) (result ListBucketResult, err error)
func (Core) ListObjectsV2(bucketName string, objectPrefix string, startAfter string, continuationToken string, delimiter string, maxkeys int) (ListBucketV2Result, error)
func (Core) NewMultipartUpload(ctx context.Context, bucket string, object string, opts PutObjectOptions) (uploadID string, err error)
func (Core) PutObject(ctx context.Context, bucket string, object string, data io.Reader, size int64, md5Base64 string, sha256Hex string, opts PutObjectOptions) (UploadInfo, error)
func (Core) PutObjectPart(ctx context.Context, bucket string, object string, uploadID string, partID int, data io.Reader, size int64, opts PutObjectPartOptions) (ObjectPart, error)

type GetObjectOptions struct{}

type ListBucketResult struct{}

type ListBucketV2Result struct{}

type ListObjectPartsResult struct{}

type MakeBucketOptions struct{}

type Object struct{}

func (*Object) Close() (err error)
func (*Object) Read(b []byte) (n int, err error)
func (*Object) ReadAt(b []byte, offset int64) (n int, err error)
func (*Object) Seek(offset int64, whence int) (n int64, err error)
func (*Object) Stat() (ObjectInfo, error)

type ObjectInfo struct{}

type ObjectPart struct{}

type PutObjectOptions struct{}

type PutObjectPartOptions struct{}

type RemoveObjectOptions struct{}

type StatObjectOptions = GetObjectOptions

type UploadInfo struct{}
