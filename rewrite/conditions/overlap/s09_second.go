package overlap

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// askOthers asks whether the sections that do not take the second lock may run during the
// wait. All others still have it to themselves.
func askOthers(w *move.Window) {
	var places []string
	for _, s := range w.Second.Others {
		places = append(places, w.Line(s.Pos()))
	}
	where, call := site.JoinSomePlaces(places), w.Freed()[0].Call()
	w.Ask(safety.RunsMeanwhile, "", safety.S9, w.Freed()[0].Pos(), "May the sections of %s that only use memory (%s) run before %s is done?", w.Section.Lock, where, call)
}
