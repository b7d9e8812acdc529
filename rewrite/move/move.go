// Package move is the data that says what a rewrite does to a section: the window that
// runs without the lock, with what is copied, taken out or tested again for it.
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
)

// A Window is the stretch of a section that a shape wants to run without the
// lock, with what stays under the lock before and after it.
type Window struct {
	*site.Site
	Pre    []ast.Stmt           // under the lock, before the window
	Stmts  []ast.Stmt           // the window
	Post   []ast.Stmt           // under the lock again, after it; nil if the lock is not taken again
	Values []extract.Extraction // guarded values that are read before the window, for it
	Copies []extract.Extraction // guarded maps and slices that local variables are given copies of

	// Free: the window comes first, before the lock is taken at all.
	Free bool

	// Lift is the part of the first statement of Post that belongs to the
	// window, or nil.
	Lift *extract.Lift

	Recheck                          *Recheck                     // what is repeated after it, or nil
	Tests                            []EnclosingTest              // made under the lock, and the window depends on them
	PreTouches, Touches, PostTouches *site.Touches                // what Pre, Stmts and Post touch
	Derived                          map[*types.Var][]*site.Touch // what is guarded and local variables come from, before the window
	Flagged                          map[*types.Var][]*site.Touch // what the window derives from flags
	Recorded                         []safety.Obligation          // recorded so far
	Later, Again                     []*site.Touch                // what is set after the window: only then, or before it, too
	Older                            []ChangedToo                 // what is overwritten after the window although it changes elsewhere

	Alone bool // a busy flag keeps two calls of the function from running at once

	// Claimed: variables that say that the call is under way: callers who find them set
	// leave, and after it they are set back.
	Claimed []*types.Var

	Locked     []*panics.Place // what would leave the lock locked
	LockedText string          // the question about that
}

// A UsedValue is a guarded value that the window uses after it was read under the lock:
// extracted, or derived by a statement before the window.
type UsedValue struct {
	Name string
	Typ  types.Type
	Pos  token.Pos
	From []*types.Var // the guarded variables that it comes from
	Of   *types.Var   // the derived variable, nil for an extracted value

	Taken  bool // the variables that it comes from were emptied since, so nobody else has it
	Copied bool // it is a copy of a map or slice; typ is the type of what the two share
	Own    bool // nothing in it leads to what others can reach
}

// A ChangedToo is a variable that is set after the window and also changed elsewhere.
type ChangedToo struct {
	Touch *site.Touch
	Other *guards.Access
}

// Freed lists the finding's operations that the window frees: not those that stay under
// the lock, or are in another window.
func (w *Window) Freed() []*waits.Op {
	in := func(o *waits.Op) bool { return w.InStmts(o.Node, w.Stmts) }
	all := slices.DeleteFunc(slices.Clone(w.Finding.Ops), func(o *waits.Op) bool { return slices.Contains(w.Stay, o) })
	if !slices.ContainsFunc(all, in) {
		return all
	}
	return slices.DeleteFunc(all, func(o *waits.Op) bool { return !in(o) && !o.Deferred })
}

// An EnclosingTest is a condition on which a window depends.
type EnclosingTest struct {
	Cond    ast.Expr
	Commits bool // so does something that is done under the lock after it

	Repeats []ast.Stmt // what the test is made again for after the window, or nil
	Missing *Missing   // the look-up that is made again for that, or nil: the condition itself is
}

// Looks returns what the repeated test looks at.
func (t EnclosingTest) Looks() ast.Expr {
	if t.Missing != nil {
		return t.Missing.Index
	}
	return t.Cond
}

// A Missing is a look-up in a map that finds nothing, so that the section makes the
// entry and continues with it:
//
//	e, ok := c.entries[name]
//	if !ok {
//		e = load(name)
//		c.entries[name] = e
//	}
//	e.hits++
//
// If the look-up is repeated after the wait, the entry may be there. Then the section
// continues with that one, as if it had been there from the start.
type Missing struct {
	Index *ast.IndexExpr // the look-up
	Entry *types.Var     // what holds the entry, nil if nobody uses it after the if statement
	OK    bool           // the test is whether there is an entry, and not whether it is nil
}

// Missed reports whether a variable holds nothing where the window begins, because a
// look-up that is repeated after it has found nothing.
func (w *Window) Missed(v *types.Var) bool {
	return v != nil && slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool { return t.Missing != nil && t.Missing.Entry == v })
}

// A Recheck is what a section looked at before the wait and must look at again once it
// holds the lock: reads of guarded state into local variables, and tests that leave the
// function. With all of it repeated, what comes after the wait runs as if the section
// had begun at the second Lock, with the wait's result at hand.
type Recheck struct {
	Site     *site.Site
	Steps    []ast.Stmt // reads and tests, in source order
	Tests    []ast.Stmt
	reads    map[*types.Var]bool          // variables that are read again
	inits    map[ast.Stmt]*ast.AssignStmt // the read of a test, where nothing else needs it
	Derived  map[*types.Var][]*site.Touch // what comes from guarded state before the window
	Counted  map[ast.Stmt]bool            // what a test counts, and the section has counted as something else by then
	Product  []Product                    // what the window makes and a test may drop, if it must be closed
	Doubts   []safety.Obligation          // about what is dropped
	leaks    *safety.Refusal              // S5: a test would drop what cannot be closed
	Explicit bool                         // the second Lock has no deferred release
	Same     []*Identity                  // what must be the same object after the wait
}

// A Product is what the window makes and must be closed if a repeated test drops it:
// S5.
type Product struct {
	Name  string   // of the variable that holds it, or of a field of that: "resp.Body"
	Test  string   // the condition under which there is one, or "" if there always is
	Value ast.Expr // what makes it
}

// Root returns the name of the variable that leads to the product.
func (p Product) Root() string {
	root, _, _ := strings.Cut(p.Name, ".")
	return root
}

// An Identity is a variable that is read again and must hold what it held before.
type Identity struct {
	V    *types.Var
	Read *ast.AssignStmt // that reads it
	Test *ast.IfStmt     // that also compares, or nil
	old  string          // the name for what it held before
}

// An Update says how a statement changes a variable.
type Update byte

const (
	Overwrite Update = iota // replaced by a value that may be out of date
	Insert                  // an element is set
	Merge                   // added to what is there: x++, x += y, x = append(x, y), delete(x, k)
	Constant                // set to a constant
)
