// Package influxdb2 is a stub: the functions of v2.14.0 that blocking.txt names, and the
// types in their signatures.
package influxdb2

import (
	"context"

	"github.com/influxdata/influxdb-client-go/v2/domain"
)

type Client interface {
	Close()
	Health(ctx context.Context) (*domain.HealthCheck, error)
	Ping(ctx context.Context) (bool, error)
	Ready(ctx context.Context) (*domain.Ready, error)
}
