// Package db is a stub: types of v5.28.4 that other stubs need.
package db

type Record struct{}
