// Package metric is a stub: the functions of v1.47.0 that blocking.txt names, and the
// types in their signatures.
package metric

import (
	"context"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

type Exporter interface {
	Export(context.Context, *metricdata.ResourceMetrics) error
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

type MeterProvider struct{}

func (*MeterProvider) ForceFlush(ctx context.Context) error
func (*MeterProvider) Shutdown(ctx context.Context) error

type PeriodicReader struct{}

func (*PeriodicReader) ForceFlush(ctx context.Context) error
func (*PeriodicReader) Shutdown(ctx context.Context) error
