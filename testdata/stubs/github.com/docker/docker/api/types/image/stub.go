// Package image is a stub: types of v28.5.2+incompatible that other stubs need.
package image

type DeleteResponse struct{}

type InspectResponse struct{}

type ListOptions struct{}

type LoadResponse struct{}

type PullOptions struct{}

type PushOptions struct{}

type RemoveOptions struct{}

type Summary struct{}
