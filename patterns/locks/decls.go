package locks

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// SectionsOf lists the critical sections of a declared function, as
// [patterns.Program.UnitsOf] lists its units.
func SectionsOf(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl) []*Section {
	var out []*Section
	for _, u := range x.UnitsOf(p, d) {
		out = append(out, SectionsOfUnit(x, u)...)
	}
	return out
}

// SectionsOfLock lists the critical sections of a package that hold the lock in the
// variable, in source order. The list is shared and must not be changed.
func SectionsOfLock(x *patterns.Program, p *patterns.Package, lock *types.Var) []*Section {
	index := lockers.Get(x, p, func() map[*types.Var][]*Section {
		index := make(map[*types.Var][]*Section)
		for _, s := range SectionsIn(x, p) {
			index[s.LockVar()] = append(index[s.LockVar()], s)
		}
		return index
	})
	return index[lock]
}

var lockers patterns.Memo[*patterns.Package, map[*types.Var][]*Section]

// A TryLock is an expression that names the method TryLock or TryRLock of something.
type TryLock struct {
	Method *ast.SelectorExpr
	Called bool // where it stands
}

// TryLocks lists them in a package, in source order.
func TryLocks(x *patterns.Program, p *patterns.Package) []TryLock {
	return tryLocks.Get(x, p, func() (list []TryLock) {
		for _, f := range p.Files {
			called := make(map[ast.Expr]bool)
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					called[ast.Unparen(n.Fun)] = true
				case *ast.SelectorExpr:
					if name := n.Sel.Name; name == "TryLock" || name == "TryRLock" {
						list = append(list, TryLock{n, called[n]})
					}
				}
				return true
			})
		}
		return list
	})
}

var tryLocks patterns.PackageMemo[[]TryLock]
