// Package move describes what a rewrite does to a section: the window that runs without the
// lock, and what is copied, taken out or tested again for it.
package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A Window is the part of a section that a shape wants to run without the lock, along with what
// stays under the lock before and after it.
type Window struct {
	*site.Site
	Pre    []ast.Stmt           // under the lock, before the window
	Stmts  []ast.Stmt           // the window
	Post   []ast.Stmt           // under the lock again, after it; nil if the lock is not taken again
	Values []extract.Extraction // guarded values that are read before the window for use in it
	Copies []extract.Extraction // guarded maps and slices that local variables get copies of

	// Free: the window comes first, before the lock is taken.
	Free bool

	// Lift is the part of the first statement of Post that belongs to the window, or nil.
	Lift *extract.Lift

	Recheck                          *Recheck                     // repeated after Stmts, or nil
	Tests                            []EnclosingTest              // the window depends on them
	Same                             []*SameEntry                 // compared before they are deleted
	PreTouches, Touches, PostTouches *site.Touches                // what Pre, Stmts and Post touch
	Derived                          map[*types.Var][]*site.Touch // sources of locals set in Pre
	Flagged                          map[*types.Var][]*site.Touch // what Stmts derive from flags
	Recorded                         []safety.Obligation          // the obligations so far
	Later, Again                     []*site.Touch                // set in Post; Again in Pre, too
	Renewed                          []ChangedToo                 // read for the call, and set to what it brings; Other is nil if nobody else changes it
	Older                            []ChangedToo                 // set in Post, changed elsewhere
	Emptied                          []ChangedToo                 // filled in Post after a repeated test, emptied elsewhere

	Alone bool // a busy flag keeps two calls of the function from running at once

	// Lent are fields of objects that callers pass, and that nobody else has while the section
	// uses them; [conditions.ProveGuarded] asks whether that is so.
	Lent []*types.Var

	// Claimed are the variables that say that the call is in progress. Callers who find them set
	// return; they are reset after the call.
	Claimed []*types.Var

	Locked     []*panics.Place // places where a panic would leave the lock locked
	LockedText string          // the question about that
}

// A UsedValue is a guarded value that is read under the lock and then used in the window. It is
// extracted, or derived by a statement before the window.
type UsedValue struct {
	Name string
	Typ  types.Type
	Pos  token.Pos
	From []*types.Var // the guarded variables that it comes from
	Of   *types.Var   // the derived variable; nil for an extracted value

	Taken  bool // the variables that it comes from have been emptied, so nobody else has it
	Copied bool // it is a copy of a map or slice; Typ is the type of what copy and original share
	Own    bool // nothing in it leads to what others can reach
}

// A ChangedToo is a variable that is set after the window and also changed elsewhere.
type ChangedToo struct {
	Touch *site.Touch
	Other *guards.Access
}

// Freed lists the finding's operations that the window frees, leaving out those that stay under
// the lock or are in another window.
func (w *Window) Freed() []*waits.Op {
	in := func(o *waits.Op) bool { return w.InStmts(o.Node, w.Stmts) }
	all := slices.DeleteFunc(slices.Clone(w.Finding.Ops), func(o *waits.Op) bool { return slices.Contains(w.Stay, o) })
	if !slices.ContainsFunc(all, in) {
		return all
	}
	return slices.DeleteFunc(all, func(o *waits.Op) bool { return !in(o) && !o.Deferred })
}

// Sleeps reports whether a call only lets time pass: a growing delay matters to nobody else.
func (w *Window) Sleeps(c *ast.CallExpr) bool {
	return slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Node == ast.Node(c) && o.Category == "sleep" && len(o.Path) == 0 })
}

// An EnclosingTest is a condition that a window depends on.
type EnclosingTest struct {
	Cond    ast.Expr
	Commits bool // something done under the lock after the window depends on it as well

	Repeats []ast.Stmt        // what runs under the repeated test after the window, or nil
	Reads   []*ast.AssignStmt // repeated before the test, with its init statement
	If      *ast.IfStmt       // the statement whose test it is, if it is repeated
	Missing *Missing          // the lookup that is repeated; nil if the condition itself is
}

// Looks returns what the repeated test evaluates, with the assignments before it.
func (t EnclosingTest) Looks() []ast.Node {
	if t.Missing != nil {
		return []ast.Node{t.Missing.Index}
	}
	return append(nodesOf(t.Reads), t.Cond)
}

// Init returns the init statement of a test that is repeated, or nil.
func (t EnclosingTest) Init() *ast.AssignStmt {
	if t.If == nil {
		return nil
	}
	as, _ := t.If.Init.(*ast.AssignStmt)
	return as
}

// readsAgain reports whether a node is in one of the repeated assignments.
func (t EnclosingTest) readsAgain(n ast.Node) bool {
	return slices.ContainsFunc(t.Reads, func(as *ast.AssignStmt) bool { return syntax.Within(n, as) })
}

// sets reports whether one of the repeated assignments sets the variable, or both branches do
// that run after the repeated test.
func (t EnclosingTest) sets(s *site.Site, v *types.Var) bool {
	if t.If != nil && len(t.Repeats) > 0 {
		other := OtherBranch(t.If, BranchWith(t.If, t.Repeats[0]))
		if other != nil && Reassigned(s, v, other.List) && Reassigned(s, v, t.Repeats) {
			return true
		}
	}
	return slices.ContainsFunc(t.Reads, func(as *ast.AssignStmt) bool { return Reassigned(s, v, []ast.Stmt{as}) })
}

// A Missing is a map lookup that finds nothing, so that the section makes the entry and
// continues with it:
//
//	e, ok := c.entries[name]
//	if !ok {
//		e = load(name)
//		c.entries[name] = e
//	}
//	e.hits++
//
// If the lookup is repeated after the wait, the entry may exist. The section then continues with
// that entry, as if it had existed from the start.
type Missing struct {
	Index *ast.IndexExpr // the lookup
	Entry *types.Var     // holds the entry; nil if unused after the if statement
	OK    bool           // the test is of ok, and not whether the entry is nil
}

// Missed reports whether a variable holds nothing when the window begins, because the lookup
// that is repeated after the window has found nothing.
func (w *Window) Missed(v *types.Var) bool {
	return v != nil && slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool { return t.Missing != nil && t.Missing.Entry == v })
}

// A Recheck is what a section looked at before the wait and must look at again once it holds the
// lock: reads of guarded state into local variables, and tests that leave the function. With all
// of that repeated, the code after the wait runs as if the section had begun at the second Lock
// with the wait's result at hand.
type Recheck struct {
	Site     *site.Site
	Steps    []ast.Stmt // reads and tests, in source order
	Tests    []ast.Stmt
	Passed   []ast.Stmt                   // loops that return what they find; not repeated
	reads    map[*types.Var]bool          // variables that are read again
	Created  []ast.Stmt                   // put an object where a read found none; see keeps
	inits    map[ast.Stmt]*ast.AssignStmt // reads that become the init of a test
	Derived  map[*types.Var][]*site.Touch // what comes from guarded state before the window
	Counted  map[ast.Stmt]bool            // counting statements to leave out of tests
	Products []Product                    // made by the window; closed by a test that drops it
	Doubts   []safety.Obligation          // questions about what is dropped
	leaks    *safety.Refusal              // S5: a test would drop something that cannot be closed
	Explicit bool                         // the second Lock has no deferred Unlock
	Same     []*Identity                  // variables that must hold the same object after the wait
	Parts    []*types.Var                 // read again, so that some of their fields are set and stored
}

// A Product is something that the window makes and that must be closed if a repeated test drops
// it: S5.
type Product struct {
	Name  string   // the variable that holds it, or a field of that: "resp.Body"
	Test  string   // the condition under which it exists; "" if it always does
	Value ast.Expr // the expression that makes it
}

// Root returns the name of the variable that the product is reached through.
func (p Product) Root() string {
	root, _, _ := strings.Cut(p.Name, ".")
	return root
}

// An Identity is a variable that is read again and must still hold the same object.
type Identity struct {
	V    *types.Var
	Read *ast.AssignStmt // the assignment that reads it
	Test *ast.IfStmt     // the test that also compares, or nil
	old  string          // the name of the variable with the old value
}

// An Update is the way in which a statement changes a variable.
type Update byte

const (
	Overwrite Update = iota // replaced by a value that may be out of date
	Insert                  // an element is set
	Merge                   // added to the old value: x++, x += y, x = append(x, y), delete(x, k)
	Constant                // set to a constant
)
