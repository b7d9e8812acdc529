// Package qerr is a stub: types of v0.65.0 that other stubs need.
package qerr

type ApplicationErrorCode uint64
