// Package gentype is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package gentype

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type Client[T objectWithMeta] struct{}

func (*Client[T]) Create(ctx context.Context, obj T, opts v1.CreateOptions) (T, error)
func (*Client[T]) Delete(ctx context.Context, name string, opts v1.DeleteOptions) error
func (*Client[T]) Get(ctx context.Context, name string, options v1.GetOptions) (T, error)
func (*Client[T]) Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v1.PatchOptions, subresources ...string) (T, error)
func (*Client[T]) Update(ctx context.Context, obj T, opts v1.UpdateOptions) (T, error)
func (*Client[T]) UpdateStatus(ctx context.Context, obj T, opts v1.UpdateOptions) (T, error)
func (*Client[T]) Watch(ctx context.Context, opts v1.ListOptions) (watch.Interface, error)

type alsoApplier[T objectWithMeta, C namedObject] struct{}

func (*alsoApplier[T, C]) Apply(ctx context.Context, obj C, opts v1.ApplyOptions) (T, error)
func (*alsoApplier[T, C]) ApplyStatus(ctx context.Context, obj C, opts v1.ApplyOptions) (T, error)

type alsoLister[T objectWithMeta, L runtime.Object] struct{}

func (*alsoLister[T, L]) DeleteCollection(ctx context.Context, opts v1.DeleteOptions, listOpts v1.ListOptions) error
func (*alsoLister[T, L]) List(ctx context.Context, opts v1.ListOptions) (L, error)

type namedObject interface {
	GetName() *string
	comparable
}

type objectWithMeta interface{}
