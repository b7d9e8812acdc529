package storage

import (
	"go/ast"
	"go/token"
	"go/types"
)

// placeOf returns the place of a variable or field.
func (m *Model) placeOf(v *types.Var) Class {
	v = v.Origin()
	c, ok := m.places[v]
	if !ok && !m.done {
		c = m.fresh()
		switch {
		case v.IsField():
			m.flags[c] |= shared
		case !IsLocal(v):
			m.flags[c] |= shared | global
		}
		m.places[v] = c
	}
	return c
}

// place returns where the value of an expression is kept: the place of the variable, field
// or element that it names, or a place for the expression alone. It is 0 for a value that
// refers to nothing.
func (m *Model) place(e ast.Expr) Class {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := m.info.ObjectOf(e).(*types.Var); ok {
			return m.placeOf(v)
		}
		return m.functionAsValue(e)
	case *ast.SelectorExpr:
		if v, ok := m.info.ObjectOf(e.Sel).(*types.Var); ok {
			return m.placeOf(v)
		}
		return m.functionAsValue(e)
	case *ast.StarExpr:
		return m.refersTo(m.place(e.X))
	case *ast.IndexExpr:
		if fn, _ := m.functionNamed(e); fn != nil {
			return m.functionAsValue(e)
		}
		return m.element(e.X)
	case *ast.IndexListExpr:
		return m.functionAsValue(e)
	case *ast.SliceExpr:
		if IsArray(m.info.TypeOf(e.X)) {
			return m.addressOf(e, e.X)
		}
		return m.place(e.X)
	case *ast.UnaryExpr:
		switch e.Op {
		case token.AND:
			return m.addressOf(e, e.X)
		case token.ARROW:
			return m.refersTo(m.place(e.X))
		}
	case *ast.TypeAssertExpr:
		return m.place(e.X)
	case *ast.CompositeLit:
		return m.literal(e)
	case *ast.FuncLit:
		return m.functionValue(e)
	case *ast.CallExpr:
		if r := m.call(e); len(r) > 0 {
			return r[0]
		}
	}
	return 0
}

// element returns the place of the elements of what an expression denotes.
func (m *Model) element(x ast.Expr) Class {
	if t := m.info.TypeOf(x); IsString(t) {
		return 0
	} else if IsArray(t) {
		return m.place(x)
	}
	return m.refersTo(m.place(x))
}

// refersTo is refers, but makes nothing once the model is done.
func (m *Model) refersTo(c Class) Class {
	if m.done {
		return m.find(m.target[m.find(c)])
	}
	return m.refers(c)
}

// addressOf returns the place of the address of x: of &x, or of x[:] of an array.
func (m *Model) addressOf(e, x ast.Expr) Class {
	c, ok := m.made[e]
	if ok || m.done {
		return c
	}
	c = m.fresh()
	m.made[e] = c
	to := m.place(x)
	if to == 0 {
		to = m.fresh()
	}
	m.union(m.refers(c), to)
	return c
}

// functionValue returns the place of a function literal as a value. Its arguments and
// results are one class, whoever calls it.
func (m *Model) functionValue(lit *ast.FuncLit) Class {
	c, ok := m.made[lit]
	if ok || m.done {
		return c
	}
	c = m.fresh()
	m.made[lit] = c
	m.refers(c)
	if sig, ok := m.info.TypeOf(lit).(*types.Signature); ok {
		for _, t := range []*types.Tuple{sig.Params(), sig.Results()} {
			for i := range t.Len() {
				if Refers(t.At(i).Type()) {
					m.flow(c, m.placeOf(t.At(i)))
				}
			}
		}
	}
	return c
}

// literal returns the place of what a composite literal makes.
func (m *Model) literal(e *ast.CompositeLit) Class {
	c, ok := m.made[e]
	if ok || m.done {
		return c
	}
	c = m.fresh()
	m.made[e] = c
	t := m.info.TypeOf(e)
	st := StructOf(t)
	if st != nil {
		m.structLiteral(e, st, c)
		return c
	}
	elems := c
	if !IsArray(t) {
		elems = m.refers(c)
	}
	for _, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if _, isMap := t.Underlying().(*types.Map); isMap {
				m.assignTo(elems, kv.Key)
			}
			x = kv.Value
		}
		m.assignTo(elems, x)
	}
	return c
}

func (m *Model) structLiteral(e *ast.CompositeLit, st *types.Struct, object Class) {
	for i, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				if f, ok := m.info.Uses[id].(*types.Var); ok {
					m.assignTo(m.placeOf(f), kv.Value)
					m.inside(object, kv.Value)
				}
			}
		} else if i < st.NumFields() {
			m.assignTo(m.placeOf(st.Field(i)), x)
			m.inside(object, x)
		}
	}
}

// assignTo puts the value of an expression into a place. What a field of an object holds
// goes wherever the object goes.
func (m *Model) assignTo(to Class, e ast.Expr) {
	t := m.info.TypeOf(e)
	from := m.place(e)
	if from == 0 || to == 0 || !Refers(t) {
		return
	}
	m.insideBase(e)
	if IsStruct(t) { // an interface refers to the struct, a copy to everything in it
		m.union(m.refers(to), from)
		return
	}
	m.flow(to, from)
}

// insideBase notes that the object from which an expression takes an element of a field
// holds that element.
func (m *Model) insideBase(e ast.Expr) {
	if sel, ok := pathBase(e).(*ast.SelectorExpr); ok && !m.done {
		if o := m.object(sel); o != 0 {
			m.putInside(o, m.refers(m.place(sel)))
		}
	}
}

// object returns the class of the object that a field is selected from, or 0.
func (m *Model) object(sel *ast.SelectorExpr) Class {
	if s := m.info.Selections[sel]; s == nil || s.Kind() != types.FieldVal {
		return 0
	}
	o := m.place(sel.X)
	if IsPointer(m.info.TypeOf(sel.X)) {
		return m.refersTo(o)
	}
	return o
}

// pathBase returns what an expression slices or indexes.
func pathBase(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SliceExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			return x
		}
	}
}

// inside notes that a field of an object holds the value of an expression.
func (m *Model) inside(object Class, e ast.Expr) {
	from := m.place(e)
	if from == 0 || !Refers(m.info.TypeOf(e)) {
		return
	}
	if IsStruct(m.info.TypeOf(e)) {
		m.putInside(object, from)
		return
	}
	m.putInside(object, m.refers(from))
}
