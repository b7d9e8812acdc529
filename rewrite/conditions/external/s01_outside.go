package external

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseOutside refuses to work on something outside of the process without the lock
// that guards it. The lock guards it if other sections of the lock work on it too:
//
//   - a file or directory, if one section changes it and one takes several steps, or
//     one removes what the other one makes;
//   - what is read and then written in one piece, depending on what was read, if the
//     other section writes;
//   - a connection or an open file on which one section makes several calls in turn;
//   - a file of its own that the section writes.
//
// All but the first need no other section: two callers of the same section suffice.
//
// It is for shapes that give up the lock for all waits; [KeptOutside] is for those that
// choose.
func RefuseOutside(s *site.Site) *safety.Refusal {
	kept := stretches(s)
	switch {
	case len(kept.List) > 0:
		return kept.List[0].Why
	case len(kept.Calls) > 0:
		return kept.Calls[0].Why
	}
	return nil
}

// ProveOutside is [RefuseOutside] for what a window does.
func ProveOutside(w *move.Window) *safety.Refusal {
	for _, st := range w.Stmts {
		if r := KeptOutside(w.Site, st); r != nil {
			return r
		}
	}
	return nil
}

// KeptOutside refuses to run a statement or expression without the lock, because of
// what it does outside of the process, or because it is between two things that belong
// together, or adds to a wait group that others wait for. It returns nil if nothing
// speaks against it.
func KeptOutside(s *site.Site, n ast.Node) *safety.Refusal {
	kept := stretches(s)
	for _, st := range kept.List {
		if st.Touches(s, n) {
			return st.Why
		}
	}
	for _, c := range kept.Calls {
		if c.Touches(n) {
			return c.Why
		}
	}
	return nil
}

// stretches lists the parts of a section that the lock keeps in one piece.
func stretches(s *site.Site) *site.Stretches {
	if !s.Outside.Known {
		*s.Outside = site.Stretches{Known: true, List: findStretches(s), Calls: signals.AwaitedAdds(s)}
	}
	return s.Outside
}

func findStretches(s *site.Site) []site.Stretch {
	if s.Second != nil {
		return nil // whoever works on such a thing under the lock holds the second one
	}
	own := outside.Uses(s.Program, s.Section)
	if len(own) == 0 {
		return nil
	}
	var out []site.Stretch
	for _, t := range turns(s.Program, s.Section, own) {
		out = append(out, site.Stretch{From: t[0], To: t[1], Why: refuseTurn(s, t)})
	}
	for _, o := range own {
		if keepsCallersApart(s, o, own) {
			out = append(out, site.Stretch{From: o, To: o, Why: refuseCallers(s, o)})
		}
	}
	for _, other := range locks.SectionsOfLock(s.Program, s.Pkg, s.Section.LockVar()) {
		if !s.Section.KeptApart(other) {
			continue
		}
		theirs := outside.Uses(s.Program, other)
		between := turns(s.Program, other, theirs)
		for _, o := range own {
			if p := guardedFile(o, own, theirs); p != nil && !writesShared(s, o) {
				out = append(out, site.Stretch{From: o, To: o, Why: safety.Refuse(safety.S1, "guards-file", o.Last().Call.Pos(),
					"%s on the same file or directory (%s), and %s serializes them", bothWork(s, o, p, "work"), o.Names(), s.Section.Lock)})
			}
			for _, t := range between {
				if o.Same(t[0]) && (o.Writes || o.Category == "net") {
					out = append(out, site.Stretch{From: o, To: o, Why: refuseBetween(s, o, t)})
				}
			}
		}
	}
	return out
}

// refuseBetween refuses because a call could now come between two of another section.
func refuseBetween(s *site.Site, o *outside.Use, t [2]*outside.Use) *safety.Refusal {
	why := "where what is written depends on what was read"
	if t[0].Category == "net" {
		why = "which use the connection in turn"
	}
	return safety.Refuse(safety.S1, "guards-sequence", o.Last().Call.Pos(), "%s could now run between the calls at %s and %s, %s (%s)",
		o.What, s.Line(t[0].Last().Call.Pos()), s.Line(t[1].Last().Call.Pos()), why, o.Names())
}

// writesShared reports whether a section that holds the lock only for reading changes
// what a use works on.
func writesShared(s *site.Site, o *outside.Use) bool {
	for _, t := range locks.SectionsOfLock(s.Program, s.Pkg, s.Section.LockVar()) {
		writes := func(p *outside.Use) bool { return p.Writes && o.Same(p) }
		if t.Mode == patterns.Shared && slices.ContainsFunc(outside.Uses(s.Program, t), writes) {
			return true
		}
	}
	return false
}

func refuseTurn(s *site.Site, t [2]*outside.Use) *safety.Refusal {
	if t[0].Category == "net" {
		return safety.Refuse(safety.S1, "guards-sequence", t[0].Last().Call.Pos(), "%s one connection in turn (%s), and %s keeps other callers out in between",
			bothWork(s, t[0], t[1], "use"), t[0].Names(), s.Section.Lock)
	}
	return safety.Refuse(safety.S1, "guards-sequence", t[0].Last().Call.Pos(), "what %s writes at %s depends on what %s reads here (%s), and %s keeps other callers out in between",
		t[1].What, s.Line(t[1].Last().Call.Pos()), t[0].What, t[0].Names(), s.Section.Lock)
}

// bothWork begins a sentence about two uses of one thing.
func bothWork(s *site.Site, o, p *outside.Use, verb string) string {
	at := s.Line(p.Last().Call.Pos())
	switch {
	case o.Last().Call == p.Last().Call:
		return fmt.Sprintf("calls that reach %s at %s %s", o.What, at, verb)
	case o.What == p.What:
		return fmt.Sprintf("two calls of %s, the other one at %s, %s", o.What, at, verb)
	}
	return fmt.Sprintf("%s and %s at %s %s", o.What, p.What, at, verb)
}

// guardedFile returns one of another section's uses of the file or directory that o
// works on, if one of the two changes it and one of the sections does so in several
// steps, which nobody may see half done, or one removes what the other one makes; nil if
// there is none. That two single calls
// may now meet is a question of S9. Where the lock is only held for reading when
// something is changed, it does not keep that apart.
func guardedFile(o *outside.Use, own, theirs []*outside.Use) *outside.Use {
	for _, p := range theirs {
		if !onDisk(o) || !onDisk(p) || !o.Writes && !p.Writes || !o.Same(p) {
			continue
		}
		if (o.Named && p.Named || o.What != p.What) && (severalSteps(o, own) || severalSteps(p, theirs)) || removesMade(o, p) || removesMade(p, o) {
			return p
		}
	}
	return nil
}

// removesMade reports whether one use removes the file or directory that another one
// makes or changes: whichever comes last decides whether it is there.
func removesMade(o, p *outside.Use) bool {
	return o.Named && p.Named && slices.Contains(removing, o.What) && p.Writes && !slices.Contains(removing, p.What)
}

var removing = []string{"os.Remove", "os.RemoveAll", "os.Rename"}

func onDisk(o *outside.Use) bool { return o.Category == "disk" }

// severalSteps reports whether a section does more than one thing to what a use works
// on, and changes it.
func severalSteps(o *outside.Use, uses []*outside.Use) bool {
	var first *ast.CallExpr
	several, writes := false, false
	for _, p := range uses {
		if !onDisk(p) || !o.Same(p) || slices.Contains(preparing, p.What) {
			continue
		}
		c := p.Last().Call
		several = several || first != nil && first != c
		first, writes = c, writes || p.Writes
	}
	return several && writes
}

// preparing are calls after which a file or directory is there, and can be worked on.
var preparing = []string{"os.Create", "os.OpenFile", "os.MkdirAll"}

// turns lists pairs of uses of one section that must not be separated: a read, and a
// write which depends on it; and two calls on one connection of which one sends.
func turns(x *patterns.Program, section *locks.Section, uses []*outside.Use) [][2]*outside.Use {
	return turnsMemo.Get(x, section.Acquire, func() [][2]*outside.Use { return findTurns(uses) })
}

var turnsMemo patterns.Memo[*ast.CallExpr, [][2]*outside.Use]

func findTurns(uses []*outside.Use) [][2]*outside.Use {
	var out [][2]*outside.Use
	type steps struct {
		u             *patterns.Unit
		first, second *ast.CallExpr
	}
	known := make(map[steps]bool) // memo of dependsOn
	for i, a := range uses {
		for _, b := range uses[i+1:] {
			switch {
			case !a.Same(b), a.InTx && b.InTx:
			case a.Category == "net" && b.Category == "net":
				if !a.Named && !b.Named && (a.Writes || b.Writes) && !exclusiveUses(a, b) {
					out = append(out, [2]*outside.Use{a, b})
				}
			case !a.Writes && b.Writes:
				var st steps
				st.u, st.first, st.second = fork(a, b)
				depends, ok := known[st]
				if !ok {
					depends = dependsOn(st.u, st.first, st.second)
					known[st] = depends
				}
				if depends {
					out = append(out, [2]*outside.Use{a, b})
				}
			}
		}
	}
	return out
}

// fork returns the calls by which one function comes to two uses, the last function
// that comes to both.
func fork(a, b *outside.Use) (u *patterns.Unit, first, second *ast.CallExpr) {
	for i := range min(len(a.Chain), len(b.Chain)) {
		u, first, second = a.Chain[i].Unit, a.Chain[i].Call, b.Chain[i].Call
		if first != second {
			break
		}
	}
	return u, first, second
}

// exclusiveUses reports whether only one of two uses is come to.
func exclusiveUses(a, b *outside.Use) bool {
	u, first, second := fork(a, b)
	return syntax.Exclusive(u.Body, first.Pos(), second.Pos())
}

// dependsOn reports whether a write, which a unit does by the second call, depends on
// what a read has found, which it does by the first: what is written is made of it, or
// whether it is written at all.
func dependsOn(u *patterns.Unit, first, second *ast.CallExpr) bool {
	if first == second {
		return false // one call of a function that does it all
	}
	f := finding{u: u, from: first, vars: make(map[types.Object]bool), errs: make(map[types.Object]bool)}
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		if n.Pos() < second.Pos() {
			f.visit(n)
		}
		return !f.decides
	})
	return f.decides || slices.ContainsFunc(second.Args, f.mentions) || f.guards(second)
}

// A finding is what a call has found, as the statements after it go on with it.
type finding struct {
	u       *patterns.Unit
	from    *ast.CallExpr
	vars    map[types.Object]bool // local variables and fields that are made of it
	errs    map[types.Object]bool // the error of the call
	decides bool                  // it is tested, and the function may go on otherwise
}

func (f *finding) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if syntax.Within(f.from, n) || slices.ContainsFunc(n.Rhs, f.mentions) {
			for _, l := range n.Lhs {
				f.take(l, syntax.Within(f.from, n))
			}
		}
	case *ast.RangeStmt:
		if f.mentions(n.X) {
			f.take(n.Key, false)
			f.take(n.Value, false)
		}
	case *ast.CallExpr:
		if syntax.Within(f.from, n) || n.Pos() > f.from.End() && slices.ContainsFunc(n.Args, f.mentions) {
			for _, a := range n.Args { // what it may fill
				if un, ok := ast.Unparen(a).(*ast.UnaryExpr); ok && un.Op == token.AND {
					f.take(un.X, false)
				} else if n != f.from && syntax.RefsOf(f.u.Pkg.Info.TypeOf(a), 0) != syntax.NoRefs {
					f.take(a, false)
				}
			}
		}
	case *ast.IfStmt:
		f.decides = f.decides || n.Cond.Pos() > f.from.Pos() && f.mentions(n.Cond)
	case *ast.SwitchStmt:
		f.decides = f.decides || n.Tag != nil && f.mentions(n.Tag)
	case *ast.CaseClause:
		f.decides = f.decides || slices.ContainsFunc(n.List, f.mentions)
	case *ast.ForStmt:
		f.decides = f.decides || n.Cond != nil && n.Cond.Pos() > f.from.Pos() && f.mentions(n.Cond)
	}
}

// take notes that a variable now holds some of it.
func (f *finding) take(e ast.Expr, isResult bool) {
	if e == nil {
		return
	}
	v := f.variable(e)
	switch {
	case v == nil:
	case patterns.IsError(v.Type()):
		if isResult {
			f.errs[v] = true
		}
	default:
		f.vars[v] = true
	}
}

// variable returns the variable or field that an expression is, or an element of which,
// or nil.
func (f *finding) variable(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return syntax.VarOf(f.u.Pkg.Info, e)
	case *ast.SelectorExpr:
		return syntax.VarOf(f.u.Pkg.Info, e.Sel)
	case *ast.IndexExpr:
		return f.variable(e.X)
	case *ast.SliceExpr:
		return f.variable(e.X)
	case *ast.StarExpr:
		return f.variable(e.X)
	}
	return nil
}

func (f *finding) mentions(e ast.Expr) bool { return f.uses(e, f.vars) }

func (f *finding) uses(e ast.Expr, vars map[types.Object]bool) bool {
	return syntax.Has(e, func(id *ast.Ident) bool { return vars[f.u.Pkg.Info.Uses[id]] })
}

// guards reports whether a call is made only if the read has failed in some way: then
// what was not there is put there.
func (f *finding) guards(c *ast.CallExpr) bool {
	return syntax.HasOuter(f.u.Body, func(st *ast.IfStmt) bool {
		return syntax.Within(c, st.Body) && f.uses(st.Cond, f.errs) && !f.isNilTest(st.Cond)
	})
}

// isNilTest reports whether a condition is that something is nil.
func (f *finding) isNilTest(e ast.Expr) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	info := f.u.Pkg.Info
	return ok && b.Op == token.EQL && (info.Types[b.X].IsNil() || info.Types[b.Y].IsNil())
}
