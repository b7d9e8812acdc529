package verdict

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// workSigns weighs what the waits need of what the lock guards.
func (j *judging) workSigns() {
	if len(j.own) == 0 {
		j.see("guards-nothing", j.declaration(), "no variable is used only under this lock")
	}
	if !j.resultGuarded() {
		j.receiverSigns()
	}
	_, op := j.main.Innermost(j.s.Unit)
	if op.Own {
		j.see("response", j.main.Pos(), "it waits for the client of one request")
	}
	if j.onlyForWait() {
		j.see("wait-only", j.s.Pos(), "the section uses nothing that the lock guards, so the lock seems to be there for the wait itself")
	}
	j.unsafeSign()
	if j.main.MayPass() {
		j.see("weak", j.main.Pos(), "weak evidence that it blocks: %s", j.main.Weak)
	}
	switch j.main.Category {
	case "disk":
		j.see("disk", j.main.Pos(), "it waits for a file, which is mostly short")
	case "fsync":
		j.see("fsync", j.main.Pos(), "it waits until a disk has stored what was written, which takes long")
	}
}

// onlyForWait reports whether the section uses nothing of what the lock guards, and waits for
// what a lock can serialize: not for another goroutine, or a client that no other call has.
func (j *judging) onlyForWait() bool {
	_, op := j.main.Innermost(j.s.Unit)
	if len(j.own) == 0 || op.Own || j.main.Category == "chan" || j.main.Category == "wait" {
		return false
	}
	return !slices.ContainsFunc(j.s.Nodes, func(n ast.Node) bool { return usesAny(j.x, j.s.Unit, n, j.f.Guarded) })
}

// unsafeSign weighs a wait on a value that goroutines may not use at once, and that is not
// of this call only: the lock keeps them apart.
func (j *judging) unsafeSign() {
	u, op := j.main.Innermost(j.s.Unit)
	p := waitedFor(u, op)
	if op.Safety != blocking.SafetyUnsafe || p.Root == nil {
		return
	}
	if _, made := ast.Unparen(u.DefinedOnce(p.Root)).(*ast.CallExpr); made && len(p.Fields) == 0 && u.Contains(p.Root.Pos()) {
		return
	}
	j.see("unsafe", j.main.Pos(), "%s is not safe for concurrent use", p)
}

// receiverSigns weighs whether the waits are for what the lock guards, or need
// nothing of it. One wait that needs nothing is enough to ask what it does here.
func (j *judging) receiverSigns() {
	var guarded patterns.Path
	var at *waits.Op
	for _, o := range j.f.Ops {
		if o.Weak != "" && j.main.Weak == "" {
			continue
		}
		u, op := o.Innermost(j.s.Unit)
		p := waitedFor(u, op)
		call, isCall := o.Node.(*ast.CallExpr)
		switch {
		case p.Root != nil && j.guarded(p.Last()):
			guarded, at = p, o
		case isCall && o.Category != "wait" && len(j.own) > 0 && !usesAny(j.x, j.s.Unit, call, j.f.Guarded) && !j.passesOwner(call):
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
}

// passesOwner reports whether a call is given the object of the lock, which another package
// declares, or what a call made of that: what it does with the object is not seen.
//
//	container.Lock()
//	defer container.Unlock()
//	task, err := container.Task()
//	...
//	err = task.Pause(ctx)
func (j *judging) passesOwner(c *ast.CallExpr) bool {
	lock, u := j.s.LockVar(), j.s.Unit
	if lock == nil || !lock.IsField() || lock.Pkg() == u.Pkg.Types {
		return false
	}
	return slices.ContainsFunc(append(slices.Clone(c.Args), patterns.ReceiverOf(c.Fun)), func(e ast.Expr) bool {
		p, ok := patterns.PathOf(u.Pkg.Info, e)
		if !ok {
			return false
		}
		if p.Root == j.s.Lock.Root {
			n := len(p.Fields)
			return n < len(j.s.Lock.Fields) && slices.Equal(p.Fields, j.s.Lock.Fields[:n])
		}
		return slices.ContainsFunc(u.Given(p.Root), func(given ast.Expr) bool {
			made, ok := given.(*ast.CallExpr)
			return ok && made.Pos() < c.Pos() && j.passesOwner(made)
		})
	})
}

// resultGuarded reports whether the result of a wait becomes what the lock guards, other
// than an element of a map or slice: whoever needs that value has to wait for it, whatever
// the call itself needs.
func (j *judging) resultGuarded() bool {
	info := j.s.Unit.Pkg.Info
	var results []types.Object // local variables that hold what the wait gave
	found := false
	for _, n := range j.s.Nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok || found {
				_, lit := n.(*ast.FuncLit)
				return !lit && !found
			}
			for i, lhs := range a.Lhs {
				rhs := a.Rhs[min(i, len(a.Rhs)-1)]
				if !j.fromWait(rhs) && !slices.ContainsFunc(results, func(o types.Object) bool { return info.Uses[patterns.IdentOf(rhs)] == o }) {
					continue
				}
				p, ok := patterns.PathOf(info, lhs)
				switch {
				case !ok:
				case j.guarded(p.Last()) && !patterns.IsError(p.Last().Type()):
					found = true
				case len(p.Fields) == 0 && !patterns.IsError(p.Root.Type()):
					results = append(results, p.Root)
				}
			}
			return true
		})
	}
	return found
}

// fromWait reports whether an expression is the call of one of the waits.
func (j *judging) fromWait(e ast.Expr) bool {
	return slices.ContainsFunc(j.f.Ops, func(o *waits.Op) bool { return o.Node == ast.Unparen(e) })
}

// localChannel reports whether a path is a parameter or local variable of the
// section's function that holds a channel from elsewhere than the shared state.
func (j *judging) localChannel(p patterns.Path) bool {
	u := j.s.Unit
	if p.Root == nil || len(p.Fields) > 0 || patterns.IsGlobal(p.Root) || !u.Contains(p.Root.Pos()) && !u.IsParam(p.Root) {
		return false
	}
	def := u.DefinedOnce(p.Root)
	return def == nil && u.IsParam(p.Root) || def != nil && len(guards.AccessesIn(u, def)) == 0
}

// declaration is where the section's mutex is declared.
func (j *judging) declaration() token.Pos {
	if v := j.s.LockVar(); v != nil && v.Pkg() == j.s.Unit.Pkg.Types {
		return v.Pos()
	}
	return token.NoPos
}

func (j *judging) guarded(v *types.Var) bool {
	return slices.ContainsFunc(j.f.Guarded, func(g guards.Guarded) bool { return g.Var == v })
}

// waitedFor returns the path of what an operation of the unit waits for: the
// receiver of a call, or a channel. Its Root is nil where it has none.
func waitedFor(u *patterns.Unit, op *waits.Op) patterns.Path {
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
		return patterns.Path{}
	}
	p, _ := patterns.PathOf(u.Pkg.Info, e)
	return p
}

// usesAny reports whether a node of the unit uses a guarded variable: itself, or
// in the functions that it calls.
func usesAny(x *patterns.Program, u *patterns.Unit, n ast.Node, guarded []guards.Guarded) bool {
	is := func(v *types.Var) bool {
		return slices.ContainsFunc(guarded, func(g guards.Guarded) bool { return g.Var == v })
	}
	if slices.ContainsFunc(guards.AccessesIn(u, n), func(a *guards.Access) bool { return is(a.Var) }) {
		return true
	}
	found := false
	statements.InspectCalls(n, func(c *ast.CallExpr) {
		callees, _ := x.OwnCallees(u, c)
		for _, callee := range callees {
			found = found || callee.Pkg == u.Pkg && slices.ContainsFunc(guarded, func(g guards.Guarded) bool { return touchedBy(x, callee)[g.Var] })
		}
	})
	return found
}

// touchedBy returns the shared variables of its package that a unit may access,
// itself or through the functions that it calls.
func touchedBy(x *patterns.Program, u *patterns.Unit) map[*types.Var]bool {
	memo := touched.Get(x, u.Pkg, func() map[*patterns.Unit]map[*types.Var]bool { return make(map[*patterns.Unit]map[*types.Var]bool) })
	if t, ok := memo[u]; ok {
		return t
	}
	t := make(map[*types.Var]bool)
	seen := map[*patterns.Unit]bool{u: true}
	for todo := []*patterns.Unit{u}; len(todo) > 0 && len(seen) < 300; {
		v := todo[0]
		todo = todo[1:]
		for _, a := range guards.OwnAccesses(x, v) {
			t[a.Var] = true
		}
		for _, n := range calledBy(x, v) {
			if !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
	memo[u] = t
	return t
}

// calledBy lists the units of its package that a unit calls itself, each once.
func calledBy(x *patterns.Program, u *patterns.Unit) []*patterns.Unit {
	memo := called.Get(x, u.Pkg, func() map[*patterns.Unit][]*patterns.Unit { return make(map[*patterns.Unit][]*patterns.Unit) })
	list, ok := memo[u]
	if !ok {
		for _, c := range u.Calls() {
			next, _ := x.OwnCallees(u, c)
			for _, n := range next {
				if n.Pkg == u.Pkg && !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
		memo[u] = list
	}
	return list
}

// called is what calledBy has answered.
var called patterns.PackageMemo[map[*patterns.Unit][]*patterns.Unit]

// touched is what touchedBy has answered.
var touched patterns.PackageMemo[map[*patterns.Unit]map[*types.Var]bool]
