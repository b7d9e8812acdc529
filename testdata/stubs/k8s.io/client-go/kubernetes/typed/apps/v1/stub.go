// Package v1 is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"

	"k8s.io/api/apps/v1"
	v12 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type DaemonSetInterface interface {
	Create(ctx context.Context, daemonSet *v1.DaemonSet, opts v12.CreateOptions) (*v1.DaemonSet, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.DaemonSet, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.DaemonSetList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.DaemonSet, err error)
	Update(ctx context.Context, daemonSet *v1.DaemonSet, opts v12.UpdateOptions) (*v1.DaemonSet, error)
	UpdateStatus(ctx context.Context, daemonSet *v1.DaemonSet, opts v12.UpdateOptions) (*v1.DaemonSet, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type DeploymentInterface interface {
	Create(ctx context.Context, deployment *v1.Deployment, opts v12.CreateOptions) (*v1.Deployment, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Deployment, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.DeploymentList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Deployment, err error)
	Update(ctx context.Context, deployment *v1.Deployment, opts v12.UpdateOptions) (*v1.Deployment, error)
	UpdateStatus(ctx context.Context, deployment *v1.Deployment, opts v12.UpdateOptions) (*v1.Deployment, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type ReplicaSetInterface interface {
	Create(ctx context.Context, replicaSet *v1.ReplicaSet, opts v12.CreateOptions) (*v1.ReplicaSet, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.ReplicaSet, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.ReplicaSetList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.ReplicaSet, err error)
	Update(ctx context.Context, replicaSet *v1.ReplicaSet, opts v12.UpdateOptions) (*v1.ReplicaSet, error)
	UpdateStatus(ctx context.Context, replicaSet *v1.ReplicaSet, opts v12.UpdateOptions) (*v1.ReplicaSet, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type StatefulSetInterface interface {
	Create(ctx context.Context, statefulSet *v1.StatefulSet, opts v12.CreateOptions) (*v1.StatefulSet, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.StatefulSet, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.StatefulSetList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.StatefulSet, err error)
	Update(ctx context.Context, statefulSet *v1.StatefulSet, opts v12.UpdateOptions) (*v1.StatefulSet, error)
	UpdateStatus(ctx context.Context, statefulSet *v1.StatefulSet, opts v12.UpdateOptions) (*v1.StatefulSet, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}
