package patterns

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/known"
)

// A Mode is the side of a lock that is held.
type Mode byte

const (
	Exclusive Mode = 'W' // Lock
	Shared    Mode = 'R' // RLock
)

// Acquire returns the name of the method that takes the lock in this mode.
func (m Mode) Acquire() string {
	if m == Shared {
		return "RLock"
	}
	return "Lock"
}

// Release returns the name of the method that releases the lock in this mode.
func (m Mode) Release() string {
	if m == Shared {
		return "RUnlock"
	}
	return "Unlock"
}

// A LockKind is what one call does to a lock.
type LockKind byte

const (
	TakesLock LockKind = iota + 1
	ReleasesLock
	TriesLock
)

// A LockOp is one call of a lock's method.
type LockOp struct {
	Kind LockKind
	Mode Mode
	Path Path // of the lock
	Call *ast.CallExpr
}

var lockMethods = map[string]struct {
	kind LockKind
	mode Mode
}{
	"Lock": {TakesLock, Exclusive}, "Unlock": {ReleasesLock, Exclusive}, "TryLock": {TriesLock, Exclusive},
	"RLock": {TakesLock, Shared}, "RUnlock": {ReleasesLock, Shared}, "TryRLock": {TriesLock, Shared},
}

// LockCall recognises a call of a lock's method: of sync.Mutex, sync.RWMutex,
// sync.Locker, or any type with Lock and Unlock methods that have no parameters.
func LockCall(info *types.Info, call *ast.CallExpr) (LockOp, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 0 {
		return LockOp{}, false
	}
	op, ok := LockMethod(info, sel)
	op.Call = call
	return op, ok
}

// LockMethod recognises a method of a lock, as [LockCall] does, that is not called here.
func LockMethod(info *types.Info, sel *ast.SelectorExpr) (LockOp, bool) {
	m, ok := lockMethods[sel.Sel.Name]
	if !ok {
		return LockOp{}, false
	}
	s := info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return LockOp{}, false
	}
	fn := s.Obj().(*types.Func)
	if !IsLocker(fn.Signature().Recv().Type(), fn.Pkg()) || !lockSignature(fn, m.kind) {
		return LockOp{}, false
	}
	op := LockOp{Kind: m.kind, Mode: m.mode}
	if op.Path, ok = ReceiverPath(info, sel); !ok {
		op.Path = Path{Text: types.ExprString(sel.X)}
	}
	return op, true
}

func lockSignature(fn *types.Func, k LockKind) bool {
	sig := fn.Signature()
	if sig.Params().Len() != 0 {
		return false
	}
	if k == TriesLock {
		return sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Typ[types.Bool])
	}
	return sig.Results().Len() == 0
}

// IsLocker reports whether values of t (or pointers to them) have the methods
// Lock and Unlock without parameters or results.
func IsLocker(t types.Type, pkg *types.Package) bool {
	for _, name := range []string{"Lock", "Unlock"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
		fn, ok := obj.(*types.Func)
		if !ok || !lockSignature(fn, TakesLock) {
			return false
		}
	}
	return true
}

// IsSyncType reports whether t synchronises itself: all types of sync and sync/atomic,
// except those that another lock guards.
func IsSyncType(t types.Type) bool {
	n := NamedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case "sync", "internal/sync", "internal/runtime/atomic":
		return true
	}
	return known.AtomicPackage(n.Obj().Pkg().Path())
}
