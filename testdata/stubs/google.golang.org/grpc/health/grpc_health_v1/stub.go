// Package grpc_health_v1 is a stub: the functions of v1.85.0 that blocking.txt names, and the
// types in their signatures.
package grpc_health_v1

import (
	"context"

	"google.golang.org/grpc"
)

type HealthCheckRequest struct{}

type HealthCheckResponse struct{}

type HealthClient interface {
	Check(ctx context.Context, in *HealthCheckRequest, opts ...grpc.CallOption) (*HealthCheckResponse, error)
	Watch(ctx context.Context, in *HealthCheckRequest, opts ...grpc.CallOption) (grpc.ServerStreamingClient[HealthCheckResponse], error)
}
