// Package storage is a stub: the functions of v1.70.0 that blocking.txt names, and the
// types in their signatures.
package storage

import (
	"context"
	"io"

	"google.golang.org/api/option"
)

func NewClient(ctx context.Context, opts ...option.ClientOption) (*Client, error)
func NewGRPCClient(ctx context.Context, opts ...option.ClientOption) (*Client, error)

type BucketAttrs struct{}

type BucketAttrsToUpdate struct{}

type BucketHandle struct{}

func (*BucketHandle) Attrs(ctx context.Context) (attrs *BucketAttrs, err error)
func (*BucketHandle) Create(ctx context.Context, projectID string, attrs *BucketAttrs) (err error)
func (*BucketHandle) Delete(ctx context.Context) (err error)
func (*BucketHandle) Update(ctx context.Context, uattrs BucketAttrsToUpdate) (attrs *BucketAttrs, err error)

type BucketIterator struct{}

func (*BucketIterator) Next() (*BucketAttrs, error)

type Client struct{}

type Composer struct{}

func (*Composer) Run(ctx context.Context) (attrs *ObjectAttrs, err error)

type Copier struct{}

func (*Copier) Run(ctx context.Context) (attrs *ObjectAttrs, err error)

type ObjectAttrs struct{}

type ObjectAttrsToUpdate struct{}

type ObjectHandle struct{}

func (*ObjectHandle) Attrs(ctx context.Context) (attrs *ObjectAttrs, err error)
func (*ObjectHandle) Delete(ctx context.Context) (err error)
func (*ObjectHandle) NewRangeReader(ctx context.Context, offset int64, length int64, opts ...ReaderOption) (r *Reader, err error)
func (*ObjectHandle) NewReader(ctx context.Context, opts ...ReaderOption) (*Reader, error)
func (*ObjectHandle) NewWriter(ctx context.Context) *Writer
func (*ObjectHandle) Update(ctx context.Context, uattrs ObjectAttrsToUpdate) (oa *ObjectAttrs, err error)

type ObjectIterator struct{}

func (*ObjectIterator) Next() (*ObjectAttrs, error)

type Reader struct{}

func (*Reader) Read(p []byte) (int, error)
func (*Reader) WriteTo(w io.Writer) (int64, error)

type ReaderOption interface{}

type Writer struct{}

func (*Writer) Close() error
func (*Writer) Flush() (int64, error)
func (*Writer) Write(p []byte) (int, error)
