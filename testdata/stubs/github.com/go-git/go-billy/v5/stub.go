// Package billy is a stub: types of v5.9.2 that other stubs need.
package billy

type Filesystem interface{}
