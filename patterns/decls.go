package patterns

import (
	"go/ast"
	"go/types"
)

// SectionsOf lists the critical sections of a declared function, as [Program.UnitsOf]
// does its units.
func (x *Program) SectionsOf(p *Package, d *ast.FuncDecl) []*Section {
	var out []*Section
	for _, u := range x.UnitsOf(p, d) {
		out = append(out, x.sectionsOf(u)...)
	}
	return out
}

// SectionsOfLock lists the critical sections of a package in which the lock in the
// variable is held, in source order. They are shared: nobody changes them.
func (x *Program) SectionsOfLock(p *Package, lock *types.Var) []*Section {
	index := lockers.Get(x, p, func() map[*types.Var][]*Section {
		index := make(map[*types.Var][]*Section)
		for _, s := range x.SectionsIn(p) {
			index[s.LockVar()] = append(index[s.LockVar()], s)
		}
		return index
	})
	return index[lock]
}

var lockers Memo[*Package, map[*types.Var][]*Section]

// A TryLock is an expression that names the method TryLock or TryRLock of something.
type TryLock struct {
	Method *ast.SelectorExpr
	Called bool // where it stands
}

// TryLocks lists them in a package, in source order.
func (x *Program) TryLocks(p *Package) []TryLock {
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

var tryLocks PackageMemo[[]TryLock]
