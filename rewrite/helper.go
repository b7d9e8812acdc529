package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A HelperSite is a function that is only called with the lock held, and waits:
// the function from inside, and every call of it, or of a function that leads to
// it, up to the sections that take the lock.
type HelperSite struct {
	*Site // of the function: its whole body is under the lock

	of    *Site // of the section that the plan is for
	under *underLock
	unit  *lockedUnit
}

// A helperCaller is a call of the helper, or of a function that leads to it: in a
// section, or in a function that runs under its callers' lock as a whole.
type helperCaller struct {
	*Site
	unit      *patterns.Unit
	section   *patterns.Section // or nil
	outer     *lockedUnit       // where there is no section
	call      *ast.CallExpr
	callee    *patterns.Unit
	pre, post []ast.Stmt      // what runs under the lock before and after the call
	tests     []ast.Expr      // the conditions under which the call is made
	assign    *ast.AssignStmt // that has the call on its right side, or nil
	loops     []*callLoop     // around the call, the inner one first
}

// An inheritance is what a function that runs under its callers' lock has from them.
type inheritance struct {
	lock, unlock string                   // the calls that take and release it, as the function spells them
	deferred     bool                     // a caller releases it by defer: then a panic must find it held
	from         map[*types.Var][]*touch  // parameters that are given what was read from guarded state
	drawn        map[*types.Var]token.Pos // parameters that are given a number which the caller has drawn
}

// costOfDefer is what it costs to take the lock again by defer: less than a literal, if
// a panic must find it held, and more than a Lock where that can be written.
func (in *inheritance) costOfDefer() int {
	if in.deferred {
		return costToggle + costExtract
	}
	return 2*costToggle + costExtract
}

// HelperSites looks at the functions through which waits of a section are reached,
// and that could open a window themselves: S14. Those come first through which most
// of them are reached, and of these the ones that the section calls itself.
func (s *Site) HelperSites() ([]*HelperSite, *Refusal) {
	helpers, first := s.helpers()
	if len(helpers) == 0 {
		return nil, first
	}
	first = nil
	b := &underLock{of: s, found: make(map[*patterns.Unit]*lockedUnit)}
	var out []*HelperSite
	for _, u := range helpers[:min(len(helpers), maxHelpers)] {
		l, refusal := b.unit(u)
		if l != nil {
			l.site, refusal = b.layOut(l)
		}
		if l == nil || l.site == nil {
			if first == nil {
				first = refusal
			}
			continue
		}
		out = append(out, &HelperSite{Site: l.site, of: s, under: b, unit: l})
	}
	return out, first
}

// maxHelpers bounds how many functions are looked at for one section.
const maxHelpers = 8

// helpers lists the functions that could open a window; if there are none, it says
// why.
func (s *Site) helpers() ([]*patterns.Unit, *Refusal) {
	var refusal *Refusal
	count, depth := make(map[*patterns.Unit]int), make(map[*patterns.Unit]int)
	var units []*patterns.Unit
	for _, o := range s.Finding.Ops {
		if o.Deferred {
			continue
		}
		list := slices.DeleteFunc(o.Callees(), func(u *patterns.Unit) bool { return u.Decl == nil || u.Pkg != s.Pkg })
		switch {
		case refusal != nil || len(list) > 0:
		case len(o.Path) == 0:
			refusal = Inapplicable(o.Pos(), "the section itself waits here, not a function that it calls")
		default:
			refusal = Inapplicable(o.Pos(), "no function of this package is called here that could release the lock itself")
		}
		for i, u := range list {
			if count[u] == 0 {
				units, depth[u] = append(units, u), i
			}
			count[u], depth[u] = count[u]+1, max(depth[u], i)
		}
	}
	slices.SortStableFunc(units, func(a, b *patterns.Unit) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		return depth[a] - depth[b]
	})
	if len(units) == 0 && refusal == nil {
		refusal = Inapplicable(s.Lock.Pos(), "the section waits in deferred calls only")
	}
	return units, refusal
}

// underLock finds and lays out functions that run under the lock of a section.
type underLock struct {
	of    *Site
	found map[*patterns.Unit]*lockedUnit // nil while it is looked at
}

// A lockedUnit is a function that runs under its callers' lock.
type lockedUnit struct {
	unit  *patterns.Unit
	lock  patterns.Path // as it sees it
	mode  patterns.Mode
	calls []*helperCaller // of it; they have no sites until they are looked through
	site  *Site

	deferred bool // a caller releases the lock by defer

	looked  bool // its callers are looked through, or that was tried
	refusal *Refusal
}

// unit finds out how a function sees the lock of its callers.
func (b *underLock) unit(u *patterns.Unit) (*lockedUnit, *Refusal) {
	if l, ok := b.found[u]; ok {
		if l == nil {
			return nil, Refuse(S14, "recursion", u.Decl.Pos(), "%s calls itself, and each call would release %s", u.Name(), b.of.Section.Lock)
		}
		return l, nil
	}
	b.found[u] = nil
	defer func() {
		if b.found[u] == nil {
			delete(b.found, u)
		}
	}()
	if u.File.Fixed != "" {
		return nil, Inapplicable(u.Decl.Pos(), "the file of %s is never rewritten: %s", u.Name(), u.File.Fixed)
	}
	calls, why, at := b.of.Program.CallersHolding(u, b.of.Section.LockVar())
	if why != "" {
		return nil, Refuse(S14, "other-callers", at, "%s, so %s cannot release %s", why, u.Name(), b.of.Section.Lock)
	}
	l := &lockedUnit{unit: u}
	for i, c := range calls {
		h, refusal := b.caller(l, c)
		if h == nil {
			return nil, refusal
		}
		lock, refusal := h.lockIn(b.of, u)
		if lock.Root == nil {
			return nil, refusal
		}
		if i > 0 && (lock.String() != l.lock.String() || h.mode() != l.mode) {
			return nil, b.differently(l, h, lock, c)
		}
		l.lock, l.mode = lock, h.mode()
		l.calls = append(l.calls, h)
	}
	b.found[u] = l
	return l, nil
}

// differently refuses a call that is made with another lock, or with the lock held in
// another way, than those before.
func (b *underLock) differently(l *lockedUnit, h *helperCaller, lock patterns.Path, c patterns.Call) *Refusal {
	if h.mode() != l.mode {
		return Refuse(S14, "lock-mode", c.Call.Pos(), "some callers of %s hold the read lock, others the write lock", l.unit.Name())
	}
	return Refuse(S14, "other-receiver", c.Call.Pos(), "%s is called here with %s held, and elsewhere with %s", l.unit.Name(), lock, l.lock)
}

// caller finds the section, or the function under the lock, that makes a call.
func (b *underLock) caller(l *lockedUnit, c patterns.Call) (*helperCaller, *Refusal) {
	h := &helperCaller{unit: c.Unit, call: c.Call, callee: l.unit}
	h.section = b.of.Program.SectionAround(c.Unit, b.of.Section.LockVar(), c.Call)
	switch {
	case h.section != nil && h.section.Wrapper:
		return nil, Refuse(S14, "caller-form", h.section.Pos(), "%s takes the lock through a function of its own", c.Unit.Name())
	case h.section != nil:
		_, deferred := h.section.Deferred()
		l.deferred = l.deferred || deferred
		return h, nil
	case c.Unit.Decl == nil || c.Unit.Lit != nil:
		return nil, Refuse(S14, "caller-form", c.Call.Pos(), "this call is made by a function literal, which runs under the lock of others")
	}
	outer, refusal := b.unit(c.Unit)
	if outer == nil {
		return nil, refusal
	}
	h.outer, l.deferred = outer, l.deferred || outer.deferred
	return h, nil
}

// lock is the lock as the caller sees it.
func (h *helperCaller) lock() patterns.Path {
	if h.section != nil {
		return h.section.Lock
	}
	return h.outer.lock
}

func (h *helperCaller) mode() patterns.Mode {
	if h.section != nil {
		return h.section.Mode
	}
	return h.outer.mode
}

// layOut is the site of a function that runs under the lock: its body is, from end to
// end.
func (b *underLock) layOut(l *lockedUnit) (*Site, *Refusal) {
	u := l.unit
	if !u.LeavesLock(l.lock.Last().Name()) {
		return nil, Refuse(S14, "releases-already", u.Decl.Pos(), "%s already releases %s", u.Name(), l.lock)
	}
	of := b.of.Section
	section := &patterns.Section{Unit: u, Lock: l.lock, Mode: l.mode, Acquire: of.Acquire, Releases: of.Releases}
	s := bareSite(b.of.Program, &patterns.Finding{Section: section, Ops: b.of.Program.OpsOf(u), Verdict: b.of.Finding.Verdict})
	s.List, s.Body, s.imports, s.flags = u.Body.List, u.Body.List, b.of.imports, b.of.flags
	s.Lock = &ast.ExprStmt{X: &ast.Ident{NamePos: u.Body.Lbrace + 1}} // for its position
	mutex, refusal := s.spell(l.lock)
	if refusal != nil {
		return nil, refusal
	}
	s.inherited = &inheritance{lock: mutex + "." + l.mode.Acquire() + "()", unlock: mutex + "." + l.mode.Release() + "()"}
	s.inherited.deferred = l.deferred || s.defersUnderLock()
	return s, nil
}

// defersUnderLock reports whether the function defers a call that needs the lock: a
// panic must find it held then, too.
func (s *Site) defersUnderLock() bool {
	found := false
	inspectOuter(s.Unit.Body, func(n ast.Node) bool {
		d, ok := n.(*ast.DeferStmt)
		found = found || ok && s.touches(d).guarded() != nil
		return !found
	})
	return found
}

// lookThrough lays out the callers of a function, once theirs are, and tells it what
// they give to it.
func (b *underLock) lookThrough(l *lockedUnit) *Refusal {
	if l.looked {
		return l.refusal
	}
	l.looked, l.refusal = true, b.lookAtCallers(l)
	return l.refusal
}

func (b *underLock) lookAtCallers(l *lockedUnit) *Refusal {
	if l.site == nil {
		site, refusal := b.layOut(l)
		if site == nil {
			return notLookedAt(l, refusal)
		}
		l.site = site
	}
	in := l.site.inherited
	in.from, in.drawn = make(map[*types.Var][]*touch), make(map[*types.Var]token.Pos)
	for _, h := range l.calls {
		if h.outer != nil {
			if refusal := b.lookThrough(h.outer); refusal != nil {
				return refusal
			}
			h.Site = h.outer.site
		} else {
			site, refusal := newSite(b.of.Program, &patterns.Finding{Section: h.section, Ops: []*patterns.Op{{Node: h.call}}}, b.of)
			if site == nil && refusal == nil {
				return notLookedAt(l, nil)
			}
			if refusal != nil {
				return notLookedAt(l, Refuse(S14, "caller-form", h.call.Pos(), "the section that makes this call cannot be analyzed: %s", refusal.Reason))
			}
			h.Site = site
		}
		if refusal := h.surround(); refusal != nil {
			return refusal
		}
		h.handOver(in)
	}
	return nil
}

// notLookedAt refuses where a condition that is passed over for a test has kept the
// callers from being looked at.
func notLookedAt(l *lockedUnit, refusal *Refusal) *Refusal {
	if refusal != nil {
		return refusal
	}
	return Inapplicable(l.unit.Decl.Pos(), "the callers of %s were not looked at", l.unit.Name())
}

// callersOf lists the calls of a function, and of those that lead to it, each once.
func callersOf(l *lockedUnit, seen map[*lockedUnit]bool) []*helperCaller {
	if seen[l] {
		return nil
	}
	seen[l] = true
	var all []*helperCaller
	for _, h := range l.calls {
		if h.outer != nil {
			all = append(all, callersOf(h.outer, seen)...)
		}
	}
	return append(all, l.calls...)
}
