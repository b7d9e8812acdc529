package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveMode is S16, which verification decides.
func proveMode(w *move.Window) *safety.Refusal {
	w.Proved(safety.S16, "verified on the result: the lock is taken by %s only, as before", w.Section.Mode.Acquire())
	return nil
}
