package singleflight

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/layout"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// newFill finds the parts of a section that fills a cache, or says why it is
// not one.
func newFill(s *site.Site) (*fill, *safety.Refusal) {
	f := &fill{}
	if refusal := fillForm(s); refusal != nil {
		return nil, refusal
	}
	if refusal := layout.RefuseCondWaits(s); refusal != nil {
		return nil, refusal
	}
	all := s.List[slices.Index(s.List, ast.Stmt(s.Lock))+1:]
	all = slices.DeleteFunc(slices.Clone(all), func(st ast.Stmt) bool { return st == ast.Stmt(s.Defer) })
	if refusal := f.findHit(s, all); refusal != nil {
		return nil, refusal
	}
	lift, refusal := f.findStore(s)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := f.deferredLate(s); refusal != nil {
		return nil, refusal
	}
	fetch := slices.Clone(f.Miss[:f.At])
	if lift != nil {
		fetch = append(fetch, lift.Part)
	}
	f.Window = move.NewWindow(s, f.lookupStmts(), fetch, f.Miss[f.At:])
	f.TakeLift(lift)
	if refusal := f.findCache(); refusal != nil {
		return nil, refusal
	}
	if refusal := f.findResults(); refusal != nil {
		return nil, refusal
	}
	f.Checked = !f.Nested && f.checkedBefore()
	return f, nil
}

// fillForm refuses sections that are not the rest of their function, or whose
// lock is not a plain one.
func fillForm(s *site.Site) *safety.Refusal {
	switch sig := signature(s); {
	case s.Parents[s.Lock] != ast.Node(s.Unit.Body):
		return safety.Inapplicable(s.Lock.Pos(), "the section does not run to the end of the function")
	case s.Section.Mode == patterns.Shared:
		return safety.Refuse(safety.S16, "stores-under-rlock", s.Lock.Pos(), "the lock is a read lock, under which nothing can be stored")
	case s.Section.Wrapper:
		return safety.Inapplicable(s.Lock.Pos(), "the lock is taken by %s, which may do more than that", types.ExprString(s.Section.Acquire.Fun))
	case len(s.Section.Others) > 0:
		return safety.Refuse(safety.S13, "second-lock", s.Section.Others[0].Pos, "%s is held as well, and would be held while waiting for another goroutine's call", s.Section.Others[0].Lock)
	case sig.Results().Len() == 0:
		return safety.Inapplicable(s.Lock.Pos(), "the function returns nothing")
	case sig.Results().Len() > 2 || sig.Results().Len() == 2 && !patterns.IsError(sig.Results().At(1).Type()):
		return safety.Inapplicable(s.Lock.Pos(), "the function returns more than a value and an error")
	}
	if _, ok := s.List[len(s.List)-1].(*ast.ReturnStmt); !ok {
		return safety.Inapplicable(s.Lock.Pos(), "the function does not end with a return")
	}
	return nil
}

// deferredLate refuses a call deferred on a miss that may change what the
// function returns, or end a panic: it would do so for the literal of the flight.
// Functions of other packages, as in defer resp.Body.Close(), do neither.
func (f *fill) deferredLate(s *site.Site) *safety.Refusal {
	for _, st := range f.Miss {
		d := syntax.DeferIn(st)
		if d == nil {
			continue
		}
		fn := patterns.CalleeOf(s.Info, d.Call)
		if fn == nil || fn.Pkg() == nil || fn.Pkg() == s.Pkg.Types {
			return safety.Refuse(safety.S17, "deferred-first", d.Pos(), "this deferred call may change the result or stop a panic, and would do so before the shared call is over")
		}
	}
	return nil
}

// headerOf lists what an if statement evaluates before it branches.
func headerOf(st *ast.IfStmt) []ast.Stmt {
	cond := ast.Stmt(&ast.ExprStmt{X: st.Cond})
	if st.Init != nil {
		return []ast.Stmt{st.Init, cond}
	}
	return []ast.Stmt{cond}
}

// findHit finds the test that tells a hit from a miss: the last one before the
// first wait that returns, or the one around it.
func (f *fill) findHit(s *site.Site, all []ast.Stmt) *safety.Refusal {
	first := slices.IndexFunc(all, func(st ast.Stmt) bool { return s.Waits(st) })
	if first < 0 {
		return safety.Inapplicable(s.Lock.Pos(), "no statement of the section waits")
	}
	if st, ok := all[first].(*ast.IfStmt); ok && st.Else == nil && s.Waits(st.Body) && !s.Waits(st.Cond) && (st.Init == nil || !s.Waits(st.Init)) {
		rest := all[first+1:]
		if len(rest) > 0 && rest[0] == ast.Stmt(s.Final) {
			rest = rest[1:]
		}
		if len(rest) == 1 && !syntax.Terminates(s.Info, st.Body) {
			f.Nested, f.Hit, f.Lookup = true, st, all[:first]
			f.Miss = append(slices.Clone(st.Body.List), all[first+1:]...)
			return f.checkLookup(s)
		}
	}
	for i := first - 1; i >= 0; i-- {
		st, ok := all[i].(*ast.IfStmt)
		if ok && st.Else == nil && syntax.Terminates(s.Info, st.Body) && syntax.ReturnsOnly(st.Body) && dependsOnGuarded(s, all[:i], st) {
			f.Hit, f.Lookup, f.Miss = st, all[:i], all[i+1:]
			return f.checkLookup(s)
		}
	}
	return safety.Inapplicable(s.Lock.Pos(), "no test of guarded state returns before the wait")
}

// dependsOnGuarded reports whether a test depends on guarded state that is read
// in it or in the statements before it.
func dependsOnGuarded(s *site.Site, before []ast.Stmt, st *ast.IfStmt) bool {
	from := behaviour.Derived(s, append(slices.Clone(before), headerOf(st)...))
	if behaviour.Touches(s, syntax.StmtNodes(headerOf(st))...).Guarded() != nil {
		return true
	}
	for v, ts := range from {
		if len(ts) > 0 && syntax.Mentions(s.Info, st.Cond, v) {
			return true
		}
	}
	return false
}

// findStore finds where the lock is needed again: at the first statement after
// the last wait that uses something guarded, or at a wait whose result is
// stored at once.
func (f *fill) findStore(s *site.Site) (*extract.Lift, *safety.Refusal) {
	last := -1
	for i, st := range f.Miss {
		if s.Waits(st) {
			last = i
		}
	}
	for i := last + 1; i < len(f.Miss); i++ {
		if behaviour.Touches(s, f.Miss[i]).Guarded() != nil {
			f.At = i
			break
		}
	}
	if lift, ok := extract.LiftOf(s, f.Miss[last]); ok && extract.NeedsLock(s, f.Miss[last]) {
		f.At = last
		return lift, nil
	}
	if f.At == 0 {
		return nil, safety.Inapplicable(s.Lock.Pos(), "nothing is stored after the wait")
	}
	return nil, nil
}

// lookupStmts lists what is done under the lock to tell a hit from a miss.
func (f *fill) lookupStmts() []ast.Stmt {
	if f.Nested {
		return append(slices.Clone(f.Lookup), headerOf(f.Hit)...)
	}
	return append(slices.Clone(f.Lookup), f.Hit)
}

// checkLookup refuses look-ups that change something: they would be made twice.
func (f *fill) checkLookup(s *site.Site) *safety.Refusal {
	if t := behaviour.Touches(s, syntax.StmtNodes(f.lookupStmts())...).GuardedChange(); t != nil {
		return safety.Refuse(safety.S10, "lookup-writes", t.Access.Pos(), "the look-up changes %s", t.Name())
	}
	if id := addsToLocal(s, f.lookupStmts()); id != nil {
		return safety.Refuse(safety.S10, "lookup-writes", id.Pos(), "the look-up changes %s", id.Name)
	}
	for _, st := range f.Lookup {
		switch st.(type) {
		case *ast.AssignStmt, *ast.DeclStmt, *ast.IfStmt:
		default:
			return safety.Inapplicable(st.Pos(), "the look-up does more than read")
		}
	}
	for _, st := range append(slices.Clone(f.Lookup), f.Miss...) {
		var bad ast.Node
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.LabeledStmt:
				bad = n
			case *ast.BranchStmt:
				if n.Tok == token.GOTO || n.Label != nil {
					bad = n
				}
			case *ast.CallExpr:
				if patterns.BuiltinOf(s.Info, n) == "recover" {
					bad = n
				}
			}
			return bad == nil
		})
		if bad != nil {
			return safety.Refuse(safety.S11, "jumps", bad.Pos(), "the section has a label, a goto or a recover")
		}
	}
	return nil
}

// addsToLocal returns a variable from outside of some statements to which they give
// another value each time that they run: x += y, or anything in a literal. It returns nil
// if there is none.
func addsToLocal(s *site.Site, list []ast.Stmt) *ast.Ident {
	outside := func(e ast.Expr) *ast.Ident {
		id, ok := syntax.RootIdent(e)
		if v := syntax.VarOf(s.Info, id); !ok || v == nil || s.InStmts(&ast.Ident{NamePos: v.Pos(), Name: v.Name()}, list) {
			return nil
		}
		return id
	}
	var found *ast.Ident
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			again := !ok || as.Tok != token.ASSIGN && as.Tok != token.DEFINE
			for _, e := range syntax.AssignedBy(n) {
				id := outside(e)
				if id == nil || found != nil {
					continue
				}
				v := syntax.VarOf(s.Info, id)
				if again || s.InLiteral(n) || slices.ContainsFunc(as.Rhs, func(r ast.Expr) bool { return syntax.Mentions(s.Info, r, v) }) {
					found = id
				}
			}
			return found == nil
		})
	}
	return found
}

// stores lists the changes that the miss makes.
func (f *fill) stores() []store {
	var out []store
	for _, t := range f.PostTouches.List {
		if t.Class == site.GuardedUse && t.Access.Kind.Changes() {
			st := store{t: t, kind: f.UpdateKind(t)}
			if t.Via == nil {
				st.key = elementKey(f.Miss, t.Access.Node)
			}
			out = append(out, st)
		}
	}
	return out
}

// elementKey returns the key of the map element that an assignment sets, where
// node names the map.
func elementKey(list []ast.Stmt, node ast.Expr) ast.Expr {
	var key ast.Expr
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if as, ok := n.(*ast.AssignStmt); ok {
				for _, l := range as.Lhs {
					if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && syntax.Within(node, ix.X) {
						key = ix.Index
					}
				}
			}
			return true
		})
	}
	return key
}

// findCache finds what is both looked up and stored, and its key.
func (f *fill) findCache() *safety.Refusal {
	stores := f.stores()
	read := func(v *types.Var) bool {
		return slices.ContainsFunc(f.PreTouches.List, func(p *site.Touch) bool { return p.Access.Var == v && p.Class == site.GuardedUse })
	}
	for _, st := range stores {
		v := st.t.Access.Var
		_, isMap := v.Type().Underlying().(*types.Map)
		if st.t.Via != nil || !read(v) || isMap != (st.key != nil) {
			continue
		}
		if f.Cache == nil || isMap && f.Key == nil {
			f.Cache, f.Key = v, st.key
		}
	}
	if f.Cache == nil {
		return safety.Refuse(safety.S5, "other-entry", f.Lock.Pos(), "the value stored after the wait is not the one looked up before it")
	}
	for _, st := range stores {
		v := st.t.Access.Var
		switch {
		case st.t.Via != nil && st.kind != move.Merge:
			return safety.Refuse(safety.S4, "changed-after", st.t.Access.Pos(), "%s is changed after the call", st.t.Name())
		case v == f.Cache && st.key != nil && !sameText(st.key, f.Key):
			return safety.Refuse(safety.S5, "two-entries", st.t.Access.Pos(), "two elements of %s are set", v.Name())
		case v == f.Cache && f.Key != nil && st.key == nil && st.kind == move.Overwrite && !f.deletes(st.t):
			return safety.Refuse(safety.S5, "whole-map", st.t.Access.Pos(), "all of %s is replaced", v.Name())
		}
	}
	if f.Key == nil {
		return nil
	}
	return f.checkKey()
}

func sameText(a, b ast.Expr) bool { return types.ExprString(a) == types.ExprString(b) }

// deletes reports whether a change takes elements out of a map.
func (f *fill) deletes(t *site.Touch) bool { return f.UpdateKind(t) == move.Merge }

// checkKey refuses keys that are not the same throughout the section, and
// look-ups of other elements.
func (f *fill) checkKey() *safety.Refusal {
	var refusal *safety.Refusal
	ast.Inspect(f.Key, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if tv := f.Info.Types[n.Fun]; !tv.IsType() {
				refusal = safety.Refuse(safety.S5, "key-computed", f.Key.Pos(), "the key %s is computed by a call", types.ExprString(f.Key))
			}
		case *ast.Ident:
			v, ok := f.Info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				return true
			}
			if v.Pos() > f.Lock.Pos() {
				refusal = safety.Refuse(safety.S5, "key-changes", f.Key.Pos(), "the key %s is made after the lock is taken", types.ExprString(f.Key))
			} else if f.Unit.Assigned(v, f.List[slices.Index(f.List, ast.Stmt(f.Lock)):]) || f.Unit.Addressed(v) {
				refusal = safety.Refuse(safety.S5, "key-changes", f.Key.Pos(), "the key %s changes during the section", types.ExprString(f.Key))
			}
		}
		return refusal == nil
	})
	if refusal != nil {
		return refusal
	}
	if t := behaviour.Touches(f.Window.Site, f.Key).Guarded(); t != nil {
		return safety.Refuse(safety.S5, "key-guarded", f.Key.Pos(), "the key %s is read from guarded state", types.ExprString(f.Key))
	}
	for _, st := range f.Pre {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if ix, ok := n.(*ast.IndexExpr); ok && refusal == nil {
				p, ok := patterns.PathOf(f.Info, ix.X)
				if ok && p.Last() == f.Cache && !sameText(ix.Index, f.Key) {
					refusal = safety.Refuse(safety.S5, "other-key", ix.Pos(), "the section looks up %s and stores %s", types.ExprString(ix.Index), types.ExprString(f.Key))
				}
			}
			return refusal == nil
		})
	}
	return refusal
}

// checkedBefore reports whether the statements before the lock make the same test that the
// section begins with: double-checked locking.
func (f *fill) checkedBefore() bool {
	for _, st := range f.List[:slices.Index(f.List, ast.Stmt(f.Lock))] {
		ifs, ok := st.(*ast.IfStmt)
		if ok && types.ExprString(ifs.Cond) == types.ExprString(f.Hit.Cond) && ifs.Else == nil && syntax.Terminates(f.Info, ifs.Body) {
			return true
		}
	}
	return false
}
