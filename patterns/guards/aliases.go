package guards

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// aliasIndex finds the fields and package-level variables, or the local variables that
// function literals capture, that lead to a class of storage.
type aliasIndex map[storage.Class][]aliased

// aliased is one of them.
type aliased struct {
	v       *types.Var
	pointed bool       // through a pointer or interface, so that a part of the object is not a part of the variable
	of      types.Type // what is there
}

func newAliasIndex(m *ownership.Model, fset *token.FileSet) aliasIndex {
	index := make(aliasIndex)
	m.Shared(index.add)
	for c, list := range index {
		slices.SortFunc(list, func(a, b aliased) int {
			// An atomic also leads to the object in it; a pointer to that tells more.
			if sync := patterns.IsSyncType(a.v.Type()); sync != patterns.IsSyncType(b.v.Type()) {
				return map[bool]int{true: 1, false: -1}[sync]
			}
			// Files are parsed in parallel, so either of two may have the lower positions.
			if c := cmp.Compare(a.v.Name(), b.v.Name()); c != 0 || a.v == b.v {
				return c
			}
			p, q := fset.Position(a.v.Pos()), fset.Position(b.v.Pos())
			return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
		})
		index[c] = list
	}
	return index
}

// newCapturedIndex indexes the local variables that function literals capture, with the
// slices, maps and arrays that they lead to. Objects are their methods' concern.
func newCapturedIndex(m *ownership.Model, units []*patterns.Unit) aliasIndex {
	index := make(aliasIndex)
	for _, v := range capturedIn(units) {
		index.add(v, m.Holds(v))
	}
	for c, list := range index {
		index[c] = slices.DeleteFunc(list, func(a aliased) bool {
			if a.of == nil || types.IsInterface(a.of) {
				return true
			}
			_, isStruct := a.of.Underlying().(*types.Struct)
			return isStruct
		})
	}
	return index
}

// add notes what a variable holds.
func (x aliasIndex) add(v *types.Var, holds []storage.Class) {
	t, pointed := v.Type(), false
	for i, c := range holds {
		if i > 0 {
			var ptr bool
			if t, ptr = behind(t); ptr {
				pointed = true
			}
		}
		x[c] = append(x[c], aliased{v, pointed, t})
	}
}

// capturedIn lists the local variables of a package that function literals capture.
func capturedIn(units []*patterns.Unit) []*types.Var {
	var out []*types.Var
	seen := make(map[*types.Var]bool)
	for _, u := range units {
		if u.Lit == nil || u.Body == nil {
			continue
		}
		ast.Inspect(u.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				v, ok := u.Pkg.Info.Uses[id].(*types.Var)
				if ok && !seen[v] && storage.IsLocal(v) && (v.Pos() < u.Lit.Pos() || u.Lit.End() <= v.Pos()) {
					seen[v] = true
					out = append(out, v)
				}
			}
			return true
		})
	}
	return out
}

// behind returns the type of what values of a type refer to, or nil if that is not known.
// Arrays hold their elements themselves.
func behind(t types.Type) (to types.Type, pointer bool) {
	for t != nil {
		switch u := t.Underlying().(type) {
		case *types.Array:
			t = u.Elem()
			continue
		case *types.Slice:
			return u.Elem(), false
		case *types.Map:
			return u.Elem(), false
		case *types.Chan:
			return u.Elem(), false
		case *types.Pointer:
			return u.Elem(), true
		}
		break
	}
	return nil, true
}

// aliasUses are the accesses of a package's units to fields and package-level variables by
// other names than theirs: through a local variable, an element or a pointer, or in a
// called function.
type aliasUses struct {
	model  *ownership.Model
	index  aliasIndex
	local  aliasIndex             // of captured variables
	byUnit map[ast.Node][]*Access // in source order; one variable stands for all that lead to the class
	writes map[storage.Class][]aliasWrite
}

// aliasWrite is a change of a class of storage.
type aliasWrite struct {
	access *Access
	use    storage.Use
	typ    types.Type   // of the expression
	named  []*types.Var // by it
	local  bool         // only captured variables lead there
}

// changesOf lists the changes made by other names to what a variable holds, as accesses to
// that variable.
func (a *aliasUses) changesOf(v *types.Var) []*Access {
	var out []*Access
	for _, c := range a.model.Holds(v) {
		if len(a.writes[c]) == 0 {
			continue
		}
		for _, to := range slices.Concat(a.index[c], a.local[c]) {
			if to.v != v {
				continue
			}
			for _, w := range a.writes[c] {
				if w.access.Var == v || w.local && !storage.IsLocal(v) || !reaches(w.typ, w.use, to) || slices.Contains(w.named, v) {
					continue
				}
				b := *w.access
				b.Var = v
				out = append(out, &b)
			}
		}
	}
	return out
}

// aliasAccesses finds them.
func aliasAccesses(x *patterns.Program, p *patterns.Package) *aliasUses {
	m := x.StorageOf(p)
	out := make(map[ast.Node][]*Access)
	all := &aliasUses{model: m, byUnit: out, writes: make(map[storage.Class][]aliasWrite)}
	all.index, all.local = newAliasIndex(m, p.Fset), newCapturedIndex(m, x.UnitsIn(p))
	changed := make(map[changedIn]*types.Var) // by one of the variables that lead to the class
	units := make(map[ast.Node]*patterns.Unit)
	for _, u := range x.UnitsIn(p) {
		units[node(u)] = u
	}
	for _, use := range m.Uses() {
		u := units[use.Body]
		if u == nil {
			continue
		}
		c := m.Same(use.Class)
		if len(all.index[c]) == 0 && len(all.local[c]) == 0 && !use.Deep {
			continue
		}
		list, local, shared := all.leadTo(c, use.Node)
		own := !shared && use.Deep && !m.OwnsBehind(use.Node) // but what it refers to is not
		if own || use.Deep && shared && !local {
			for _, f := range fieldsBehind(p, p.Info.TypeOf(use.Node), own) {
				out[use.Body] = append(out[use.Body], aliasAccess(u, f, Content, use))
			}
		}
		if !shared {
			continue
		}
		t := p.Info.TypeOf(use.Node)
		named, in := namedBy(u, use), changedIn{c, local}
		if i := slices.IndexFunc(list, func(a aliased) bool {
			return use.Kind == storage.Write && slices.Contains(named, a.v) && reaches(t, use, a)
		}); i >= 0 && changed[in] == nil {
			changed[in] = list[i].v
		}
		if i := slices.IndexFunc(list, func(a aliased) bool { return reaches(t, use, a) && !slices.Contains(named, a.v) }); i >= 0 {
			v := list[i].v
			if changed[in] == nil {
				changed[in] = v
			}
			w := aliasAccess(u, v, Content, use)
			if !use.Deep {
				w.Class = c
			}
			out[use.Body] = append(out[use.Body], w)
			all.writes[c] = append(all.writes[c], aliasWrite{w, use, t, named, local})
		}
	}
	for _, u := range x.UnitsIn(p) {
		if u.Body != nil && len(changed) > 0 {
			all.noteReads(u, changed)
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, byPosition)
	}
	return all
}

func byPosition(a, b *Access) int { return cmp.Compare(a.Pos(), b.Pos()) }

// noteReads notes what a unit reads of the changed classes. One variable stands for all
// that lead to a class: what changes the class is noted as a change of each. What a variable
// changes by its own name counts for reads by others.
func (a *aliasUses) noteReads(u *patterns.Unit, changed map[changedIn]*types.Var) {
	a.model.Reads(node(u), u.Body, func(use storage.Use) {
		c := a.model.Same(use.Class)
		if changed[changedIn{c, false}] == nil && changed[changedIn{c, true}] == nil {
			return
		}
		var named []*types.Var
		if !behindCopy(u, use) {
			named = namedBy(u, use)
		}
		names := func(to aliased) bool { return slices.Contains(named, to.v) }
		if len(named) > 0 && (slices.ContainsFunc(a.index[c], names) || slices.ContainsFunc(a.local[c], names)) {
			return
		}
		_, local, shared := a.leadTo(c, use.Node)
		if v := changed[changedIn{c, local}]; shared && v != nil && !isSynchronised(u.Pkg.Info.TypeOf(use.Node)) {
			a.byUnit[node(u)] = append(a.byUnit[node(u)], aliasAccess(u, v, Read, use))
		}
	})
}

// changedIn is a class that is changed where captured variables lead to it, or others.
type changedIn struct {
	class storage.Class
	local bool
}

// leadTo lists the variables through which others may reach the storage of a class where an
// expression uses it: only captured ones if that is nobody's but the goroutines' of the
// function. shared is false if it is the function's alone.
func (a *aliasUses) leadTo(c storage.Class, at ast.Expr) (list []aliased, local, shared bool) {
	switch {
	case a.model.OwnerIs(at, ownership.Own):
		return nil, false, false
	case a.model.OwnerIs(at, ownership.Forked):
		return a.local[c], true, len(a.local[c]) > 0
	case len(a.index[c]) == 0 && len(a.local[c]) > 0:
		return a.local[c], true, true
	}
	return a.index[c], false, true
}

// reaches reports whether a use of storage, by an expression of the given type, is
// a use of what a variable holds.
func reaches(t types.Type, use storage.Use, a aliased) bool {
	if use.Part && a.pointed {
		return false
	}
	object := a.of == nil
	if a.pointed && a.of != nil {
		_, object = a.of.Underlying().(*types.Struct)
	}
	switch {
	case known.ConcurrentVariable(a.v):
		return false
	case use.Kind == storage.Lend && object:
		return false // its fields count instead, and whether its methods may be called at once
	case use.Receiver && t != nil && known.Concurrent(t):
		return use.Passed && !known.Concurrent(a.v.Type())
	case patterns.IsSyncType(a.v.Type()) || a.of != nil && patterns.IsSyncType(a.of):
		return !use.Part && !isSynchronised(t) && (use.Kind != storage.Lend || storage.HasElements(t))
	}
	return true
}

// isSynchronised reports whether values of a type, or what they point to, synchronise
// themselves. That does not cover what was taken out of them, such as a map.
func isSynchronised(t types.Type) bool { return t == nil || patterns.IsSyncType(t) }

// fieldsBehind lists the exported fields of the package's own structs that reflection
// reaches from a value of the type. If the object is the function's own, those of the object
// itself do not count.
func fieldsBehind(p *patterns.Package, t types.Type, own bool) []*types.Var {
	var out []*types.Var
	seen := make(map[types.Type]bool)
	var visit func(t types.Type, depth int, own bool)
	visit = func(t types.Type, depth int, own bool) {
		if t == nil || depth > patterns.MaxNesting || seen[t] {
			return
		}
		seen[t] = true
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			visit(u.Elem(), depth, own && depth == 0)
		case *types.Slice:
			visit(u.Elem(), depth+1, false)
		case *types.Array:
			visit(u.Elem(), depth+1, own)
		case *types.Map:
			visit(u.Elem(), depth+1, false)
		case *types.Struct:
			for f := range u.Fields() {
				if f.Pkg() != p.Types || !f.Exported() && !f.Embedded() {
					continue
				}
				if !own {
					out = append(out, f.Origin())
				}
				visit(f.Type(), depth+1, own)
			}
		}
	}
	visit(t, 0, own)
	return out
}

// namedBy returns the variables that the expression of a use names. Their use is seen
// without the model.
func namedBy(u *patterns.Unit, use storage.Use) []*types.Var {
	if _, isVar := ast.Unparen(use.Node).(*ast.Ident); use.By != "" && !(use.Extends && isVar) {
		return nil
	}
	p, ok := patterns.PathOf(u.Pkg.Info, pathBase(use.Node))
	switch {
	case !ok:
		return nil
	case len(p.Fields) == 0:
		return []*types.Var{p.Root}
	}
	return p.Fields
}

// pathBase returns what an expression indexes, slices or follows.
func pathBase(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return x
		}
	}
}

// behindCopy reports whether a use is of what a field refers to in a struct that a local
// variable holds itself. As the use of a field it is one of a copy, which nobody else has,
// but what the copy refers to is the same as before.
//
//	q := s.m[key]
//	http.Get(q.urls[0])
func behindCopy(u *patterns.Unit, use storage.Use) bool {
	t := u.Pkg.Info.TypeOf(use.Node)
	p, ok := patterns.PathOf(u.Pkg.Info, pathBase(use.Node))
	return ok && !p.Global() && p.ByValue() && t != nil && storage.IsPlainRef(t)
}

func aliasAccess(u *patterns.Unit, v *types.Var, kind AccessKind, use storage.Use) *Access {
	a := &Access{Var: v, Kind: kind, Node: use.Node, Unit: u, Alias: true, By: use.By}
	if p, ok := patterns.PathOf(u.Pkg.Info, use.Node); ok {
		a.Path = p
	}
	return a
}

// node returns the declaration or literal that the unit is the body of.
func node(u *patterns.Unit) ast.Node {
	if u.Lit != nil {
		return u.Lit
	}
	if u.Decl != nil {
		return u.Decl
	}
	return nil
}

// ClosedOnlyBy reports whether close(ch) is the only call in the package that closes the
// channel, and the channel is not passed to any unseen function.
func ClosedOnlyBy(x *patterns.Program, p *patterns.Package, c *ast.CallExpr) bool {
	model := x.StorageOf(p)
	class := model.Refers(c.Args[0])
	if class == 0 {
		return false
	}
	for _, u := range x.UnitsIn(p) {
		for _, o := range u.Calls() {
			if o == c || patterns.BuiltinOf(p.Info, o) != "close" {
				continue
			}
			if other := model.Refers(o.Args[0]); other == 0 || model.Same(other) == model.Same(class) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(model.Uses(), func(u storage.Use) bool { return u.Kind == storage.Lend && model.Same(u.Class) == model.Same(class) })
}
