package ownership

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// readLocals looks at every use of every local variable of a function.
func (m *Model) readLocals(d *ast.FuncDecl) *locals {
	l := &locals{
		m: m, decl: d, vars: make(map[*types.Var]*local), nodes: nodesOf(d),
		params: make(map[*types.Var]bool),
		owners: make(map[ownerKey]Owner), busy: make(map[place]bool),
	}
	if fn, ok := m.info.Defs[d.Name].(*types.Func); ok {
		sig := fn.Signature()
		l.params[sig.Recv()] = true
		for i := range sig.Params().Len() {
			l.params[sig.Params().At(i)] = true
		}
	}
	for _, n := range l.nodes.list {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			l.loops = append(l.loops, n)
		case *ast.BranchStmt:
			l.jumps = l.jumps || n.Tok == token.GOTO
		case *ast.FuncLit:
			l.literals = append(l.literals, n)
			if !l.runsWhereItStands(n) {
				l.delayed = append(l.delayed, n)
			}
		}
	}
	l.declare(d)
	for _, n := range l.nodes.list {
		switch n := n.(type) {
		case *ast.FuncLit:
			l.literal(n)
		case *ast.Ident:
			if v, ok := m.info.Uses[n].(*types.Var); ok && l.vars[v] != nil {
				l.follow(l.vars[v], n, n.Pos())
			}
		}
	}
	return l
}

// declare notes the local variables and what is assigned to them.
func (l *locals) declare(d *ast.FuncDecl) {
	l.declareVars(d)
	for _, n := range l.nodes.list {
		l.noteAssigned(n)
	}
}

// declareVars notes the local variables.
func (l *locals) declareVars(d *ast.FuncDecl) {
	info := l.m.info
	for _, list := range []*ast.FieldList{d.Recv, d.Type.Params, d.Type.Results} {
		if list == nil {
			continue
		}
		for _, f := range list.List {
			for _, id := range f.Names {
				if v, ok := info.Defs[id].(*types.Var); ok {
					l.local(v)
				}
			}
		}
	}
	for _, n := range l.nodes.list {
		switch n := n.(type) {
		case *ast.Ident:
			if v, ok := info.Defs[n].(*types.Var); ok && !v.IsField() {
				l.local(v)
			}
		case *ast.FuncLit:
			for _, f := range n.Type.Params.List {
				for _, id := range f.Names {
					if v, ok := info.Defs[id].(*types.Var); ok && !l.calledHere(n) {
						l.define(v, value{at: n.Pos()})
					}
				}
			}
		case *ast.CaseClause:
			if v, ok := info.Implicits[n].(*types.Var); ok {
				l.local(v)
			}
		}
	}
}

// noteAssigned notes what a node assigns to local variables.
func (l *locals) noteAssigned(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			l.assigned(lhs, n.Rhs, i, len(n.Lhs), n.End())
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) > 0 {
				l.assigned(id, n.Values, i, len(n.Names), n.End())
			}
		}
	case *ast.RangeStmt:
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if e != nil {
				l.given(e, value{expr: n.X, at: n.X.End(), inner: true})
			}
		}
	case *ast.TypeSwitchStmt:
		if as, ok := n.Assign.(*ast.AssignStmt); ok {
			for _, c := range n.Body.List {
				if v, ok := l.m.info.Implicits[c].(*types.Var); ok {
					l.define(v, value{expr: as.Rhs[0], at: as.End()})
				}
			}
		}
	case *ast.CallExpr:
		l.argumentsOfLiteral(n)
		l.storedByCall(n)
	}
}

// storedByCall notes what a call puts into what its arguments refer to, other than the local
// variables that passed looks at.
//
//	errors.As(s.err, &target)
func (l *locals) storedByCall(c *ast.CallExpr) {
	s, ok := l.m.CallSummary(c)
	if !ok {
		return
	}
	for _, w := range s.Writes {
		l.takenOut(c, w)
	}
	for _, h := range s.Holds {
		if h.To >= storage.Result {
			continue
		}
		for _, to := range storage.OperandExprs(l.m.info, c, h.To) {
			for _, from := range storage.OperandExprs(l.m.info, c, h.From) {
				if root, _ := l.rootOf(from); root == nil || l.vars[root] == nil || l.params[root] {
					l.putInto(to, value{expr: from, at: c.End(), inner: true})
				}
			}
		}
	}
}

// takenOut notes that a call which writes to what an operand refers to may put something there
// that it takes out of an error:
//
//	func get(err error, to **timeout) { t, _ := err.(*timeout); *to = t }
func (l *locals) takenOut(c *ast.CallExpr, written int) {
	for _, to := range storage.OperandExprs(l.m.info, c, written) {
		for _, from := range c.Args {
			if t := l.m.info.TypeOf(from); from != to && holdsValue(t) && !storage.Refers(t) {
				l.putInto(to, value{expr: from, at: c.End(), inner: true})
			}
		}
	}
}

// putInto notes what is put into what an argument refers to: into a local variable, if the
// argument is its address.
func (l *locals) putInto(to ast.Expr, d value) {
	if u, ok := ast.Unparen(to).(*ast.UnaryExpr); ok && u.Op == token.AND {
		l.given(u.X, d)
	}
	if root, _ := l.rootOf(to); root != nil && l.vars[root] != nil {
		l.vars[root].holds = append(l.vars[root].holds, d)
	}
}

func (l *locals) local(v *types.Var) *local {
	lv := l.vars[v]
	if lv == nil {
		lv = &local{v: v}
		l.vars[v] = lv
	}
	return lv
}

func (l *locals) define(v *types.Var, d value) {
	if storage.IsLocal(v) {
		lv := l.local(v)
		lv.defs = append(lv.defs, d)
	}
}

// assigned notes one left side of an assignment or declaration.
func (l *locals) assigned(lhs ast.Expr, rhs []ast.Expr, i, n int, at token.Pos) {
	d := value{at: at}
	if len(rhs) == n {
		d.expr = rhs[i]
	} else {
		d.expr, d.nth = rhs[0], i
		if ix, ok := ast.Unparen(rhs[0]).(*ast.IndexExpr); ok {
			d.expr = ix
		}
		if i > 0 {
			if _, isCall := ast.Unparen(rhs[0]).(*ast.CallExpr); !isCall {
				return // the ok of v, ok
			}
		}
	}
	l.given(lhs, d)
}

// given notes what a left side is given: a variable itself, or what it refers to.
func (l *locals) given(lhs ast.Expr, d value) {
	if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
		if v, ok := l.m.info.ObjectOf(id).(*types.Var); ok {
			l.define(v, d)
		}
		return
	}
	if root, _ := l.rootOf(lhs); root != nil && l.vars[root] != nil {
		l.vars[root].holds = append(l.vars[root].holds, d)
	}
}

// calledHere reports whether a literal is called where it stands, or through the
// only variable that holds it, so that its arguments are seen.
func (l *locals) calledHere(lit *ast.FuncLit) bool {
	if c, ok := l.nodes.around(lit).(*ast.CallExpr); ok && ast.Unparen(c.Fun) == ast.Expr(lit) {
		return true
	}
	return l.m.HeldBy(lit) != nil
}

// runsWhereItStands reports whether a literal is called, started, or passed to a function
// that calls it, right where it is, and not deferred or kept in a variable.
func (l *locals) runsWhereItStands(lit *ast.FuncLit) bool {
	c, ok := l.nodes.around(lit).(*ast.CallExpr)
	if !ok {
		return false
	}
	_, deferred := l.nodes.around(c).(*ast.DeferStmt)
	return !deferred
}

// argumentsOfLiteral assigns the arguments of a call to the parameters of the literal that
// it runs.
func (l *locals) argumentsOfLiteral(c *ast.CallExpr) {
	lit := l.m.LiteralCalled(c)
	if lit == nil {
		return
	}
	i := 0
	for _, f := range lit.Type.Params.List {
		for _, id := range f.Names {
			if v, ok := l.m.info.Defs[id].(*types.Var); ok && i < len(c.Args) {
				l.define(v, value{expr: c.Args[i], at: c.Args[i].End()})
			} else if ok {
				l.define(v, value{at: c.Pos()})
			}
			i++
		}
	}
}

// inStep reports whether a function value is only ever called by this function, or by one
// that calls it before returning and does not keep it.
func (l *locals) inStep(e ast.Expr, lit *ast.FuncLit) bool {
	switch p := l.nodes.around(e).(type) {
	case *ast.ParenExpr:
		return l.inStep(p, lit)
	case *ast.CallExpr:
		if _, spawned := l.nodes.around(p).(*ast.GoStmt); spawned {
			return false
		}
		if ast.Unparen(p.Fun) == ast.Unparen(e) {
			return true
		}
		if l.m.info.Types[p.Fun].IsType() {
			return l.inStep(p, lit)
		}
		return !l.keepsArgument(p, e)
	case *ast.AssignStmt, *ast.ValueSpec:
		if v := l.m.HeldBy(lit); v != nil {
			return l.onlyCalled(v, lit)
		}
	}
	return false
}

// onlyCalled reports whether every use of a variable that holds a literal runs it
// in step.
func (l *locals) onlyCalled(v *types.Var, lit *ast.FuncLit) bool {
	for _, n := range l.nodes.list {
		if id, ok := n.(*ast.Ident); ok && l.m.info.Uses[id] == types.Object(v) {
			if _, isCall := l.nodes.around(id).(*ast.CallExpr); !isCall || !l.inStep(id, lit) {
				return false
			}
		}
	}
	return true
}

// keepsArgument reports whether a called function may keep an argument, hand it to another
// goroutine, or return it.
func (l *locals) keepsArgument(c *ast.CallExpr, arg ast.Expr) bool {
	s, ok := l.m.CallSummary(c)
	if !ok { // a built-in function, too: append keeps what it gets
		return true
	}
	for i := range c.Args {
		if ast.Unparen(c.Args[i]) == ast.Unparen(arg) {
			n := storage.Parameter(l.m.info, c, i)
			return slices.Contains(s.Keeps, n) || slices.ContainsFunc(s.Holds, func(h storage.Hold) bool { return h.From == n && l.m.holdsFunction(c, h.To) })
		}
	}
	return false
}

// holdsFunction reports whether an operand or result of a call is of a type whose
// values may hold a function.
func (m *Model) holdsFunction(c *ast.CallExpr, operand int) bool {
	if operand >= storage.Result {
		return mayHoldFunction(storage.ResultType(m.info.TypeOf(c), operand-storage.Result), make(map[types.Type]bool))
	}
	return slices.ContainsFunc(storage.OperandExprs(m.info, c, operand), func(e ast.Expr) bool {
		return mayHoldFunction(m.info.TypeOf(e), make(map[types.Type]bool))
	})
}

func mayHoldFunction(t types.Type, seen map[types.Type]bool) bool {
	if t == nil {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Pointer:
		return mayHoldFunction(u.Elem(), seen)
	case *types.Slice:
		return mayHoldFunction(u.Elem(), seen)
	case *types.Array:
		return mayHoldFunction(u.Elem(), seen)
	case *types.Chan:
		return mayHoldFunction(u.Elem(), seen)
	case *types.Map:
		return mayHoldFunction(u.Key(), seen) || mayHoldFunction(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if mayHoldFunction(f.Type(), seen) {
				return true
			}
		}
		return false
	}
	return true
}

// follow finds out where a value that comes from a local variable goes.
func (l *locals) follow(lv *local, e ast.Expr, at token.Pos) {
	info := l.m.info
	for {
		p := l.nodes.around(e)
		switch p := p.(type) {
		case *ast.ParenExpr:
			e = p
			continue
		case *ast.SelectorExpr:
			if s := info.Selections[p]; s == nil || s.Kind() != types.FieldVal {
				lv.addressed = lv.addressed || s == nil || takesAddress(s)
				if c, ok := l.nodes.around(p).(*ast.CallExpr); ok && ast.Unparen(c.Fun) == ast.Expr(p) {
					l.passed(lv, c, storage.Receiver, at)
					return
				}
			}
			e = p
		case *ast.IndexExpr:
			if ast.Unparen(p.X) != ast.Unparen(e) {
				if as, ok := l.nodes.around(p).(*ast.AssignStmt); ok && slices.Contains(as.Lhs, ast.Expr(p)) {
					l.stored(lv, p.X, at)
				}
				return
			}
			e = p
		case *ast.SliceExpr:
			if ast.Unparen(p.X) != ast.Unparen(e) {
				return
			}
			e = p
		case *ast.StarExpr, *ast.TypeAssertExpr, *ast.KeyValueExpr, *ast.CompositeLit:
			e = p.(ast.Expr)
		case *ast.UnaryExpr:
			if p.Op != token.AND && p.Op != token.ARROW {
				return
			}
			lv.addressed = lv.addressed || p.Op == token.AND && storage.IsPart(info, p.X)
			e = p
		case *ast.CallExpr:
			if ast.Unparen(p.Fun) == ast.Unparen(e) {
				return
			}
			if t := info.TypeOf(e); t != nil && !storage.Refers(t) || !l.argument(lv, p, e, at) {
				return // a copy is passed, or it does not come back as a result
			}
			e = p
		default:
			if t := info.TypeOf(e); t == nil || storage.Refers(t) {
				l.consumed(lv, p, e)
			}
			return
		}
		if t := info.TypeOf(e); t != nil && !storage.Refers(t) {
			return
		}
	}
}

// takesAddress reports whether a method may be called with the address of what it
// is selected from: not if that is a pointer itself, or one that is embedded in it leads on.
func takesAddress(s *types.Selection) bool {
	if storage.IsPointer(s.Recv()) || len(storage.Through(s)) > 0 {
		return false
	}
	fn, ok := s.Obj().(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return true
	}
	_, pointer := fn.Signature().Recv().Type().(*types.Pointer)
	return pointer
}

// argument looks at an argument of a call. It reports whether the result may be,
// or hold, what the argument refers to.
func (l *locals) argument(lv *local, c *ast.CallExpr, e ast.Expr, at token.Pos) (back bool) {
	tv := l.m.info.Types[c.Fun]
	switch {
	case tv.IsType():
		return true
	case tv.IsBuiltin():
		id, ok := ast.Unparen(c.Fun).(*ast.Ident)
		if ok && id.Name == "copy" && storage.ElementRefers(l.m.info.TypeOf(c.Args[1])) && ast.Unparen(c.Args[1]) == ast.Unparen(e) {
			l.stored(lv, c.Args[0], at)
		}
		return ok && (id.Name == "append" || id.Name == "min" || id.Name == "max")
	}
	for i, a := range c.Args {
		if ast.Unparen(a) == ast.Unparen(e) {
			return l.passed(lv, c, storage.Parameter(l.m.info, c, i), at)
		}
	}
	return false
}

// passed looks at an operand of a call of a function.
func (l *locals) passed(lv *local, c *ast.CallExpr, operand int, at token.Pos) (back bool) {
	sink := func() { lv.sinks = append(lv.sinks, c.End()) }
	if _, spawned := l.nodes.around(c).(*ast.GoStmt); spawned {
		sink()
		return false
	}
	if l.m.LiteralCalled(c) != nil {
		return true // its parameter is defined by the argument
	}
	s, ok := l.m.CallSummary(c)
	if !ok {
		if operand == storage.Receiver {
			return false // a method of an object does not give it away
		}
		sink()
		return true
	}
	if slices.Contains(s.Keeps, operand) {
		sink()
	}
	for _, h := range s.Holds {
		if h.From != operand {
			continue
		}
		if h.To >= storage.Result {
			back = true
			continue
		}
		for _, to := range storage.OperandExprs(l.m.info, c, h.To) {
			if _, isLit := ast.Unparen(to).(*ast.FuncLit); !isLit {
				l.stored(lv, to, at)
			}
		}
	}
	return back
}

// stored notes that what a variable refers to is put into what an expression
// names.
func (l *locals) stored(lv *local, to ast.Expr, at token.Pos) {
	root, _ := l.rootOf(to)
	w := l.vars[root]
	if root == nil || w == nil || l.params[root] {
		lv.sinks = append(lv.sinks, at)
		return
	}
	if w != lv {
		lv.into = append(lv.into, flowTo{root, at})
		w.holds = append(w.holds, value{from: lv.v, at: at})
	}
}

// consumed looks at the statement that a value ends up in.
func (l *locals) consumed(lv *local, p ast.Node, e ast.Expr) {
	switch p := p.(type) {
	case *ast.AssignStmt:
		for i, r := range p.Rhs {
			if r != e {
				continue
			}
			if len(p.Lhs) == len(p.Rhs) {
				l.assignedTo(lv, p.Lhs[i], p.End())
				continue
			}
			for _, lhs := range p.Lhs {
				if storage.Refers(l.m.info.TypeOf(lhs)) {
					l.assignedTo(lv, lhs, p.End())
				}
			}
		}
	case *ast.ValueSpec:
		for i, id := range p.Names {
			if len(p.Values) != len(p.Names) || p.Values[i] == e {
				l.assignedTo(lv, id, p.End())
			}
		}
	case *ast.RangeStmt:
		if p.X == e {
			for _, x := range []ast.Expr{p.Key, p.Value} {
				if x != nil && storage.Refers(l.m.info.TypeOf(x)) {
					l.assignedTo(lv, x, p.X.End())
				}
			}
		}
	case *ast.SendStmt:
		if p.Value == e {
			lv.sinks = append(lv.sinks, p.End())
		}
	case *ast.GoStmt:
		lv.sinks = append(lv.sinks, p.Pos())
	case *ast.ReturnStmt:
		for n := l.nodes.around(p); n != nil; n = l.nodes.around(n) {
			if lit, ok := n.(*ast.FuncLit); ok { // to whoever calls the literal
				if !l.calledHere(lit) {
					lv.sinks = append(lv.sinks, p.Pos())
				}
				return
			}
		}
		lv.returned = true
	}
}

// assignedTo looks at a left side that a value is assigned to.
func (l *locals) assignedTo(lv *local, lhs ast.Expr, at token.Pos) {
	if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
		w, _ := l.m.info.ObjectOf(id).(*types.Var)
		switch {
		case id.Name == "_" || w == lv.v:
		case w == nil || l.vars[w] == nil || l.params[w]:
			lv.sinks = append(lv.sinks, at)
		default:
			lv.into = append(lv.into, flowTo{w, at})
		}
		return
	}
	l.stored(lv, lhs, at)
}
