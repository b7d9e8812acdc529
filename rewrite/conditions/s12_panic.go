package conditions

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// provePanic is S12 for a plan that does not mention it: the lock is released on a panic
// where it was before if the script leaves the deferred release as it is, or there was
// none.
func provePanic(s *site.Site, p *plan.Plan) *safety.Refusal {
	has := func(o safety.Obligation) bool { return o.Condition == safety.S12 }
	if slices.ContainsFunc(p.Obligations, has) {
		return nil
	}
	text := "the release stays deferred"
	switch {
	case s.Defer == nil:
		text = "the lock was released explicitly before, too"
	case takesOut(p.Script, s.Lock):
		text = "the lock is not taken any more"
	case takesOut(p.Script, s.Defer):
		return safety.Refuse(safety.S12, "deferred-gone", s.Defer.Pos(), "the deferred unlock would be gone")
	}
	p.Obligations = append(p.Obligations, safety.Obligation{Condition: safety.S12, Status: safety.Proved, Text: text})
	return nil
}

// takesOut reports whether a script removes or replaces a statement, or a part of it.
func takesOut(script tree.Script, st ast.Stmt) bool {
	return slices.ContainsFunc(script.Ops, func(op tree.Op) bool {
		switch op := op.(type) {
		case tree.Remove:
			return syntax.Within(op.Stmt, st)
		case tree.ReplaceStmt:
			return syntax.Within(op.Stmt, st)
		}
		return false
	})
}
