package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A Fill is a section that looks a value up and, on a miss, fetches it, stores
// it and returns it: the form of a cache.
//
//	lookup            e := c.entries[key]
//	Hit               if e.fresh() { return e, nil }
//	Miss[:At]         e, err := fetch(key) ...
//	Miss[At:]         c.entries[key] = e; return e, nil
type Fill struct {
	*Window
	Cache *types.Var // what is looked up, and stored on a miss
	Key   ast.Expr   // the index into Cache; nil where that holds one value

	Lookup []ast.Stmt // the statements before Hit
	Hit    *ast.IfStmt
	// Nested: the body of Hit is not what happens on a hit but the miss:
	// `if e == nil { e, err = fetch() ... }; return e, nil`.
	Nested bool
	Miss   []ast.Stmt // up to the end of the function
	At     int        // index in Miss of the first statement that needs the lock again

	// Checked: the function has made the same test before it took the lock.
	Checked bool

	results fillResults
	look    lookup
}

// NewFill finds the parts of a section that fills a cache, or says why it is
// not one.
func NewFill(s *Site) (*Fill, *Refusal) {
	f := &Fill{}
	if refusal := fillForm(s); refusal != nil {
		return nil, refusal
	}
	if refusal := s.refuseCondWaits(); refusal != nil {
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
	f.Window = s.NewWindow(f.lookupStmts(), fetch, f.Miss[f.At:])
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
func fillForm(s *Site) *Refusal {
	switch sig := s.signature(); {
	case s.parents[s.Lock] != ast.Node(s.Unit.Body):
		return Inapplicable(s.Lock.Pos(), "the section does not run to the end of the function")
	case s.Section.Mode == patterns.Shared:
		return Refuse(S16, "stores-under-rlock", s.Lock.Pos(), "the lock is a read lock, under which nothing can be stored")
	case s.Section.Wrapper:
		return Inapplicable(s.Lock.Pos(), "the lock is taken by %s, which may do more than that", types.ExprString(s.Section.Acquire.Fun))
	case len(s.Section.Others) > 0:
		return Refuse(S13, "second-lock", s.Section.Others[0].Pos, "%s is held as well, and would be held while waiting for another goroutine's call", s.Section.Others[0].Lock)
	case sig.Results().Len() == 0:
		return Inapplicable(s.Lock.Pos(), "the function returns nothing")
	case sig.Results().Len() > 2 || sig.Results().Len() == 2 && !isError(sig.Results().At(1).Type()):
		return Inapplicable(s.Lock.Pos(), "the function returns more than a value and an error")
	}
	if _, ok := s.List[len(s.List)-1].(*ast.ReturnStmt); !ok {
		return Inapplicable(s.Lock.Pos(), "the function does not end with a return")
	}
	return nil
}

// deferredLate refuses a call deferred on a miss that may change what the
// function returns, or end a panic: it would do so for the literal of the flight.
// Functions of other packages, as in defer resp.Body.Close(), do neither.
func (f *Fill) deferredLate(s *Site) *Refusal {
	for _, st := range f.Miss {
		d := deferIn(st)
		if d == nil {
			continue
		}
		fn := patterns.CalleeOf(s.Info, d.Call)
		if fn == nil || fn.Pkg() == nil || fn.Pkg() == s.Pkg.Types {
			return Refuse(S17, "deferred-first", d.Pos(), "this deferred call may change the result or stop a panic, and would do so before the shared call is over")
		}
	}
	return nil
}

func (s *Site) signature() *types.Signature {
	if s.Unit.Lit != nil {
		return s.Info.TypeOf(s.Unit.Lit).(*types.Signature)
	}
	return s.Unit.Obj.Signature()
}

// isError reports whether a type is error.
func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// headerOf lists what an if statement does before it branches.
func headerOf(st *ast.IfStmt) []ast.Stmt {
	cond := ast.Stmt(&ast.ExprStmt{X: st.Cond})
	if st.Init != nil {
		return []ast.Stmt{st.Init, cond}
	}
	return []ast.Stmt{cond}
}

// findHit finds the test that tells a hit from a miss: the last one before the
// first wait that returns, or the one around it.
func (f *Fill) findHit(s *Site, all []ast.Stmt) *Refusal {
	first := slices.IndexFunc(all, func(st ast.Stmt) bool { return s.waits(st) })
	if first < 0 {
		return Inapplicable(s.Lock.Pos(), "no statement of the section waits")
	}
	if st, ok := all[first].(*ast.IfStmt); ok && st.Else == nil && s.waits(st.Body) && !s.waits(st.Cond) && (st.Init == nil || !s.waits(st.Init)) {
		rest := all[first+1:]
		if len(rest) > 0 && rest[0] == ast.Stmt(s.Final) {
			rest = rest[1:]
		}
		if len(rest) == 1 && !terminates(s.Info, st.Body) {
			f.Nested, f.Hit, f.Lookup = true, st, all[:first]
			f.Miss = append(slices.Clone(st.Body.List), all[first+1:]...)
			return f.checkLookup(s)
		}
	}
	for i := first - 1; i >= 0; i-- {
		st, ok := all[i].(*ast.IfStmt)
		if ok && st.Else == nil && terminates(s.Info, st.Body) && returnsOnly(st.Body) && s.dependsOnGuarded(all[:i], st) {
			f.Hit, f.Lookup, f.Miss = st, all[:i], all[i+1:]
			return f.checkLookup(s)
		}
	}
	return Inapplicable(s.Lock.Pos(), "no test of guarded state returns before the wait")
}

// returnsOnly reports whether a block ends with a return and has no other way out.
func returnsOnly(b *ast.BlockStmt) bool {
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok && !hasBreak(b)
}

// dependsOnGuarded reports whether a test depends on guarded state that is read
// in it or in the statements before it.
func (s *Site) dependsOnGuarded(before []ast.Stmt, st *ast.IfStmt) bool {
	from := s.derived(append(slices.Clone(before), headerOf(st)...))
	if s.touches(stmtNodes(headerOf(st))...).guarded() != nil {
		return true
	}
	for v, ts := range from {
		if len(ts) > 0 && mentions(s.Info, st.Cond, v) {
			return true
		}
	}
	return false
}

// findStore finds where the lock is needed again: at the first statement after
// the last wait that uses something guarded, or at a wait whose result is
// stored at once.
func (f *Fill) findStore(s *Site) (*Lift, *Refusal) {
	last := -1
	for i, st := range f.Miss {
		if s.waits(st) {
			last = i
		}
	}
	for i := last + 1; i < len(f.Miss); i++ {
		if s.touches(f.Miss[i]).guarded() != nil {
			f.At = i
			break
		}
	}
	if lift, ok := s.LiftOf(f.Miss[last]); ok && s.needsLock(f.Miss[last]) {
		f.At = last
		return lift, nil
	}
	if f.At == 0 {
		return nil, Inapplicable(s.Lock.Pos(), "nothing is stored after the wait")
	}
	return nil, nil
}

// lookupStmts lists what is done under the lock to tell a hit from a miss.
func (f *Fill) lookupStmts() []ast.Stmt {
	if f.Nested {
		return append(slices.Clone(f.Lookup), headerOf(f.Hit)...)
	}
	return append(slices.Clone(f.Lookup), f.Hit)
}

// checkLookup refuses look-ups that change something: they would be made twice.
func (f *Fill) checkLookup(s *Site) *Refusal {
	if t := s.touches(stmtNodes(f.lookupStmts())...).guardedChange(); t != nil {
		return Refuse(S10, "lookup-writes", t.access.Pos(), "the look-up changes %s", t.name())
	}
	for _, st := range f.Lookup {
		switch st.(type) {
		case *ast.AssignStmt, *ast.DeclStmt, *ast.IfStmt:
		default:
			return Inapplicable(st.Pos(), "the look-up does more than read")
		}
	}
	for _, st := range append(slices.Clone(f.Lookup), f.Miss...) {
		var bad ast.Node
		inspectOuter(st, func(n ast.Node) bool {
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
			return Refuse(S11, "jumps", bad.Pos(), "the section has a label, a goto or a recover")
		}
	}
	return nil
}

// A store is one change of guarded state on a miss.
type store struct {
	t    *touch
	kind update
	key  ast.Expr // of an element that is set or deleted
}

// stores lists the changes that the miss makes.
func (f *Fill) stores() []store {
	var out []store
	for _, t := range f.post.touches {
		if t.class == guardedUse && t.access.Kind.Changes() {
			st := store{t: t, kind: f.updateKind(t)}
			if t.via == nil {
				st.key = elementKey(f.Miss, t.access.Node)
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
		inspectOuter(st, func(n ast.Node) bool {
			if as, ok := n.(*ast.AssignStmt); ok {
				for _, l := range as.Lhs {
					if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && within(node, ix.X) {
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
func (f *Fill) findCache() *Refusal {
	stores := f.stores()
	read := func(v *types.Var) bool {
		return slices.ContainsFunc(f.pre.touches, func(p *touch) bool { return p.access.Var == v && p.class == guardedUse })
	}
	for _, st := range stores {
		v := st.t.access.Var
		_, isMap := v.Type().Underlying().(*types.Map)
		if st.t.via != nil || !read(v) || isMap != (st.key != nil) {
			continue
		}
		if f.Cache == nil || isMap && f.Key == nil {
			f.Cache, f.Key = v, st.key
		}
	}
	if f.Cache == nil {
		return Refuse(S5, "other-entry", f.Lock.Pos(), "the value stored after the wait is not the one looked up before it")
	}
	for _, st := range stores {
		v := st.t.access.Var
		switch {
		case st.t.via != nil && st.kind != merge:
			return Refuse(S4, "changed-after", st.t.access.Pos(), "%s is changed after the call", st.t.name())
		case v == f.Cache && st.key != nil && !sameText(st.key, f.Key):
			return Refuse(S5, "two-entries", st.t.access.Pos(), "two elements of %s are set", v.Name())
		case v == f.Cache && f.Key != nil && st.key == nil && st.kind == overwrite && !f.deletes(st.t):
			return Refuse(S5, "whole-map", st.t.access.Pos(), "all of %s is replaced", v.Name())
		}
	}
	if f.Key == nil {
		return nil
	}
	return f.checkKey()
}

func sameText(a, b ast.Expr) bool { return types.ExprString(a) == types.ExprString(b) }

// deletes reports whether a change takes elements out of a map.
func (f *Fill) deletes(t *touch) bool { return f.updateKind(t) == merge }

// checkKey refuses keys that are not the same throughout the section, and
// look-ups of other elements.
func (f *Fill) checkKey() *Refusal {
	var refusal *Refusal
	ast.Inspect(f.Key, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if tv := f.Info.Types[n.Fun]; !tv.IsType() {
				refusal = Refuse(S5, "key-computed", f.Key.Pos(), "the key %s is computed by a call", types.ExprString(f.Key))
			}
		case *ast.Ident:
			v, ok := f.Info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				return true
			}
			if v.Pos() > f.Lock.Pos() || f.Unit.Assigned(v, f.List[slices.Index(f.List, ast.Stmt(f.Lock)):]) || f.Unit.Addressed(v) {
				refusal = Refuse(S5, "key-changes", f.Key.Pos(), "the key %s changes during the section", types.ExprString(f.Key))
			}
		}
		return refusal == nil
	})
	if refusal != nil {
		return refusal
	}
	if t := f.touches(f.Key).guarded(); t != nil {
		return Refuse(S5, "key-guarded", f.Key.Pos(), "the key %s is read from guarded state", types.ExprString(f.Key))
	}
	for _, st := range f.Pre {
		inspectOuter(st, func(n ast.Node) bool {
			if ix, ok := n.(*ast.IndexExpr); ok && refusal == nil {
				p, ok := patterns.PathOf(f.Info, ix.X)
				if ok && p.Last() == f.Cache && !sameText(ix.Index, f.Key) {
					refusal = Refuse(S5, "other-key", ix.Pos(), "the section looks up %s and stores %s", types.ExprString(ix.Index), types.ExprString(f.Key))
				}
			}
			return refusal == nil
		})
	}
	return refusal
}

// checkedBefore reports whether the statements before the lock make the very
// test that the section begins with: double-checked locking.
func (f *Fill) checkedBefore() bool {
	for _, st := range f.List[:slices.Index(f.List, ast.Stmt(f.Lock))] {
		ifs, ok := st.(*ast.IfStmt)
		if ok && types.ExprString(ifs.Cond) == types.ExprString(f.Hit.Cond) && ifs.Else == nil && terminates(f.Info, ifs.Body) {
			return true
		}
	}
	return false
}
