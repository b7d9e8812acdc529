// Package site presents one finding to the shapes: the statements of the section, the
// names in use, and what the section touches.
package site

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A Site is one finding as the shapes see it: the section as a stretch of one statement
// list.
type Site struct {
	Program *patterns.Program
	Finding *finding.Finding
	Section *locks.Section
	Unit    *patterns.Unit
	Pkg     *patterns.Package
	Info    *types.Info
	File    *patterns.File

	List  []ast.Stmt      // the statement list that the Lock stands in
	Lock  *ast.ExprStmt   // the statement that takes the lock
	Defer *ast.DeferStmt  // the deferred release, or nil
	Body  []ast.Stmt      // the statements under the lock, in List, without Lock and Defer
	Final *ast.ExprStmt   // the explicit release in List that ends the section, or nil
	Exits []*ast.ExprStmt // the explicit releases inside Body, in source order

	Unlock *ast.CallExpr // the release at the beginning or end of a deferred literal, or nil

	// AtExit are deferred literals that use guarded state when the function returns, under
	// the lock. In a plan, each of them takes the lock itself.
	AtExit []*ast.DeferStmt

	FormRefusal *safety.Refusal     // why the section is no stretch of one list, or nil; see [Site.Form]
	Detach      *Detachment         // made before the wait and not after it, or nil
	Flags       map[*types.Var]bool // memo of isFlag
	Own         map[*types.Var]bool // memo of OwnVariable
	Stay        []*waits.Op         // waits that are left under the lock
	Early       bool                // code that needs the lock only for values that it reads runs without it, see [shapes.Early]
	Narrow      bool                // all that is not a wait stays under the lock, see [shapes.Narrow]
	Second      *SecondLock         // held during the wait, or nil; see [shapes.Second]
	Inherited   *Inheritance        // of a function that runs under its callers' lock, or nil
	Cloning     bool                // guarded maps and slices may be copied, for the window to loop over
	Earlier     []*ast.RangeStmt    // loops after the wait through what was read before it, see [shapes.Earlier]
	UnderLock   []ast.Stmt          // what must run under the lock although it does not need it
	Explicit    bool                // no release is deferred
	Outside     *Stretches          // memo of what the lock keeps in one piece outside of the process

	Parents       map[ast.Node]ast.Node                    // of the nodes of the function
	otherParents  map[*patterns.Unit]map[ast.Node]ast.Node // the parents of the nodes of other functions
	Reach         map[Callee]*Touches                      // memo of reached
	Uses          *UsesMemo                                // of functions that the section does not stand in
	OwnUses       map[Callee]*UnitUses                     // memo of usesOf for the others
	Names         map[string]bool                          // taken in the function, or given away for the plan that is being made
	ValueNames    map[string]string                        // by path
	Imports       *[]plan.Import                           // that the code made so far needs and the file lacks
	CountsAreNone bool                                     // of effects: counting does not count
	MemoryIsNone  bool                                     // of effects: what changes in memory does not count
	LogsAreNone   bool                                     // of effects: writing to the log does not count
	Effects       map[*patterns.Unit]bool                  // memo of effectfulUnit
}

// Form says why the section is not a stretch of one statement list, or is nil if it is
// one. Shapes that need one refuse with it.
func (s *Site) Form() *safety.Refusal { return s.FormRefusal }

// New returns the site of a finding, before its statements are laid out.
func New(x *patterns.Program, f *finding.Finding) *Site {
	u := f.Section.Unit
	return &Site{
		Program: x, Finding: f, Section: f.Section, Unit: u, Pkg: u.Pkg, Info: u.Pkg.Info, File: u.File,
		Parents: parentsOf(u.Body), otherParents: make(map[*patterns.Unit]map[ast.Node]ast.Node), Imports: new([]plan.Import),
		Reach: make(map[Callee]*Touches), Uses: usesMemoOf(x, f.Section), OwnUses: make(map[Callee]*UnitUses), Effects: make(map[*patterns.Unit]bool), Own: make(map[*types.Var]bool), Flags: make(map[*types.Var]bool), Outside: new(Stretches),
	}
}

// InBody reports whether a node is in a statement of Body.
func (s *Site) InBody(n ast.Node) bool { return s.IndexOf(n) >= 0 }

// IndexOf returns the index of the statement of Body that contains n, or -1.
func (s *Site) IndexOf(n ast.Node) int {
	return slices.IndexFunc(s.Body, func(st ast.Stmt) bool { return st.Pos() <= n.Pos() && n.End() <= st.End() })
}

// ListOf returns the statement list that directly contains st, or nil.
func (s *Site) ListOf(st ast.Stmt) []ast.Stmt {
	switch p := s.Parents[st].(type) {
	case *ast.BlockStmt:
		return p.List
	case *ast.CaseClause:
		return p.Body
	case *ast.CommClause:
		if p.Comm != st {
			return p.Body
		}
	}
	return nil
}

// LockBlock returns the block that the section begins in.
func (s *Site) LockBlock() ast.Node {
	if s.Inherited != nil {
		return s.Unit.Body
	}
	return s.Parents[s.Lock]
}

// ParentsIn maps the nodes in the body of any function to their parents.
func (s *Site) ParentsIn(u *patterns.Unit) map[ast.Node]ast.Node {
	if u == s.Unit {
		return s.Parents
	}
	if s.otherParents[u] == nil {
		s.otherParents[u] = parentsOf(u.Body)
	}
	return s.otherParents[u]
}

// Selected returns the whole of what is selected from a node by names: s.a.b of s.
func (s *Site) Selected(n ast.Node) ast.Node {
	return syntax.Selected(s.Parents, n)
}

// LockText and UnlockText are the calls as the source spells them.
func (s *Site) LockText() string {
	if s.Inherited != nil {
		return s.Inherited.Lock
	}
	return types.ExprString(s.Section.Acquire)
}

// UnlockText is the call that releases the lock, as the source spells it.
func (s *Site) UnlockText() string {
	if s.Inherited != nil {
		return s.Inherited.Unlock
	}
	if s.Unlock != nil {
		return types.ExprString(s.Unlock)
	}
	return types.ExprString(s.Section.Releases[0].Call)
}

// Source returns the text of a node as it is in the file.
func (s *Site) Source(n ast.Node) string {
	f := s.Pkg.Fset.File(n.Pos())
	return string(s.File.Content[f.Offset(n.Pos()):f.Offset(n.End())])
}

// Line names a position in a message about the section: "line 12", or "dir/other.go:12"
// in a file other than the section's.
func (s *Site) Line(pos token.Pos) string {
	return s.Pkg.Place(s.File.Name, s.Pkg.Fset.Position(pos))
}

// JoinPlaces lists places that [Site.Line] names: "lines 12, 14" where all of them are in
// the section's file.
func JoinPlaces(places []string) string {
	numbers := make([]int, len(places))
	for i, p := range places {
		number, here := strings.CutPrefix(p, "line ")
		if !here || len(places) == 1 {
			return strings.Join(places, ", ")
		}
		numbers[i], _ = strconv.Atoi(number)
	}
	slices.Sort(numbers)
	text := fmt.Sprint("lines ", numbers[0])
	for _, n := range numbers[1:] {
		text += fmt.Sprint(", ", n)
	}
	return text
}

// RanBeside reports whether a call, which is made with the section's lock held, could run at the
// same time as the section before: both hold it for reading.
func (s *Site) RanBeside(c patterns.Call) bool {
	return s.Section.Mode == patterns.Shared && slices.ContainsFunc(locks.SectionsOfLock(s.Program, c.Unit.Pkg, s.Section.LockVar()), func(t *locks.Section) bool {
		return t.Mode == patterns.Shared && t.Unit == c.Unit && t.CoversPos(c.Call.Pos())
	})
}

// mostPlaces is how many places [JoinSomePlaces] names.
const mostPlaces = 3

// JoinSomePlaces is [JoinPlaces] with no more places than a question should name.
func JoinSomePlaces(places []string) string {
	if len(places) <= mostPlaces {
		return JoinPlaces(places)
	}
	return fmt.Sprintf("%s and %d more", JoinPlaces(places[:mostPlaces]), len(places)-mostPlaces)
}

// A Stretch is a part of a section that the lock keeps in one piece because of what it
// does outside of the process, from one call to another or one call alone.
type Stretch struct {
	From, To *outside.Use
	Why      *safety.Refusal
}

// A KeptCall is a call that must stay under the lock.
type KeptCall struct {
	Call *ast.CallExpr // of the site's function
	Why  *safety.Refusal
}

// Touches reports whether a node is in the call or around a part of it.
func (c KeptCall) Touches(n ast.Node) bool { return c.Call.Pos() < n.End() && n.Pos() < c.Call.End() }

// Stretches holds what must stay under the lock at a site, once it is known.
type Stretches struct {
	Known bool
	List  []Stretch
	Calls []KeptCall
}

// Touches reports whether a node of the site's function is in the stretch or around a
// part of it.
func (st Stretch) Touches(s *Site, n ast.Node) bool {
	from, to := st.From.In(s.Unit), st.To.In(s.Unit)
	return from != nil && to != nil && from.Pos() < n.End() && n.Pos() < to.End()
}

// An Inheritance is what a function that runs under its callers' lock gets from them.
type Inheritance struct {
	Lock, Unlock string                   // the calls that take and release it, as the function spells them
	Deferred     bool                     // a caller releases it by defer: then a panic must find it held
	From         map[*types.Var][]*Touch  // parameters that are given what was read from guarded state
	Drawn        map[*types.Var]token.Pos // parameters that are given a number which the caller has drawn
}

// A Detachment is an assignment that empties a guarded variable after the wait: s.conn
// = nil, s.pending = make(...), s.buf = s.buf[:0]. If it is made before the wait
// instead, only this call of the function has the old value.
//
// Assignments of constants next to it move with it, so that others see all of them or
// none.
type Detachment struct {
	Stmts []ast.Stmt      // a run of a statement list
	Paths []patterns.Path // what they empty
	In    ast.Stmt        // the if statement or loop in which they stand, or nil
	Code  string          // what takes their place before the wait, if that is not they themselves
	Entry *ast.IndexExpr  // the entry of a map that is deleted, and all that the section uses of the map; or nil

	// MadeOf: the waits do not use the value itself, but what was made of it before.
	MadeOf bool
	// Back is what a flag that is cleared is set to again, "" if it is not a flag.
	Back string
	// PutBack has the returns before the source has emptied the variable: there the value
	// is put back. Kept is a local variable that has it, or nil.
	PutBack []*ast.ReturnStmt
	Kept    *types.Var
	// Again has the assignments that empty the variable on other paths, and are left out.
	Again []ast.Stmt
}

// String names what is taken out.
func (d *Detachment) String() string {
	if d.Entry != nil {
		return types.ExprString(d.Entry)
	}
	return d.Paths[0].String()
}

// TakesEntry reports whether the detachment deletes the entry of a map that an expression
// reads.
func (d *Detachment) TakesEntry(e ast.Expr) bool {
	return d != nil && d.Entry != nil && ast.Unparen(e) == ast.Expr(d.Entry)
}

// Has reports whether a node is in the detachment.
func (d *Detachment) Has(n ast.Node) bool {
	in := func(st ast.Stmt) bool { return syntax.Within(n, st) }
	return d != nil && (slices.ContainsFunc(d.Stmts, in) || slices.ContainsFunc(d.Again, in))
}

// PutsBack reports whether what was taken out is put back before a statement.
func (d *Detachment) PutsBack(st ast.Stmt) bool {
	return d != nil && slices.ContainsFunc(d.PutBack, func(r *ast.ReturnStmt) bool { return st == ast.Stmt(r) })
}

// Sets reports whether the detachment assigns to a variable, whether or not it empties
// it.
func (d *Detachment) Sets(info *types.Info, v *types.Var) bool {
	return d != nil && slices.ContainsFunc(d.Stmts, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
			p, _ := patterns.PathOf(info, l)
			return p.Last() == v
		})
	})
}

// Empties reports whether the detachment empties the variable.
func (d *Detachment) Empties(p patterns.Path) bool {
	return d != nil && slices.ContainsFunc(d.Paths, func(q patterns.Path) bool { return q.String() == p.String() && q.Root == p.Root })
}

// parentsOf maps every node of a body to the node around it; the parent of a
// parenthesised expression's operand is what stands around the parentheses.
func parentsOf(body *ast.BlockStmt) map[ast.Node]ast.Node {
	parents := make(map[ast.Node]ast.Node)
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		return true
	})
	return parents
}
