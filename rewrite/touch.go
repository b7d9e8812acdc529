package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// A touchClass says what an access means once the lock is not held.
type touchClass byte

const (
	harmless   touchClass = iota // never changes, synchronises itself, or is nobody else's
	assumable                    // changes, but as far as can be seen never under this lock
	guardedUse                   // protected by the lock
)

// A touch is one use of a shared variable by some statements.
type touch struct {
	access *patterns.Access
	class  touchClass
	why    string
	via    *patterns.Unit // the called function that does it, or nil

	filled bool // of a derived variable: what was read is kept in what the variable holds, and is not that itself
	plain  bool // of a derived variable: only values without references have come from there
}

// name says what is touched, and by whom.
func (t *touch) name() string {
	n := t.access.Path.String()
	if n == "" || t.via != nil {
		n = t.access.Var.Name()
	}
	if t.via != nil {
		n += " (in " + t.via.Name() + ")"
	}
	return n
}

// touched is what some statements use, directly and through calls.
type touched struct {
	touches []*touch
	unknown []unknownCall // calls whose callee cannot be seen
}

// An unknownCall is a call of a function that cannot be seen.
type unknownCall struct {
	pos  token.Pos
	what string
}

// guarded returns the first use of a guarded variable, or nil.
func (t *touched) guarded() *touch {
	for _, u := range t.touches {
		if u.class == guardedUse {
			return u
		}
	}
	return nil
}

// guardedChange returns the first change of a guarded variable, or nil.
func (t *touched) guardedChange() *touch {
	for _, u := range t.touches {
		if u.class == guardedUse && u.access.Kind.Changes() {
			return u
		}
	}
	return nil
}

// touches lists what the nodes use, directly and through the functions that
// they call. Function literals inside count: they run no earlier.
func (s *Site) touches(nodes ...ast.Node) *touched {
	return s.touchesOutside(func(ast.Node) bool { return false }, nodes...)
}

// touchesOutside is touches, without what stands in nodes that are left out.
func (s *Site) touchesOutside(leftOut func(ast.Node) bool, nodes ...ast.Node) *touched {
	out := &touched{}
	for _, n := range nodes {
		for _, a := range s.Unit.AccessesIn(n) {
			if s.detach.has(a.Node) && !s.detach.has(n) || leftOut(a.Node) {
				continue
			}
			if t := s.classify(a, nil); t != nil {
				out.touches = append(out.touches, t)
			}
		}
		s.eachCallIn(n, func(c *ast.CallExpr) {
			if !leftOut(c) {
				out.add(s.callTouches(s.Unit, c))
			}
		})
	}
	return out
}

// eachCallIn visits the calls in a node, ranges over functions included.
func (s *Site) eachCallIn(n ast.Node, visit func(*ast.CallExpr)) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CallExpr:
			visit(m)
		case *ast.RangeStmt:
			if c := s.Unit.IteratorCall(m.X); c != nil {
				visit(c)
			}
		}
		return true
	})
}

// stmtNodes returns statements as nodes.
func stmtNodes(list []ast.Stmt) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, st := range list {
		nodes[i] = st
	}
	return nodes
}

// add adds what another one touches.
func (t *touched) add(o *touched) {
	if o != nil {
		t.touches = append(t.touches, o.touches...)
		t.unknown = append(t.unknown, o.unknown...)
	}
}

// guardedRead returns the first read of a guarded variable that is not also changed, or
// nil.
func (t *touched) guardedRead() *touch {
	for _, u := range t.touches {
		changed := func(o *touch) bool { return o.access.Var == u.access.Var && o.access.Kind.Changes() }
		if u.class == guardedUse && u.access.Kind == patterns.Read && !slices.ContainsFunc(t.touches, changed) {
			return u
		}
	}
	return nil
}

// through returns what is touched as a caller of the function sees it.
func (t *touched) through(u *patterns.Unit) *touched {
	out := &touched{unknown: t.unknown}
	for _, o := range t.touches {
		c := *o
		if c.via == nil {
			c.via = u
		}
		out.touches = append(out.touches, &c)
	}
	return out
}

// maxUnits bounds how many functions one call is followed into.
const maxUnits = 2000

// callTouches lists what a call uses inside the functions of the loaded
// packages that it reaches. Accesses that those functions make under a lock of
// their own are theirs to protect and do not count.
func (s *Site) callTouches(from *patterns.Unit, c *ast.CallExpr) *touched {
	out := &touched{}
	callees, known := s.Program.Callees(from, c)
	if !known {
		out.unknown = append(out.unknown, unknownCall{c.Pos(), types.ExprString(c.Fun)})
	}
	for _, u := range callees {
		if !synchronises(u.Pkg.Path) {
			out.add(s.reached(u))
		}
	}
	return out
}

// reached lists what a unit uses, transitively.
func (s *Site) reached(root *patterns.Unit) *touched {
	if t, ok := s.reach[root]; ok {
		return t
	}
	out := &touched{}
	s.reach[root] = out
	seen := map[*patterns.Unit]bool{root: true}
	work := []*patterns.Unit{root}
	type use struct {
		v    *types.Var
		kind patterns.AccessKind
	}
	noted := make(map[use]bool)
	for len(work) > 0 && len(seen) < maxUnits {
		u := work[0]
		work = work[1:]
		for _, a := range s.Program.OwnAccesses(u) {
			// Only what counts is noted: one use of a variable may be of the
			// function's own copy, and the next one not.
			if a.Fresh || noted[use{a.Var, a.Kind}] || s.underOther(a) || s.underItsOwn(a) {
				continue
			}
			if t := s.classify(a, u); t != nil {
				noted[use{a.Var, a.Kind}] = true
				out.touches = append(out.touches, t)
			}
		}
		for _, c := range u.Calls() {
			callees, known := s.Program.Callees(u, c)
			if !known {
				out.unknown = append(out.unknown, unknownCall{c.Pos(), types.ExprString(c.Fun)})
			}
			out.touches = append(out.touches, s.readThrough(u, c)...)
			for _, v := range callees {
				if !seen[v] && !synchronises(v.Pkg.Path) {
					seen[v] = true
					work = append(work, v)
				}
			}
		}
	}
	if len(work) > 0 { // too many functions to follow
		out.unknown = append(out.unknown, unknownCall{root.Body.Pos(), root.Name()})
	}
	return out
}

// readThrough lists the guarded fields of the arguments that a unit gives to a
// function which is not seen: that may read all of an object.
func (s *Site) readThrough(u *patterns.Unit, c *ast.CallExpr) []*touch {
	var out []*touch
	model := s.Program.StorageOf(u.Pkg)
	for _, a := range s.handedOn(u, c) {
		f := s.holdsGuarded(u.Pkg.Info.TypeOf(a), 0, make(map[types.Type]bool))
		if f == nil || model.OwnerOf(a) == storage.Own {
			continue
		}
		out = append(out, &touch{
			access: &patterns.Access{Var: f, Kind: patterns.Read, Node: a, Unit: u, Alias: true},
			class:  guardedUse, via: u,
			why: types.ExprString(a) + " is given to " + types.ExprString(c.Fun) + ", which may read all of it",
		})
	}
	return out
}

// synchronises reports whether a package is one that locks are made of: what
// its functions use they protect themselves. Only a run over the standard
// library loads any.
func synchronises(path string) bool {
	switch path {
	case "sync", "sync/atomic", "internal/sync", "internal/race", "runtime":
		return true
	}
	return strings.HasPrefix(path, "internal/runtime/")
}

// underItsOwn reports whether the unit that makes an access takes the section's lock
// for it itself: in another goroutine, or for another object, for it would wait for
// itself otherwise. It does so with the lock released, too.
func (s *Site) underItsOwn(a *patterns.Access) bool { return a.UnderOwn(s.Section.LockVar()) }

// underOther reports whether an access is made under another lock than the
// section's, which the called function or every caller of it takes, and which
// protects the variable: every change is made under it.
func (s *Site) underOther(a *patterns.Access) bool {
	return slices.ContainsFunc(a.Held, func(l *types.Var) bool {
		if l == s.Section.LockVar() {
			return false
		}
		sharing := s.Program.SharingOf(s.packageOf(a.Var), a.Var)
		return sharing.Changed(func(o *patterns.Access) bool { return !o.Under(l) }) == nil
	})
}

// classify says what an access means without the lock; nil if nothing at all.
func (s *Site) classify(a *patterns.Access, via *patterns.Unit) *touch {
	lock := s.Section.LockVar()
	if a.Var == lock || slices.Contains(s.Section.Lock.Fields, a.Var) && !a.Kind.Changes() {
		return nil
	}
	if s.ownVariable(a.Var) {
		return nil
	}
	t := &touch{access: a, via: via}
	if patterns.SelfSynchronised(a.Var.Type()) || ownCopy(a) {
		return nil
	}
	if s.Program.AtomicOnly(s.packageOf(a.Var), a.Var) {
		return nil
	}
	sharing := s.Program.SharingOf(s.packageOf(a.Var), a.Var)
	if a.Kind == patterns.Close {
		t.class, t.why = guardedUse, "it closes a channel"
		return t
	}
	if a.Kind.Changes() {
		return s.classifyChange(t, sharing)
	}
	change := sharing.Changed(nil)
	switch {
	case change == nil && (!sharing.Exported || a.Var.Pkg() != s.Pkg.Types || s.isSentinel(a.Var)):
		return nil
	case change == nil:
		t.class, t.why = assumable, "other packages can set it"
	case sharing.Changed(func(o *patterns.Access) bool { return o.Under(lock) }) != nil:
		t.class, t.why = guardedUse, "it changes under the lock"
		if via == nil && s.isCallers(a) {
			t.class, t.why = assumable, a.Path.Root.Name()+" comes from the caller, and others may have it"
		}
	case via == nil && s.changeByOthers(sharing) != nil:
		t.class, t.why = guardedUse, s.whyByOthers(s.changeByOthers(sharing))
	case via == nil && s.Program.Guards(s.Pkg, lock, a.Var) && sharing.Changed(func(o *patterns.Access) bool { return len(o.Held) > 0 }) == nil:
		t.class, t.why = guardedUse, "it is used under the lock and declared below it, and nothing else guards it"
	default:
		t.class, t.why = assumable, "it changes elsewhere without the lock"
	}
	return t
}

// isCallers reports whether an access is to an object that the section's function
// got as an argument, and has not put anywhere yet: it is the caller's, unless a
// caller is seen to have it from somewhere else.
func (s *Site) isCallers(a *patterns.Access) bool {
	v := a.Path.Root
	if v == nil || s.Unit.Obj == nil || v == s.Section.Lock.Root || len(a.Path.Fields) != 1 || s.isReceiver(v) || s.Unit.Assigned(v, s.Unit.Body.List) {
		return false
	}
	params := s.Unit.Obj.Signature().Params()
	n := slices.IndexFunc(slices.Collect(params.Variables()), func(p *types.Var) bool { return p == v })
	if n < 0 || s.Program.StorageOf(s.Pkg).OwnerAt(a.Node, a.Pos()) != storage.Lent {
		return false
	}
	return !slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool {
			fn := patterns.CalleeOf(u.Pkg.Info, c)
			return fn != nil && fn.Origin() == s.Unit.Obj && (n >= len(c.Args) || s.Program.StorageOf(s.Pkg).OwnerOf(c.Args[n]) < storage.Lent)
		})
	})
}

// ownVariable reports whether the lock has nothing to do with a local variable, of
// the section's function or of one that it calls: nobody but the call that declares
// it can reach it, and if goroutines of that call do, none of them takes the lock
// to be in order with the section.
func (s *Site) ownVariable(v *types.Var) bool {
	if v.IsField() || isGlobal(v) {
		return false
	}
	own, ok := s.own[v]
	if !ok {
		own = s.isOwnVariable(v)
		s.own[v] = own
	}
	return own
}

func (s *Site) isOwnVariable(v *types.Var) bool {
	sharers, ok := s.Program.StorageOf(s.packageOf(v)).SharersOf(v)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(sharers, func(g storage.Sharer) bool {
		if s.isSet(v, g) {
			return false
		}
		if within(s.Section.Acquire, g.Lit) {
			return true
		}
		u := s.Program.LitUnit(g.Lit)
		if u != nil && g.Join.IsValid() && !usedMeanwhile(u, v, g.Join) {
			return false // the start and the end of the goroutine are what orders the two
		}
		return s.Program.MayTake(u, s.Section.LockVar())
	})
}

// isSet reports whether a variable keeps its value from the start of a goroutine on,
// and there is nothing behind it that could change.
func (s *Site) isSet(v *types.Var, g storage.Sharer) bool {
	if k := refsOf(v.Type(), 0); k != noRefs && k != chanRef {
		return false
	}
	p := s.packageOf(v)
	model := s.Program.StorageOf(p)
	return s.Program.SharingOf(p, v).Changed(func(a *patterns.Access) bool {
		return model.MayFollow(v, g.Lit.Pos(), a.Pos())
	}) == nil
}

// usedMeanwhile reports whether a function uses a variable after it has started a
// goroutine that uses it, too, and before that is over.
func usedMeanwhile(goroutine *patterns.Unit, v *types.Var, join token.Pos) bool {
	found := false
	ast.Inspect(goroutine.Decl, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && goroutine.Pkg.Info.Uses[id] == v && goroutine.Lit.End() <= id.Pos() && id.Pos() < join
		return !found
	})
	return found
}

// classifyChange handles an access that changes something: without the lock two
// runs of it may meet, so it counts as guarded unless nobody else can see it.
func (s *Site) classifyChange(t *touch, sharing patterns.Sharing) *touch {
	if t.access.Fresh && !s.Program.AnyUnder(s.packageOf(t.access.Var), t.access.Var, s.Section.LockVar()) {
		return nil
	}
	if t.via != nil && !s.Program.AnyUnder(s.packageOf(t.access.Var), t.access.Var, s.Section.LockVar()) {
		// Called elsewhere without this lock, so it was not kept apart by it.
		if t.via.Lit != nil { // who calls it, and with which locks, is not seen
			t.class, t.why = guardedUse, "it is changed"
			return t
		}
		if t.via.Pkg == s.Pkg && !s.Program.ChangedUnder(t.access, s.Section.LockVar()) {
			return nil
		}
		if t.via.Pkg == s.Pkg {
			t.class, t.why = guardedUse, "it is changed"
			return t
		}
		t.class, t.why = assumable, "it is changed"
		return t
	}
	t.class, t.why = guardedUse, "it is changed"
	return t
}

// ownCopy reports whether the access is to a part of a struct that a local
// variable holds by value, so that this call of the function has its own.
func ownCopy(a *patterns.Access) bool {
	p := a.Path
	if p.Root == nil || p.Global() || len(p.Fields) == 0 || a.Unit.Captured(p.Root) || a.Unit.Addressed(p.Root) {
		return false
	}
	for _, v := range append([]*types.Var{p.Root}, p.Fields[:len(p.Fields)-1]...) {
		if _, ok := v.Type().Underlying().(*types.Struct); !ok {
			return false
		}
	}
	return a.Kind != patterns.Content && a.Kind != patterns.Close
}

// packageOf returns the loaded package that declares v, or the site's own.
func (s *Site) packageOf(v *types.Var) *patterns.Package {
	for _, p := range s.Program.Packages {
		if p.Types == v.Pkg() {
			return p
		}
	}
	return s.Pkg
}
