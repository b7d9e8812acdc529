package patterns

import (
	"slices"
)

// followLocks computes the lock flow and effects of the units, repeated while
// effects change: wrappers of wrappers settle in a few rounds. In the first one
// no unit knows another's effects.
func (x *Program) followLocks(units []*Unit) {
	first := make([][]lockEffect, len(units))
	eachUnit(units, func(i int, u *Unit) { first[i] = x.followUnit(u) })
	changed := make(map[*Unit]bool)
	for i, u := range units {
		if effects.Set(u, first[i]); len(effects.Of(u)) > 0 {
			changed[u] = true
		}
	}
	for range 5 {
		if len(changed) == 0 {
			return
		}
		next := make(map[*Unit]bool)
		for _, u := range slices.Backward(units) { // literals before the unit around them
			if u.Body == nil || !x.callsAny(u, changed) && !x.callsAny(u, next) {
				continue
			}
			found := x.followUnit(u)
			if !slices.EqualFunc(found, effects.Of(u), lockEffect.same) {
				next[u] = true
			}
			effects.Set(u, found)
		}
		changed = next
	}
}

// followUnit computes the lock flow of one unit with the effects that others are
// known to have. It returns its own.
func (x *Program) followUnit(u *Unit) []lockEffect {
	if u.Body == nil {
		return nil
	}
	lockFlows.Set(u, newFlow(u, x))
	return u.computeEffects()
}

// callsAny reports whether the unit calls or contains one of the set.
func (x *Program) callsAny(u *Unit, set map[*Unit]bool) bool {
	for _, l := range u.lits {
		if set[l] {
			return true
		}
	}
	for _, c := range u.calls {
		if fn := CalleeOf(u.Pkg.Info, c); fn != nil && set[x.UnitOf(fn)] {
			return true
		}
		if lit := u.litCalled(c); lit != nil && set[x.LitUnit(lit)] {
			return true
		}
	}
	return false
}
