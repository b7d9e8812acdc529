package order

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// takenPlain reports whether a value is a number or a string that the section takes out of a
// guarded variable: it sets the variable to zero once it has read it, and changes it in no
// other way. No two callers have the same one then, nor one that was made of another's:
//
//	id := l.id
//	l.id = ""
func takenPlain(w *move.Window, v move.UsedValue) bool {
	def := w.Unit.DefinedOnce(v.Of)
	if def == nil || len(v.From) != 1 || w.Unit.Captured(v.Of) || w.Unit.Addressed(v.Of) {
		return false
	}
	reset := false
	for _, t := range w.PreTouches.List {
		if t.Access.Var != v.From[0] || !t.Access.Kind.Changes() {
			continue
		}
		if t.Via != nil || !slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool { return st.Pos() > def.End() && setsToZero(w, st, t) }) {
			return false
		}
		reset = true
	}
	return reset
}

// setsToZero reports whether a statement makes a change by assigning the zero of a number or
// string, and does nothing else.
func setsToZero(w *move.Window, st ast.Stmt, t *site.Touch) bool {
	as, ok := st.(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 || !t.Access.MadeBy(as.Lhs[0]) {
		return false
	}
	switch c := w.Info.Types[as.Rhs[0]].Value; {
	case c == nil:
		return false
	case c.Kind() == constant.String:
		return constant.StringVal(c) == ""
	default:
		return c.Kind() == constant.Int && constant.Sign(c) == 0
	}
}
