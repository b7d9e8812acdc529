// Package types is a stub: types of v0.37.2 that other stubs need.
package types

type NamespacedName struct{}

type PatchType string
