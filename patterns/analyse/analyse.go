// Package analyse makes programs: it follows locks and waits through packages, each
// after those that it imports.
package analyse

import (
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// NewProgram analyses the packages. The table says which functions outside of
// them block; nil means [blocking.DefaultTable].
func NewProgram(pkgs []*patterns.Package, table *blocking.Table) *patterns.Program {
	return NewProgramFrom(pkgs, table, nil)
}

// NewProgramFrom is NewProgram with facts of packages that are not there
// themselves.
//
// A package is analysed after those that it imports, of which it knows their
// facts, so what is found in it is the same whatever else is in the program,
// as long as all of the module that it depends on is there, or its facts are.
func NewProgramFrom(pkgs []*patterns.Package, table *blocking.Table, facts map[string]*patterns.Facts) *patterns.Program {
	return NewProgramOf(pkgs, table, facts, false)
}

// NewProgramOf is NewProgramFrom. With noTests set, the packages were
// type-checked with test files that are not among their files.
func NewProgramOf(pkgs []*patterns.Package, table *blocking.Table, facts map[string]*patterns.Facts, noTests bool) *patterns.Program {
	x := patterns.New(pkgs, table, facts, noTests)
	analyseAll(x)
	return x
}

// With returns a program in which the package q, a changed copy of one of x's
// packages, takes that package's place. Only q is analysed anew; what the
// other packages' functions do is taken over, which is right as long as the
// change keeps what q's functions do for their callers.
func With(x *patterns.Program, q *patterns.Package) *patterns.Program {
	y := x.Over(q.ID)
	Put(y, q)
	return y
}

// Put analyses q in the place of the package with its ID. After [patterns.Program.Without]
// it is With for a program that goes on in the new state.
func Put(x *patterns.Program, q *patterns.Package) {
	x.Replace(q)
	analyse(x, q)
}

// analyseAll analyses every package after those that it imports.
func analyseAll(x *patterns.Program) {
	order, cyclic := patterns.ImportOrder(x.Packages)
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

// FollowLockWaits makes waits for locks that are held long part of what is known
// of every function, as it is if the category lock is asked for. It does so once.
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
