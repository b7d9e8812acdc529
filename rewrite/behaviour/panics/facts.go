package panics

import (
	"go/ast"
	constants "go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// factsAt lists the facts that hold at a node, from the conditions around it and from the
// statements before it in the enclosing blocks.
func (p *panicCheck) factsAt(n ast.Node) []fact {
	var out []fact
	cond := func(e ast.Expr, holds bool) {
		if e != nil {
			out = append(out, p.conditions(e, holds)...)
		}
	}
	for child, parent := n, p.around(n); parent != nil; child, parent = parent, p.around(parent) {
		switch parent := parent.(type) {
		case *ast.FuncLit:
			return out
		case *ast.BinaryExpr:
			if child == ast.Node(parent.Y) && (parent.Op == token.LAND || parent.Op == token.LOR) {
				cond(parent.X, parent.Op == token.LAND)
			}
		case *ast.IfStmt:
			if parent.Init != nil && child != ast.Node(parent.Init) {
				out = append(out, p.after(parent.Init)...)
			}
			if child == ast.Node(parent.Body) || parent.Else != nil && child == ast.Node(parent.Else) {
				cond(parent.Cond, child == ast.Node(parent.Body))
			}
		case *ast.ForStmt:
			if child == ast.Node(parent.Body) {
				cond(parent.Cond, true)
				out = append(out, fact{since: parent.Body.Pos(), count: parent})
			}
		case *ast.RangeStmt:
			if child == ast.Node(parent.Body) {
				out = append(out, fact{since: parent.Pos() - 1, loop: parent})
			}
		}
		for _, st := range statements.ListOf(parent) {
			if st.End() <= child.Pos() {
				out = append(out, p.after(st)...)
			}
		}
	}
	return out
}

// conditions splits a condition, which is known to hold or not to hold, into its parts.
func (p *panicCheck) conditions(e ast.Expr, holds bool) []fact {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.LAND && holds || e.Op == token.LOR && !holds {
			return append(p.conditions(e.X, holds), p.conditions(e.Y, holds)...)
		}
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return p.conditions(e.X, !holds)
		}
	}
	return []fact{{since: e.End(), cond: ast.Unparen(e), holds: holds}}
}

// after lists the facts that hold after a statement.
func (p *panicCheck) after(st ast.Stmt) []fact {
	switch st := st.(type) {
	case *ast.AssignStmt:
		return []fact{{since: st.End(), as: st}, {since: st.Pos(), done: st}}
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeclStmt:
		return []fact{{since: st.Pos(), done: st}}
	case *ast.IfStmt:
		out := []fact{{since: st.Pos(), done: &ast.ExprStmt{X: st.Cond}}}
		if st.Init != nil {
			out = append(out, fact{since: st.Pos(), done: st.Init})
		}
		if st.Else == nil && syntax.Terminates(p.info, st.Body) {
			for _, f := range p.conditions(st.Cond, false) {
				f.since = st.End()
				out = append(out, f)
			}
		}
		if as := p.fills(st); as != nil {
			out = append(out, fact{since: st.End(), as: as})
		}
		return out
	}
	return nil
}

// fills returns the assignment of `if x == nil { x = y }`, after which x may be stored elsewhere,
// or nil.
func (p *panicCheck) fills(st *ast.IfStmt) *ast.AssignStmt {
	cond, ok := st.Cond.(*ast.BinaryExpr)
	if !ok || st.Else != nil || cond.Op != token.EQL || !p.info.Types[cond.Y].IsNil() || len(st.Body.List) == 0 {
		return nil
	}
	x := types.ExprString(cond.X)
	for _, st := range slices.Backward(st.Body.List) {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			return nil
		}
		if types.ExprString(as.Lhs[0]) == x {
			return as
		}
		if types.ExprString(as.Rhs[0]) != x || syntax.Has(as, func(*ast.CallExpr) bool { return true }) {
			return nil
		}
	}
	return nil
}

// notNil reports whether a pointer or map cannot be nil: it was just made, was tested or
// dereferenced before, the lock was reached through it, or only new ones are assigned to it.
func (p *panicCheck) notNil(e ast.Expr) bool {
	e = ast.Unparen(e)
	if makesObject(p.info, e) {
		return true
	}
	path, ok := patterns.PathOf(p.info, e)
	if ok && len(path.Fields) == 0 && (path.Root == p.nonNil || p.unit.Fresh(path.Root) || p.isRequest(path.Root)) {
		return true
	}
	if lock := p.s.Section.Lock; ok && p.depth == 0 && path.Root == lock.Root && len(path.Fields) < max(len(lock.Fields), 1) && slices.Equal(path.Fields, lock.Fields[:len(path.Fields)]) {
		return true
	}
	if ok && len(path.Fields) == 1 && path.Fields[0].Name() == "URL" && p.isRequest(path.Root) {
		return true // the server always sets it
	}
	if path, ok := plainPath(p.info, e); ok && guards.AlwaysMade(p.s.Program, p.unit, path) {
		return true
	}
	facts := p.factsAt(e)
	return slices.ContainsFunc(facts, func(f fact) bool {
		return p.saysNotNil(f, e, facts) && !p.changed(e, f, e)
	})
}

// isRequest reports whether v is the request parameter of an HTTP handler, which is never nil.
func (p *panicCheck) isRequest(v *types.Var) bool {
	if types.TypeString(v.Type(), nil) != "*net/http.Request" {
		return false
	}
	params := slices.Collect(p.unit.Signature().Params().Variables())
	return slices.Contains(params, v) && slices.ContainsFunc(params, func(w *types.Var) bool { return waits.IsResponse(w.Type()) }) &&
		!p.unit.Assigned(v, p.unit.Body.List)
}

// makesObject reports whether e creates the object that it refers to.
func makesObject(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CallExpr:
		name := patterns.BuiltinOf(info, e)
		return name == "make" || name == "new"
	}
	return false
}

// saysNotNil reports whether a fact implies that an expression is not nil, unless it has changed
// since. A value that came with an error or an ok is not nil once that was tested, and one that
// a condition dereferences is not nil where the condition has a result.
func (p *panicCheck) saysNotNil(f fact, e ast.Expr, facts []fact) bool {
	text := types.ExprString(e)
	switch {
	case f.cond != nil:
		if tested := p.comparedToNil(f); tested != nil && types.ExprString(tested) == text {
			return true
		}
		return p.follows(&ast.ExprStmt{X: f.cond}, text) || p.vouches(f, e, facts) || p.testedInside(f, e)
	case f.as != nil:
		return len(f.as.Lhs) == len(f.as.Rhs) && slices.ContainsFunc(f.as.Lhs, func(l ast.Expr) bool {
			if types.ExprString(l) != text {
				return false
			}
			rhs := f.as.Rhs[slices.Index(f.as.Lhs, l)]
			return makesObject(p.info, rhs) || p.isElement(rhs)
		})
	case f.done != nil:
		return p.follows(f.done, text)
	case f.loop != nil && f.loop.Value != nil && f.loop.Tok == token.DEFINE && types.ExprString(f.loop.Value) == text:
		return p.holdsMade(f.loop.X)
	}
	return false
}

// isElement reports whether an expression is an element of a list that holds no nil.
func (p *panicCheck) isElement(e ast.Expr) bool {
	ix, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, isList := p.info.TypeOf(ix.X).Underlying().(*types.Slice)
	return isList && p.holdsMade(ix.X)
}

// holdsMade reports whether the package puts nothing but objects into a list or map.
func (p *panicCheck) holdsMade(e ast.Expr) bool {
	path, ok := patterns.PathOf(p.info, e)
	return ok && guards.HoldsMade(p.s.Program, p.unit.Pkg, path.Last())
}

// comparedToNil returns the expression that a condition says is not nil, or nil.
func (p *panicCheck) comparedToNil(f fact) ast.Expr {
	c, ok := f.cond.(*ast.BinaryExpr)
	if !ok || (c.Op != token.NEQ || !f.holds) && (c.Op != token.EQL || f.holds) || !p.info.Types[c.Y].IsNil() {
		return nil
	}
	return c.X
}

// vouches reports whether a condition says that err is nil or ok is true, where err or ok was
// assigned together with the value e, and both have kept what they were given.
func (p *panicCheck) vouches(f fact, e ast.Expr, facts []fact) bool {
	var by *ast.Ident
	switch c := f.cond.(type) {
	case *ast.Ident: // ok
		if f.holds {
			by = c
		}
	case *ast.BinaryExpr: // err == nil
		if (c.Op == token.EQL && f.holds || c.Op == token.NEQ && !f.holds) && p.info.Types[c.Y].IsNil() && syntax.IsErrorOrNil(p.info, c.X) {
			by, _ = ast.Unparen(c.X).(*ast.Ident)
		}
	}
	if by == nil {
		return false
	}
	v := p.info.Uses[by]
	var last *ast.AssignStmt // the assignment that set the tested variable
	for _, g := range facts {
		if g.as != nil && g.as.End() <= f.since && (last == nil || g.as.Pos() > last.Pos()) && slices.ContainsFunc(g.as.Lhs, func(l ast.Expr) bool {
			id, ok := l.(*ast.Ident)
			return ok && p.info.ObjectOf(id) == v
		}) {
			last = g.as
		}
	}
	text := types.ExprString(e)
	if last == nil || len(last.Lhs) < 2 || len(last.Rhs) != 1 || !slices.ContainsFunc(last.Lhs, func(l ast.Expr) bool { return types.ExprString(l) == text }) {
		return false
	}
	given := fact{since: last.End()}
	return !p.changed(by, given, by) && !p.changed(e, given, e)
}

// follows reports whether executing a statement dereferences the pointer.
func (p *panicCheck) follows(st ast.Stmt, text string) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr: // the right side may not be evaluated
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || p.follows(&ast.ExprStmt{X: n.X}, text)
				return false
			}
		case *ast.SelectorExpr:
			s := p.info.Selections[n]
			found = found || s != nil && s.Kind() == types.FieldVal && patterns.IsPointer(p.info.TypeOf(n.X)) && types.ExprString(n.X) == text
		case *ast.StarExpr:
			found = found || types.ExprString(n.X) == text
		}
		return !found
	})
	return found
}

// inRange reports whether an index of x is in range: it was tested, or counts the elements. A
// slice bound may also equal the length.
func (p *panicCheck) inRange(x, index ast.Expr, bound bool) bool {
	index = ast.Unparen(index)
	need := int64(1)
	if bound {
		need = 0
	}
	if k, ok := p.constant(index); ok {
		return p.isArray(x) || p.minLen(x, index) >= k+need
	}
	if k, ok := p.lenLess(x, index); ok { // len(x)-k
		return (k > 0 || bound) && p.minLen(x, index) >= k
	}
	id, _ := index.(*ast.Ident)
	if sum, ok := index.(*ast.BinaryExpr); ok && bound && sum.Op == token.ADD { // i+1
		if k, isConst := p.constant(sum.Y); isConst && k == 1 {
			id, _ = ast.Unparen(sum.X).(*ast.Ident)
		}
	}
	if id == nil {
		return false
	}
	if ast.Expr(id) == index && p.testedRange(x, id, bound) {
		return true
	}
	long := p.asLongAs(x)
	return slices.ContainsFunc(p.factsAt(index), func(f fact) bool {
		counts := p.counts(f, id, types.ExprString(x)) || long != nil && p.counts(f, id, long.Name)
		return counts && !p.changed(x, f, index) && !p.changed(id, f, index)
	})
}

// asLongAs returns the y in x := make([]T, len(y)) if neither x nor y changes length afterwards,
// or nil.
func (p *panicCheck) asLongAs(x ast.Expr) *ast.Ident {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return nil
	}
	keeps := func(v *types.Var) bool {
		return v != nil && !syntax.IsGlobal(v) && !p.unit.Captured(v) && !p.unit.Addressed(v)
	}
	v := syntax.VarOf(p.info, id)
	if !keeps(v) {
		return nil
	}
	c, ok := ast.Unparen(p.unit.DefinedOnce(v)).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(p.info, c) != "make" || len(c.Args) < 2 {
		return nil
	}
	size, ok := ast.Unparen(c.Args[1]).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(p.info, size) != "len" {
		return nil
	}
	y, ok := ast.Unparen(size.Args[0]).(*ast.Ident)
	if !ok {
		return nil
	}
	if of := syntax.VarOf(p.info, y); !keeps(of) || p.unit.DefinedOnce(of) == nil && p.unit.Assigned(of, p.unit.Body.List) {
		return nil
	}
	return y
}

func (p *panicCheck) constant(e ast.Expr) (int64, bool) {
	v := p.info.Types[e].Value
	if v == nil || v.Kind() != constants.Int {
		return 0, false
	}
	return constants.Int64Val(v)
}

// isArray reports whether x is an array, whose constant indexes the compiler checks.
func (p *panicCheck) isArray(x ast.Expr) bool {
	_, array := p.info.TypeOf(x).Underlying().(*types.Array)
	return array
}

// lenLess returns k if e is len(x)-k, and 0 if it is len(x).
func (p *panicCheck) lenLess(x, e ast.Expr) (int64, bool) {
	if sub, ok := e.(*ast.BinaryExpr); ok && sub.Op == token.SUB {
		k, isConst := p.constant(sub.Y)
		return k, isConst && k >= 0 && p.isLenOf(sub.X, types.ExprString(x))
	}
	return 0, p.isLenOf(e, types.ExprString(x))
}

func (p *panicCheck) isLenOf(e ast.Expr, text string) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(p.info, c) == "len" && types.ExprString(c.Args[0]) == text
}

// counts reports whether a fact says that i is an index of the expression spelled text.
func (p *panicCheck) counts(f fact, i *ast.Ident, text string) bool {
	v := p.info.Uses[i]
	switch {
	case v == nil:
		return false
	case f.loop != nil:
		key, ok := f.loop.Key.(*ast.Ident)
		if !ok || p.info.ObjectOf(key) != v {
			return false
		}
		if _, isMap := p.info.TypeOf(f.loop.X).Underlying().(*types.Map); isMap {
			return false
		}
		return types.ExprString(f.loop.X) == text || p.isLenOf(f.loop.X, text)
	case f.count != nil:
		return p.countsUp(f.count, v, text)
	}
	return false
}

// countsUp reports whether a loop has the form for i := 0; i < len(x); i++ and its body does not
// assign i.
func (p *panicCheck) countsUp(st *ast.ForStmt, i types.Object, text string) bool {
	init, ok := st.Init.(*ast.AssignStmt)
	if !ok || len(init.Lhs) != 1 || len(init.Rhs) != 1 {
		return false
	}
	from, ok := p.constant(init.Rhs[0])
	inc, up := st.Post.(*ast.IncDecStmt)
	cond, less := st.Cond.(*ast.BinaryExpr)
	if !ok || from < 0 || !up || inc.Tok != token.INC || !less || cond.Op != token.LSS || !p.isLenOf(cond.Y, text) {
		return false
	}
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && p.info.ObjectOf(id) == i
	}
	return is(init.Lhs[0]) && is(inc.X) && is(cond.X) && !p.assignedIn(st.Body, i)
}

// minLen returns how many elements x is known to have at least at a node.
func (p *panicCheck) minLen(x ast.Expr, at ast.Node) int64 {
	n := int64(0)
	for _, f := range p.factsAt(at) {
		if k := p.saysLen(f, types.ExprString(x)); k > n && !p.changed(x, f, at) {
			n = k
		}
	}
	return n
}

// saysLen returns the minimum length that a fact implies for the expression spelled text.
func (p *panicCheck) saysLen(f fact, text string) int64 {
	if f.as != nil && len(f.as.Lhs) == 1 && len(f.as.Rhs) == 1 && types.ExprString(f.as.Lhs[0]) == text {
		c, ok := ast.Unparen(f.as.Rhs[0]).(*ast.CallExpr)
		if ok && patterns.BuiltinOf(p.info, c) == "append" && !c.Ellipsis.IsValid() {
			return int64(len(c.Args) - 1)
		}
		return 0
	}
	c, ok := f.cond.(*ast.BinaryExpr)
	if !ok {
		return 0
	}
	x, y, op := c.X, c.Y, c.Op
	if p.isLenOf(y, text) {
		x, y, op = y, x, turned(op)
	}
	if v := p.info.Types[y].Value; v != nil && v.Kind() == constants.String && constants.StringVal(v) == "" && types.ExprString(x) == text {
		if op == token.NEQ && f.holds || op == token.EQL && !f.holds {
			return 1
		}
		return 0
	}
	k, isConst := p.constant(y)
	if !isConst || !p.isLenOf(x, text) {
		return 0
	}
	if !f.holds {
		op = negated(op)
	}
	switch op {
	case token.GTR:
		return k + 1
	case token.GEQ, token.EQL:
		return k
	case token.NEQ:
		if k == 0 {
			return 1
		}
	}
	return 0
}

// turned returns the comparison with its operands swapped.
func turned(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.LEQ:
		return token.GEQ
	case token.GTR:
		return token.LSS
	case token.GEQ:
		return token.LEQ
	}
	return op
}

// negated returns the comparison that holds where op does not.
func negated(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GEQ
	case token.LEQ:
		return token.GTR
	case token.GTR:
		return token.LEQ
	case token.GEQ:
		return token.LSS
	case token.EQL:
		return token.NEQ
	case token.NEQ:
		return token.EQL
	}
	return token.ILLEGAL
}

// notZero reports whether a divisor is known not to be zero: it is the length of something that
// is not empty, or was itself compared to zero.
func (p *panicCheck) notZero(y ast.Expr) bool {
	y = ast.Unparen(y)
	if c, ok := y.(*ast.CallExpr); ok && patterns.BuiltinOf(p.info, c) == "len" {
		return p.minLen(c.Args[0], y) > 0
	}
	text := types.ExprString(y)
	return slices.ContainsFunc(p.factsAt(y), func(f fact) bool {
		c, ok := f.cond.(*ast.BinaryExpr)
		if !ok || types.ExprString(c.X) != text {
			return false
		}
		k, isConst := p.constant(c.Y)
		op := c.Op
		if !f.holds {
			op = negated(op)
		}
		return isConst && (op == token.NEQ && k == 0 || op == token.GTR && k >= 0 || op == token.GEQ && k > 0) && !p.changed(y, f, y)
	})
}
