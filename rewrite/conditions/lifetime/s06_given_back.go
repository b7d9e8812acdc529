package lifetime

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// refuseGivenBack looks for what the section puts into a [sync.Pool] and still uses in the
// window. Only the lock kept others from taking it out:
//
//	line := buf.Bytes()
//	c.buffers.Put(buf)
//	c.conn.Write(line)
func refuseGivenBack(w *move.Window) *safety.Refusal {
	list := slices.Concat(w.Pre, w.Stmts)
	for _, st := range list {
		var refusal *safety.Refusal
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if _, deferred := n.(*ast.DeferStmt); deferred || refusal != nil {
				return false
			}
			if c, ok := n.(*ast.CallExpr); ok {
				for _, e := range putBack(w, w.Unit, c, 0) {
					refusal = usedAfter(w, list, c, e)
				}
			}
			return true
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// usedAfter refuses if the window uses, after a call, what the call puts back.
func usedAfter(w *move.Window, list []ast.Stmt, c *ast.CallExpr, e ast.Expr) *safety.Refusal {
	vars := sharing(w, list, e, c.End())
	for _, st := range w.Stmts {
		r := syntax.FirstOuter(st, func(id *ast.Ident) *safety.Refusal {
			v, _ := w.Info.Uses[id].(*types.Var)
			if id.Pos() < c.End() || v == nil || !vars[v] {
				return nil
			}
			return safety.Refuse(safety.S6, "given-back", id.Pos(), "%s is used after %s has put %s back (%s), and others can take that out during the call", id.Name, syntax.CallName(c), types.ExprString(e), w.Line(c.Pos()))
		})
		if r != nil {
			return r
		}
	}
	return nil
}

// putBack lists what a call puts into a pool, itself or in a function of the program.
func putBack(w *move.Window, u *patterns.Unit, c *ast.CallExpr, depth int) []ast.Expr {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn != nil && fn.FullName() == "(*sync.Pool).Put" {
		return c.Args
	}
	callees, _ := w.Program.Callees(u, c)
	if depth > 2 || len(callees) == 0 {
		return nil
	}
	var out []ast.Expr
	for _, callee := range callees {
		for _, inner := range callee.Calls() {
			for _, e := range putBack(w, callee, inner, depth+1) {
				id, ok := ast.Unparen(e).(*ast.Ident)
				if !ok || callee.Obj == nil {
					continue
				}
				params := callee.Obj.Signature().Params()
				for i := range min(params.Len(), len(c.Args)) {
					if callee.Pkg.Info.Uses[id] == types.Object(params.At(i)) {
						out = append(out, c.Args[i])
					}
				}
			}
		}
	}
	return out
}

// sharing lists the local variables that, at a place, may share storage with an expression:
// the one that it starts from, and those that were given something made of it.
func sharing(w *move.Window, list []ast.Stmt, e ast.Expr, at token.Pos) map[*types.Var]bool {
	out := make(map[*types.Var]bool)
	if id, ok := syntax.RootIdent(e); ok {
		if v := syntax.VarOf(w.Info, id); v != nil && w.Unit.Declares(v) && !w.IsReceiver(v) {
			out[v] = true
		}
	}
	for range list { // what is given in one statement may be given on in another
		for _, st := range list {
			syntax.InspectOuter(st, func(n ast.Node) bool {
				as, ok := n.(*ast.AssignStmt)
				if !ok || as.Pos() > at {
					return true
				}
				for i, l := range as.Lhs {
					id, ok := l.(*ast.Ident)
					if v := syntax.VarOf(w.Info, id); ok && v != nil && storage.Refers(v.Type()) && sharesWith(w, as.Rhs[min(i, len(as.Rhs)-1)], out) {
						out[v] = true
					}
				}
				return true
			})
		}
	}
	return out
}

// sharesWith reports whether an expression may share storage with variables: it uses one of
// them, and is no copy that a function makes.
func sharesWith(w *move.Window, e ast.Expr, vars map[*types.Var]bool) bool {
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		s, known := w.Program.StorageOf(w.Pkg).CallSummary(c)
		if known && len(s.Shared) == 0 && !slices.ContainsFunc(s.Holds, func(h storage.Hold) bool { return h.To >= storage.Result }) {
			return false
		}
	}
	return syntax.Has(e, func(id *ast.Ident) bool { return vars[syntax.VarOf(w.Info, id)] })
}
