// Package storage is a stub: types of v1.0.0 that other stubs need.
package storage

type Storage interface{}
