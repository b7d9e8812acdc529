// Package v1 is a stub: types of v0.37.2 that other stubs need.
package v1

type APIGroup struct{}

type APIGroupList struct{}

type APIResourceList struct{}

type ApplyOptions struct{}

type CreateOptions struct{}

type DeleteOptions struct{}

type GetOptions struct{}

type ListOptions struct{}

type PatchOptions struct{}

type UpdateOptions struct{}
