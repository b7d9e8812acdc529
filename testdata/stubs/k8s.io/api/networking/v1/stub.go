// Package v1 is a stub: types of v0.37.2 that other stubs need.
package v1

type Ingress struct{}

type IngressList struct{}

type NetworkPolicy struct{}

type NetworkPolicyList struct{}
