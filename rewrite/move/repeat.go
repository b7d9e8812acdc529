package move

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A test around the window can be repeated for the code under the lock after the window:
//
//	if t.text == nil {
//		t.mu.Unlock()
//		b, err := os.ReadFile(t.path)
//		if err != nil {
//			return nil, err
//		}
//		t.mu.Lock()
//		if t.text == nil {
//			t.text = b
//		}
//	}
//
// If the second test fails, others have done the work in the meantime, and the section continues
// as if the first test had failed.

// Repeatable reports whether the test of an if statement can be repeated for the last statements
// of its body: it only reads guarded state, and the statements neither leave the section nor
// wait.
func Repeatable(s *site.Site, ifs *ast.IfStmt, last []ast.Stmt) bool {
	r := &Recheck{Site: s}
	if ifs.Init != nil || ifs.Else != nil || len(last) == 0 || !r.pure(ifs.Cond) || len(behaviour.FlagsIn(s, ifs.Cond)) > 0 {
		return false
	}
	if slices.ContainsFunc(last, func(st ast.Stmt) bool { return s.MayLeave(st) || s.Waits(st) }) {
		return false
	}
	fields := true
	ast.Inspect(ifs.Cond, func(n ast.Node) bool { // a local variable may have another value by then
		if id, ok := n.(*ast.Ident); ok {
			v, isVar := s.Info.Uses[id].(*types.Var)
			fields = fields && (!isVar || v.IsField() || syntax.IsGlobal(v) || s.IsReceiver(v) || v == s.Section.Lock.Root || s.Unit.IsParam(v) && !s.Unit.Assigned(v, s.Unit.Body.List))
		}
		c, call := n.(*ast.CallExpr)
		fields = fields && (!call || patterns.BuiltinOf(s.Info, c) == "len")
		return fields
	})
	tested := behaviour.Touches(s, ifs.Cond)
	return fields && tested.Guarded() != nil && !changesTested(s, ifs, last, tested) && !changesBack(s, ifs, last) && !slices.ContainsFunc(last, func(st ast.Stmt) bool { return keepsCloser(s, st) })
}

// changesTested reports whether a branch, before its last statements, changes what its own test
// looks at. The repeated test would see that change.
//
//	if s.used < max {
//		s.used++
//		wait()
//		s.used-- // whatever others have done
//	}
func changesTested(s *site.Site, ifs *ast.IfStmt, last []ast.Stmt, tested *site.Touches) bool {
	return slices.ContainsFunc(ifs.Body.List, func(st ast.Stmt) bool {
		return !slices.Contains(last, st) && slices.ContainsFunc(behaviour.Touches(s, st).List, func(t *site.Touch) bool {
			return t.Access.Kind.Changes() && slices.ContainsFunc(tested.List, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
		})
	})
}

// changesBack reports whether the last statements of a branch change a variable that the branch
// has changed before. If they were skipped, the first change would stay.
//
//	if s.text == nil {
//		s.loading++
//		wait()
//		s.text = text
//		s.loading--
//	}
func changesBack(s *site.Site, ifs *ast.IfStmt, last []ast.Stmt) bool {
	made := ifs.Body.List[:len(ifs.Body.List)-len(last)]
	for _, t := range behaviour.GuardedChanges(behaviour.Touches(s, syntax.StmtNodes(last)...)) {
		if slices.ContainsFunc(behaviour.GuardedChanges(behaviour.Touches(s, syntax.StmtNodes(made)...)), func(u *site.Touch) bool { return u.Access.Var == t.Access.Var }) {
			return true
		}
	}
	return false
}

// keepsCloser reports whether a statement uses a local variable that may have to be closed if
// the statement is skipped.
func keepsCloser(s *site.Site, st ast.Stmt) bool {
	return syntax.Has(st, func(id *ast.Ident) bool {
		v, isVar := s.Info.Uses[id].(*types.Var)
		return isVar && !v.IsField() && !syntax.IsGlobal(v) && v != s.Section.Lock.Root && !s.IsReceiver(v) && syntax.RefsOf(v.Type(), 0) != syntax.NoRefs && syntax.RefsOf(v.Type(), 0) != syntax.Aliasing
	})
}

// Repeats reports whether an access is part of a step or test that is repeated after the
// window.
func (w *Window) Repeats(a *guards.Access) bool {
	if w.Recheck != nil && slices.ContainsFunc(slices.Concat(w.Recheck.Steps, w.Recheck.Tests), func(st ast.Stmt) bool { return syntax.Within(a.Node, st) }) {
		return true
	}
	return slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool { return t.Repeats != nil && syntax.Within(a.Node, t.Cond) })
}

// TestsAgain reports whether a variable is tested again after the window.
func (w *Window) TestsAgain(v *types.Var) bool {
	return w.Recheck.TestsAgain(v) || slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool {
		return t.Repeats != nil && slices.ContainsFunc(behaviour.Touches(w.Site, t.Looks()).List, func(u *site.Touch) bool { return u.Access.Var == v })
	})
}
