package storage

import (
	"go/ast"
	"go/token"
	"go/types"
)

// block reads the statements in a node, and the expressions in them.
func (m *Model) block(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			m.functionLiteral(n)
			return false
		case *ast.AssignStmt:
			m.assignment(n)
		case *ast.ValueSpec:
			m.declaration(n)
		case *ast.IncDecStmt:
			m.written(n.X)
		case *ast.RangeStmt:
			m.rangeStmt(n)
		case *ast.SendStmt:
			m.assignTo(m.element(n.Chan), n.Value)
		case *ast.ReturnStmt:
			m.returnStmt(n)
		case *ast.TypeSwitchStmt:
			m.typeSwitch(n)
		case *ast.GoStmt:
			m.keepOperands(n.Call)
		case *ast.CallExpr:
			m.call(n)
		case *ast.CompositeLit:
			m.literal(n)
		}
		return true
	})
}

// keepOperands notes that another goroutine gets the operands of a call, and the
// variables of a function literal that it calls.
func (m *Model) keepOperands(c *ast.CallExpr) {
	m.call(c)
	for _, a := range c.Args {
		m.keep(a)
	}
	if x := ReceiverOf(m.info, c); x != nil {
		m.keep(x)
	}
	if lit, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok {
		m.keepCaptured(lit)
	}
}

func (m *Model) keep(e ast.Expr) {
	if p := m.place(e); p != 0 && Refers(m.info.TypeOf(e)) {
		m.mark(m.refers(p), kept)
	}
}

// keepCaptured notes that a literal may use the variables that it captures at any time.
func (m *Model) keepCaptured(lit *ast.FuncLit) {
	m.eachCaptured(lit, func(id *ast.Ident) { m.keep(id) })
}

// functionLiteral reads the body of a function literal. It shares the variables around it.
func (m *Model) functionLiteral(lit *ast.FuncLit) {
	if !m.inStep[lit] {
		m.keepCaptured(lit)
	}
	body, outs := m.body, m.outs
	m.body, m.outs = lit, m.litResults(lit)
	m.block(lit.Body)
	m.body, m.outs = body, outs
}

// litResults returns the places of the results of a function literal.
func (m *Model) litResults(lit *ast.FuncLit) []Class {
	r, ok := m.lits[lit]
	if !ok && !m.done {
		if sig, isSig := m.info.TypeOf(lit).(*types.Signature); isSig {
			r = m.placesOf(sig.Results())
		}
		m.lits[lit] = r
	}
	return r
}

// resultsOf returns the places of the results of a declared function.
func (m *Model) resultsOf(fn *types.Func) []Class {
	r, ok := m.results[fn]
	if !ok && !m.done {
		r = m.placesOf(fn.Signature().Results())
		m.results[fn] = r
	}
	return r
}

// placesOf makes places for the variables of a tuple: named variables have their own.
func (m *Model) placesOf(t *types.Tuple) []Class {
	out := make([]Class, t.Len())
	for i := range out {
		out[i] = m.placeOf(t.At(i))
	}
	return out
}

func (m *Model) assignment(n *ast.AssignStmt) {
	if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
		m.written(n.Lhs[0])
		return
	}
	for i, l := range n.Lhs {
		if n.Tok == token.ASSIGN {
			m.written(l)
		}
		if id, ok := l.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		if len(n.Lhs) == len(n.Rhs) {
			m.assign(l, n.Rhs[i])
		} else {
			m.assignNth(l, n.Rhs[0], i)
		}
	}
}

func (m *Model) declaration(n *ast.ValueSpec) {
	for i, id := range n.Names {
		switch {
		case len(n.Values) == len(n.Names):
			m.assign(id, n.Values[i])
		case len(n.Values) == 1:
			m.assignNth(id, n.Values[0], i)
		}
	}
}

// assign puts a value into what the left side names. The key goes into the map, too.
func (m *Model) assign(l, r ast.Expr) {
	m.assignTo(m.place(l), r)
	if sel, ok := ast.Unparen(l).(*ast.SelectorExpr); ok {
		m.inside(m.object(sel), r)
	}
	if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && Refers(m.info.TypeOf(ix.Index)) {
		if t := m.info.TypeOf(ix.X); t != nil {
			if _, isMap := t.Underlying().(*types.Map); isMap {
				m.assignTo(m.element(ix.X), ix.Index)
			}
		}
	}
}

// assignNth assigns one of several results of a call, or the first result of a lookup, a
// receive or a type assertion.
func (m *Model) assignNth(l, r ast.Expr, i int) {
	if c, ok := ast.Unparen(r).(*ast.CallExpr); ok {
		if places := m.call(c); i < len(places) && Refers(m.info.TypeOf(l)) {
			m.flow(m.place(l), places[i])
		}
	} else if i == 0 {
		m.assign(l, r)
	}
}

func (m *Model) rangeStmt(n *ast.RangeStmt) {
	t := m.info.TypeOf(n.X)
	if t == nil {
		return
	}
	if n.Tok == token.ASSIGN {
		for _, l := range []ast.Expr{n.Key, n.Value} {
			if l != nil {
				m.written(l)
			}
		}
	}
	var elems Class
	switch t.Underlying().(type) {
	case *types.Signature, *types.Basic: // an iterator yields what it refers to
		elems = m.place(n.X)
	case *types.Pointer: // to an array
		elems = m.refersTo(m.place(n.X))
	default:
		elems = m.element(n.X)
	}
	for _, l := range []ast.Expr{n.Key, n.Value} {
		if l != nil && elems != 0 && Refers(m.info.TypeOf(l)) {
			m.flow(m.place(l), elems)
			m.insideBase(n.X)
		}
	}
}

// returnStmt puts the returned values into the places of the results.
func (m *Model) returnStmt(n *ast.ReturnStmt) {
	for i, r := range n.Results {
		if len(n.Results) < len(m.outs) {
			if c, ok := ast.Unparen(r).(*ast.CallExpr); ok {
				for j, p := range m.call(c) {
					m.flow(m.outs[j], p)
				}
			}
			return
		}
		if i < len(m.outs) {
			m.assignTo(m.outs[i], r)
		}
	}
}

// typeSwitch puts the value that is switched on into the variables of the clauses.
func (m *Model) typeSwitch(n *ast.TypeSwitchStmt) {
	as, ok := n.Assign.(*ast.AssignStmt)
	if !ok {
		return
	}
	from := m.place(as.Rhs[0])
	for _, c := range n.Body.List {
		if v, ok := m.info.Implicits[c].(*types.Var); ok && from != 0 {
			m.flow(m.placeOf(v), from)
		}
	}
}

// written notes that what an expression names is assigned to or changed in place, if it is
// an element, the target of a pointer, or a part of either.
func (m *Model) written(e ast.Expr) {
	part := false
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			sel := m.info.Selections[x]
			if sel == nil || sel.Kind() != types.FieldVal {
				return
			}
			part = true
			if through := Through(sel); len(through) > 0 {
				m.use(Use{Kind: Write, Class: m.refersTo(m.placeOf(through[len(through)-1])), Node: x, Part: true})
				return
			}
			if IsPointer(m.info.TypeOf(x.X)) {
				m.use(Use{Kind: Write, Class: m.refersTo(m.place(x.X)), Node: x.X, Part: true})
				return
			}
			m.use(Use{Kind: Write, Class: m.place(x.X), Node: x.X, Part: true})
			e = x.X
		case *ast.IndexExpr:
			m.use(Use{Kind: Write, Class: m.element(x.X), Node: x.X, Part: part})
			if !IsArray(m.info.TypeOf(x.X)) {
				return
			}
			e = x.X
		case *ast.StarExpr:
			m.use(Use{Kind: Write, Class: m.refersTo(m.place(x.X)), Node: x.X, Part: part})
			return
		default:
			return
		}
	}
}

// use notes a use of storage.
func (m *Model) use(u Use) {
	if u.Class == 0 || m.done {
		return
	}
	u.Body, u.decl = m.body, m.decl
	switch {
	case u.Kind == Lend:
		m.mark(u.Class, written|deep)
	case u.Part:
		m.mark(u.Class, changed)
	default:
		m.mark(u.Class, written)
	}
	m.uses = append(m.uses, u)
}
