// Package system is a stub: types of v28.5.2+incompatible that other stubs need.
package system

type Info struct{}
