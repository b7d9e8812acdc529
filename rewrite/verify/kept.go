package verify

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// checkModes is S16: the changed functions take the lock in the same mode as before. A read
// lock that becomes a write lock between two parts of a section, or the other way round, is
// not the same lock held on.
func (v *Verified) checkModes(x *patterns.Program) string {
	s := v.Plan.Finding.Section
	for _, d := range v.changedFuncs() {
		before := modes(x, s.Unit.Pkg, d, s)
		for m := range modes(v.Program, v.Package, d, s) {
			if !before[m] {
				return fmt.Sprintf("%s would be taken by %s, and was not before", s.Lock, m.Acquire())
			}
		}
	}
	return ""
}

func modes(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl, of *locks.Section) map[patterns.Mode]bool {
	taken := map[patterns.Mode]bool{of.Mode: true}
	for _, s := range locks.SectionsOf(x, p, d) {
		if s.Lock.String() == of.Lock.String() {
			taken[s.Mode] = true
		}
	}
	return taken
}

// checkKept is S17: what the functions did, on an error path or any other, they
// still do. No call, send, receive or close is gone.
func (v *Verified) checkKept() string {
	before, after := make(map[string]int), make(map[string]int)
	old := v.Plan.Finding.Section.Unit.Pkg
	for _, d := range v.changedFuncs() {
		countActions(old, d, before)
		for _, e := range v.versions(d) {
			countActions(v.Package, e, after)
		}
	}
	for _, what := range sortedStrings(before) {
		joined := slices.ContainsFunc(v.Plan.Joins, func(name string) bool { return what == "a call of "+name }) && after[what] > 0
		if after[what] < before[what] && !joined {
			return "the result would lack " + what
		}
	}
	return ""
}

// countActions counts what a function does that others can see: calls by the
// function called, sends, receives and closes.
func countActions(p *patterns.Package, d *ast.FuncDecl, n map[string]int) {
	ast.Inspect(d, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.SendStmt:
			n["a send"]++
		case *ast.UnaryExpr:
			if m.Op == token.ARROW {
				n["a receive"]++
			}
		case *ast.CallExpr:
			if patterns.BuiltinOf(p.Info, m) == "close" {
				n["a close"]++
			}
			if fn := patterns.CalleeOf(p.Info, m); fn != nil && !patterns.IsLockCall(p.Info, m) && !seenByNobody(fn) {
				n["a call of "+fn.FullName()]++
			}
		}
		return true
	})
}

// seenByNobody reports whether nobody can tell whether a function was called.
func seenByNobody(fn *types.Func) bool {
	condition, ok := known.HasNoEffect(fn)
	return ok && condition == known.Always
}
