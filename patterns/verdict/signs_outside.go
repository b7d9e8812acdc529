package verdict

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// outsideSigns weighs what the section works on outside of the process, and whether it is
// a step of a stream.
func (j *judging) outsideSigns() {
	j.keepsApart()
	if isStreamStep(j.s) {
		j.see("stream", j.s.Unit.Decl.Name.Pos(), "%s is a step of a stream, whose steps come one after the other", j.s.Unit.Name())
	}
}

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

// streamSteps are the methods by which package io reads and writes a stream, with their
// results but for the error.
var streamSteps = map[string]types.BasicKind{
	"Read": types.Int, "Write": types.Int, "ReadAt": types.Int, "WriteAt": types.Int, "WriteString": types.Int,
	"Seek": types.Int64, "ReadFrom": types.Int64, "WriteTo": types.Int64,
}

// isStreamStep reports whether the section's function is a method of package io, and the
// lock belongs to its receiver: it keeps the position of the stream, and what comes in
// between.
func isStreamStep(s *locks.Section) bool {
	if s.Unit.Decl == nil || s.Unit.Lit != nil || s.Unit.Decl.Recv == nil {
		return false
	}
	sig := s.Unit.Signature()
	kind, ok := streamSteps[s.Unit.Decl.Name.Name]
	if !ok || sig.Results().Len() != 2 || s.Lock.Root != sig.Recv() || !patterns.IsError(sig.Results().At(1).Type()) {
		return false
	}
	b, ok := sig.Results().At(0).Type().(*types.Basic)
	return ok && b.Kind() == kind
}
