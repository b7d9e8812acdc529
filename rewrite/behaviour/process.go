package behaviour

import (
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/known"
)

// KeepsOperand reports whether a function of the standard library is only called to keep
// what it gets, for the whole process, such as log.SetOutput.
func KeepsOperand(fn *types.Func) bool {
	if fn.Pkg() == nil || fn.Signature().Recv() != nil || !patterns.IsStd(fn.Pkg().Path()) || ReturnsMore(fn) {
		return false
	}
	s, ok := known.Storage(fn)
	return ok && len(s.Keeps) > 0
}

// SetsObject reports whether a method sets something of an object for all who use it, to a
// plain value: (*log.Logger).SetPrefix. Several goroutines may call it at once, so that no other
// condition takes it for a change.
func SetsObject(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Recv() == nil || ReturnsMore(fn) || sig.Variadic() || sig.Params().Len() == 0 {
		return false
	}
	for p := range sig.Params().Variables() {
		if _, plain := p.Type().Underlying().(*types.Basic); !plain {
			return false
		}
	}
	t := sig.Recv().Type()
	return known.Concurrent(t) && !guards.SelfSynchronised(t)
}

// ReturnsMore reports whether a function returns anything but an error.
func ReturnsMore(fn *types.Func) bool {
	r := fn.Signature().Results()
	return r.Len() > 1 || r.Len() == 1 && !patterns.IsError(r.At(0).Type())
}
