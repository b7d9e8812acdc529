// Package klog is a stub: the functions of v2.140.0 that blocking.txt names, and the
// types in their signatures.
package klog

func Error(args ...interface{})
func ErrorS(err error, msg string, keysAndValues ...interface{})
func Errorf(format string, args ...interface{})
func Errorln(args ...interface{})
func Fatal(args ...interface{})
func Fatalf(format string, args ...interface{})
func Flush()
func Info(args ...interface{})
func InfoDepth(depth int, args ...interface{})
func InfoS(msg string, keysAndValues ...interface{})
func Infof(format string, args ...interface{})
func Infoln(args ...interface{})
func Warning(args ...interface{})
func Warningf(format string, args ...interface{})
func Warningln(args ...interface{})

type Verbose struct{}

func (Verbose) Error(err error, msg string, args ...interface{})
func (Verbose) ErrorS(err error, msg string, keysAndValues ...interface{})
func (Verbose) Info(args ...interface{})
func (Verbose) InfoS(msg string, keysAndValues ...interface{})
func (Verbose) Infof(format string, args ...interface{})
func (Verbose) Infoln(args ...interface{})
