// Package discovery is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package discovery

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

type DiscoveryClient struct{}

func (*DiscoveryClient) ServerGroups() (*v1.APIGroupList, error)
func (*DiscoveryClient) ServerGroupsAndResources() ([]*v1.APIGroup, []*v1.APIResourceList, error)
func (*DiscoveryClient) ServerPreferredResources() ([]*v1.APIResourceList, error)
func (*DiscoveryClient) ServerResourcesForGroupVersion(groupVersion string) (resources *v1.APIResourceList, err error)
func (*DiscoveryClient) ServerVersion() (*version.Info, error)

type ServerGroupsInterface interface {
	ServerGroups() (*v1.APIGroupList, error)
}

type ServerResourcesInterface interface {
	ServerGroupsAndResources() ([]*v1.APIGroup, []*v1.APIResourceList, error)
	ServerPreferredResources() ([]*v1.APIResourceList, error)
	ServerResourcesForGroupVersion(groupVersion string) (*v1.APIResourceList, error)
}

type ServerVersionInterface interface {
	ServerVersion() (*version.Info, error)
}
