package patterns

import (
	"go/ast"
	"go/types"
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

// Release returns the name of the method that gives it back.
func (m Mode) Release() string {
	if m == Shared {
		return "RUnlock"
	}
	return "Unlock"
}

// A lockKind is what one call does to a lock.
type lockKind byte

const (
	acquire lockKind = iota + 1
	release
	try
)

// A lockOp is one call of a lock's method.
type lockOp struct {
	kind lockKind
	mode Mode
	path Path // of the lock
	call *ast.CallExpr
}

var lockMethods = map[string]struct {
	kind lockKind
	mode Mode
}{
	"Lock": {acquire, Exclusive}, "Unlock": {release, Exclusive}, "TryLock": {try, Exclusive},
	"RLock": {acquire, Shared}, "RUnlock": {release, Shared}, "TryRLock": {try, Shared},
}

// lockCall recognises a call of a lock's method: sync.Mutex, sync.RWMutex,
// sync.Locker and any type with niladic Lock and Unlock methods.
func lockCall(info *types.Info, call *ast.CallExpr) (lockOp, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 0 {
		return lockOp{}, false
	}
	m, ok := lockMethods[sel.Sel.Name]
	if !ok {
		return lockOp{}, false
	}
	s := info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return lockOp{}, false
	}
	fn := s.Obj().(*types.Func)
	if !isLocker(fn.Signature().Recv().Type(), fn.Pkg()) || !lockSignature(fn, m.kind) {
		return lockOp{}, false
	}
	op := lockOp{kind: m.kind, mode: m.mode, call: call}
	if op.path, ok = ReceiverPath(info, sel); !ok {
		op.path = Path{Text: types.ExprString(sel.X)}
	}
	return op, true
}

func lockSignature(fn *types.Func, k lockKind) bool {
	sig := fn.Signature()
	if sig.Params().Len() != 0 {
		return false
	}
	if k == try {
		return sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Typ[types.Bool])
	}
	return sig.Results().Len() == 0
}

// isLocker reports whether values of t (or pointers to them) have the methods
// Lock and Unlock without parameters or results.
func isLocker(t types.Type, pkg *types.Package) bool {
	for _, name := range []string{"Lock", "Unlock"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
		fn, ok := obj.(*types.Func)
		if !ok || !lockSignature(fn, acquire) {
			return false
		}
	}
	return true
}

// isSyncType reports whether t is a type that synchronises itself: everything
// of sync and sync/atomic (except what is guarded by somebody else's lock).
func isSyncType(t types.Type) bool {
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case "sync", "sync/atomic", "internal/sync", "internal/runtime/atomic":
		return true
	}
	return false
}

// isCond reports whether the call is (*sync.Cond).Wait.
func isCondWait(fn *types.Func) bool {
	return fn != nil && fn.FullName() == "(*sync.Cond).Wait"
}
