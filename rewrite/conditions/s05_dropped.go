package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
)

// askDropped asks what cannot be known about what a repeated test drops.
func askDropped(w *move.Window) {
	if w.Recheck == nil {
		return
	}
	for _, d := range w.Recheck.Doubts {
		w.Assume(d.Condition, d.Pos, "%s", d.Text)
	}
}
