package guards

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// Unpublished reports whether, from the acquisition until a wait is over, only the call
// that holds the lock can reach the object that the lock belongs to. Start-up code under
// the lock of an object that it has just made keeps nobody waiting.
//
//	db := &DB{}
//	db.mu.Lock()
//	defer db.mu.Unlock()
//	return db, db.replay()
func Unpublished(x *patterns.Program, s *locks.Section, wait ast.Node) bool {
	root := rootOfLock(s)
	if root == nil || patterns.IsGlobal(s.Lock.Root) || len(s.Lock.Fields) == 0 && len(s.Unit.Definitions().Defs[s.Lock.Root]) > 0 {
		return false // the lock itself comes from somewhere
	}
	if slices.ContainsFunc(s.Lock.Fields, func(f *types.Var) bool { return patterns.IsPointer(f.Type()) || types.IsInterface(f.Type()) }) {
		return false // others may have the lock, if not the object
	}
	m := x.StorageOf(s.Unit.Pkg)
	for _, at := range []token.Pos{s.Pos(), wait.End()} {
		if !m.OwnThroughCalls(root, at) {
			return false
		}
	}
	return true
}

// rootOfLock returns the identifier, in the call that takes the lock, of the variable that
// the lock is reached from; nil if there is none.
func rootOfLock(s *locks.Section) *ast.Ident {
	var root *ast.Ident
	ast.Inspect(s.Acquire, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || root != nil {
			return root == nil
		}
		if v, ok := s.Unit.Pkg.Info.Uses[id].(*types.Var); ok && v == s.Lock.Root {
			root = id
		}
		return true
	})
	return root
}
