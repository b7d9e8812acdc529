package order

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askHandedOn is the part of S8 about the result of the call: the section passes it on
// under the lock, so the receiver got the results in the order of the calls. What the
// section sets itself belongs to S4. It asks nothing if another question is already about
// the order of results.
func askHandedOn(w *move.Window) {
	if w.Section.Mode == patterns.Shared || slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && (o.Answers(safety.S4) && len(w.Emptied) == 0 || o.Answers(safety.S8))
	}) {
		return
	}
	made := MadeByCall(w)
	uses := func(e ast.Expr) bool { return usesAny(w, e, made) }
	if len(made) == 0 {
		return
	}
	var first ast.Node
	var get []string
	for _, st := range w.Post {
		addMade(w, st, made, uses)
		if to, what := handsOn(w, st, uses, made); to != nil && !slices.Contains(get, what) {
			if get = append(get, what); first == nil {
				first = to
			}
		}
	}
	switch len(get) {
	case 0:
	case 1:
		w.Assume(safety.S8, first.Pos(), "%s gets the result of the call, and an older result can now come after a newer one. Is that fine?", get[0])
	default:
		w.Assume(safety.S8, first.Pos(), "%s get the result of the call, and an older result can now come after a newer one. Is that fine?", syntax.JoinNames(get))
	}
}

// MadeByCall returns the local variables that hold results of the calls that the window makes
// without the lock, and what the window makes of them.
func MadeByCall(w *move.Window) map[*types.Var]bool {
	made := make(map[*types.Var]bool)
	freed := slices.DeleteFunc(slices.Clone(w.Freed()), func(o *waits.Op) bool { return readsRequest(w, o.Node) })
	comes := func(n ast.Node) bool {
		return slices.ContainsFunc(freed, func(o *waits.Op) bool { return syntax.Within(o.Node, n) })
	}
	for _, st := range w.Stmts {
		if r, ok := st.(*ast.RangeStmt); ok && slices.ContainsFunc(freed, func(o *waits.Op) bool { return o.Node == ast.Node(r) }) {
			comes = func(ast.Node) bool { return true } // each round begins with what it waits for
		}
		addMade(w, st, made, func(e ast.Expr) bool { return comes(e) || usesAny(w, e, made) })
	}
	return made
}

// readsRequest reports whether an operation reads the body of a request that the function is
// passed to answer: requests come in no order.
func readsRequest(w *move.Window, op ast.Node) bool {
	return syntax.Has(op, func(sel *ast.SelectorExpr) bool {
		id, ok := ast.Unparen(sel.X).(*ast.Ident)
		return ok && sel.Sel.Name == "Body" && types.TypeString(w.Info.TypeOf(id), nil) == "*net/http.Request" && w.Unit.IsParam(syntax.VarOf(w.Info, id))
	})
}

func usesAny(w *move.Window, e ast.Expr, vars map[*types.Var]bool) bool {
	return syntax.Has(e, func(id *ast.Ident) bool { return vars[syntax.VarOf(w.Info, id)] })
}

// addMade adds the local variables to which a statement assigns values that from accepts, and
// those that a call fills which from accepts: as true, or as false for errors, which most often
// are only reported.
//
//	err = json.Unmarshal(body, &reply)
func addMade(w *move.Window, st ast.Stmt, made map[*types.Var]bool, from func(ast.Expr) bool) {
	syntax.InspectOuter(st, func(n ast.Node) bool {
		var targets []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Rhs, from) {
				targets = n.Lhs
			}
		case *ast.RangeStmt:
			if from(n.X) {
				targets = []ast.Expr{n.Key, n.Value}
			}
		case *ast.CallExpr:
			if from(n) {
				targets = filledBy(w, n)
			}
		}
		for _, e := range targets {
			id, ok := e.(*ast.Ident)
			if !ok {
				continue
			}
			if v := syntax.VarOf(w.Info, id); v != nil && !v.IsField() && !syntax.IsGlobal(v) {
				made[v] = !patterns.IsError(v.Type())
			}
		}
		return true
	})
}

// filledBy lists the variables that a call can fill through its arguments: those whose addresses
// it gets, and pointers to objects that the function has made.
func filledBy(w *move.Window, c *ast.CallExpr) (filled []ast.Expr) {
	for _, a := range c.Args {
		a = ast.Unparen(a)
		if u, ok := a.(*ast.UnaryExpr); ok && u.Op == token.AND {
			filled = append(filled, ast.Unparen(u.X))
		} else if id, ok := a.(*ast.Ident); ok && patterns.IsPointer(w.Info.TypeOf(a)) && w.Unit.Fresh(syntax.VarOf(w.Info, id)) {
			filled = append(filled, a)
		}
	}
	return filled
}

// handsOn returns where a statement sends a value that uses accepts, or passes it to a call
// with an effect on something that others have, too; nil if it does neither. An error is handed on
// to those who wait for it, whom a local variable leads to.
func handsOn(w *move.Window, st ast.Stmt, uses func(ast.Expr) bool, made map[*types.Var]bool) (at ast.Node, to string) {
	answers := func(to, e ast.Expr) bool {
		id, ok := syntax.RootIdent(to)
		v := syntax.VarOf(w.Info, id)
		return ok && v != nil && !v.IsField() && !syntax.IsGlobal(v) && !w.Unit.IsParam(v) && !w.IsReceiver(v) && !w.Program.Owns(w.Pkg, to) && syntax.Has(e, func(id *ast.Ident) bool { _, isMade := made[syntax.VarOf(w.Info, id)]; return isMade })
	}
	syntax.InspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if list := appendedTo(w, n, uses); at == nil && list != nil {
				at, to = n, types.ExprString(list)
			}
		case *ast.SendStmt:
			if at == nil && (uses(n.Value) || answers(n.Chan, n.Value)) && !w.Program.Owns(w.Pkg, n.Chan) {
				at, to = n, types.ExprString(n.Chan)
			}
		case *ast.CallExpr:
			if logs(w, n) {
				return false
			}
			passes := func(e ast.Expr) bool {
				return uses(e) || patterns.ReceiverOf(n.Fun) != nil && answers(patterns.ReceiverOf(n.Fun), e)
			}
			if at == nil && slices.ContainsFunc(n.Args, passes) && forItsEffect(w, n) && !ofOwn(w, n) && !changesGuarded(w, n) && behaviour.Effectful(w.Site, w.Unit, n) {
				at, to = n, types.ExprString(n.Fun)
			}
		}
		return at == nil
	})
	return at, to
}

// appendedTo returns a list that the lock guards and to which an assignment appends a
// value for which uses holds, or nil.
func appendedTo(w *move.Window, as *ast.AssignStmt, uses func(ast.Expr) bool) ast.Expr {
	if len(as.Lhs) != 1 || len(as.Rhs) != 1 {
		return nil
	}
	c := syntax.CallOf(ast.Unparen(as.Rhs[0]))
	if patterns.BuiltinOf(w.Info, c) != "append" || !slices.ContainsFunc(c.Args[1:], uses) || behaviour.Touches(w.Site, as.Lhs[0]).Guarded() == nil {
		return nil
	}
	return as.Lhs[0]
}

// forItsEffect reports whether a call gives nothing but an error, if that: what computes a
// value from its arguments is no question.
func forItsEffect(w *move.Window, c *ast.CallExpr) bool {
	switch t := w.Info.TypeOf(c).(type) {
	case nil:
		return true
	case *types.Tuple:
		return t.Len() == 0
	default:
		_, dropped := w.Parents[c].(*ast.ExprStmt)
		return dropped || patterns.IsError(t)
	}
}

// logs reports whether a call writes to a log, where records have times.
func logs(w *move.Window, c *ast.CallExpr) bool {
	if fn := patterns.CalleeOf(w.Info, c); fn != nil {
		if e, ok := w.Program.Table().Entry(fn.FullName()); ok && e.Category == "log" {
			return true
		}
	}
	return w.Logs(c)
}

// changesGuarded reports whether a call changes what the lock guards: S4 looks at that.
func changesGuarded(w *move.Window, c *ast.CallExpr) bool {
	return slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && t.Access.Kind.Changes() && t.Via == nil && syntax.Within(t.Access.Node, c.Fun)
	})
}

// ofOwn reports whether a call is of a method of an object that only this call has.
func ofOwn(w *move.Window, c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	return ok && w.Info.Selections[sel] != nil && w.Program.Owns(w.Pkg, sel.X)
}
