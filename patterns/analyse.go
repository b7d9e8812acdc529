package patterns

// NewProgram analyses the packages. The table says which functions outside of
// them block; nil means [DefaultTable].
func NewProgram(pkgs []*Package, table *Table) *Program {
	return NewProgramFrom(pkgs, table, nil)
}

// NewProgramFrom is NewProgram with facts of packages that are not there
// themselves.
//
// A package is analysed after those that it imports, of which it knows their
// facts, so what is found in it is the same whatever else is in the program,
// as long as all of the module that it depends on is there, or its facts are.
func NewProgramFrom(pkgs []*Package, table *Table, facts map[string]*Facts) *Program {
	return NewProgramOf(pkgs, table, facts, false)
}

// NewProgramOf is NewProgramFrom. With noTests set, the packages were
// type-checked with test files that are not among their files.
func NewProgramOf(pkgs []*Package, table *Table, facts map[string]*Facts, noTests bool) *Program {
	x := New(pkgs, table, facts, noTests)
	x.analyseAll()
	return x
}

// With returns a program in which the package q, a changed copy of one of x's
// packages, takes that package's place. Only q is analysed anew; what the
// other packages' functions do is taken over, which is right as long as the
// change keeps what q's functions do for their callers.
func (x *Program) With(q *Package) *Program {
	y := x.Over(q.ID)
	y.Put(q)
	return y
}

// Put analyses q in the place of the package with its ID. After [Program.Without]
// it is With for a program that goes on in the new state.
func (x *Program) Put(q *Package) {
	x.Replace(q)
	x.analyse(q)
}

// analyseAll analyses every package after those that it imports.
func (x *Program) analyseAll() {
	order, cyclic := importOrder(x.Packages)
	for _, p := range order {
		x.analyse(p)
	}
	if cyclic { // by test files: what came too early is done once more
		x.ForgetSummaries()
		for _, p := range order {
			x.analyse(p)
		}
	}
}

// analyse follows locks and calls through one package. What it imports has been
// analysed before.
func (x *Program) analyse(p *Package) {
	x.followLocks(x.UnitsIn(p))
	x.findMayBlock(x.UnitsIn(p))
	if x.followsLocks() {
		x.setLongHeld(p.Path, x.longHeld(p))
		x.findMayBlock(x.UnitsIn(p))
	}
	x.facts[p.Path] = x.makeFacts(p)
}

// FollowLockWaits makes waits for locks that are held long part of what is known
// of every function, as it is if the category lock is asked for. It does so once.
func (x *Program) FollowLockWaits() {
	if x.followsLocks() {
		return
	}
	x.setLongHeld("", nil)
	for path, f := range x.facts {
		slow := make(map[string]bool)
		for _, id := range f.Slow {
			slow[id] = true
		}
		x.setLongHeld(path, slow)
	}
	x.analyseAll()
}
