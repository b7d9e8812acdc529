// Package walpb is a stub: types of v3.7.3 that other stubs need.
package walpb

type Snapshot struct{}
