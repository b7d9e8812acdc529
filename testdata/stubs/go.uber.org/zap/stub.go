// Package zap is a stub: the functions of v1.28.0 that blocking.txt names, and the
// types in their signatures.
package zap

import (
	"go.uber.org/zap/zapcore"
)

type Field = zapcore.Field

type Logger struct{}

func (*Logger) DPanic(msg string, fields ...Field)
func (*Logger) Debug(msg string, fields ...Field)
func (*Logger) Error(msg string, fields ...Field)
func (*Logger) Fatal(msg string, fields ...Field)
func (*Logger) Info(msg string, fields ...Field)
func (*Logger) Log(lvl zapcore.Level, msg string, fields ...Field)
func (*Logger) Panic(msg string, fields ...Field)
func (*Logger) Sync() error
func (*Logger) Warn(msg string, fields ...Field)

type SugaredLogger struct{}

func (*SugaredLogger) DPanic(args ...interface{})
func (*SugaredLogger) DPanicf(template string, args ...interface{})
func (*SugaredLogger) DPanicw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Debug(args ...interface{})
func (*SugaredLogger) Debugf(template string, args ...interface{})
func (*SugaredLogger) Debugln(args ...interface{})
func (*SugaredLogger) Debugw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Error(args ...interface{})
func (*SugaredLogger) Errorf(template string, args ...interface{})
func (*SugaredLogger) Errorln(args ...interface{})
func (*SugaredLogger) Errorw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Fatal(args ...interface{})
func (*SugaredLogger) Fatalf(template string, args ...interface{})
func (*SugaredLogger) Fatalw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Info(args ...interface{})
func (*SugaredLogger) Infof(template string, args ...interface{})
func (*SugaredLogger) Infoln(args ...interface{})
func (*SugaredLogger) Infow(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Panic(args ...interface{})
func (*SugaredLogger) Panicf(template string, args ...interface{})
func (*SugaredLogger) Panicw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Sync() error
func (*SugaredLogger) Warn(args ...interface{})
func (*SugaredLogger) Warnf(template string, args ...interface{})
func (*SugaredLogger) Warnln(args ...interface{})
func (*SugaredLogger) Warnw(msg string, keysAndValues ...interface{})
