// Package log is a stub: the functions of v0.2.1 that blocking.txt names, and the
// types in their signatures.
package log

import (
	"io"
)

func NewJSONLogger(w io.Writer) Logger
func NewLogfmtLogger(w io.Writer) Logger
func NewSyncWriter(w io.Writer) io.Writer

type Logger interface {
	Log(keyvals ...interface{}) error
}
