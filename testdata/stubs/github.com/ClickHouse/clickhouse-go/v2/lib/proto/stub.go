// Package proto is a stub: types of v2.50.0 that other stubs need.
package proto

type ServerHandshake struct{}
