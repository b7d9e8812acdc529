// Package metricdata is a stub: types of v1.47.0 that other stubs need.
package metricdata

type ResourceMetrics struct{}
