package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A Call is a call and the unit that makes it.
type Call struct {
	Unit *Unit
	Call *ast.CallExpr
}

// CallsUnder lists the calls in a package that are made while the lock is held
// by the calling function or by all of its callers.
func (x *Program) CallsUnder(p *Package, lock *types.Var) []Call {
	return callsUnder.Get(x, p, func() map[*types.Var][]Call {
		g := x.guardsOf(p)
		under := make(map[*types.Var][]Call)
		for _, u := range x.units[p] {
			if u.Body == nil {
				continue
			}
			x.eachCall(u, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
				if spawned {
					return
				}
				for _, l := range slices.Concat(held, g.seen[u]) {
					under[l] = append(under[l], Call{u, c})
				}
			})
		}
		return under
	})[lock]
}

var callsUnder PackageMemo[map[*types.Var][]Call]

// ChannelCloses lists the calls of the built-in close in a package.
func (x *Program) ChannelCloses(p *Package) []Call {
	var out []Call
	for _, u := range x.units[p] {
		for _, c := range u.calls {
			if builtinOf(p.Info, c) == "close" && len(c.Args) == 1 {
				out = append(out, Call{u, c})
			}
		}
	}
	return out
}

// Captured reports whether a local variable is used by a function literal that
// it is not declared in.
func (u *Unit) Captured(v *types.Var) bool { return u.captured(v) }

// LitUnit returns the unit of a function literal.
func (x *Program) LitUnit(lit *ast.FuncLit) *Unit { return x.litUnit(lit) }

// MayTake reports whether a unit, or a function that it calls, may take a lock: it
// does not if all of them are seen and none does.
func (x *Program) MayTake(u *Unit, lock *types.Var) bool {
	if u == nil || lock == nil {
		return true
	}
	seen := map[*Unit]bool{u: true}
	for work := []*Unit{u}; len(work) > 0; work = work[1:] {
		for _, c := range work[0].calls {
			if op, ok := lockCall(work[0].Pkg.Info, c); ok && (op.path.Last() == nil || op.path.Last().Origin() == lock.Origin()) {
				return true
			}
			callees, known := x.Callees(work[0], c)
			if !known {
				return true
			}
			for _, v := range callees {
				if !seen[v] {
					seen[v] = true
					work = append(work, v)
				}
			}
		}
	}
	return false
}

// IsParam reports whether v is a parameter, receiver or named result.
func (u *Unit) IsParam(v *types.Var) bool { return u.isParam(v) }

// Contains reports whether pos lies in the body of the unit.
func (u *Unit) Contains(pos token.Pos) bool { return u.contains(pos) }

// Declares reports whether v is a parameter, result or local variable of the
// unit or of a literal in it.
func (u *Unit) Declares(v *types.Var) bool { return u.isParam(v) || u.contains(v.Pos()) }

// Fresh reports whether v is a local variable that holds an object made in
// this unit, so that it is not nil.
func (u *Unit) Fresh(v *types.Var) bool { return u.fresh(v) }

// CalleeOf returns the function or method that a call names statically, or nil.
func CalleeOf(info *types.Info, c *ast.CallExpr) *types.Func { return calleeOf(info, c) }

// BuiltinOf returns the name of the built-in function that a call names, or "".
func BuiltinOf(info *types.Info, c *ast.CallExpr) string { return builtinOf(info, c) }

// IsLockCall reports whether a call takes or releases a lock.
func IsLockCall(info *types.Info, c *ast.CallExpr) bool {
	_, ok := lockCall(info, c)
	return ok
}

// Assigned reports whether statements of the unit define or assign the
// variable.
func (u *Unit) Assigned(v *types.Var, list []ast.Stmt) bool {
	found := false
	is := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok && u.Pkg.Info.ObjectOf(id) == v {
			found = true
		}
	}
	for _, st := range list {
		eachAssignment(st, func(lhs, _ ast.Expr) { is(lhs) })
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IncDecStmt:
				is(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					is(n.X)
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					is(n.Key)
					is(n.Value)
				}
			case *ast.ValueSpec: // without values, too
				for _, id := range n.Names {
					is(id)
				}
			}
			return !found
		})
	}
	return found
}

// UnitsIn lists the units of a package, literals after the unit around them.
func (x *Program) UnitsIn(p *Package) []*Unit { return x.units[p] }

// WaitsUnder returns another section of the lock that changes something outside
// of the process in the given category: the lock may be there to keep that in
// step. It is nil if there is none.
func (x *Program) WaitsUnder(p *Package, lock *types.Var, category string, not *Section) *Op {
	ops := opsByLock.Get(x, p, func() map[*types.Var][]sectionOp {
		ops := make(map[*types.Var][]sectionOp)
		on := make(map[string]bool)
		for _, c := range Categories() {
			on[c.Name] = true
		}
		for _, s := range x.SectionsIn(p) {
			for _, o := range x.allOps(s, on) {
				ops[s.LockVar()] = append(ops[s.LockVar()], sectionOp{s, o})
			}
		}
		return ops
	})
	for _, so := range ops[lock] {
		if so.section.Acquire != not.Acquire && so.op.Effect == EffectWrite && !so.op.Own && sameWorld(so.op.Category, category) {
			return so.op
		}
	}
	return nil
}

// Waits reports whether a section encloses a blocking operation of any category.
func (x *Program) Waits(s *Section) bool {
	on := make(map[string]bool)
	for _, c := range Categories() {
		on[c.Name] = true
	}
	return len(x.allOps(s, on)) > 0
}

var opsByLock PackageMemo[map[*types.Var][]sectionOp]

type sectionOp struct {
	section *Section
	op      *Op
}

// sameWorld reports whether two categories concern the same part of the world.
func sameWorld(a, b string) bool {
	if a == b {
		return a != "chan" && a != "wait" && a != "sleep"
	}
	disk := func(c string) bool { return c == "disk" || c == "fsync" || c == "syscall" || c == "db" }
	net := func(c string) bool { return c == "net" || c == "http" || c == "rpc" }
	return disk(a) && disk(b) || net(a) && net(b)
}

// Addressed reports whether the address of a local variable is taken, by the
// operator or by calling a method with a pointer receiver on it.
func (u *Unit) Addressed(v *types.Var) bool {
	if u.addressed != nil {
		return u.addressed[v]
	}
	addressed := make(map[*types.Var]bool)
	info := u.Pkg.Info
	ast.Inspect(u.Body, func(n ast.Node) bool {
		var x ast.Expr
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				x = n.X
			}
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && !passesPointer(s) {
				if _, ptr := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ptr {
					x = n.X
				}
			}
		}
		if x != nil {
			if p, ok := PathOf(info, x); ok && p.Root != nil {
				addressed[p.Root] = true
			}
		}
		return true
	})
	u.addressed = addressed
	return addressed[v]
}

// DefinedOnce returns the only expression ever assigned to a local variable, or
// nil.
func (u *Unit) DefinedOnce(v *types.Var) ast.Expr { return u.definedOnce(v) }

// LookedUpOnce is DefinedOnce for a variable that is given an element of a map, and
// beside it whether that is there.
func (u *Unit) LookedUpOnce(v *types.Var) ast.Expr { return u.lookedUpOnce(v) }

// Results returns the results of the unit's function.
func (u *Unit) Results() *types.Tuple { return u.sig().Results() }
