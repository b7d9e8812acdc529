// Package network is a stub: types of v28.5.2+incompatible that other stubs need.
package network

type CreateOptions struct{}

type CreateResponse struct{}

type EndpointSettings struct{}

type Inspect struct{}

type InspectOptions struct{}

type ListOptions struct{}

type NetworkingConfig struct{}

type Summary = Inspect
