package lent

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// What a caller gives may be what the lock guards, if a function lets callers have that:
//
//	func (j *jobs) All() map[string]int { ...; return j.all }
//
//	j.Send(j.All()) // Send reads the elements, which others change under j.mu

// askGuarded asks about a parameter that the window uses if a caller that letgo sees passes
// what changes under the lock, or if others may do so. It reports whether it has asked.
func askGuarded(w *move.Window, v *types.Var, use *ast.Ident) bool {
	changed := changedUnder(w)
	callers, open := guards.CallersOf(w.Program, w.Unit)
	for _, c := range callers {
		arg := argument(w.Unit, c.Call, v)
		if arg == nil {
			continue
		}
		if at, what := changes(w, changed, arg); at != nil {
			w.Assume(safety.S1, use.Pos(), "%s comes from the caller, and %s passes %s at %s, %s under %s at %s. Is it certain that this does not happen during the call?",
				v.Name(), c.Unit.Name(), types.ExprString(arg), w.Line(arg.Pos()), what, w.Section.Lock, w.Line(at.Pos()))
			return true
		}
	}
	if w.Unit.Obj == nil || !open && !w.Unit.Obj.Exported() {
		return false
	}
	for _, u := range w.Program.UnitsIn(w.Pkg) {
		if u.Obj == nil || u.Lit != nil || u.Body == nil || !u.Obj.Exported() {
			continue
		}
		for _, e := range returned(u) {
			if !mayBePassed(w.Info.TypeOf(e), v.Type()) {
				continue
			}
			if at, what := changes(w, changed, e); at != nil {
				w.Assume(safety.S1, use.Pos(), "%s comes from the caller, and %s returns %s, %s under %s at %s. Is it certain that no caller passes that?",
					v.Name(), u.Name(), types.ExprString(e), what, w.Section.Lock, w.Line(at.Pos()))
				return true
			}
		}
	}
	return false
}

// isOpen reports whether a parameter of the type may be anything.
func isOpen(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0 && i.IsMethodSet()
}

// mayBePassed reports whether a slice or map of a type may be passed for a parameter.
func mayBePassed(t, param types.Type) bool {
	return t != nil && storage.HasElements(t) && (isOpen(param) || types.Identical(t.Underlying(), param.Underlying()))
}

// changedUnder returns what the package changes under the section's lock, each class of storage
// with the first expression that it is changed by.
func changedUnder(w *move.Window) map[storage.Class]ast.Expr {
	model, lock := w.Program.StorageOf(w.Pkg), w.Section.LockVar()
	out := make(map[storage.Class]ast.Expr)
	for _, use := range model.Uses() {
		c := model.Same(use.Class)
		if use.Kind != storage.Write || use.Body == nil || c == 0 || out[c] != nil || w.Program.Owns(w.Pkg, use.Node) {
			continue
		}
		u := w.Program.UnitAt(w.Pkg, use.Node.Pos())
		if slices.Contains(locks.Vars(locks.HeldAt(u, use.Node)), lock) || slices.Contains(guards.IndexOf(w.Program, w.Pkg).Seen[u], lock) {
			out[c] = use.Node
		}
	}
	return out
}

// changes returns a place where what an expression refers to is changed under the lock, and
// words for what changes there.
func changes(w *move.Window, changed map[storage.Class]ast.Expr, e ast.Expr) (at ast.Node, what string) {
	model := w.Program.StorageOf(w.Pkg)
	if w.Program.Owns(w.Pkg, e) {
		return nil, ""
	}
	if at := changed[model.Same(model.Refers(e))]; at != nil {
		return at, "which changes"
	}
	if f := behaviour.HoldsGuarded(w.Site, w.Info.TypeOf(e), 0, make(map[types.Type]bool)); f != nil {
		if a := guards.SharingOf(w.Program, w.PackageOf(f), f).Changed(func(a *guards.Access) bool { return a.MayBeUnder(w.Section.LockVar()) }); a != nil {
			return a.Node, "whose " + f.Name() + " changes"
		}
	}
	return nil, ""
}

// argument returns what a call passes for a parameter of the function, or nil.
func argument(u *patterns.Unit, c *ast.CallExpr, v *types.Var) ast.Expr {
	params := u.Signature().Params()
	if u.Signature().Variadic() && v == params.At(params.Len()-1) || len(c.Args) < params.Len() {
		return nil
	}
	for i := range params.Len() {
		if params.At(i) == v {
			return c.Args[i]
		}
	}
	return nil
}

// returned lists the expressions that a function returns, and its named results.
func returned(u *patterns.Unit) []ast.Expr {
	var out []ast.Expr
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			out = append(out, r.Results...)
		}
		return true
	})
	if u.Decl.Type.Results != nil {
		for _, f := range u.Decl.Type.Results.List {
			for _, id := range f.Names {
				out = append(out, id)
			}
		}
	}
	return out
}
