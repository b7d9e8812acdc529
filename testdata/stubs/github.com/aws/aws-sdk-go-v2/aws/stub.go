// Package aws is a stub: types of v1.47.8 that other stubs need.
package aws

type Config struct{}
