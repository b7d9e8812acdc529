package shapes

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Keep leaves under the lock a statement that ends the life of what other sections use, and
// does not wait itself.
var Keep = Repair{
	Name:    "keep",
	Doc:     "leave a call under the lock that closes what other sections use",
	Example: "split/false_facts",
	In:      ofPlacement,
	Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
		st := endsShared(s, r)
		if st == nil {
			return nil
		}
		t := *s
		t.UnderLock = append(slices.Clone(s.UnderLock), st)
		return &t
	},
}

// endsShared returns the statement by which a window ends the life of what other sections
// use, if that is why it is refused; nil otherwise.
func endsShared(s *site.Site, r *safety.Refusal) ast.Stmt {
	if r == nil || r.Rule != "closed-unlocked" {
		return nil
	}
	var found ast.Stmt
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		if st, ok := n.(*ast.ExprStmt); ok && st.Pos() <= r.Pos && r.Pos < st.End() && !s.Waits(st) {
			found = st
		}
		return found == nil
	})
	return found
}
