package edits

import (
	"go/ast"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseGuarded refuses if the statements use something guarded.
func RefuseGuarded(s *site.Site, list []ast.Stmt) *safety.Refusal {
	t := behaviour.Touches(s, syntax.StmtNodes(list)...).Guarded()
	if t == nil {
		return nil
	}
	return safety.Refuse(safety.S1, "needed-before", t.Access.Pos(), "%s is used before the wait is over, and %s guards it: %s", t.Name(), s.Section.Lock, t.Why)
}
