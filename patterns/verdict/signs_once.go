package verdict

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// madeOnce weighs a wait for what is made when it is needed first: the section tests a
// variable before, and sets it after the wait or to its result. An atomic variable counts
// by its Load and Store.
func (j *judging) madeOnce(after []ast.Node) {
	info := j.s.Unit.Pkg.Info
	tested := make(map[patterns.PathKey]bool)
	ast.Inspect(j.s.Unit.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if ok && f.Cond.Pos() < j.main.Pos() && j.s.CoversPos(f.Cond.Pos()) {
			noteTested(info, f.Cond, tested)
			if f.Init != nil {
				noteTested(info, f.Init, tested)
			}
		}
		return true
	})
	if len(tested) == 0 {
		return
	}
	set := token.NoPos
	note := func(e ast.Expr) {
		if p, ok := patterns.PathOf(info, e); ok && tested[p.Key()] {
			set = e.Pos()
		}
	}
	if st := j.statementOf(j.main.Node); st != nil {
		after = append(slices.Clone(after), st)
	}
	for _, n := range after {
		patterns.EachAssignment(n, func(lhs, _ ast.Expr) { note(lhs) })
		ast.Inspect(n, func(m ast.Node) bool {
			if c, ok := m.(*ast.CallExpr); ok && isAtomic(info, c, "Store") {
				note(patterns.ReceiverOf(c.Fun))
			}
			return true
		})
	}
	if set.IsValid() {
		j.see("made-once", set, "what is tested before the wait is set after it, so that one caller does the work")
	}
}

// statementOf returns the assignment of the section's function that a node is a part of,
// or nil.
func (j *judging) statementOf(n ast.Node) (found ast.Node) {
	ast.Inspect(j.s.Unit.Body, func(m ast.Node) bool {
		if a, ok := m.(*ast.AssignStmt); ok && a.Pos() <= n.Pos() && n.End() <= a.End() {
			found = a
		}
		return true
	})
	return found
}

// noteTested collects the shared variables that a condition uses: fields and package-level
// ones, not elements.
func noteTested(info *types.Info, e ast.Node, tested map[patterns.PathKey]bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if isAtomic(info, n, "Load") {
				if p, ok := patterns.PathOf(info, patterns.ReceiverOf(n.Fun)); ok {
					tested[p.Key()] = true
				}
			}
		case *ast.IndexExpr:
			return false
		case ast.Expr:
			if p, ok := patterns.PathOf(info, n); ok && (len(p.Fields) > 0 || patterns.IsGlobal(p.Root)) {
				tested[p.Key()] = true
			}
		}
		return true
	})
}

// isAtomic reports whether a call is of a method of package sync/atomic with the name.
func isAtomic(info *types.Info, c *ast.CallExpr, name string) bool {
	fn := patterns.CalleeOf(info, c)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Name() == name && patterns.ReceiverOf(c.Fun) != nil
}
