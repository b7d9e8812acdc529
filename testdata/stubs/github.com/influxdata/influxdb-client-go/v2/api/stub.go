// Package api is a stub: the functions of v2.14.0 that blocking.txt names, and the
// types in their signatures.
package api

import (
	"context"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/write"
	"github.com/influxdata/influxdb-client-go/v2/domain"
)

type DeleteAPI interface {
	Delete(ctx context.Context, org *domain.Organization, bucket *domain.Bucket, start time.Time, stop time.Time, predicate string) error
	DeleteWithID(ctx context.Context, orgID string, bucketID string, start time.Time, stop time.Time, predicate string) error
	DeleteWithName(ctx context.Context, orgName string, bucketName string, start time.Time, stop time.Time, predicate string) error
}

type QueryAPI interface {
	Query(ctx context.Context, query string) (*QueryTableResult, error)
	QueryRaw(ctx context.Context, query string, dialect *domain.Dialect) (string, error)
	QueryWithParams(ctx context.Context, query string, params interface{}) (*QueryTableResult, error)
}

type QueryTableResult struct{}

func (*QueryTableResult) Next() bool

type WriteAPI interface {
	Flush()
	WritePoint(point *write.Point)
	WriteRecord(line string)
}

type WriteAPIBlocking interface {
	Flush(ctx context.Context) error
	WritePoint(ctx context.Context, point ...*write.Point) error
	WriteRecord(ctx context.Context, line ...string) error
}
