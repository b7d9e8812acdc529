package deadlock

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A parameter that is given a field of the receiver is nil only if the field is:
//
//	func (c *client) post(key *key) {
//		if key == nil {
//			if c.key == nil {
//				return
//			}
//			c.id() // not reached from c.post(c.key)
//		}
//	}

// contradicted reports whether a call never reaches the acquisition, which happens only if
// a parameter is nil but the field that is passed for it is not.
func (n *lockNeed) contradicted(u, callee *patterns.Unit, c *ast.CallExpr) bool {
	given := fieldsGiven(u, callee, c, nil)
	for i, l := range n.way {
		if len(given) == 0 {
			return false
		}
		for _, g := range given {
			if g.excludes(l.Callee, l.Node) {
				return true
			}
		}
		if i+1 < len(n.way) {
			given = fieldsGiven(l.Callee, n.way[i+1].Callee, l.Node.(*ast.CallExpr), given)
		}
	}
	return false
}

// A fieldGiven is a parameter of a method that holds the value of a field of its receiver.
type fieldGiven struct {
	param patterns.Path
	field patterns.Path
}

// fieldsGiven lists the parameters of a called method that are given fields of its
// receiver, or parameters known to hold such fields.
func fieldsGiven(u, callee *patterns.Unit, c *ast.CallExpr, known []fieldGiven) (out []fieldGiven) {
	sig := callee.Signature()
	recv := patterns.ReceiverOf(c.Fun)
	if recv == nil || sig.Recv() == nil || sig.Variadic() {
		return nil
	}
	object, ok := patterns.PathOf(u.Pkg.Info, recv)
	if !ok || len(c.Args) != sig.Params().Len() {
		return nil
	}
	for i, a := range c.Args {
		p, ok := patterns.PathOf(u.Pkg.Info, a)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(known, func(g fieldGiven) bool { return g.param.Key() == p.Key() }); i >= 0 {
			p = known[i].field
		}
		if n := len(object.Fields); p.Root == object.Root && len(p.Fields) > n && slices.Equal(p.Fields[:n], object.Fields) {
			out = append(out, fieldGiven{
				param: patterns.Path{Root: sig.Params().At(i)},
				field: patterns.Path{Root: sig.Recv(), Fields: p.Fields[n:]},
			})
		}
	}
	return out
}

// excludes reports whether a node of the unit is reached only if the parameter is nil, by a
// test before anything is assigned to it, but the field is not.
func (g fieldGiven) excludes(u *patterns.Unit, n ast.Node) bool {
	changed := token.Pos(-1)
	patterns.EachAssignment(u.Body, func(lhs, _ ast.Expr) {
		p, ok := patterns.PathOf(u.Pkg.Info, lhs)
		if ok && p.Key() == g.param.Key() && (changed < 0 || lhs.Pos() < changed) {
			changed = lhs.Pos()
		}
		if ok && p.Last() == g.field.Last() {
			changed = u.Body.Pos()
		}
	})
	isNil, isSet, looped := false, false, false
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			looped = looped || m.Pos() <= n.Pos() && n.Pos() < m.End() && changed >= 0
		case *ast.IfStmt:
			inside := m.Body.Pos() <= n.Pos() && n.Pos() < m.Body.End()
			list, _ := statements.Around(u.Body, m)
			after := m.End() <= n.Pos() && m.Else == nil && statements.Ends(u.Pkg.Info, m.Body) && len(list) > 0 && n.Pos() < list[len(list)-1].End()
			isNil = isNil || inside && comparesNil(u, m.Cond, token.EQL, g.param) && (changed < 0 || m.Pos() < changed)
			isSet = isSet || inside && comparesNil(u, m.Cond, token.NEQ, g.field) || after && comparesNil(u, m.Cond, token.EQL, g.field)
		}
		return true
	})
	return isNil && isSet && !looped
}

// comparesNil reports whether a condition compares a path with nil.
func comparesNil(u *patterns.Unit, e ast.Expr, op token.Token, p patterns.Path) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || b.Op != op {
		return false
	}
	x, y := b.X, b.Y
	if u.Pkg.Info.Types[x].IsNil() {
		x, y = y, x
	}
	q, ok := patterns.PathOf(u.Pkg.Info, x)
	return ok && u.Pkg.Info.Types[y].IsNil() && q.Key() == p.Key()
}

// cannotTake reports whether the lock is not taken by a call of a unit.
func (n *lockNeed) cannotTake(u, callee *patterns.Unit, c *ast.CallExpr) bool {
	return n.excluded(values.ConstantsFor(u, callee, c)) || n.contradicted(u, callee, c) || n.keyDecides(u, callee, c)
}

// keyDecides reports whether a call passes a map literal for a parameter, and its keys rule
// out the branch that takes the lock:
//
//	func (c *client) call(params map[string]any) {
//		if _, ok := params["token"]; !ok {
//			c.token() // not reached from c.call(map[string]any{"token": "*"})
//		}
//	}
func (n *lockNeed) keyDecides(u, callee *patterns.Unit, c *ast.CallExpr) bool {
	sig := callee.Signature()
	at := n.way[0].Node
	for i, a := range c.Args {
		lit, ok := ast.Unparen(a).(*ast.CompositeLit)
		if !ok || i >= sig.Params().Len() || len(callee.Definitions().Defs[sig.Params().At(i)]) > 1 {
			continue
		}
		decides := false
		ast.Inspect(callee.Body, func(m ast.Node) bool {
			f, ok := m.(*ast.IfStmt)
			if !ok {
				return !decides
			}
			key, found := keyTested(callee, f, sig.Params().At(i))
			if key == nil {
				return !decides
			}
			inBody := f.Body.Pos() <= at.Pos() && at.Pos() < f.Body.End()
			inElse := f.Body.End() <= at.Pos() && at.Pos() < f.End()
			runsBody := hasKey(u, lit, key) == found
			decides = decides || inBody && !runsBody || inElse && runsBody
			return !decides
		})
		if decides {
			return true
		}
	}
	return false
}

// keyTested returns the constant key that an if statement looks up in the map that a
// parameter holds, and whether its body runs if the key is there; nil if it looks up none.
func keyTested(u *patterns.Unit, f *ast.IfStmt, param *types.Var) (key constant.Value, found bool) {
	as, ok := f.Init.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
		return nil, false
	}
	ix, ok := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
	if !ok || patterns.IdentOf(ix.X) == nil || u.Pkg.Info.Uses[patterns.IdentOf(ix.X)] != param {
		return nil, false
	}
	cond, found := ast.Unparen(f.Cond), true
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		cond, found = ast.Unparen(not.X), false
	}
	id, isIdent := cond.(*ast.Ident)
	result := patterns.IdentOf(as.Lhs[1])
	if !isIdent || result == nil || u.Pkg.Info.Uses[id] == nil || u.Pkg.Info.Uses[id] != u.Pkg.Info.Defs[result] {
		return nil, false
	}
	return u.Pkg.Info.Types[ix.Index].Value, found
}

// hasKey reports whether a map literal has a constant key.
func hasKey(u *patterns.Unit, lit *ast.CompositeLit, key constant.Value) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		val := constant.Value(nil)
		if ok {
			val = u.Pkg.Info.Types[kv.Key].Value
		}
		return val != nil && val.Kind() == key.Kind() && constant.Compare(val, token.EQL, key)
	})
}
