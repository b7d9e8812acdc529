package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askLent is S1 for slices, maps and the like that the section's function gets from its
// callers, two of whom may pass the same one:
//
//	func (s *Sums) Add(f *os.File, buf []byte) {
//		s.mu.Lock()
//		n, _ := f.Read(buf)
//
// It asks if the window writes to what it got, or uses it while a section of the lock
// writes to something of that type that it got, too. Fields of objects are looked at as
// accesses.
func askLent(w *move.Window) {
	for _, v := range paramsOf(w.Unit) {
		if !lendsStorage(v.Type()) || isBuffer(w.Unit, v) {
			continue
		}
		use := lentUse(w, v)
		if use == nil {
			continue
		}
		if by, ok := writesLent(w, v); ok {
			if by == "" {
				by = "the code here"
			}
			if onlyFilled(w, v) {
				continue
			}
			w.Assume(safety.S1, use.Pos(), "%s comes from the caller, and %s writes to it without %s. Is it certain that no other goroutine uses the same one?", v.Name(), by, w.Section.Lock)
			continue
		}
		for _, l := range lentWrites(w) {
			if types.Identical(l.typ, v.Type()) && !w.InStmts(l.at, w.Stmts) {
				w.Assume(safety.S1, use.Pos(), "%s comes from the caller and is used without %s, under which such a value is changed at %s. Is it certain that it is never the same one?", v.Name(), w.Section.Lock, w.Line(l.at.Pos()))
				break
			}
		}
	}
}

// paramsOf lists the parameters of a function or function literal, without the receiver.
func paramsOf(u *patterns.Unit) []*types.Var {
	var sig *types.Signature
	switch {
	case u.Lit != nil:
		sig, _ = u.Pkg.Info.TypeOf(u.Lit).(*types.Signature)
	case u.Obj != nil:
		sig = u.Obj.Signature()
	}
	if sig == nil {
		return nil
	}
	return slices.Collect(sig.Params().Variables())
}

// lendsStorage reports whether whoever passes a value of the type shares storage with the
// function that gets it, other than the fields of an object.
func lendsStorage(t types.Type) bool {
	if t == nil {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		return true
	case *types.Pointer:
		_, isStruct := u.Elem().Underlying().(*types.Struct)
		return !isStruct
	}
	return false
}

// isBuffer reports whether a parameter is the buffer of a method such as Read of
// [io.Reader], which belongs to the one call by the contract of the interface.
func isBuffer(u *patterns.Unit, v *types.Var) bool {
	if u.Obj == nil || u.Lit != nil || u.Obj.Signature().Recv() == nil {
		return false
	}
	sig := u.Obj.Signature()
	r := sig.Results()
	if sig.Params().At(0) != v || r.Len() < 2 || !syntax.IsError(r.At(r.Len()-1).Type()) || types.TypeString(v.Type(), nil) != "[]byte" {
		return false
	}
	return slices.Contains([]string{"Read", "Write", "ReadAt", "WriteAt", "ReadFrom", "WriteTo"}, u.Obj.Name())
}

// lentUse returns where the window uses what a parameter refers to, unless every caller
// passes something of its own; nil if it does not.
func lentUse(w *move.Window, v *types.Var) ast.Expr {
	model := w.Program.StorageOf(w.Pkg)
	holds := reachedFrom(w, v)
	for _, st := range w.Stmts {
		found := syntax.First(st, func(id *ast.Ident) *ast.Ident {
			u, ok := w.Info.Uses[id].(*types.Var)
			if !ok || u.IsField() || onlyMeasured(w, id) {
				return nil
			}
			if u != v && !slices.Contains(holds, model.Same(model.Refers(id))) || model.OwnThroughCalls(id, id.Pos()) {
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

// onlyMeasured reports whether only the length of a value is used.
func onlyMeasured(w *move.Window, id *ast.Ident) bool {
	c, ok := w.Parents[id].(*ast.CallExpr)
	if !ok {
		return false
	}
	name := patterns.BuiltinOf(w.Info, c)
	return name == "len" || name == "cap"
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
		if u.Kind == storage.Read || !w.InStmts(u.Node, w.Stmts) || !slices.Contains(holds, model.Same(u.Class)) || !lendsStorage(w.Info.TypeOf(u.Node)) {
			continue
		}
		return u.By, true
	}
	return "", false
}

// A lentWrite is a write, in a section, to what a parameter of its function refers to.
type lentWrite struct {
	at  ast.Node
	typ types.Type // of the parameter
}

// writesUnder has the answers of lentWrites.
var writesUnder patterns.Memo[lentKey, []lentWrite]

type lentKey struct {
	p    *patterns.Package
	lock *types.Var
}

// lentWrites lists those in the sections of the window's lock.
func lentWrites(w *move.Window) []lentWrite {
	return writesUnder.Get(w.Program, lentKey{w.Pkg, w.Section.LockVar()}, func() []lentWrite {
		var out []lentWrite
		model := w.Program.StorageOf(w.Pkg)
		for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
			for _, v := range paramsOf(s.Unit) {
				if !lendsStorage(v.Type()) || isBuffer(s.Unit, v) {
					continue
				}
				holds := reachedFrom(w, v)
				for _, u := range model.Uses() {
					if u.Kind == storage.Write && slices.Contains(holds, model.Same(u.Class)) && inNodes(s, u.Node.Pos()) && !model.OwnThroughCalls(u.Node, u.Node.Pos()) {
						out = append(out, lentWrite{u.Node, v.Type()})
					}
				}
			}
		}
		return out
	})
}

// inNodes reports whether a position is in what runs while a section holds the lock.
func inNodes(s *locks.Section, at token.Pos) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return n.Pos() <= at && at < n.End() })
}
