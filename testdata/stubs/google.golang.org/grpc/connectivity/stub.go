// Package connectivity is a stub: types of v1.85.0 that other stubs need.
package connectivity

type State int
