// Package v1 is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"

	"k8s.io/api/discovery/v1"
	v12 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type EndpointSliceInterface interface {
	Create(ctx context.Context, endpointSlice *v1.EndpointSlice, opts v12.CreateOptions) (*v1.EndpointSlice, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.EndpointSlice, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.EndpointSliceList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.EndpointSlice, err error)
	Update(ctx context.Context, endpointSlice *v1.EndpointSlice, opts v12.UpdateOptions) (*v1.EndpointSlice, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}
