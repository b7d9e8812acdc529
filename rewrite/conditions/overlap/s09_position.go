package overlap

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// provePosition refuses a window between the call that sets the position of a file or
// another stream that others have, too, and what goes on from there:
//
//	s.f.Seek(off, io.SeekStart)
//	_, err := s.f.Read(b)
//
// Each of the two calls may be safe for concurrent use; another caller's in between
// sets another position.
func provePosition(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	for _, st := range slices.Concat(w.Pre, w.Stmts) {
		var refusal *safety.Refusal
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || refusal != nil || !seeks(patterns.CalleeOf(w.Info, c)) || !ofOthers(w, sel.X) {
				return
			}
			if use := usedFrom(w, sel.X, c); use != nil {
				refusal = safety.Refuse(safety.S1, "guards-sequence", use.Pos(), "%s goes on from the position that %s sets at %s, and %s keeps other callers out in between",
					types.ExprString(use), types.ExprString(c.Fun), w.Line(c.Pos()), w.Section.Lock)
			}
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// seeks reports whether a function is the method of an [io.Seeker].
func seeks(fn *types.Func) bool {
	if fn == nil || fn.Name() != "Seek" || fn.Signature().Recv() == nil {
		return false
	}
	params, results := fn.Signature().Params(), fn.Signature().Results()
	return params.Len() == 2 && results.Len() == 2 && types.Identical(params.At(0).Type(), types.Typ[types.Int64]) &&
		types.Identical(params.At(1).Type(), types.Typ[types.Int]) && types.Identical(results.At(0).Type(), types.Typ[types.Int64]) && patterns.IsError(results.At(1).Type())
}

// usedFrom returns the stream where the window or what follows uses it after a call, or
// nil.
func usedFrom(w *move.Window, stream ast.Expr, after *ast.CallExpr) ast.Expr {
	p, ok := patterns.PathOf(w.Info, stream)
	if !ok {
		return nil
	}
	var found ast.Expr
	for _, st := range slices.Concat(w.Stmts, w.Post) {
		syntax.InspectRun(w.Info, st, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || found != nil || e.Pos() < after.End() {
				return found == nil
			}
			if q, ok := patterns.PathOf(w.Info, e); ok && q.String() == p.String() && q.Root == p.Root {
				found = e
			}
			return found == nil
		})
	}
	return found
}

// proveOffset refuses to take a write out of the section where the sum of what was written is
// the place of the next write:
//
//	n, err := l.file.Write(record)
//	l.index[key] = l.end
//	l.end += int64(n)
//
// Two callers could write in one order, and note the places in the other.
func proveOffset(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	for _, o := range w.Freed() {
		if o.Effect != "write" || o.Deferred || OwnRequest(w, o) || localReceiver(w, o) || !w.InStmts(o.Node, w.Stmts) {
			continue
		}
		written := resultsOf(w, o.Node)
		for _, st := range w.Post {
			refusal := syntax.FirstOuter(st, func(as *ast.AssignStmt) *safety.Refusal {
				if as.Tok != token.ADD_ASSIGN || !slices.ContainsFunc(written, func(v *types.Var) bool { return syntax.Mentions(w.Info, as.Rhs[0], v) }) {
					return nil
				}
				for _, sum := range guards.AccessesIn(w.Unit, as.Lhs[0]) {
					if use := keptIn(w, sum.Var, as); use != nil {
						return safety.Refuse(safety.S1, "guards-sequence", o.Pos(), "%s says at %s where %s has written, and %s keeps other callers from writing in between", types.ExprString(as.Lhs[0]), w.Line(use.Pos()), o.Call(), w.Section.Lock)
					}
				}
				return nil
			})
			if refusal != nil {
				return refusal
			}
		}
	}
	return nil
}

// resultsOf lists the numbers that the statement around a call assigns its results to.
func resultsOf(w *move.Window, call ast.Node) []*types.Var {
	as, ok := w.Parents[call].(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 {
		return nil
	}
	var out []*types.Var
	for _, l := range as.Lhs {
		id, _ := l.(*ast.Ident)
		if v := syntax.VarOf(w.Info, id); id != nil && v != nil && syntax.IsOrdered(v.Type()) {
			out = append(out, v)
		}
	}
	return out
}

// keptIn returns a use of a guarded number after the window that is not only compared, other
// than in the statement that adds to it; nil if there is none.
func keptIn(w *move.Window, v *types.Var, adds ast.Stmt) ast.Node {
	for _, st := range w.Post {
		for _, a := range guards.AccessesIn(w.Unit, st) {
			if a.Var != v || a.Kind != guards.Read || syntax.Within(a.Node, adds) {
				continue
			}
			if _, compared := w.Parents[a.Node].(*ast.BinaryExpr); !compared {
				return a.Node
			}
		}
	}
	return nil
}
