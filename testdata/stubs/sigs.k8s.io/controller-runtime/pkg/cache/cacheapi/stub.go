// Package cacheapi is a stub: types of v0.25.2 that other stubs need.
package cacheapi

type Object interface{}
