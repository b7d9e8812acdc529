package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveErrors is S17 where nothing has to be undone, as verification sees.
func proveErrors(w *move.Window) *safety.Refusal {
	w.ProvedOnce(safety.S17, "verified on the result: the section still does all that it did, on errors too")
	return nil
}
