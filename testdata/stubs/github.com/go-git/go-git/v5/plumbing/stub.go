// Package plumbing is a stub: types of v5.19.3 that other stubs need.
package plumbing

type Hash [20]byte

type Reference struct{}

type ReferenceName string

type Revision string
