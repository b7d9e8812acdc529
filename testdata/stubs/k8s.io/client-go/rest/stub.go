// Package rest is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package rest

import (
	"context"
	"io"
	"net/http"

	"k8s.io/apimachinery/pkg/watch"
)

func InClusterConfig() (*Config, error)

type Config struct{}

type HTTPClient interface {
	Do(req *http.Request) (*http.Response, error)
}

type Request struct{}

func (*Request) Do(ctx context.Context) Result
func (*Request) DoRaw(ctx context.Context) ([]byte, error)
func (*Request) Stream(ctx context.Context) (io.ReadCloser, error)
func (*Request) Watch(ctx context.Context) (watch.Interface, error)

type Result struct{}
