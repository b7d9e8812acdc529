// Package v1 is a stub: types of v0.37.2 that other stubs need.
package v1

type Binding struct{}

type ConfigMap struct{}

type ConfigMapList struct{}

type Endpoints struct{}

type EndpointsList struct{}

type Event struct{}

type EventList struct{}

type Namespace struct{}

type NamespaceList struct{}

type Node struct{}

type NodeList struct{}

type PersistentVolume struct{}

type PersistentVolumeClaim struct{}

type PersistentVolumeClaimList struct{}

type PersistentVolumeList struct{}

type Pod struct{}

type PodList struct{}

type Secret struct{}

type SecretList struct{}

type Service struct{}

type ServiceAccount struct{}

type ServiceAccountList struct{}

type ServiceList struct{}
