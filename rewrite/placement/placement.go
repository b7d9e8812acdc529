// Package placement finds the best places in a function to release the lock and take it
// again.
package placement

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/place"
)

// A Placement says where the lock of a section is released and taken again in its
// function, as [place.Solve] finds it, with the window that this opens.
type Placement struct {
	*move.Window
	Steps    []*PlacedStep // in source order
	Releases []*Release
	Locks    []*LockPlace
	Leaves   []*Leave
	last     int          // how many steps, releases, Locks and returns it was read from
	first    *move.Window // what runs before the lock is taken at all, or nil

	empties *Release // before which variables are emptied, or nil

	lifted map[ast.Node]map[string]*types.Var // by block, the variables of init statements that are declared in it now

	body    place.Node
	dropped bool // the section no longer begins at the Lock of the source
}

// A PlacedStep is a step with the mode in which it runs.
type PlacedStep struct {
	*step
	leaf  *place.Step
	Mode  place.Mode
	order int
}

// Free reports whether the step runs without the lock, in the function's section.
func (p *PlacedStep) Free() bool {
	switch p.Mode.Kind {
	case CutBefore:
		return true
	case Releasing, Dropped, Commit, LiftBefore:
		return false
	}
	return p.Mode.From == place.Cut || p.Mode.From == place.Free || p.Mode.From == place.Gone
}

// held reports whether the step, or a part of it, runs under the lock.
func (p *PlacedStep) held() bool {
	return p.Mode.From == place.Held && p.Mode.Kind != CutBefore || p.Mode.Kind == Commit
}

// A Release is an Unlock that the placement adds, with the values that are extracted
// before it.
type Release struct {
	At     ast.Stmt
	After  bool
	Gone   bool // the lock is taken again by defer only
	Values []extract.Extraction
	order  int
	moved  ast.Stmt // the Unlock of the source that comes here, or nil
	lifted bool     // an init statement comes before it
}

// A Leave is a return that the placement adds at the end of a branch where the function
// ends anyway.
type Leave struct {
	at    ast.Stmt
	order int
}

// A LockPlace is a Lock that the placement adds or keeps.
type LockPlace struct {
	At     ast.Stmt // nil for the Lock of the source
	After  bool
	Commit *PlacedStep // the step that it is in, or nil
	order  int

	// deferred: the lock is held from there until the function returns, so that its
	// release can be deferred; the last step of that is at end.
	deferred bool
	end      int
}

// A step is a leaf of the function as [place.Solve] sees it: a simple statement, or
// a part of the header of another one.
type step struct {
	node ast.Stmt      // what is carried out; made up around an expression of a header
	stmt ast.Stmt      // the element of a statement list that it is a part of
	op   ast.Stmt      // the select, or the loop over a channel, that waits with it; or nil
	Lift *extract.Lift // the part that can come before the rest, or nil
	ops  []extract.Extraction

	joined  []extract.Extraction // what is taken instead of ops, if it is cut right before that
	liftOps []extract.Extraction // what that part reads
}

// The ways to run a step.
const (
	AsItIs     = iota
	Extracting // what it reads from guarded state was read before the Unlock
	CutBefore  // what it needs the lock for is read right before, then the lock is released
	LiftBefore // its init statement comes first, then the lock is released
	Commit     // the part that waits comes first, then the lock is taken
	Releasing  // it leaves the function: the lock is released before
	Dropped    // a Lock or Unlock of the source that is not needed
)

// What the ways cost. A wait under the lock is what all this is about; the rest
// orders the solutions by how much they change.
const (
	costWait    = 1_000_000
	costToggle  = 100
	costLoop    = 3
	costExtract = 30 // a value that a wait needs
	costEarly   = 90 // a value that something else needs, which may as well stay under the lock
	costLift    = 60
	costReturn  = 40
	costLeave   = 50 // a return that is added
	costHeld    = 1  // a step under the lock that does not need it
)
