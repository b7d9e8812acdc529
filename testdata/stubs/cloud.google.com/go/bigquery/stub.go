// Package bigquery is a stub: the functions of v1.86.2 that blocking.txt names, and the
// types in their signatures.
package bigquery

import (
	"context"

	"google.golang.org/api/option"
)

func NewClient(ctx context.Context, projectID string, opts ...option.ClientOption) (*Client, error)

type Client struct{}

type Copier struct{}

func (*Copier) Run(ctx context.Context) (*Job, error)

type Dataset struct{}

func (*Dataset) Create(ctx context.Context, md *DatasetMetadata) (err error)
func (*Dataset) Delete(ctx context.Context) (err error)
func (*Dataset) Metadata(ctx context.Context) (md *DatasetMetadata, err error)
func (*Dataset) Update(ctx context.Context, dm DatasetMetadataToUpdate, etag string) (md *DatasetMetadata, err error)

type DatasetMetadata struct{}

type DatasetMetadataToUpdate struct{}

type Extractor struct{}

func (*Extractor) Run(ctx context.Context) (j *Job, err error)

type Inserter struct{}

func (*Inserter) Put(ctx context.Context, src any) (err error)

type Job struct{}

func (*Job) Cancel(ctx context.Context) error
func (*Job) Read(ctx context.Context) (ri *RowIterator, err error)
func (*Job) Status(ctx context.Context) (js *JobStatus, err error)
func (*Job) Wait(ctx context.Context) (js *JobStatus, err error)

type JobStatus struct{}

type Loader struct{}

func (*Loader) Run(ctx context.Context) (j *Job, err error)

type Query struct{}

func (*Query) Read(ctx context.Context) (it *RowIterator, err error)
func (*Query) Run(ctx context.Context) (j *Job, err error)

type RowIterator struct{}

func (*RowIterator) Next(dst any) error

type Table struct{}

func (*Table) Create(ctx context.Context, tm *TableMetadata) (err error)
func (*Table) Delete(ctx context.Context) (err error)
func (*Table) Metadata(ctx context.Context, opts ...TableMetadataOption) (md *TableMetadata, err error)
func (*Table) Update(ctx context.Context, tm TableMetadataToUpdate, etag string, opts ...TableUpdateOption) (md *TableMetadata, err error)

type TableMetadata struct{}

type TableMetadataOption func(*tableGetCall)

type TableMetadataToUpdate struct{}

type TableUpdateOption func(*tablePatchCall)

type tableGetCall struct{}

type tablePatchCall struct{}
