// Package prometheus is a stub: the functions of v1.25.0 that blocking.txt names, and the
// types in their signatures.
package prometheus

import (
	io_prometheus_client "github.com/prometheus/client_model/go"
)

type Gatherer interface {
	Gather() ([]*io_prometheus_client.MetricFamily, error)
}

type Gatherers []Gatherer

func (Gatherers) Gather() ([]*io_prometheus_client.MetricFamily, error)

type Registry struct{}

func (*Registry) Gather() ([]*io_prometheus_client.MetricFamily, error)
