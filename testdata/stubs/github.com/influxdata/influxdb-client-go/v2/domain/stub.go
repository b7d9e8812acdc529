// Package domain is a stub: types of v2.14.0 that other stubs need.
package domain

type Bucket struct{}

type Dialect struct{}

type HealthCheck struct{}

type Organization struct{}

type Ready struct{}
