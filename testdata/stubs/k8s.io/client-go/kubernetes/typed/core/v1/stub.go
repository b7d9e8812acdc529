// Package v1 is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"

	"k8s.io/api/core/v1"
	"k8s.io/api/policy/v1beta1"
	v12 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type ConfigMapInterface interface {
	Create(ctx context.Context, configMap *v1.ConfigMap, opts v12.CreateOptions) (*v1.ConfigMap, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.ConfigMap, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.ConfigMapList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.ConfigMap, err error)
	Update(ctx context.Context, configMap *v1.ConfigMap, opts v12.UpdateOptions) (*v1.ConfigMap, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type EndpointsInterface interface {
	Create(ctx context.Context, endpoints *v1.Endpoints, opts v12.CreateOptions) (*v1.Endpoints, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Endpoints, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.EndpointsList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Endpoints, err error)
	Update(ctx context.Context, endpoints *v1.Endpoints, opts v12.UpdateOptions) (*v1.Endpoints, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type EventInterface interface {
	Create(ctx context.Context, event *v1.Event, opts v12.CreateOptions) (*v1.Event, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Event, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.EventList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Event, err error)
	Update(ctx context.Context, event *v1.Event, opts v12.UpdateOptions) (*v1.Event, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type NamespaceInterface interface {
	Create(ctx context.Context, namespace *v1.Namespace, opts v12.CreateOptions) (*v1.Namespace, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Namespace, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.NamespaceList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Namespace, err error)
	Update(ctx context.Context, namespace *v1.Namespace, opts v12.UpdateOptions) (*v1.Namespace, error)
	UpdateStatus(ctx context.Context, namespace *v1.Namespace, opts v12.UpdateOptions) (*v1.Namespace, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type NodeInterface interface {
	Create(ctx context.Context, node *v1.Node, opts v12.CreateOptions) (*v1.Node, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Node, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.NodeList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Node, err error)
	Update(ctx context.Context, node *v1.Node, opts v12.UpdateOptions) (*v1.Node, error)
	UpdateStatus(ctx context.Context, node *v1.Node, opts v12.UpdateOptions) (*v1.Node, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type PersistentVolumeClaimInterface interface {
	Create(ctx context.Context, persistentVolumeClaim *v1.PersistentVolumeClaim, opts v12.CreateOptions) (*v1.PersistentVolumeClaim, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.PersistentVolumeClaim, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.PersistentVolumeClaimList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.PersistentVolumeClaim, err error)
	Update(ctx context.Context, persistentVolumeClaim *v1.PersistentVolumeClaim, opts v12.UpdateOptions) (*v1.PersistentVolumeClaim, error)
	UpdateStatus(ctx context.Context, persistentVolumeClaim *v1.PersistentVolumeClaim, opts v12.UpdateOptions) (*v1.PersistentVolumeClaim, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type PersistentVolumeInterface interface {
	Create(ctx context.Context, persistentVolume *v1.PersistentVolume, opts v12.CreateOptions) (*v1.PersistentVolume, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.PersistentVolume, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.PersistentVolumeList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.PersistentVolume, err error)
	Update(ctx context.Context, persistentVolume *v1.PersistentVolume, opts v12.UpdateOptions) (*v1.PersistentVolume, error)
	UpdateStatus(ctx context.Context, persistentVolume *v1.PersistentVolume, opts v12.UpdateOptions) (*v1.PersistentVolume, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type PodExpansion interface {
	Bind(ctx context.Context, binding *v1.Binding, opts v12.CreateOptions) error
	Evict(ctx context.Context, eviction *v1beta1.Eviction) error
}

type PodInterface interface {
	Create(ctx context.Context, pod *v1.Pod, opts v12.CreateOptions) (*v1.Pod, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Pod, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.PodList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Pod, err error)
	Update(ctx context.Context, pod *v1.Pod, opts v12.UpdateOptions) (*v1.Pod, error)
	UpdateStatus(ctx context.Context, pod *v1.Pod, opts v12.UpdateOptions) (*v1.Pod, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type SecretInterface interface {
	Create(ctx context.Context, secret *v1.Secret, opts v12.CreateOptions) (*v1.Secret, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Secret, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.SecretList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Secret, err error)
	Update(ctx context.Context, secret *v1.Secret, opts v12.UpdateOptions) (*v1.Secret, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type ServiceAccountInterface interface {
	Create(ctx context.Context, serviceAccount *v1.ServiceAccount, opts v12.CreateOptions) (*v1.ServiceAccount, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.ServiceAccount, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.ServiceAccountList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.ServiceAccount, err error)
	Update(ctx context.Context, serviceAccount *v1.ServiceAccount, opts v12.UpdateOptions) (*v1.ServiceAccount, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type ServiceInterface interface {
	Create(ctx context.Context, service *v1.Service, opts v12.CreateOptions) (*v1.Service, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Service, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.ServiceList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Service, err error)
	Update(ctx context.Context, service *v1.Service, opts v12.UpdateOptions) (*v1.Service, error)
	UpdateStatus(ctx context.Context, service *v1.Service, opts v12.UpdateOptions) (*v1.Service, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}
