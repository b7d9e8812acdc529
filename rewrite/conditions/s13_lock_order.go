package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveLockOrder is S13: no lock that is taken after this one is held when this one is
// taken again.
func proveLockOrder(w *move.Window) *safety.Refusal {
	if len(w.Post) > 0 {
		if o := w.InnerLockAt(w.Post[0]); o != nil {
			return safety.Refuse(safety.S13, "lock-order", o.Pos, "%s is taken while %s is held, and would be held when that is taken again", o.Lock, w.Section.Lock)
		}
	}
	if r := refuseHeldResource(w); r != nil {
		return r
	}
	switch {
	case w.Free:
		w.Proved(safety.S13, "only the lock itself is taken later")
	case len(w.Post) == 0:
		w.Proved(safety.S13, "the lock is not taken again")
	case len(w.Section.Others) > 0:
		w.Proved(safety.S13, "no lock that was taken after %s is held when it is taken again", w.Section.Lock)
	default:
		w.Proved(safety.S13, "no other lock is held when the lock is taken")
	}
	return nil
}
