// Package io_prometheus_client is a stub: types of v0.6.3 that other stubs need.
package io_prometheus_client

type MetricFamily struct{}
