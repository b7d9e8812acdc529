package storage

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"
)

// A Region is storage: objects, and parts of them. A field has one class for all
// structs of its type, so two regions do not meet just because both have an object with
// that field. They meet only if one of them has the field itself, by its address.
type Region struct {
	objects, parts map[Class]bool
}

func newRegion() Region { return Region{make(map[Class]bool), make(map[Class]bool)} }

// Meets reports whether two regions may have storage in common.
func (r Region) Meets(o Region) bool {
	return meet(r.objects, o.objects) || meet(r.objects, o.parts) || meet(r.parts, o.objects)
}

func meet(a, b map[Class]bool) bool {
	for c := range a {
		if b[c] {
			return true
		}
	}
	return false
}

// Empty reports whether there is no storage in the region.
func (r Region) Empty() bool { return len(r.objects)+len(r.parts) == 0 }

// layout is how one class leads to another other than by references in variables and
// elements. It is made on first use.
type layout struct {
	once    sync.Once
	below   map[Class][]Class         // what an object has in its fields, and a function literal captures
	structs map[Class][]*types.Struct // the types of the objects in a class
}

func (m *Model) layoutOf() *layout {
	m.layout.once.Do(func() {
		m.layout.below, m.layout.structs = make(map[Class][]Class), make(map[Class][]*types.Struct)
		for c := range m.up {
			for u := range m.leadTo(Class(c)) {
				m.layout.link(m.find(u), m.find(Class(c)))
			}
		}
		for o, c := range m.places {
			m.noteStructs(c, o.Type(), 0)
		}
		for e, c := range m.made {
			m.noteStructs(c, m.info.TypeOf(e), 0)
			if lit, ok := e.(*ast.FuncLit); ok {
				m.eachCaptured(lit, func(id *ast.Ident) { m.layout.link(m.refersTo(c), m.find(m.place(id))) })
			}
		}
		for call, results := range m.calls {
			for i, c := range results {
				m.noteStructs(c, ResultType(m.info.TypeOf(call), i), 0)
			}
		}
	})
	return &m.layout
}

func (l *layout) link(from, to Class) {
	if from != 0 && to != 0 && !slices.Contains(l.below[from], to) {
		l.below[from] = append(l.below[from], to)
	}
}

// noteStructs notes the structs in a class that holds values of a type, and in what these
// refer to.
func (m *Model) noteStructs(c Class, t types.Type, depth int) {
	if c = m.find(c); c == 0 || t == nil || depth > maxNesting {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if l := &m.layout; !slices.Contains(l.structs[c], u) {
			l.structs[c] = append(l.structs[c], u)
		}
	case *types.Array:
		m.noteStructs(c, u.Elem(), depth+1)
	case *types.Pointer:
		m.noteStructs(m.target[c], u.Elem(), depth+1)
	case *types.Slice:
		m.noteStructs(m.target[c], u.Elem(), depth+1)
	case *types.Chan:
		m.noteStructs(m.target[c], u.Elem(), depth+1)
	case *types.Map:
		m.noteStructs(m.target[c], u.Key(), depth+1)
		m.noteStructs(m.target[c], u.Elem(), depth+1)
	}
}

// StructsBehind lists the types of the structs that the value of an expression refers to, as far
// as the package puts them there: behind an interface, they are not in its type.
func (m *Model) StructsBehind(e ast.Expr) []*types.Struct {
	list := slices.Clone(m.layoutOf().structs[m.Same(m.Refers(e))])
	slices.SortFunc(list, func(a, b *types.Struct) int { return cmp.Compare(firstField(a), firstField(b)) })
	return list
}

func firstField(t *types.Struct) token.Pos {
	if t.NumFields() == 0 {
		return token.NoPos
	}
	return t.Field(0).Pos()
}

// eachCaptured visits the uses that a function literal makes of local variables
// from around it.
func (m *Model) eachCaptured(lit *ast.FuncLit, visit func(*ast.Ident)) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := m.info.Uses[id].(*types.Var)
			if ok && IsLocal(v) && (v.Pos() < lit.Pos() || v.Pos() >= lit.End()) {
				visit(id)
			}
		}
		return true
	})
}

// A Scope answers questions about the storage of one declared function. It assumes that
// a call of an unseen function may store each of its arguments and results in the
// others.
type Scope struct {
	m     *Model
	links map[Class][]Class
}

// ScopeOf returns the scope of the function that contains a node, or nil outside of any. It
// ignores what the calls that skip accepts may store: they run only when nobody asks any
// more.
func (m *Model) ScopeOf(n ast.Node, skip func(*ast.CallExpr) bool) *Scope {
	d := m.DeclAt(n.Pos())
	if d == nil {
		return nil
	}
	s := &Scope{m: m, links: make(map[Class][]Class)}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && !skip(c) {
			s.unseen(c)
		}
		return true
	})
	return s
}

// unseen links the arguments and results of a call of an unseen function.
func (s *Scope) unseen(c *ast.CallExpr) {
	m := s.m
	tv := m.info.Types[c.Fun]
	if tv.IsType() || tv.IsBuiltin() || m.LiteralCalled(c) != nil {
		return
	}
	if _, ok := m.CallSummary(c); ok {
		return
	}
	var all []Class
	for _, o := range m.Operands(c) {
		all = append(all, m.refersTo(m.operandPlace(o)))
	}
	for i, p := range m.call(c) {
		if t := ResultType(m.info.TypeOf(c), i); t != nil && Refers(t) {
			all = append(all, m.refersTo(p))
		}
	}
	for _, a := range all {
		for _, b := range all {
			if a != 0 && b != 0 && a != b {
				s.links[a] = append(s.links[a], b)
			}
		}
	}
}

// Leads returns the storage that the value of an expression leads to, directly and
// through references in it: in elements, fields, and the variables that a function
// literal captures.
func (s *Scope) Leads(e ast.Expr) Region {
	if !Refers(s.m.info.TypeOf(e)) {
		return newRegion()
	}
	return s.m.reach(s.m.place(e), s.links)
}

// LeadsOperand is Leads for an operand of a call.
func (s *Scope) LeadsOperand(o Operand) Region { return s.m.reach(s.m.operandPlace(o), s.links) }

// Names returns the storage that an assignment to an expression writes. For a field it
// is the variable, element or object that contains the field.
func (s *Scope) Names(e ast.Expr) Region {
	m, r := s.m, newRegion()
	m.addParts(r, m.info.TypeOf(e))
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			r.add(m.place(x))
			return r
		case *ast.SelectorExpr:
			sel := m.info.Selections[x]
			if sel == nil {
				r.add(m.place(x))
				return r
			}
			r.parts[m.find(m.place(x))] = true
			if IsPointer(m.info.TypeOf(x.X)) {
				r.add(m.refersTo(m.place(x.X)))
				return r
			} else if sel.Indirect() { // through an embedded pointer
				r.add(m.place(x))
				r.add(m.refersTo(m.place(x.X)))
				return r
			}
			e = x.X
		case *ast.IndexExpr:
			r.add(m.element(x.X))
			if !IsArray(m.info.TypeOf(x.X)) {
				return r
			}
			e = x.X
		case *ast.StarExpr:
			r.add(m.refersTo(m.place(x.X)))
			return r
		default:
			r.add(m.refersTo(m.place(x)))
			return r
		}
	}
}

// Elements returns the elements of the slice or map that an expression denotes.
func (s *Scope) Elements(e ast.Expr) Region {
	r := newRegion()
	r.add(s.m.element(e))
	for c := range r.objects {
		for _, st := range s.m.layoutOf().structs[c] {
			s.m.addParts(r, st)
		}
	}
	return r
}

func (r Region) add(c Class) {
	if c != 0 {
		r.objects[c] = true
	}
}

// addParts adds the fields that values of a type hold themselves.
func (m *Model) addParts(r Region, t types.Type) {
	if t == nil {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		m.addParts(r, u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if c := m.find(m.places[f.Origin()]); c != 0 {
				r.parts[c] = true
			}
			m.addParts(r, f.Type())
		}
	}
}

// reach collects what the value in a place leads to, without the place itself.
func (m *Model) reach(from Class, links map[Class][]Class) Region {
	const (
		value = 1 + iota
		part
		object
	)
	if from == 0 {
		return newRegion()
	}
	lay, kinds := m.layoutOf(), make(map[Class]int)
	var work []Class
	visit := func(c Class, kind int) {
		if c = m.find(c); c != 0 && kinds[c] < kind {
			kinds[c] = kind
			work = append(work, c)
		}
	}
	visit(from, value)
	for len(work) > 0 {
		c := work[len(work)-1]
		work = work[:len(work)-1]
		visit(m.target[c], object)
		for _, list := range [][]Class{lay.below[c], links[c]} {
			for _, b := range list {
				visit(b, object)
			}
		}
		for _, st := range lay.structs[c] {
			for f := range st.Fields() {
				visit(m.places[f.Origin()], min(kinds[c], part))
			}
		}
	}
	r := newRegion()
	for c, kind := range kinds {
		switch kind {
		case part:
			r.parts[c] = true
		case object:
			r.objects[c] = true
		}
	}
	return r
}

// LeadsTo reports whether the value of an expression leads to a field or package-level
// variable itself, because somebody took its address, or is a pointer to an element of the
// slice in it. Only pointers lead to a struct, and methods that are bound to its address: a
// copy has its own fields.
func (m *Model) LeadsTo(e ast.Expr, v *types.Var) bool {
	t := m.info.TypeOf(e)
	c, from := m.find(m.places[v.Origin()]), m.find(m.place(e))
	if c == 0 || !Refers(t) {
		return false
	}
	to := m.refersTo(from)
	if slice, ok := v.Type().Underlying().(*types.Slice); ok && IsPointer(t) {
		if elem := m.find(m.target[c]); elem != 0 && to == elem && types.Identical(t.Underlying().(*types.Pointer).Elem(), slice.Elem()) {
			return true
		}
	}
	if IsStruct(v.Type()) {
		_, bound := t.Underlying().(*types.Signature) // to the address of a receiver
		return (IsPointer(t) || bound) && to == c
	}
	return c != from && m.reach(from, nil).objects[c]
}

// IsShared reports whether fields or package-level variables lead to some of the
// storage.
func (m *Model) IsShared(r Region) bool {
	for c := range r.objects {
		if m.flags[c]&shared != 0 {
			return true
		}
	}
	return false
}

// LeadsVariable is Leads for the value that a local variable holds.
func (s *Scope) LeadsVariable(v *types.Var) Region { return s.m.reach(s.m.places[v], s.links) }

// Variable returns the storage of a local variable, with its parts.
func (s *Scope) Variable(v *types.Var) Region {
	r := newRegion()
	r.add(s.m.find(s.m.places[v.Origin()]))
	s.m.addParts(r, v.Type())
	return r
}

// IsIn reports whether a local variable is itself in a region, as a variable is in what its
// address leads to.
func (s *Scope) IsIn(v *types.Var, r Region) bool {
	return r.objects[s.m.find(s.m.places[v.Origin()])]
}
