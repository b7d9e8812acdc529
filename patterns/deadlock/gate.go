package deadlock

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A flag may let a send through only when the receiver is done with the value before:
//
//	if !s.busy.Load() {        for n := range s.work {
//		s.busy.Store(true)         s.cut(n) // needs the lock
//		s.work <- s.n              s.busy.Store(false)
//	}                          }
//
// Whoever sends under the lock has found the flag unset, so the receiver is past what it
// needs the lock for.

// gateOf returns the flag that lets all sends of a channel through, or nil. Only the units
// that receive may unset it.
func (s *needSearch) gateOf(p *patterns.Package, c *values.FlowClass) *types.Var {
	var gate *types.Var
	for i, use := range c.Sends {
		flag := letsThrough(use.Unit, use.Node)
		if flag == nil || i > 0 && flag != gate {
			return nil
		}
		gate = flag
	}
	if gate == nil {
		return nil
	}
	for _, v := range s.x.UnitsIn(p) {
		receives := slices.ContainsFunc(c.Receives, func(r values.FlowUse) bool { return r.Unit == v })
		if v.Body != nil && !receives && slices.ContainsFunc(flagsSet(p.Info, v.Body), func(f flagSet) bool { return f.flag == gate && !f.to }) {
			return nil
		}
	}
	return gate
}

// letsThrough returns the flag that has to be unset for a send and is set before it, or nil.
func letsThrough(u *patterns.Unit, send ast.Node) (flag *types.Var) {
	info := u.Pkg.Info
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if !ok || !contains(f.Body, send) {
			return true
		}
		unset, set := foundUnset(info, f.Cond)
		set = set || slices.ContainsFunc(flagsSet(info, f.Body), func(s flagSet) bool { return s.flag == unset && s.to && s.at.Pos() < send.Pos() })
		if unset != nil && set {
			flag = unset
		}
		return true
	})
	return flag
}

// foundUnset returns the flag that is unset if a condition is true, or nil, and whether the
// condition also sets it.
func foundUnset(info *types.Info, cond ast.Expr) (flag *types.Var, set bool) {
	sets := func(e ast.Expr, method string) *types.Var {
		i := slices.IndexFunc(flagsSet(info, e), func(s flagSet) bool { return s.to && s.at == e })
		if i < 0 {
			return nil
		}
		return flagOf(info, e, method)
	}
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if e.Op != token.LAND {
			return nil, false
		}
		if flag, set = foundUnset(info, e.X); flag == nil {
			return foundUnset(info, e.Y)
		}
		return flag, set
	case *ast.UnaryExpr:
		if e.Op != token.NOT {
			return nil, false
		}
		if flag = sets(ast.Unparen(e.X), "Swap"); flag != nil {
			return flag, true
		}
		return flagOf(info, e.X, "Load"), false
	case *ast.CallExpr:
		flag = sets(e, "CompareAndSwap")
		return flag, flag != nil
	}
	return nil, false
}

// pastGate reports whether a node of a unit comes after a receive, and before the unit
// receives again the flag is unset.
func (s *needSearch) pastGate(u *patterns.Unit, n, receive ast.Node) bool {
	if s.gate == nil {
		return false
	}
	unsets := func(st ast.Stmt) bool {
		switch st.(type) {
		case *ast.ExprStmt, *ast.AssignStmt:
			return slices.ContainsFunc(flagsSet(u.Pkg.Info, st), func(f flagSet) bool { return f.flag == s.gate && !f.to })
		}
		return false
	}
	found := false
	ast.Inspect(u.Body, func(m ast.Node) bool {
		list := statements.ListOf(m)
		at := slices.IndexFunc(list, func(st ast.Stmt) bool { return contains(st, n) })
		if at < 0 {
			return true
		}
		received := slices.ContainsFunc(list[:at], func(st ast.Stmt) bool { return contains(st, receive) })
		if r, ok := receive.(*ast.RangeStmt); ok {
			received = received || m == ast.Node(r.Body)
		}
		if c, ok := m.(*ast.CommClause); ok && c.Comm != nil {
			received = received || contains(c.Comm, receive)
		}
		found = found || received && slices.ContainsFunc(list[at+1:], unsets)
		return true
	})
	return found
}

// A flagSet says that a flag is set to true, or to something else.
type flagSet struct {
	flag *types.Var
	to   bool
	at   ast.Node
}

// flagsSet lists where a node sets variables, or atomic ones by their methods.
func flagsSet(info *types.Info, root ast.Node) (out []flagSet) {
	note := func(v *types.Var, to ast.Expr, at ast.Node) {
		if v != nil {
			c := info.Types[to].Value
			out = append(out, flagSet{v, c != nil && c.Kind() == constant.Bool && constant.BoolVal(c), at})
		}
	}
	patterns.EachAssignment(root, func(lhs, rhs ast.Expr) {
		if rhs != nil {
			note(flagOf(info, lhs, ""), rhs, lhs)
		}
	})
	ast.Inspect(root, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if fn := patterns.CalleeOf(info, c); fn != nil && fn.Name() != "Load" {
			to := ast.Expr(c.Fun) // no constant: not known
			if len(c.Args) > 0 {
				to = c.Args[len(c.Args)-1]
			}
			note(flagOf(info, c, fn.Name()), to, c)
		}
		return true
	})
	return out
}

// flagOf returns the field or package-level variable that an expression denotes, or the
// atomic one whose method of the name it calls.
func flagOf(info *types.Info, e ast.Expr, method string) *types.Var {
	e = ast.Unparen(e)
	if c, ok := e.(*ast.CallExpr); ok {
		fn := patterns.CalleeOf(info, c)
		if fn == nil || fn.Pkg() == nil || !known.AtomicPackage(fn.Pkg().Path()) || fn.Name() != method {
			return nil
		}
		if e = patterns.ReceiverOf(c.Fun); e == nil {
			return nil
		}
	}
	p, ok := patterns.PathOf(info, e)
	if v := p.Last(); ok && v != nil && (v.IsField() || patterns.IsGlobal(v)) {
		return v.Origin()
	}
	return nil
}
