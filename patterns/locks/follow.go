package locks

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/parallel"
)

// Follow computes the lock flow and effects of the units until the effects no longer
// change: wrappers of wrappers settle in a few rounds. In the first round no unit knows
// another's effects.
func Follow(x *patterns.Program, units []*patterns.Unit) {
	first := make([]lockSummary, len(units))
	parallel.EachUnit(units, func(i int, u *patterns.Unit) { first[i] = followUnit(x, u) })
	changed := make(map[*patterns.Unit]bool)
	for i, u := range units {
		first[i].keep(u)
		if len(first[i].effects) > 0 || first[i].handing.hands != 0 || first[i].handing.runsField {
			changed[u] = true
		}
	}
	called := make(map[*patterns.Unit][]*patterns.Unit)
	for range 5 {
		if len(changed) == 0 {
			return
		}
		next := make(map[*patterns.Unit]bool)
		for _, u := range slices.Backward(units) { // literals before the unit around them
			if u.Body == nil {
				continue
			}
			list, ok := called[u]
			if !ok {
				list = calledBy(x, u)
				called[u] = list
			}
			if !slices.ContainsFunc(list, func(v *patterns.Unit) bool { return changed[v] || next[v] }) {
				continue
			}
			found := followUnit(x, u)
			if !slices.EqualFunc(found.effects, Effects.Of(u), Effect.same) || found.handing.hands != HandsOver(u) || found.handing.runsField != RunsField(u) {
				next[u] = true
			}
			found.keep(u)
		}
		changed = next
	}
}

// A lockSummary is what a unit does to locks as its callers see it.
type lockSummary struct {
	effects []Effect
	handing handing
}

// keep remembers the summary of a unit.
func (s lockSummary) keep(u *patterns.Unit) {
	Effects.Set(u, s.effects)
	handings.Set(u, s.handing)
}

// followUnit computes the lock flow of one unit from the known summaries of others, and
// returns the unit's own summary.
func followUnit(x *patterns.Program, u *patterns.Unit) (s lockSummary) {
	if u.Body == nil {
		return s
	}
	s.handing.runsField = callsField(x, u)
	flow := newFlow(u, x)
	Flows.Set(u, flow)
	if flow == nil {
		return s
	}
	for _, k := range flow.Keys {
		ef := Effect{Path: flow.PathOf(k)}
		named := Nameable(u, &ef)
		ef.Kind, ef.Mode = flow.net(k)
		switch {
		case named && ef.Kind != 0:
			ef.handed = ef.Kind == EvAcquire && returnsRelease(u, ef.Path)
			s.effects = append(s.effects, ef)
		case !named && ef.MayHold():
			s.handing.left = append(s.handing.left, ef.Path.Last())
			if s.handing.hands == 0 && ef.Kind == EvAcquire && returnsRelease(u, ef.Path) {
				s.handing.hands = ef.Mode
			}
		}
	}
	return s
}

// calledBy lists the units that a unit calls or contains.
func calledBy(x *patterns.Program, u *patterns.Unit) []*patterns.Unit {
	out := slices.Clone(u.Lits)
	for _, c := range u.Calls() {
		if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
			if v := x.UnitOf(fn); v != nil {
				out = append(out, v)
			}
		} else if lit := u.LitCalled(c); lit != nil {
			out = append(out, x.LitUnit(lit))
		}
	}
	return out
}
