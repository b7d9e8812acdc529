// Package client is a stub: the functions of v0.25.2 that blocking.txt names, and the
// types in their signatures.
package client

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/cache/cacheapi"
)

type CreateOption interface{}

type DeleteAllOfOption interface{}

type DeleteOption interface{}

type GetOption interface{}

type ListOption interface{}

type Object = cacheapi.Object

type ObjectKey = types.NamespacedName

type ObjectList interface{}

type Patch interface{}

type PatchOption interface{}

type Reader interface {
	Get(ctx context.Context, key ObjectKey, obj Object, opts ...GetOption) error
	List(ctx context.Context, list ObjectList, opts ...ListOption) error
}

type SubResourceCreateOption interface{}

type SubResourceGetOption interface{}

type SubResourcePatchOption interface{}

type SubResourceReader interface {
	Get(ctx context.Context, obj Object, subResource Object, opts ...SubResourceGetOption) error
}

type SubResourceUpdateOption interface{}

type SubResourceWriter interface {
	Create(ctx context.Context, obj Object, subResource Object, opts ...SubResourceCreateOption) error
	Patch(ctx context.Context, obj Object, patch Patch, opts ...SubResourcePatchOption) error
	Update(ctx context.Context, obj Object, opts ...SubResourceUpdateOption) error
}

type UpdateOption interface{}

type WithWatch interface {
	Watch(ctx context.Context, obj ObjectList, opts ...ListOption) (watch.Interface, error)
}

type Writer interface {
	Create(ctx context.Context, obj Object, opts ...CreateOption) error
	Delete(ctx context.Context, obj Object, opts ...DeleteOption) error
	DeleteAllOf(ctx context.Context, obj Object, opts ...DeleteAllOfOption) error
	Patch(ctx context.Context, obj Object, patch Patch, opts ...PatchOption) error
	Update(ctx context.Context, obj Object, opts ...UpdateOption) error
}
