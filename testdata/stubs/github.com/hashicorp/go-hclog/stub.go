// Package hclog is a stub: the functions of v1.6.3 that blocking.txt names, and the
// types in their signatures.
package hclog

type Level int32

type Logger interface {
	Debug(msg string, args ...interface{})
	Error(msg string, args ...interface{})
	Info(msg string, args ...interface{})
	Log(level Level, msg string, args ...interface{})
	Trace(msg string, args ...interface{})
	Warn(msg string, args ...interface{})
}
