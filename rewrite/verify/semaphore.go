package verify

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// checkConverted checks S11 for a lock that has become a semaphore: each of its methods must be
// called as often as the mutex's was.
func (v *Verified) checkConverted() string {
	if !v.Plan.Semaphore {
		return ""
	}
	lock := v.Plan.Finding.Section.LockVar()
	before := methodCalls(v.Plan.Finding.Section.Unit.Pkg, lock)
	after := methodCalls(v.Package, lock)
	switch {
	case before["Lock"] != after["Acquire"] || after["Lock"] != 0:
		return fmt.Sprintf("%d calls of Lock have become %d of Acquire", before["Lock"], after["Acquire"])
	case before["Unlock"] != after["Release"] || after["Unlock"] != 0:
		return fmt.Sprintf("%d calls of Unlock have become %d of Release", before["Unlock"], after["Release"])
	}
	return ""
}

// checkInPlace checks S1 and S12 for a lock that has become a semaphore: in every function, the
// order of taking the lock, releasing it (deferred or not) and using what it guards must be the
// same as before.
func (v *Verified) checkInPlace(x *patterns.Program) string {
	s := v.Plan.Finding.Section
	guarded := make(map[string]bool)
	for _, g := range guards.GuardedBy(x, s.Unit.Pkg, s.LockVar()) {
		guarded[g.Var.Name()] = true
	}
	for _, d := range v.changedFuncs() {
		before := lockEvents(s.Unit.Pkg, d, s.LockVar(), guarded)
		for _, e := range v.versions(d) {
			if !slices.Equal(before, lockEvents(v.Package, e, s.LockVar(), guarded)) {
				return fmt.Sprintf("in %s, %s would not be taken and released where it was", d.Name.Name, s.Lock)
			}
		}
	}
	return ""
}

// lockEvents lists, in source order, where a function takes the lock, releases it, defers the
// release, and uses what the lock guards.
func lockEvents(p *patterns.Package, d *ast.FuncDecl, lock *types.Var, guarded map[string]bool) []string {
	var out []string
	deferred := make(map[ast.Node]bool)
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			deferred[n.Call] = true
		case *ast.CallExpr:
			if event := lockEvent[lockMethod(p.Info, n, lock)]; event != "" {
				out = append(out, event)
				if deferred[n] {
					out = append(out, "deferred")
				}
			}
		case *ast.Ident:
			if w, ok := p.Info.Uses[n].(*types.Var); ok && guarded[w.Name()] && (w.IsField() || syntax.IsGlobal(w)) {
				out = append(out, w.Name())
			}
		}
		return true
	})
	return out
}

// lockEvent maps the methods of a mutex and of a semaphore to what they do.
var lockEvent = map[string]string{"Lock": "take", "Acquire": "take", "Unlock": "release", "Release": "release"}

// lockMethod returns the name of the method that a call makes on the lock, or on its counterpart
// in a changed package, or "" if it is not such a call.
func lockMethod(info *types.Info, c *ast.CallExpr, lock *types.Var) string {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	id := syntax.IdentOf(sel.X)
	if id == nil {
		return ""
	}
	v, ok := info.Uses[id].(*types.Var)
	if !ok || v.Name() != lock.Name() || v.IsField() != lock.IsField() || v.Origin() != lock && !isSemaphore(v.Type()) {
		return ""
	}
	return sel.Sel.Name
}

// methodCalls counts the method calls on the lock by method name.
func methodCalls(p *patterns.Package, lock *types.Var) map[string]int {
	n := make(map[string]int)
	for _, f := range p.Files {
		ast.Inspect(f.Syntax, func(m ast.Node) bool {
			if c, ok := m.(*ast.CallExpr); ok {
				if name := lockMethod(p.Info, c, lock); name != "" {
					n[name]++
				}
			}
			return true
		})
	}
	return n
}

func isSemaphore(t types.Type) bool {
	return types.TypeString(t, nil) == "*"+plan.SemaphorePath+".Weighted"
}
