package lent

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Ask is S1 for what callers give. Two of them may pass the same slice or map: it asks if the
// window writes to what it got, or uses it while another section of the lock changes what it
// got, or what the lock guards and callers can have; see [askGuarded].
//
//	func (s *Sender) Send(b []byte) {        func (s *Sender) Fill(b []byte, c byte) {
//		s.mu.Lock()                              s.mu.Lock()
//		http.Post(s.url, "", bytes.NewReader(b)) b[0] = c
func Ask(w *move.Window) {
	for v := range w.Unit.Signature().Params().Variables() {
		if !storage.HasElements(v.Type()) && !isOpen(v.Type()) || isBuffer(w.Unit, v) {
			continue
		}
		use := lentIn(w, v)
		if use == nil || askGuarded(w, v, use) || isOpen(v.Type()) {
			continue
		}
		if by, ok := writesLent(w, v); ok {
			if !onlyFilled(w, v) {
				w.Ask(safety.LentToUnseen, v.Name(), safety.S1, use.Pos(), "%s comes from the caller, and %s writes to it without %s. Is it certain that no other goroutine uses the same one?", v.Name(), cmp.Or(by, "the code here"), w.Section.Lock)
			}
			continue
		}
		if change, in := lentChange(w, v.Type()); change != nil {
			w.Assume(safety.S1, use.Pos(), "%s comes from the caller, and so does what %s changes under %s at %s. Is it certain that they are never the same?",
				v.Name(), in.Name(), w.Section.Lock, w.Line(change.Pos()))
		}
	}
}

// isBuffer reports whether a parameter is the buffer of a method such as Read of
// [io.Reader], which belongs to the one call by the contract of the interface.
func isBuffer(u *patterns.Unit, v *types.Var) bool {
	if u.Obj == nil || u.Obj.Signature().Recv() == nil {
		return false
	}
	sig := u.Obj.Signature()
	r := sig.Results()
	if sig.Params().At(0) != v || r.Len() < 2 || !patterns.IsError(r.At(r.Len()-1).Type()) || types.TypeString(v.Type(), nil) != "[]byte" {
		return false
	}
	return slices.Contains([]string{"Read", "Write", "ReadAt", "WriteAt", "ReadFrom", "WriteTo"}, u.Obj.Name())
}

// lentIn returns the first use, in the window, of elements that a parameter refers to, by
// whatever local variable. They are the caller's.
func lentIn(w *move.Window, param *types.Var) *ast.Ident {
	model := w.Program.StorageOf(w.Pkg)
	scope := model.ScopeOf(w.Unit.Body, func(*ast.CallExpr) bool { return false })
	if scope == nil {
		return nil
	}
	elements := scope.LeadsVariable(param)
	for _, st := range w.Stmts {
		found := syntax.FirstRun(w.Info, st, func(id *ast.Ident) *ast.Ident {
			v, ok := w.Info.Uses[id].(*types.Var)
			if !ok || !storage.IsLocal(v) || v != param && !scope.LeadsVariable(v).Meets(elements) || onlyMeasured(w, id) {
				return nil
			}
			if model.OwnerIs(id, ownership.Forked) || model.OwnThroughCalls(id, id.Pos()) {
				return nil
			}
			return id
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// onlyFilled reports whether all that the section does with a parameter is to pass it to a
// call that says how much of it is filled. Then it is the callers who look at it, without
// the lock.
//
//	return s.conn.Read(buf)
func onlyFilled(w *move.Window, v *types.Var) bool {
	uses, fills := 0, 0
	for _, n := range w.Section.Nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || w.Info.Uses[id] != types.Object(v) || onlyMeasured(w, id) {
				return true
			}
			uses++
			if c, ok := w.Parents[id].(*ast.CallExpr); ok {
				if t, ok := w.Info.TypeOf(c).(*types.Tuple); ok && t.Len() > 1 && types.Identical(t.At(0).Type(), types.Typ[types.Int]) {
					fills++
				}
			}
			return true
		})
	}
	return uses == 1 && fills == 1
}

// reachedFrom lists the classes of what a variable refers to.
func reachedFrom(w *move.Window, v *types.Var) []storage.Class {
	holds := w.Program.StorageOf(w.Pkg).Holds(v)
	if len(holds) == 0 {
		return nil
	}
	return holds[1:]
}

// writesLent reports whether the window may write to what a parameter refers to, and by
// which function.
func writesLent(w *move.Window, v *types.Var) (by string, ok bool) {
	model := w.Program.StorageOf(w.Pkg)
	holds := reachedFrom(w, v)
	for _, u := range model.Uses() {
		if u.Kind == storage.Read || !w.InStmts(u.Node, w.Stmts) || !slices.Contains(holds, model.Same(u.Class)) {
			continue
		}
		if t := w.Info.TypeOf(u.Node); t != nil && storage.HasElements(t) && !onlyHandsOn(w, w.Unit, u.Node, make(map[*types.Var]bool)) {
			return u.By, true
		}
	}
	return "", false
}

// onlyHandsOn reports whether an expression is passed to functions of the package that write to
// none of its elements, but at most let others use what they make of it, such as a reader.
func onlyHandsOn(w *move.Window, in *patterns.Unit, e ast.Expr, seen map[*types.Var]bool) bool {
	c, ok := w.ParentsIn(in)[e].(*ast.CallExpr)
	if !ok || !slices.Contains(c.Args, e) {
		return false
	}
	callees, known := w.Program.Callees(in, c)
	for _, u := range callees {
		params := u.Signature().Params()
		if i := slices.Index(c.Args, e); u.Pkg != w.Pkg || u.Signature().Variadic() || i >= params.Len() || writesParam(w, u, params.At(i), seen) {
			return false
		}
	}
	return known && len(callees) > 0
}

// writesParam reports whether a function may write to elements that a parameter refers to.
func writesParam(w *move.Window, u *patterns.Unit, v *types.Var, seen map[*types.Var]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	model := w.Program.StorageOf(w.Pkg)
	holds := reachedFrom(w, v)
	return slices.ContainsFunc(model.Uses(), func(use storage.Use) bool {
		if use.Kind == storage.Read || !syntax.Within(use.Node, u.Body) || !slices.Contains(holds, model.Same(use.Class)) {
			return false
		}
		t := w.Info.TypeOf(use.Node)
		return (t == nil || storage.HasElements(t)) && !onlyHandsOn(w, u, use.Node, seen)
	})
}

// onlyMeasured reports whether only the length or capacity of a variable is used.
func onlyMeasured(w *move.Window, id *ast.Ident) bool {
	c, ok := w.Parents[id].(*ast.CallExpr)
	return ok && slices.Contains([]string{"len", "cap"}, patterns.BuiltinOf(w.Info, c))
}

// lentChange returns an expression by which another section of the lock changes elements
// that its function got from its caller, and that function.
func lentChange(w *move.Window, t types.Type) (ast.Expr, *patterns.Unit) {
	model, lock := w.Program.StorageOf(w.Pkg), w.Section.LockVar()
	for _, use := range model.Uses() {
		if use.Kind != storage.Write || use.Body == nil || w.InBody(use.Node) {
			continue
		}
		u := w.Program.UnitAt(w.Pkg, use.Node.Pos())
		if _, whole := ast.Unparen(use.Node).(*ast.Ident); whole && use.By == "append" || fillsBuffer(u, use.Node) || !ofParam(w, u, use, t) {
			continue // nobody sees what is added behind the end
		}
		if model.OwnerIs(use.Node, ownership.Forked) || model.OwnThroughCalls(use.Node, use.Node.Pos()) {
			continue
		}
		held := slices.Concat(locks.Vars(locks.HeldAt(u, use.Node)), guards.IndexOf(w.Program, w.Pkg).Seen[u])
		if slices.Contains(held, lock) {
			return use.Node, u
		}
	}
	return nil, nil
}

// ofParam reports whether a use is of the elements that a parameter of its function leads
// to, one of the same type.
func ofParam(w *move.Window, u *patterns.Unit, use storage.Use, t types.Type) bool {
	model := w.Program.StorageOf(w.Pkg)
	if u.Decl == nil {
		return false
	}
	fn, _ := w.Info.Defs[u.Decl.Name].(*types.Func)
	for v := range fn.Signature().Params().Variables() {
		if types.Identical(v.Type().Underlying(), t.Underlying()) && slices.Contains(reachedFrom(w, v), model.Same(use.Class)) {
			return true
		}
	}
	return false
}

// fillsBuffer reports whether a unit or the function that it passes a buffer to reads into
// it as [io.Reader], [io.ReaderAt] and the functions of package io do: a buffer is not to be
// used until they return.
func fillsBuffer(u *patterns.Unit, buffer ast.Expr) bool {
	if u.Obj != nil && reads(u.Obj) {
		return true
	}
	return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool {
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		return fn != nil && slices.Contains(c.Args, buffer) && (reads(fn) || fn.Pkg() != nil && fn.Pkg().Path() == "io")
	})
}

func reads(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Recv() == nil {
		return false
	}
	switch fn.Name() {
	case "Read":
		return types.Identical(sig.Params(), tuple(byteSlice)) && types.Identical(sig.Results(), countAndError)
	case "ReadAt":
		return types.Identical(sig.Params(), tuple(byteSlice, types.Typ[types.Int64])) && types.Identical(sig.Results(), countAndError)
	}
	return false
}

var (
	byteSlice     = types.NewSlice(types.Typ[types.Byte])
	countAndError = tuple(types.Typ[types.Int], types.Universe.Lookup("error").Type())
)

func tuple(of ...types.Type) *types.Tuple {
	vars := make([]*types.Var, len(of))
	for i, t := range of {
		vars[i] = types.NewParam(token.NoPos, nil, "", t)
	}
	return types.NewTuple(vars...)
}
