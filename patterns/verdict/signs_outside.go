package verdict

import (
	"cmp"
	"slices"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// keepsApart weighs a wait for something outside of the process that other sections of the
// lock work on, too, where one of the two changes it. They have to be a good part of its
// sections: of a lock for many things, few are about that one. Only what the package itself
// does counts: a list of findings does not read the code of others, and has to say the same.
func (j *judging) keepsApart() {
	here := func(o *outside.Use) bool { return o.Last().Unit.Pkg == j.s.Unit.Pkg }
	own := slices.DeleteFunc(slices.Clone(outside.Uses(j.x, j.s)), func(o *outside.Use) bool {
		return !here(o) || !slices.ContainsFunc(j.f.Ops, func(op *waits.Op) bool { return op.Node == o.Chain[0].Call })
	})
	if len(own) == 0 {
		return
	}
	sharing, all := 1, locks.SectionsOfLock(j.x, j.s.Unit.Pkg, j.s.LockVar())
	var first, mine *outside.Use
	for _, s := range all {
		if s.Acquire == j.s.Acquire {
			continue
		}
		if theirs, o := sharedUse(outside.Uses(j.x, s), own, here); theirs != nil {
			sharing++
			first, mine = cmp.Or(first, theirs), cmp.Or(mine, o)
		}
	}
	if first != nil && float64(sharing) > fewShare*float64(len(all)) {
		j.see("keeps-apart", first.Last().Call.Pos(), "%d of %d sections of the lock work on the same thing outside of the process (%s)", sharing, len(all), mine.Names())
	}
}

// sharedUse returns the first of others' uses that is of the same thing as one of the
// section's own, with that one, where one of the two changes it.
func sharedUse(others, own []*outside.Use, here func(*outside.Use) bool) (theirs, mine *outside.Use) {
	for _, theirs := range others {
		for _, o := range own {
			if here(theirs) && o.Same(theirs) && (o.Writes || theirs.Writes) {
				return theirs, o
			}
		}
	}
	return nil, nil
}
