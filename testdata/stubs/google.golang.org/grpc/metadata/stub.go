// Package metadata is a stub: types of v1.85.0 that other stubs need.
package metadata

type MD map[string][]string
