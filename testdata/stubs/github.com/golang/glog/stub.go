// Package glog is a stub: the functions of v0.0.0-20160126235308-23def4e6c14b that blocking.txt names, and the
// types in their signatures.
package glog

func Error(args ...interface{})
func Errorf(format string, args ...interface{})
func Fatal(args ...interface{})
func Fatalf(format string, args ...interface{})
func Flush()
func Info(args ...interface{})
func InfoDepth(depth int, args ...interface{})
func Infof(format string, args ...interface{})
func Infoln(args ...interface{})
func Warning(args ...interface{})
func Warningf(format string, args ...interface{})

type Verbose bool

func (Verbose) Info(args ...interface{})
func (Verbose) Infof(format string, args ...interface{})
func (Verbose) Infoln(args ...interface{})
