package stale

import (
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// AskPart asks about an entry that is looked up again after the call, and some of whose fields
// are then set: it need not be the one that the call was made for.
func AskPart(w *move.Window, t *site.Touch) {
	w.ProvedOnce(safety.S5, "the entry is looked up again before it is stored")
	other := guards.SharingOf(w.Program, w.PackageOf(t.Access.Var), t.Access.Var).Changed(w.OfOthers)
	if other == nil {
		w.Later = append(w.Later, t)
		return
	}
	w.Assume(safety.S4, t.Access.Pos(), "The entry of %s is looked up again after the call, and its fields are set. Is that right if it has been replaced by then (%s), or another call sets them, too?", t.Name(), w.Line(other.Pos()))
}
