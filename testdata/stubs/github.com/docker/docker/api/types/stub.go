// Package types is a stub: types of v28.5.2+incompatible that other stubs need.
package types

type DiskUsage struct{}

type DiskUsageOptions struct{}

type HijackedResponse struct{}

type Ping struct{}

type Version struct{}
