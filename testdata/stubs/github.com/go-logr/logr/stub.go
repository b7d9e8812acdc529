// Package logr is a stub: the functions of v1.4.4 that blocking.txt names, and the
// types in their signatures.
package logr

type LogSink interface {
	Enabled(level int) bool
	Error(err error, msg string, keysAndValues ...any)
	Info(level int, msg string, keysAndValues ...any)
}

type Logger struct{}

func (Logger) Enabled() bool
func (Logger) Error(err error, msg string, keysAndValues ...any)
func (Logger) Info(msg string, keysAndValues ...any)
