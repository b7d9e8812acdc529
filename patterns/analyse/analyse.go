// Package analyse makes programs: it follows locks and waits through packages, each
// after the packages that it imports.
package analyse

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// NewProgram analyses the packages. The table says which functions outside of them
// block; nil means [blocking.DefaultTable].
func NewProgram(pkgs []*patterns.Package, table *blocking.Table) *patterns.Program {
	return NewProgramFrom(pkgs, table, nil)
}

// NewProgramFrom is NewProgram with facts about packages that are not loaded.
//
// It analyses a package after those that it imports, and uses their facts. So the
// findings in a package do not depend on what else is in the program, as long as
// everything in the module that the package depends on is there, or its facts are.
func NewProgramFrom(pkgs []*patterns.Package, table *blocking.Table, facts map[string]*patterns.Facts) *patterns.Program {
	return NewProgramOf(pkgs, table, facts, false)
}

// NewProgramOf is NewProgramFrom. noTests says that the packages were type-checked with
// test files that are not among their files.
func NewProgramOf(pkgs []*patterns.Package, table *blocking.Table, facts map[string]*patterns.Facts, noTests bool) *patterns.Program {
	x := patterns.New(pkgs, table, facts, noTests)
	analyseAll(x)
	return x
}

// With returns a program in which q, a changed copy of one of x's packages, takes that
// package's place. It analyses only q again and takes over what the other packages'
// functions do. That is right as long as the change does not alter what q's functions
// do for their callers. If q is unchanged, that program is x itself: what is remembered
// of a package is remembered under its name, so one package is not analysed twice.
func With(x *patterns.Program, q *patterns.Package) *patterns.Program {
	if slices.Contains(x.Packages, q) {
		return x
	}
	y := x.Over(q.ID)
	Put(y, q)
	return y
}

// Put analyses q in the place of the package with its ID. After
// [patterns.Program.Without] it is With for a program that continues in the new state.
func Put(x *patterns.Program, q *patterns.Package) {
	x.Replace(q)
	analyse(x, q)
}

// analyseAll analyses every package after those that it imports.
func analyseAll(x *patterns.Program) {
	order, cyclic := importOrder(x.Packages)
	all := func() {
		for _, p := range order {
			analyse(x, p)
			if cyclic {
				x.Complete(x.KnownFacts()[p.Path]) // nothing that comes later may count
			}
		}
	}
	all()
	if cyclic { // by test files: what came too early is done once more
		x.ForgetSummaries()
		all()
	}
}

// analyse follows locks and calls through one package. What it imports has been
// analysed before.
func analyse(x *patterns.Program, p *patterns.Package) {
	locks.Follow(x, x.UnitsIn(p))
	waits.FindMayBlock(x, x.UnitsIn(p))
	if waits.FollowsLocks(x) {
		waits.SetLongHeld(x, p.Path, waits.LongHeld(x, p))
		waits.FindMayBlock(x, x.UnitsIn(p))
	}
	x.KnownFacts()[p.Path] = makeFacts(x, p)
}

// FollowLockWaits makes waits for long-held locks part of what is known about every
// function, as for the category lock. It does so once.
func FollowLockWaits(x *patterns.Program) {
	if waits.FollowsLocks(x) {
		return
	}
	waits.SetLongHeld(x, "", nil)
	for path, f := range x.KnownFacts() {
		slow := make(map[string]bool)
		for _, id := range f.Slow {
			slow[id] = true
		}
		waits.SetLongHeld(x, path, slow)
	}
	analyseAll(x)
}
