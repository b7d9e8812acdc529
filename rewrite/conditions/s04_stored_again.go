package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askStoredAgain is the part of S4 about a value that is read again after the call, and stored
// in another variable then: as what the call has reached, it may be too new.
//
//	gen := s.gen
//	if gen == s.synced { return nil }
//	if err := sync(s.url); err != nil { ... } // meanwhile: s.gen++
//	s.synced = gen
func askStoredAgain(w *move.Window) {
	for _, st := range w.Post {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			for i := 0; ok && i < len(as.Lhs) && len(as.Lhs) == len(as.Rhs); i++ {
				askReadAnew(w, as.Lhs[i], as.Rhs[i])
			}
			return true
		})
	}
}

// askReadAnew asks about one assignment.
func askReadAnew(w *move.Window, target, value ast.Expr) {
	syntax.InspectOuter(value, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if from, at := readAnew(w, syntax.VarOf(w.Info, id), target); from != nil {
			w.Assume(safety.S4, target.Pos(), "%s gets what %s is after the call, and others can change that during it, at %s. Is that right, although the call was made for the old value?",
				types.ExprString(target), from.Name(), w.Line(at.Pos()))
		}
		return true
	})
}

// readAnew returns what a number or string in a local variable is read from once more after the
// call, and where others change that, unless it is what is assigned, or must be the same as before.
func readAnew(w *move.Window, v *types.Var, target ast.Expr) (*site.Touch, *guards.Access) {
	if v == nil || !syntax.IsBasic(v.Type()) || !w.Recheck.Rereads(v) || slices.ContainsFunc(w.Recheck.Same, func(same *move.Identity) bool { return same.V == v }) {
		return nil, nil
	}
	set := guards.AccessesIn(w.Unit, target)
	for _, t := range w.Derived[v] {
		of := t.Access.Var
		if slices.ContainsFunc(set, func(a *guards.Access) bool { return a.Var == of }) {
			return nil, nil
		}
		if a := guards.SharingOf(w.Program, w.PackageOf(of), of).Changed(w.OfOthers); a != nil {
			return t, a
		}
	}
	return nil, nil
}
