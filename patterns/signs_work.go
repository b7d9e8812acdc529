package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// workSigns weighs what the waits need of what the lock guards.
func (j *judging) workSigns() {
	if len(j.own) == 0 {
		j.see("guards-nothing", j.declaration(), "no variable is used under this lock only")
	}
	j.receiverSigns()
	_, op := j.main.innermost(j.s.Unit)
	if call, ok := j.main.Node.(*ast.CallExpr); ok {
		if c, ok := j.x.unlockedElsewhere(j.s, j.main, call); ok {
			p := c.Unit.Position(c.Call.Pos())
			j.v.add("unlocked-elsewhere", p, "the same call is made without the lock at %s:%d", p.Filename[strings.LastIndex(p.Filename, "/")+1:], p.Line)
		}
	}
	if op.Own {
		j.see("response", j.main.Pos(), "it waits for the client of one request")
	}
	if j.main.Category == "sleep" {
		j.see("sleeps", j.main.Pos(), "it only lets time pass")
	}
	if n := len(j.main.Path); n > 2 && !op.Own {
		j.see("deep", j.main.Pos(), "the wait is %d calls away", n-1)
	}
	if j.main.Weak != "" {
		j.see("weak", j.main.Pos(), "weak evidence that it blocks: %s", j.main.Weak)
	}
}

// receiverSigns weighs whether the waits are for what the lock guards, or need
// nothing of it. One wait that needs nothing is enough to ask what it does here.
func (j *judging) receiverSigns() {
	var guarded Path
	var at *Op
	for _, o := range j.f.Ops {
		if o.Weak != "" && j.main.Weak == "" {
			continue
		}
		u, op := o.innermost(j.s.Unit)
		p := waitedFor(u, op)
		call, isCall := o.Node.(*ast.CallExpr)
		switch {
		case p.Root != nil && j.guarded(p.Last()):
			guarded, at = p, o
		case isCall && o.Category != "wait" && len(j.own) > 0 && !j.x.uses(j.s.Unit, call, j.f.Guarded):
			j.see("needs-nothing", call.Pos(), "the call of %s needs nothing that the lock guards", types.ExprString(call.Fun))
			return
		case !isCall && len(j.own) > 0 && j.localChannel(p):
			j.see("needs-nothing", o.Pos(), "the wait at %s needs nothing that the lock guards", p)
			return
		}
	}
	if at == nil {
		return
	}
	j.see("guards-receiver", at.Pos(), "it waits for %s, which the lock guards", guarded)
	if len(j.f.Guarded) <= 3 {
		j.see("guards-little", j.declaration(), "the lock guards only %s", j.guardedNames())
	}
	if j.changedIn(guarded.Last()) {
		j.see("swaps-handle", j.s.Pos(), "the section sets %s itself", guarded)
	}
}

// localChannel reports whether a path is a parameter or local variable of the
// section's function that holds a channel from elsewhere than the shared state.
func (j *judging) localChannel(p Path) bool {
	u := j.s.Unit
	if p.Root == nil || len(p.Fields) > 0 || isGlobal(p.Root) || !u.contains(p.Root.Pos()) && !u.isParam(p.Root) {
		return false
	}
	def := u.definedOnce(p.Root)
	return def == nil && u.isParam(p.Root) || def != nil && len(u.AccessesIn(def)) == 0
}

// declaration is where the section's mutex is declared.
func (j *judging) declaration() token.Pos {
	if v := j.s.LockVar(); v != nil && v.Pkg() == j.s.Unit.Pkg.Types {
		return v.Pos()
	}
	return token.NoPos
}

func (j *judging) guarded(v *types.Var) bool {
	return slices.ContainsFunc(j.f.Guarded, func(g Guarded) bool { return g.Var == v })
}

func (j *judging) guardedNames() string {
	var names []string
	for _, g := range j.f.Guarded {
		names = append(names, g.Var.Name())
	}
	return strings.Join(names, ", ")
}

// changedIn reports whether the section itself assigns v.
func (j *judging) changedIn(v *types.Var) bool {
	return slices.ContainsFunc(j.x.OwnAccesses(j.s.Unit), func(a *Access) bool {
		return a.Var == v && a.Kind == Write && j.s.covers(a.Pos())
	})
}

// covers reports whether a position lies in a node of the section.
func (s *Section) covers(pos token.Pos) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// waitedFor returns the path of what an operation of the unit waits for: the
// receiver of a call, or a channel. Its Root is nil where it has none.
func waitedFor(u *Unit, op *Op) Path {
	var e ast.Expr
	switch n := op.Node.(type) {
	case *ast.CallExpr:
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && u.Pkg.Info.Selections[sel] != nil {
			e = sel.X
		}
	case *ast.SendStmt:
		e = n.Chan
	case *ast.UnaryExpr:
		e = n.X
	case *ast.RangeStmt:
		e = n.X
	}
	if e == nil {
		return Path{}
	}
	p, _ := PathOf(u.Pkg.Info, e)
	return p
}

// uses reports whether a node of the unit uses a guarded variable: itself, or
// in the functions that it calls.
func (x *Program) uses(u *Unit, n ast.Node, guarded []Guarded) bool {
	is := func(v *types.Var) bool {
		return slices.ContainsFunc(guarded, func(g Guarded) bool { return g.Var == v })
	}
	if slices.ContainsFunc(u.AccessesIn(n), func(a *Access) bool { return is(a.Var) }) {
		return true
	}
	found := false
	inspectCalls(n, func(c *ast.CallExpr) {
		callees, _ := x.ownCallees(u, c)
		for _, callee := range callees {
			found = found || callee.Pkg == u.Pkg && slices.ContainsFunc(guarded, func(g Guarded) bool { return x.touchedBy(callee)[g.Var] })
		}
	})
	return found
}

// touchedBy returns the shared variables of its package that a unit may access,
// itself or through the functions that it calls.
func (x *Program) touchedBy(u *Unit) map[*types.Var]bool {
	g := x.guardsOf(u.Pkg)
	if t, ok := g.touched[u]; ok {
		return t
	}
	if g.touched == nil {
		g.touched = make(map[*Unit]map[*types.Var]bool)
	}
	t := make(map[*types.Var]bool)
	seen := map[*Unit]bool{u: true}
	for todo := []*Unit{u}; len(todo) > 0 && len(seen) < 300; {
		v := todo[0]
		todo = todo[1:]
		for _, a := range x.OwnAccesses(v) {
			t[a.Var] = true
		}
		for _, c := range v.calls {
			next, _ := x.ownCallees(v, c)
			for _, n := range next {
				if n.Pkg == u.Pkg && !seen[n] {
					seen[n] = true
					todo = append(todo, n)
				}
			}
		}
	}
	g.touched[u] = t
	return t
}

// unlockedElsewhere finds a call of the same function, in the same package,
// that is made while no lock is held.
func (x *Program) unlockedElsewhere(s *Section, o *Op, call *ast.CallExpr) (Call, bool) {
	fn := calleeOf(s.Unit.Pkg.Info, call)
	if fn == nil || o.Category == "sleep" || fn.Pkg() != s.Unit.Pkg.Types || strings.HasSuffix(fn.Name(), "Locked") {
		return Call{}, false // a call of some library elsewhere is no evidence
	}
	for _, c := range x.unlockedCalls(s.Unit.Pkg)[fn] {
		if c.Unit != s.Unit {
			return c, true
		}
	}
	return Call{}, false
}

// unlockedCalls indexes, for every function of the package, the first calls
// from two units that are made while no lock is held, by the unit itself or by
// all of its callers.
func (x *Program) unlockedCalls(p *Package) map[*types.Func][]Call {
	g := x.guardsOf(p)
	if g.unlocked != nil {
		return g.unlocked
	}
	g.unlocked = make(map[*types.Func][]Call)
	for _, u := range x.units[p] {
		if u.Body == nil || len(g.seen[u]) > 0 {
			continue
		}
		x.eachCall(u, func(c *ast.CallExpr, held []*types.Var, _ bool) {
			fn := calleeOf(p.Info, c)
			if fn == nil || fn.Pkg() != p.Types || len(held) > 0 {
				return
			}
			if known := g.unlocked[fn]; len(known) == 0 || len(known) == 1 && known[0].Unit != u {
				g.unlocked[fn] = append(known, Call{u, c})
			}
		})
	}
	return g.unlocked
}
