package overlap

import (
	"fmt"

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
	where := site.JoinPlaces(places)
	if len(places) > mostPlaces {
		where = fmt.Sprintf("%s and %d more", site.JoinPlaces(places[:mostPlaces]), len(places)-mostPlaces)
	}
	call := w.Freed()[0].Call()
	w.Ask(safety.RunsMeanwhile, "", safety.S9, w.Freed()[0].Pos(), "May the sections of %s that only use memory (%s) run before %s is done?", w.Section.Lock, where, call)
}

// mostPlaces is how many places a question names.
const mostPlaces = 3
