// Package request is a stub: types of v1.55.8 that other stubs need.
package request

type Option func(*Request)

type Request struct{}
