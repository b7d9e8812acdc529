package helper

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// lockIn returns the caller's lock as the called function sees it: through the receiver or
// another parameter that gets the object with the lock.
func (h *helperCaller) lockIn(of *site.Site, u *patterns.Unit) (patterns.Path, *safety.Refusal) {
	lock, info := h.lock(), u.Pkg.Info
	if lock.Global() {
		return lock, nil
	}
	if lock.Root == nil {
		return patterns.Path{}, safety.Refuse(safety.S14, "other-receiver", h.call.Pos(), "%s is not reached through a variable", lock)
	}
	if h.section != nil && slices.ContainsFunc(h.section.Nodes, func(n ast.Node) bool {
		st, ok := n.(ast.Stmt)
		return ok && h.unit.Assigned(lock.Root, []ast.Stmt{st})
	}) {
		return patterns.Path{}, safety.Refuse(safety.S14, "other-receiver", h.call.Pos(), "%s is assigned while its lock is held", lock.Root.Name())
	}
	for v, arg := range h.arguments(info) {
		p, ok := argumentPath(info, arg)
		if !ok || p.Root != lock.Root || len(p.Fields) > len(lock.Fields) || !slices.Equal(p.Fields, lock.Fields[:len(p.Fields)]) {
			continue
		}
		_, ptr := v.Type().Underlying().(*types.Pointer)
		if !ptr || v.Name() == "" || v.Name() == "_" || u.Assigned(v, u.Body.List) {
			continue
		}
		for _, f := range lock.Fields[:len(lock.Fields)-1] {
			if _, isStruct := syntax.StructOf(f.Type()); !isStruct && guards.SharingOf(of.Program, of.PackageOf(f), f).Assigned() != nil {
				return patterns.Path{}, safety.Refuse(safety.S14, "other-receiver", h.call.Pos(), "%s may change while %s runs, and the lock is reached through it", f.Name(), u.Name())
			}
		}
		return patterns.Path{Root: v, Fields: lock.Fields[len(p.Fields):]}, nil
	}
	return patterns.Path{}, safety.Refuse(safety.S14, "other-receiver", h.call.Pos(), "it is not clear that %s belongs to an object that %s is called on or given", lock, u.Name())
}

// arguments yields the parameters of the called function, the receiver first, each with
// what it gets: for a method, the selected function.
func (h *helperCaller) arguments(info *types.Info) func(func(*types.Var, ast.Expr) bool) {
	sig := h.callee.Obj.Signature()
	return func(yield func(*types.Var, ast.Expr) bool) {
		fun := ast.Unparen(h.call.Fun)
		if ix, ok := fun.(*ast.IndexExpr); ok {
			fun = ix.X
		}
		if sel, ok := fun.(*ast.SelectorExpr); ok && sig.Recv() != nil {
			if m := info.Selections[sel]; m == nil || m.Kind() != types.MethodVal || !yield(sig.Recv(), sel) {
				return // a method expression has its receiver among the arguments
			}
		}
		for i, a := range h.call.Args {
			if n := sig.Params().Len(); n > 0 && !yield(sig.Params().At(min(i, n-1)), a) {
				return
			}
		}
	}
}

// argumentPath returns the path of what a parameter is given.
func argumentPath(info *types.Info, arg ast.Expr) (patterns.Path, bool) {
	if sel, ok := arg.(*ast.SelectorExpr); ok {
		if m := info.Selections[sel]; m != nil && m.Kind() == types.MethodVal {
			return patterns.ReceiverPath(info, sel)
		}
	}
	return patterns.PathOf(info, arg)
}

// handOver notes which parameters of the called function come from guarded state or hold a
// drawn number.
func (h *helperCaller) handOver(in *site.Inheritance) {
	w := h.window()
	d, drawn := behaviour.NewDeriver(h.Site, w.Derived), order.Drawn(w)
	for v, arg := range h.arguments(h.Info) {
		var e ast.Node = arg
		if sel, ok := arg.(*ast.SelectorExpr); ok && v == h.callee.Obj.Signature().Recv() {
			e = sel.X
		}
		own := h.ownCopy(arg)
		for _, t := range d.Sources(e) {
			if h.Unit.Declares(t.Access.Var) {
				continue // what it comes from counts
			}
			if own {
				u := *t
				u.Plain, t = true, &u
			}
			i := slices.IndexFunc(in.From[v], func(o *site.Touch) bool { return o.Access.Var == t.Access.Var })
			if i < 0 {
				in.From[v] = append(in.From[v], t)
			} else if in.From[v][i].Plain && !t.Plain {
				in.From[v][i] = t
			}
		}
		for _, n := range syntax.SortedVars(drawn) {
			if syntax.Mentions(h.Info, e, n) && syntax.IsOrdered(v.Type()) {
				in.Drawn[v] = drawn[n]
			}
		}
	}
}

// ownCopy reports whether an argument is a map or slice that the caller made for the call,
// of values without references.
func (h *helperCaller) ownCopy(arg ast.Expr) bool {
	t := h.Info.TypeOf(arg)
	return t != nil && syntax.RefsOf(t, 0) == syntax.Aliasing && syntax.RefsOf(syntax.ElementType(t), 0) == syntax.NoRefs && h.Program.Owns(h.Pkg, arg)
}

// spell returns the expression by which the function names the lock: embedded structs
// are left out where Go does not need them.
func spell(s *site.Site, lock patterns.Path) (string, *safety.Refusal) {
	refusal := safety.Refuse(safety.S14, "no-receiver", s.Unit.Decl.Pos(), "%s cannot name %s", s.Unit.Name(), lock)
	if lock.Root == nil || hides(s, lock.Root) {
		return "", refusal
	}
	names := []string{lock.Root.Name()}
	t := lock.Root.Type()
	var skipped []*types.Var
	for i, f := range lock.Fields {
		skipped = append(skipped, f)
		last := i == len(lock.Fields)-1
		if f.Embedded() && !last {
			continue
		}
		if f.Embedded() && selects(t, s.Pkg.Types, s.Section.Mode.Acquire(), skipped) {
			return strings.Join(names, "."), nil
		}
		if selects(t, s.Pkg.Types, f.Name(), skipped[:len(skipped)-1]) {
			names = append(names, f.Name())
		} else {
			for _, g := range skipped {
				names = append(names, g.Name())
			}
		}
		t, skipped = f.Type(), nil
	}
	return strings.Join(names, "."), nil
}

// selects reports whether the name, selected from a value of the type, is found through
// exactly the embedded fields.
func selects(t types.Type, pkg *types.Package, name string, through []*types.Var) bool {
	_, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	if len(index) != len(through)+1 {
		return false
	}
	for i, f := range through {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := syntax.StructOf(t)
		if !ok || st.Field(index[i]).Origin() != f {
			return false
		}
		t = st.Field(index[i]).Type()
	}
	return true
}

// hides reports whether the function declares something else with the name of a variable.
func hides(s *site.Site, v *types.Var) bool {
	found := syntax.Has(s.Unit.Decl, func(id *ast.Ident) bool {
		return id.Name == v.Name() && s.Info.Defs[id] != nil && s.Info.Defs[id] != types.Object(v)
	})
	return found || !s.Unit.IsParam(v) && s.Pkg.Types.Scope().Lookup(v.Name()) != types.Object(v)
}
