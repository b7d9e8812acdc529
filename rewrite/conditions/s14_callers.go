package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveCallers is S14 for a section that begins and ends in one function. The shape helper
// looks at the callers.
func proveCallers(w *move.Window) *safety.Refusal {
	w.ProvedOnce(safety.S14, "the lock is taken and released in this function, so no caller holds it")
	return nil
}
