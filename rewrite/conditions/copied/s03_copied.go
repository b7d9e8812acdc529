package copied

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Prove refuses a copy that differs from what it is made of even if nobody else
// comes in between: where the loop that goes through it changes other entries, and where
// the language has no function that copies a nil map to nil. S3.
func Prove(w *move.Window) *safety.Refusal {
	for _, x := range w.Clones() {
		loops := LoopsOver(w, x)
		for _, loop := range loops {
			if r := changedInLoop(w, x, loop); r != nil {
				return r
			}
		}
		if r := indexedByCopy(w, x, loops); r != nil {
			return r
		}
		if r := changedByLocal(w, x); r != nil {
			return r
		}
		if syntax.IsMapType(w.Info.TypeOf(x.Uses[0])) && !w.Since("go1.21") && x.RangedKey(w.Site) == nil && !w.ValuesOnly(x) {
			if r := proveNilCopy(w, x); r != nil {
				return r
			}
		}
	}
	return nil
}

// LoopsOver lists the loops that go through a copy, or through a local variable that is
// given it: m := s.m.
func LoopsOver(w *move.Window, x extract.Extraction) []*ast.RangeStmt {
	var loops []*ast.RangeStmt
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		loop, ok := n.(*ast.RangeStmt)
		if !ok {
			return true
		}
		over := ast.Unparen(loop.X)
		if id, isIdent := over.(*ast.Ident); isIdent && !slices.Contains(x.Uses, over) {
			if v := syntax.VarOf(w.Info, id); v != nil {
				over = ast.Unparen(w.Unit.DefinedOnce(v))
			}
		}
		if slices.Contains(x.Uses, over) {
			loops = append(loops, loop)
		}
		return true
	})
	return loops
}

// changedInLoop refuses where a loop changes entries of what it goes through, unless it
// is the one of the current round:
//
//	for k, n := range s.counts {
//		send(k, n)
//		s.counts["total"] += n // the loop may get there yet
//	}
func changedInLoop(w *move.Window, x extract.Extraction, loop *ast.RangeStmt) *safety.Refusal {
	v := x.Path.Last()
	changes := func(kind guards.AccessKind) bool { return kind.Changes() && kind != guards.Write } // range looks at a variable once
	for _, a := range guards.AccessesIn(w.Unit, loop.Body) {
		if a.Var == v && changes(a.Kind) && !ofThisRound(w, loop, a.Node) {
			return refuseChanged(w, x, a.Pos())
		}
	}
	var refusal *safety.Refusal
	syntax.EachSynchronousCall(loop.Body, func(c *ast.CallExpr) {
		if refusal != nil || slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return mentionsRound(w, loop, a) }) {
			return // it may be given the entry that it changes
		}
		for _, t := range behaviour.CallTouches(w.Site, w.Unit, c).List {
			if t.Access.Var == v && changes(t.Access.Kind) {
				refusal = refuseChanged(w, x, c.Pos())
			}
		}
	})
	return refusal
}

// changedByLocal refuses where what is copied is changed through a local variable that is
// now given the copy:
//
//	send(s.buf)
//	b := s.buf
//	b[0]++
func changedByLocal(w *move.Window, x extract.Extraction) *safety.Refusal {
	locals := givenTo(w, x)
	for _, a := range guards.AccessesIn(w.Unit, w.Unit.Body) {
		id, ok := syntax.RootIdent(a.Node)
		if !ok || a.Var != x.Path.Last() || !a.Alias || !a.Kind.Changes() {
			continue
		}
		if v := syntax.VarOf(w.Info, id); slices.Contains(locals, v) {
			return safety.Refuse(safety.S3, "local-changes", a.Pos(), "%s is given %s and changes it here, which would change a copy only", v.Name(), x)
		}
	}
	return nil
}

// givenTo lists the local variables that are given a copied value, or something that has
// it or one of the variables in locals inside.
func givenTo(w *move.Window, x extract.Extraction, locals ...*types.Var) []*types.Var {
	has := func(e ast.Expr) bool {
		return slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(u, e) }) ||
			slices.ContainsFunc(locals, func(v *types.Var) bool { return syntax.Mentions(w.Info, e, v) })
	}
	for n := -1; n != len(locals); {
		n = len(locals)
		ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || !slices.ContainsFunc(as.Rhs, has) {
				return true
			}
			for _, l := range as.Lhs {
				id, ok := syntax.RootIdent(l)
				if !ok {
					continue
				}
				if v := syntax.VarOf(w.Info, id); v != nil && w.Section.Lock.Root != v && !slices.Contains(locals, v) {
					locals = append(locals, v)
				}
			}
			return true
		})
	}
	return locals
}

func refuseChanged(w *move.Window, x extract.Extraction, at token.Pos) *safety.Refusal {
	return safety.Refuse(safety.S3, "loop-changes", at, "the loop goes through %s and changes it here, which a loop over a copy would not see", x)
}

// indexedByCopy refuses where an index that was found in a copy of a slice is used for the slice
// itself, which may have become shorter, or have another element there:
//
//	for i, p := range s.peers {
//		if err := ping(p); err != nil {
//			s.peers[i].errs++
//		}
//	}
func indexedByCopy(w *move.Window, x extract.Extraction, loops []*ast.RangeStmt) *safety.Refusal {
	v := x.Path.Last()
	if v == nil || !syntax.IsSlice(v.Type()) {
		return nil
	}
	moved := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return w.OfOthers(a) && !syntax.Appends(a) })
	if moved == nil {
		return nil
	}
	var keys []*types.Var
	for _, loop := range loops {
		if id, ok := loop.Key.(*ast.Ident); ok && id.Name != "_" {
			keys = append(keys, syntax.VarOf(w.Info, id))
		}
	}
	found := slices.DeleteFunc(givenTo(w, x, keys...), func(l *types.Var) bool { return !types.AssignableTo(l.Type(), types.Typ[types.Int]) })
	for _, a := range guards.AccessesIn(w.Unit, w.Unit.Body) {
		if a.Var != v {
			continue
		}
		ix := w.Indexed(a)
		if ix != nil && !slices.Contains(x.Uses, ix.X) && slices.ContainsFunc(found, func(l *types.Var) bool { return syntax.Mentions(w.Info, ix.Index, l) }) {
			return safety.Refuse(safety.S3, "index-of-copy", ix.Pos(), "%s may be another element by now: the index is that of a copy, and %s changes at %s", types.ExprString(ix), x, w.Line(moved.Pos()))
		}
	}
	return nil
}

// ofThisRound reports whether a change of a map or slice is to the entry of the current
// iteration: delete(m, k), m[k] = v.
func ofThisRound(w *move.Window, loop *ast.RangeStmt, e ast.Expr) bool {
	key, ok := loop.Key.(*ast.Ident)
	if !ok || key.Name == "_" {
		return false
	}
	k := syntax.VarOf(w.Info, key)
	isKey := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && k != nil && w.Info.Uses[id] == k && !w.Unit.Assigned(k, loop.Body.List)
	}
	for n := ast.Node(e); n != nil && n != ast.Node(loop.Body); n = w.Parents[n] {
		switch n := n.(type) {
		case *ast.IndexExpr:
			return isKey(n.Index)
		case *ast.CallExpr:
			return patterns.BuiltinOf(w.Info, n) == "delete" && isKey(n.Args[1])
		}
	}
	return false
}

// mentionsRound reports whether an expression uses a variable of the loop.
func mentionsRound(w *move.Window, loop *ast.RangeStmt, e ast.Expr) bool {
	return slices.ContainsFunc([]ast.Expr{loop.Key, loop.Value}, func(of ast.Expr) bool {
		id, ok := of.(*ast.Ident)
		v := (*types.Var)(nil)
		if ok {
			v = syntax.VarOf(w.Info, id)
		}
		return v != nil && syntax.Mentions(w.Info, e, v)
	})
}

// proveNilCopy looks at the uses of a copy that is made entry by entry, and so never nil.
func proveNilCopy(w *move.Window, x extract.Extraction) *safety.Refusal {
	for _, e := range x.Uses {
		switch p := w.Parents[e].(type) {
		case *ast.RangeStmt, *ast.IndexExpr:
		case *ast.BinaryExpr:
			return safety.Refuse(safety.S3, "nil-not-empty", e.Pos(), "a copy of %s would be empty instead of nil, and it is compared with nil here", x)
		case *ast.CallExpr:
			if patterns.BuiltinOf(w.Info, p) != "len" {
				w.Assume(safety.S3, e.Pos(), "The call gets a copy of %s, which is empty where that is nil. Does the call treat the two alike?", x)
				return nil
			}
		}
	}
	return nil
}
