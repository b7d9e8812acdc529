package deadlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// signalled judges a wait for a condition variable, which releases another lock than the
// holder's: all that wake it must need the holder's.
func (s *needSearch) signalled(u *patterns.Unit, cond ast.Expr) *finding.Deadlock {
	p, ok := patterns.PathOf(u.Pkg.Info, cond)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil
	}
	for _, a := range s.x.AssignmentsIn(u.Pkg)[p.Last()] {
		c, ok := ast.Unparen(a.Expr).(*ast.CallExpr)
		if !ok {
			return nil
		}
		if fn := patterns.CalleeOf(u.Pkg.Info, c); fn == nil || fn.FullName() != "sync.NewCond" {
			return nil // it has another name
		}
	}
	uses, ok := s.usesOf(u.Pkg, p.Last())
	wakes := slices.DeleteFunc(uses, func(use values.FlowUse) bool { return calledOn(use) == "Wait" })
	if !ok || len(wakes) == 0 {
		return nil
	}
	return s.every(u, p, wakes)
}

// piped judges a wait at one end of a pipe: all that use the other end, or close this one,
// must need the lock.
func (s *needSearch) piped(u *patterns.Unit, end ast.Expr) *finding.Deadlock {
	p, ok := patterns.PathOf(u.Pkg.Info, end)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil
	}
	other := otherEnd(s.x, u.Pkg, p.Last())
	if other == nil {
		return nil
	}
	uses, ok := s.usesOf(u.Pkg, other)
	for i, use := range uses {
		if base, isField := use.Path.Base(); isField {
			uses[i].Path = base.Join([]*types.Var{p.Last()}) // they belong together
		}
	}
	own, known := s.usesOf(u.Pkg, p.Last())
	for _, use := range own {
		if name := calledOn(use); name == "Close" || name == "CloseWithError" {
			uses = append(uses, use)
		}
	}
	if !ok || !known || len(uses) == 0 {
		return nil
	}
	return s.every(u, p, uses)
}

// otherEnd returns the variable that holds the other end of a pipe: both are assigned the
// results of one call of io.Pipe. It is nil if one of them is assigned anything else.
func otherEnd(x *patterns.Program, p *patterns.Package, end *types.Var) (other *types.Var) {
	pipes := 0
	for _, f := range p.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
				return true
			}
			c, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
			if !ok {
				return true
			}
			if fn := patterns.CalleeOf(p.Info, c); fn == nil || fn.FullName() != "io.Pipe" {
				return true
			}
			r, isPath := patterns.PathOf(p.Info, as.Lhs[0])
			w, known := patterns.PathOf(p.Info, as.Lhs[1])
			switch {
			case !isPath || !known:
			case r.Last() == end:
				pipes, other = pipes+1, w.Last()
			case w.Last() == end:
				pipes, other = pipes+1, r.Last()
			}
			return true
		})
	}
	assigned := x.AssignmentsIn(p)
	if pipes != 1 || len(assigned[end]) != 1 || len(assigned[other]) != 1 {
		return nil
	}
	return other
}

// usesOf lists the calls in the package of methods of what a variable holds, and those it is
// passed to. ok is false if others may have it by another name, or in another goroutine.
func (s *needSearch) usesOf(p *patterns.Package, v *types.Var) (uses []values.FlowUse, ok bool) {
	if v.Exported() && p.Name != "main" {
		return nil, false
	}
	named := make(map[*ast.Ident]bool) // not yet accounted for
	for id, obj := range p.Info.Uses {
		if w, isVar := obj.(*types.Var); isVar && w.Origin() == v && !(s.x.NoTests && s.x.InTest(id.Pos())) {
			named[id] = true
		}
	}
	for _, u := range s.x.UnitsIn(p) {
		if u.Body == nil || !namedIn(u.Body, named) {
			continue
		}
		deferred := guards.DeferredCalls(u)
		for _, c := range u.Calls() {
			operands := c.Args
			if recv := patterns.ReceiverOf(c.Fun); recv != nil {
				operands = append(operands[:len(operands):len(operands)], recv)
			}
			for _, e := range operands {
				id := lastIdent(e)
				if !named[id] {
					continue
				}
				if q, isPath := patterns.PathOf(p.Info, e); isPath && q.Last() == v && !waits.InGo(u, c) {
					uses = append(uses, values.FlowUse{Unit: u, Node: c, Path: q, Deferred: deferred[c]})
					delete(named, id)
				}
			}
		}
		forgetHarmless(u, named)
	}
	return uses, len(named) == 0
}

// namedIn reports whether one of some names is in a node.
func namedIn(n ast.Node, named map[*ast.Ident]bool) bool {
	for id := range named {
		if n.Pos() <= id.Pos() && id.Pos() < n.End() {
			return true
		}
	}
	return false
}

// forgetHarmless removes the names of a variable that are assigned to or compared.
func forgetHarmless(u *patterns.Unit, named map[*ast.Ident]bool) {
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				delete(named, lastIdent(l))
			}
		case *ast.BinaryExpr:
			delete(named, lastIdent(n.X))
			delete(named, lastIdent(n.Y))
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				delete(named, id)
			}
		}
		return true
	})
}

// lastIdent returns the identifier that names the variable which a selection denotes.
func lastIdent(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.UnaryExpr:
		return lastIdent(e.X)
	case *ast.StarExpr:
		return lastIdent(e.X)
	}
	return nil
}

// calledOn is the name of the method that a use calls of the variable; "" if it passes it on.
func calledOn(use values.FlowUse) string {
	c := use.Node.(*ast.CallExpr)
	if recv := patterns.ReceiverOf(c.Fun); recv != nil {
		if q, ok := patterns.PathOf(use.Unit.Pkg.Info, recv); ok && q.Key() == use.Path.Key() {
			return c.Fun.(*ast.SelectorExpr).Sel.Name
		}
	}
	return ""
}
