// Package v1 is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"

	"k8s.io/api/networking/v1"
	v12 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type IngressInterface interface {
	Create(ctx context.Context, ingress *v1.Ingress, opts v12.CreateOptions) (*v1.Ingress, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Ingress, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.IngressList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Ingress, err error)
	Update(ctx context.Context, ingress *v1.Ingress, opts v12.UpdateOptions) (*v1.Ingress, error)
	UpdateStatus(ctx context.Context, ingress *v1.Ingress, opts v12.UpdateOptions) (*v1.Ingress, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type NetworkPolicyInterface interface {
	Create(ctx context.Context, networkPolicy *v1.NetworkPolicy, opts v12.CreateOptions) (*v1.NetworkPolicy, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.NetworkPolicy, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.NetworkPolicyList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.NetworkPolicy, err error)
	Update(ctx context.Context, networkPolicy *v1.NetworkPolicy, opts v12.UpdateOptions) (*v1.NetworkPolicy, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}
