// Package common is a stub: types of v28.5.2+incompatible that other stubs need.
package common

type IDResponse struct{}
