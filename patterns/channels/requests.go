package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A request brings the channel for its answer, with room for it:
//
//	r := req{key: k, out: make(chan int, 1)}
//	queue <- r
//	v := <-r.out
//
// Each request is received once, and whoever receives it sends one value. It does not count
// that a function returns a channel with room: it may keep the channel, too, and others send
// on it again and again.

// answersRequest reports whether a send is the only one on a channel that is new for each
// request: the request is received from a queue, or is an argument, and whoever sends it
// makes it there.
func answersRequest(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, s.Chan)
	if !ok || len(p.Fields) > 1 || patterns.IsGlobal(p.Root) {
		return false
	}
	r := &requestSearch{x: x, seen: make(map[patterns.PathKey]bool)}
	return passedOnce(patterns.TopOf(u), p) && r.once(u, p, s)
}

// passedOnce reports whether a function sends on the channel that a variable holds, or has
// in a field, or hands it on, once at most.
func passedOnce(top *patterns.Unit, p patterns.Path) bool {
	count := sendCount{info: top.Pkg.Info, made: p.Root.Pos(), also: handedOn(top, p), is: func(e ast.Expr) bool {
		q, ok := patterns.PathOf(top.Pkg.Info, e)
		return ok && q.Key() == p.Key()
	}}
	return count.in(top.Body) <= 1
}

// requestSearch is the state of answersRequest.
type requestSearch struct {
	x    *patterns.Program
	seen map[patterns.PathKey]bool // a queue that a request is put into again leads back
}

// once reports whether a variable of a unit holds, or has in a field, a channel that nobody
// else sends on: the value has been received, or is an argument.
func (r *requestSearch) once(u *patterns.Unit, p patterns.Path, at ast.Node) bool {
	top := patterns.TopOf(u)
	if r.seen[p.Key()] {
		return false
	}
	r.seen[p.Key()] = true
	v := p.Root
	if values.ParamIndex(top.Signature(), v) >= 0 {
		return r.argument(top, p)
	}
	queue := receivedFrom(top, v)
	if queue == nil || loops(top, v.Pos(), at) {
		return false
	}
	c := values.FlowsOf(r.x, u.Pkg).ClassOf(queue)
	return c != nil && !c.Open && len(c.Sends) > 0 && !slices.ContainsFunc(c.Sends, func(use values.FlowUse) bool {
		return !r.fresh(use.Unit, use.Node.(*ast.SendStmt).Value, p.Fields, use.Node)
	})
}

// argument reports whether all calls of a function pass for a parameter what is fresh.
func (r *requestSearch) argument(top *patterns.Unit, p patterns.Path) bool {
	if top.Obj == nil || len(top.Definitions().Defs[p.Root]) > 1 {
		return false
	}
	calls := values.CallsTo(r.x, top)
	i := values.ParamIndex(top.Signature(), p.Root)
	if len(calls) == 0 || top.Signature().Variadic() || top.Obj.Exported() && top.Pkg.Name != "main" {
		return false
	}
	return !slices.ContainsFunc(calls, func(c patterns.Call) bool {
		return i >= len(c.Call.Args) || !r.fresh(c.Unit, c.Call.Args[i], p.Fields, c.Call)
	})
}

// fresh reports whether an expression that a node hands on is, or has in a field, a channel
// with room that is made for it, or that came with a request itself.
func (r *requestSearch) fresh(u *patterns.Unit, e ast.Expr, fields []*types.Var, at ast.Node) bool {
	e = ast.Unparen(e)
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		if len(fields) != 1 {
			return false
		}
		made := false
		patterns.EachElement(u.Pkg.Info, e, func(v *types.Var, elt ast.Expr) {
			made = made || v != nil && v.Origin() == fields[0] && r.fresh(u, elt, nil, e)
		})
		return made
	case *ast.CallExpr:
		if patterns.BuiltinOf(u.Pkg.Info, e) == "make" {
			return len(fields) == 0 && values.RoomOf(r.x, u.Pkg, e) > 0
		}
		return r.returned(u, e, fields)
	case *ast.Ident:
		p := patterns.Path{Root: patterns.AsVar(u.Pkg.Info, e), Fields: fields}
		if p.Root == nil || patterns.IsGlobal(p.Root) || !passedOnce(patterns.TopOf(u), p) {
			return false
		}
		if def := u.DefinedOnce(p.Root); def != nil && values.ReceivedFrom(def) == nil {
			return !loops(patterns.TopOf(u), def.Pos(), at) && r.fresh(u, def, fields, def)
		}
		return r.once(u, p, at)
	}
	return false
}

// putFresh reports whether a send is on a channel that is the value of an element of a
// container/list, removed from it for the send, and whether every channel of the type that
// the package puts into a list is made for that.
func putFresh(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) bool {
	as, ok := ast.Unparen(s.Chan).(*ast.TypeAssertExpr)
	if !ok || !isRemoved(u, as, s) {
		return false
	}
	r := &requestSearch{x: x, seen: make(map[patterns.PathKey]bool)}
	put, all := 0, true
	for _, v := range x.UnitsIn(u.Pkg) {
		for _, c := range v.Calls() {
			fn := patterns.CalleeOf(v.Pkg.Info, c)
			if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "container/list" || len(c.Args) == 0 || !types.Identical(v.Pkg.Info.TypeOf(c.Args[0]), v.Pkg.Info.TypeOf(as)) {
				continue
			}
			put++
			all = all && r.fresh(v, c.Args[0], nil, c)
		}
	}
	return put > 0 && all
}

// returned reports whether a function of the package returns what is fresh.
func (r *requestSearch) returned(u *patterns.Unit, c *ast.CallExpr, fields []*types.Var) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || r.x.UnitOf(fn) == nil || r.x.UnitOf(fn).Pkg != u.Pkg || r.x.UnitOf(fn).Body == nil {
		return false
	}
	callee, all, any := r.x.UnitOf(fn), true, false
	values.EachReturned(callee, 0, func(e ast.Expr) {
		any = true
		all = all && r.fresh(callee, e, fields, e)
	})
	return any && all
}

// receivedFrom returns the channel from which a local variable gets its only value, or nil.
func receivedFrom(top *patterns.Unit, v *types.Var) (queue ast.Expr) {
	if len(top.Definitions().Defs[v]) != 1 {
		return nil
	}
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && top.Pkg.Info.Defs[id] == v
	}
	ast.Inspect(top.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Rhs) == 1 && is(n.Lhs[0]) {
				queue = values.ReceivedFrom(n.Rhs[0])
			}
		case *ast.RangeStmt:
			if is(n.Key) && patterns.IsChan(top.Pkg.Info.TypeOf(n.X)) {
				queue = n.X
			}
		}
		return queue == nil
	})
	return queue
}

// loops reports whether a loop is around a node but not around what is before it.
func loops(top *patterns.Unit, before token.Pos, at ast.Node) bool {
	return loopSince(top.Body, before, at) != nil
}

// loopSince returns the outermost loop around a node that is not around what is before it.
func loopSince(body ast.Node, before token.Pos, at ast.Node) ast.Node {
	for _, l := range statements.LoopsAround(body, at.Pos()) {
		if before < l.Pos() || l.End() <= before {
			return l
		}
	}
	return nil
}

// handedOn lists the uses of a variable that may give others the channel that it holds, or
// that is in a field: all but receiving, sending, measuring and comparing, and but its other
// fields.
func handedOn(top *patterns.Unit, p patterns.Path) map[*ast.Ident]bool {
	info := top.Pkg.Info
	own := make(map[ast.Expr]bool)
	is := func(e ast.Expr) bool {
		q, ok := patterns.PathOf(info, e)
		return ok && q.Key() == p.Key()
	}
	keep := func(e ast.Expr) {
		if e = ast.Unparen(e); !is(e) {
			return
		}
		if sel, ok := e.(*ast.SelectorExpr); ok {
			e = ast.Unparen(sel.X)
		}
		own[e] = true
	}
	uses := make(map[*ast.Ident]bool)
	ast.Inspect(top.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SendStmt:
			keep(m.Chan)
		case *ast.UnaryExpr:
			if m.Op == token.ARROW {
				keep(m.X)
			}
		case *ast.RangeStmt:
			keep(m.X)
		case *ast.BinaryExpr: // a comparison
			own[ast.Unparen(m.X)], own[ast.Unparen(m.Y)] = true, true
			keep(m.X)
			keep(m.Y)
		case *ast.CallExpr:
			switch patterns.BuiltinOf(info, m) {
			case "len", "cap", "close":
				keep(m.Args[0])
			}
		case *ast.SelectorExpr:
			if v, ok := info.Uses[m.Sel].(*types.Var); ok && len(p.Fields) == 1 && v.Origin() != p.Fields[0] {
				own[ast.Unparen(m.X)] = true
			}
		case *ast.Ident:
			if info.Uses[m] == p.Root && !own[m] {
				uses[m] = true
			}
		}
		return true
	})
	return uses
}
