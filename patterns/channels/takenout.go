package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A waiter that is removed from where it was found gets one value:
//
//	w := q.waiters[0]
//	q.waiters = q.waiters[1:]
//	w.ch <- v
//
// So does one that is new.

// maxTaken bounds through how many calls what is taken out is followed.
const maxTaken = 3

// takenOut reports whether the channel of a send, or the object that holds it, comes from a
// map, a slice or a field that the unit removes it from, before the send or right after it;
// or is a parameter for which all callers pass such a thing, or a new one.
func takenOut(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, s.Chan)
	if !ok {
		return isRemoved(u, ast.Unparen(s.Chan), s)
	}
	count := sendCount{info: u.Pkg.Info, made: p.Root.Pos(), is: func(e ast.Expr) bool {
		q, ok := patterns.PathOf(u.Pkg.Info, e)
		return ok && q.Key() == p.Key()
	}}
	if count.in(u.Body) > 1 {
		return false
	}
	return len(p.Fields) > 0 && clearedAfter(u, s) || len(p.Fields) <= 1 && isTaken(x, u, p.Root, s, maxTaken)
}

// isTaken reports whether what a local variable holds at a node has been removed from where
// others find it, or is removed after the node.
func isTaken(x *patterns.Program, u *patterns.Unit, v *types.Var, at ast.Node, depth int) bool {
	if v == nil || v.IsField() || patterns.IsGlobal(v) || depth == 0 {
		return false
	}
	if top := patterns.TopOf(u); values.ParamIndex(top.Signature(), v) >= 0 {
		return givenTaken(x, top, v, depth-1)
	}
	if ix := elementOf(u, v); ix != nil {
		return leaves(u, at, ix.X, ix.Index) || ofOneCall(x, u, ix.X, at)
	}
	switch def := ast.Unparen(u.DefinedOnce(v)).(type) {
	case *ast.CallExpr:
		if patterns.BuiltinOf(u.Pkg.Info, def) == "make" {
			return values.RoomOf(x, u.Pkg, def) > 0
		}
		return returnsTaken(x, u, def, depth-1)
	case *ast.SelectorExpr:
		return leaves(u, at, def, nil)
	case *ast.TypeAssertExpr:
		return isRemoved(u, def, at)
	case nil:
		return elementsGiven(x, u, v)
	}
	return false
}

// isRemoved reports whether an expression is the value of an element of a container/list,
// or a field of it, that the unit removes from the list before a node or right after it:
//
//	e := l.Front()
//	l.Remove(e)
//	e.Value.(chan T) <- v
func isRemoved(u *patterns.Unit, e ast.Expr, at ast.Node) bool {
	info := u.Pkg.Info
	if sel, ok := e.(*ast.SelectorExpr); ok {
		e = ast.Unparen(sel.X)
	}
	as, ok := e.(*ast.TypeAssertExpr)
	if !ok {
		return false
	}
	removes := func(e ast.Expr) *ast.CallExpr {
		c, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return nil
		}
		if fn := patterns.CalleeOf(info, c); fn == nil || fn.FullName() != "(*container/list.List).Remove" {
			return nil
		}
		return c
	}
	if removes(as.X) != nil {
		return true
	}
	sel, ok := ast.Unparen(as.X).(*ast.SelectorExpr)
	if !ok || types.TypeString(info.TypeOf(sel.X), nil) != "*container/list.Element" {
		return false
	}
	found := false
	EachStatement(u, func(st ast.Stmt) {
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			return
		}
		c := removes(es.X)
		found = found || c != nil && types.ExprString(c.Args[0]) == types.ExprString(sel.X) && (comesBefore(u, st, at) || follows(u, st, at))
	})
	return found
}

// givenTaken reports whether all callers of a function give nothing, or what they
// have taken out, for a parameter.
func givenTaken(x *patterns.Program, top *patterns.Unit, v *types.Var, depth int) bool {
	if top.Obj == nil || top.Obj.Exported() && top.Pkg.Name != "main" || len(top.Definitions().Defs[v]) > 1 {
		return false
	}
	args := values.ArgumentsFor(x, top, v)
	return len(args) > 0 && !slices.ContainsFunc(args, func(a guards.UnitExpr) bool {
		if a.Unit.Pkg.Info.Types[a.Expr].IsNil() {
			return false
		}
		id, ok := ast.Unparen(a.Expr).(*ast.Ident)
		return !ok || !isTaken(x, a.Unit, patterns.AsVar(a.Unit.Pkg.Info, id), id, depth)
	})
}

// ofOneCall reports whether a container is a field of a parameter for which each caller
// passes an object that it has made, once, and a node is in one loop over it: each element
// comes up once.
//
//	c := new(call)
//	g.m[key] = c // others append to c.chans meanwhile
//	g.do(c)      // ranges over c.chans
func ofOneCall(x *patterns.Program, u *patterns.Unit, container ast.Expr, at ast.Node) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, container)
	if !ok || len(p.Fields) == 0 || u.Obj == nil || u.Obj.Exported() && u.Pkg.Name != "main" || len(u.Definitions().Defs[p.Root]) > 1 {
		return false
	}
	loops := statements.LoopsAround(u.Body, at.Pos())
	if r, ok := slices.Concat(loops, []ast.Node{nil})[0].(*ast.RangeStmt); len(loops) != 1 || !ok || types.ExprString(r.X) != types.ExprString(container) {
		return false
	}
	args := values.ArgumentsFor(x, u, p.Root)
	return len(args) > 0 && !slices.ContainsFunc(args, func(a guards.UnitExpr) bool { return !madeForOne(a.Unit, a.Expr, u.Obj.Origin()) })
}

// madeForOne reports whether an argument of a call of a function is a local variable for a
// new object, which the unit gives to that function once.
func madeForOne(u *patterns.Unit, arg ast.Expr, fn *types.Func) bool {
	v := patterns.AsVar(u.Pkg.Info, patterns.IdentOf(arg))
	def := ast.Unparen(u.DefinedOnce(v))
	switch def := def.(type) {
	case *ast.UnaryExpr:
		if _, ok := ast.Unparen(def.X).(*ast.CompositeLit); !ok || def.Op != token.AND {
			return false
		}
	case *ast.CallExpr:
		if patterns.BuiltinOf(u.Pkg.Info, def) != "new" {
			return false
		}
	default:
		return false
	}
	calls := 0
	for _, c := range u.Calls() {
		callee := patterns.CalleeOf(u.Pkg.Info, c)
		if callee != nil && callee.Origin() == fn && slices.ContainsFunc(c.Args, func(e ast.Expr) bool { return patterns.AsVar(u.Pkg.Info, patterns.IdentOf(e)) == v }) {
			calls++
		}
	}
	return calls == 1 && len(statements.LoopsAround(u.Body, arg.Pos())) == len(statements.LoopsAround(u.Body, def.Pos()))
}

// returnsTaken reports whether a function of the package returns what it takes out.
func returnsTaken(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, depth int) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || x.UnitOf(fn) == nil || x.UnitOf(fn).Pkg != u.Pkg || x.UnitOf(fn).Body == nil {
		return false
	}
	callee, all := x.UnitOf(fn), true
	values.EachReturned(callee, 0, func(e ast.Expr) {
		if callee.Pkg.Info.Types[e].IsNil() {
			return
		}
		id, ok := ast.Unparen(e).(*ast.Ident)
		all = all && ok && isTaken(x, callee, patterns.AsVar(callee.Pkg.Info, id), id, depth)
	})
	return all
}

// elementsGiven reports whether a variable that is declared without a value is only
// given new channels, and elements which are taken out after that.
func elementsGiven(x *patterns.Program, u *patterns.Unit, v *types.Var) bool {
	given, all := 0, true
	patterns.EachAssignment(patterns.TopOf(u).Body, func(lhs, rhs ast.Expr) {
		id, ok := ast.Unparen(lhs).(*ast.Ident)
		if !ok || rhs == nil || u.Pkg.Info.ObjectOf(id) != v {
			return
		}
		given++
		e := ast.Unparen(rhs)
		if sel, ok := e.(*ast.SelectorExpr); ok {
			e = ast.Unparen(sel.X)
		}
		switch e := e.(type) {
		case *ast.IndexExpr:
			all = all && leaves(u, lhs, e.X, e.Index)
		case *ast.CallExpr:
			all = all && patterns.BuiltinOf(u.Pkg.Info, e) == "make" && values.RoomOf(x, u.Pkg, e) > 0
		default:
			all = false
		}
	})
	return given > 0 && all && len(u.Definitions().Defs[v]) <= given+1
}

// leaves reports whether what is at an index of a container, or in a field if index is nil,
// is removed from it before a node or right after it.
func leaves(u *patterns.Unit, at ast.Node, from, index ast.Expr) bool {
	names := []string{types.ExprString(from)}
	if id, ok := ast.Unparen(from).(*ast.Ident); ok { // all := q.waiters; q.waiters = nil
		if def := u.DefinedOnce(patterns.AsVar(u.Pkg.Info, id)); def != nil {
			names = append(names, types.ExprString(def))
		}
	}
	found := false
	EachStatement(u, func(st ast.Stmt) {
		found = found || takesOut(u, st, names, index) && (st.Pos() < at.Pos() || follows(u, st, at))
	})
	return found
}

// clearedAfter reports whether the field that holds the channel of a send is cleared
// right after it.
func clearedAfter(u *patterns.Unit, s *ast.SendStmt) bool {
	found := false
	EachStatement(u, func(st ast.Stmt) {
		found = found || takesOut(u, st, []string{types.ExprString(s.Chan)}, nil) && follows(u, st, s)
	})
	return found
}

// EachStatement visits the statements of the function around a unit.
func EachStatement(u *patterns.Unit, visit func(ast.Stmt)) {
	ast.Inspect(patterns.TopOf(u).Body, func(n ast.Node) bool {
		if st, ok := n.(ast.Stmt); ok {
			visit(st)
		}
		return true
	})
}

// takesOut reports whether a statement takes an element out of a container that has
// one of the names, or all of them, or clears the field if index is nil.
func takesOut(u *patterns.Unit, st ast.Stmt, names []string, index ast.Expr) bool {
	named := func(e ast.Expr) bool { return slices.Contains(names, types.ExprString(e)) }
	switch st := st.(type) {
	case *ast.ExprStmt:
		c, ok := ast.Unparen(st.X).(*ast.CallExpr)
		if !ok || index == nil {
			return false
		}
		switch patterns.BuiltinOf(u.Pkg.Info, c) {
		case "clear":
			return named(c.Args[0])
		case "delete": // the element, or the list of them that is itself one of a map
			of := &ast.IndexExpr{X: c.Args[0], Index: c.Args[1]}
			return named(c.Args[0]) && types.ExprString(c.Args[1]) == types.ExprString(index) || named(of)
		}
	case *ast.AssignStmt:
		if st.Tok != token.ASSIGN || len(st.Lhs) != len(st.Rhs) {
			return false
		}
		for i, l := range st.Lhs {
			if named(l) && (u.Pkg.Info.Types[st.Rhs[i]].IsNil() || index != nil && shortens(u, st.Rhs[i], named)) {
				return true
			}
			ix, ok := ast.Unparen(l).(*ast.IndexExpr)
			if ok && index != nil && named(ix.X) && types.ExprString(ix.Index) == types.ExprString(index) && isOther(u, st.Rhs[i]) {
				return true
			}
		}
	}
	return false
}

// isOther reports whether an expression is a parameter, or new: it has not been found in the
// container.
func isOther(u *patterns.Unit, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := patterns.AsVar(u.Pkg.Info, id)
	return v != nil && len(u.Given(v)) == 0 && u.IsParam(v) || u.Fresh(v)
}

// shortens reports whether an expression is a new container, or one with the name
// without some of its elements.
func shortens(u *patterns.Unit, e ast.Expr, named func(ast.Expr) bool) bool {
	part := func(e ast.Expr) bool {
		s, ok := ast.Unparen(e).(*ast.SliceExpr)
		return ok && named(s.X) && (s.Low != nil || s.High != nil)
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		return part(e)
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.CallExpr:
		switch patterns.BuiltinOf(u.Pkg.Info, e) {
		case "make":
			return true
		case "append":
			return part(e.Args[0])
		}
		fn := patterns.CalleeOf(u.Pkg.Info, e)
		return fn != nil && fn.FullName() == "slices.Delete" && named(e.Args[0])
	}
	return false
}

// follows reports whether a statement comes after a node in the same or an enclosing list
// of statements, so that control gets from the node to the statement.
func follows(u *patterns.Unit, st ast.Stmt, at ast.Node) bool {
	list, i := statements.Around(patterns.TopOf(u).Body, st)
	if list == nil {
		return false
	}
	around := slices.IndexFunc(list[:i], func(s ast.Stmt) bool { return s.Pos() <= at.Pos() && at.Pos() < s.End() })
	if around < 0 {
		return false
	}
	jumps := false
	ast.Inspect(list[around], func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			jumps = jumps || at.Pos() < n.Pos() && sameList(u, n, at)
		}
		return !jumps
	})
	return !jumps
}

// sameList reports whether a statement is in a list that also contains the node.
func sameList(u *patterns.Unit, st, at ast.Node) bool {
	list, _ := statements.Around(patterns.TopOf(u).Body, st.(ast.Stmt))
	return slices.ContainsFunc(list, func(s ast.Stmt) bool { return s.Pos() <= at.Pos() && at.Pos() < s.End() })
}

// elementOf returns the map or slice element that a local variable holds, looked up or from
// a loop; nil if it holds none.
func elementOf(u *patterns.Unit, v *types.Var) *ast.IndexExpr {
	def := ast.Unparen(u.DefinedOnce(v))
	if sel, ok := def.(*ast.SelectorExpr); ok { // ch := q.waiters[0].ch
		def = ast.Unparen(sel.X)
	}
	if ix, ok := def.(*ast.IndexExpr); ok {
		return ix
	}
	var found *ast.IndexExpr
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && v != nil && u.Pkg.Info.ObjectOf(id) == v
	}
	ast.Inspect(patterns.TopOf(u).Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt: // w, ok := m[k]
			if ix, ok := ast.Unparen(n.Rhs[0]).(*ast.IndexExpr); ok && len(n.Rhs) == 1 && is(n.Lhs[0]) {
				found = ix
			}
		case *ast.RangeStmt:
			if n.Key != nil && is(n.Value) {
				found = &ast.IndexExpr{X: n.X, Index: n.Key}
			}
		}
		return true
	})
	return found
}
