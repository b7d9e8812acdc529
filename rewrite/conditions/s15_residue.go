package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveLeft is S15: verification looks for findings, and a reviewer whether sparing the
// lock some of the waits is worth it.
func proveLeft(w *move.Window) *safety.Refusal {
	if len(w.Stay) == 0 {
		w.Proved(safety.S15, "verified on the result: the finding is gone, and there is no new one")
		return nil
	}
	w.Assume(safety.S15, w.Stay[0].Pos(), "The lock is still held across %s. Is that as it should be?", w.Stay[0].Call())
	return nil
}
