// Package placement finds the best places in a function to release the lock and to take it
// again.
package placement

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A Placement says where a function releases and takes the lock of a section, as found by
// [place.Solve], with the window that this opens.
type Placement struct {
	*move.Window
	Steps    []*PlacedStep // in source order
	Releases []*Release
	Locks    []*LockPlace
	Leaves   []*Leave
	last     int          // the number of steps, releases, Locks and returns
	first    *move.Window // what runs before the lock is first taken, or nil

	earlier []earlierValue // see [shapes.Earlier]

	empties *Release // the release before which variables are emptied, or nil

	lifted map[ast.Node]map[string]*types.Var // variables of lifted init statements, by block

	body    place.Node
	dropped bool // the section no longer begins at the Lock in the source
}

// A PlacedStep is a step and the mode in which it runs.
type PlacedStep struct {
	*step
	leaf  *place.Step
	Mode  place.Mode
	order int
}

// Free reports whether the step runs without the lock, inside the section.
func (p *PlacedStep) Free() bool {
	switch p.Mode.Kind {
	case CutBefore:
		return true
	case Releasing, Dropped, Commit, LiftBefore:
		return false
	}
	return p.Mode.From == place.Cut || p.Mode.From == place.Free || p.Mode.From == place.Gone
}

// held reports whether the step or a part of it runs under the lock.
func (p *PlacedStep) held() bool {
	return p.Mode.From == place.Held && p.Mode.Kind != CutBefore || p.Mode.Kind == Commit
}

// waitsIn reports whether the step makes a wait.
func (s *step) waitsIn(o *waits.Op) bool {
	return syntax.Within(o.Node, s.node) || s.op != nil && ast.Node(s.op) == o.Node
}

// A Release is an Unlock that the placement adds, and the values that are extracted before it.
type Release struct {
	At     ast.Stmt
	After  bool
	Gone   bool // only a defer takes the lock again
	Values []extract.Extraction
	order  int
	moved  ast.Stmt // the Unlock in the source that moves here, or nil
	lifted bool     // an init statement comes before it
}

// A Leave is a return that the placement adds at the end of a branch where the function would
// end anyway.
type Leave struct {
	at    ast.Stmt
	order int
}

// A LockPlace is a Lock that the placement adds or keeps.
type LockPlace struct {
	At     ast.Stmt // nil for the Lock in the source
	After  bool
	Commit *PlacedStep // the step that contains it, or nil
	order  int

	// deferred: the lock is held from here until the function returns, so that its release can
	// be deferred. The last step under the lock is at end.
	deferred bool
	end      int
}

// A step is a leaf of the function for [place.Solve]: a simple statement or a part of the header
// of a compound one.
type step struct {
	node ast.Stmt      // what runs; synthetic for an expression in a header
	stmt ast.Stmt      // the statement list element that contains it
	op   ast.Stmt      // the select, or the loop over a channel, that waits at this step, or nil
	Lift *extract.Lift // the part that can run before the rest, or nil
	ops  []extract.Extraction

	joined  []extract.Extraction // extracted instead of ops if the lock is released right before
	liftOps []extract.Extraction // what the part in Lift reads
}

// The ways to run a step.
const (
	AsItIs     = iota
	Extracting // the guarded state that it reads was read before the Unlock
	CutBefore  // the guarded state that it needs is read right before, then the lock is released
	LiftBefore // its init statement runs first, then the lock is released
	Commit     // the part that waits runs first, then the lock is taken
	Releasing  // it leaves the function; the lock is released before it
	Dropped    // a Lock or Unlock in the source that is not needed
)

// The costs. Avoiding waits under the lock is the whole point; the other costs rank the
// solutions by how much they change.
const (
	costWait    = 1_000_000
	costToggle  = 100
	costLoop    = 3
	costExtract = 30 // a value that a wait needs
	costEarly   = 90 // a value for anything else, which may as well stay under the lock
	costLift    = 60
	costReturn  = 55
	costLeave   = 50 // an added return
	costHeld    = 1  // a step under the lock that does not need it
)
