// Package storage is a stub: types of v5.19.3 that other stubs need.
package storage

type Storer interface{}
