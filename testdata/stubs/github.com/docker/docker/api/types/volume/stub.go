// Package volume is a stub: types of v28.5.2+incompatible that other stubs need.
package volume

type CreateOptions struct{}

type ListOptions struct{}

type ListResponse struct{}

type Volume struct{}
