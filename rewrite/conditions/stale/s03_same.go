package stale

import (
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askSame asks about an entry that was looked up before the call and is deleted after it only
// if it is still the same: what the section does along with that is left out otherwise. For
// loops over copies, [askClones] asks.
func askSame(w *move.Window) {
	for _, e := range w.Same {
		if e.Found == nil {
			continue
		}
		changes := behaviour.GuardedChanges(behaviour.Touches(w.Site, syntax.StmtNodes(e.Stmts)...))
		w.Assume(safety.S3, e.Found.Pos(), "If others remove or replace the entry of %s from %s during the call, the section leaves %s alone. Is that right, and is it fine to make the call even then?", types.ExprString(e.Map), w.Line(e.Found.Pos()), syntax.JoinNames(site.TouchNames(changes)))
	}
}
