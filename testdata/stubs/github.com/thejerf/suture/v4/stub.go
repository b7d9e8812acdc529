// Package suture is a stub: the functions of v4.0.6 that blocking.txt names, and the
// types in their signatures.
package suture

import (
	"context"
	"time"
)

type Service interface {
	Serve(ctx context.Context) error
}

type ServiceToken struct{}

type Supervisor struct{}

func (*Supervisor) Add(service Service) ServiceToken
func (*Supervisor) Remove(id ServiceToken) error
func (*Supervisor) RemoveAndWait(id ServiceToken, timeout time.Duration) error
func (*Supervisor) Serve(ctx context.Context) error
func (*Supervisor) ServeBackground(ctx context.Context) <-chan error
