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

// checkModes checks S16: the changed functions take the lock in the same mode as before. If a
// read lock becomes a write lock between two parts of a section, or the other way round, the
// lock has not stayed the same.
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

// checkKept checks S17: the functions still do what they did, on error paths and all others. No
// call, send, receive or close may be gone.
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

// countActions counts what a function does that others can observe: calls by callee, sends,
// receives and closes.
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

// seenByNobody reports whether nobody can tell whether the function was called.
func seenByNobody(fn *types.Func) bool {
	condition, ok := known.HasNoEffect(fn)
	return ok && condition == known.Always
}
