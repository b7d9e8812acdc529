// Package helper releases the callers' lock in the function that waits.
package helper

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/layout"
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// helperSites looks at the functions through which waits of a section are reached, and that
// could open a window themselves: S14. Functions through which most of the waits are
// reached come first, and among these the ones that the section calls itself.
func helperSites(s *site.Site) ([]*helperSite, *safety.Refusal) {
	helpers, first := helpers(s)
	if len(helpers) == 0 {
		return nil, first
	}
	first = nil
	b := &underLock{of: s, found: make(map[*patterns.Unit]*lockedUnit)}
	var out []*helperSite
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
		out = append(out, &helperSite{Site: l.site, of: s, under: b, unit: l})
	}
	return out, first
}

// maxHelpers bounds how many functions are looked at for one section.
const maxHelpers = 8

// helpers lists the functions that could open a window; if there are none, it says
// why.
func helpers(s *site.Site) ([]*patterns.Unit, *safety.Refusal) {
	var refusal *safety.Refusal
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
			refusal = safety.Inapplicable(o.Pos(), "the section itself waits here, not a function that it calls")
		default:
			refusal = safety.Inapplicable(o.Pos(), "no function of this package is called here that could release the lock itself")
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
		refusal = safety.Inapplicable(s.Lock.Pos(), "the section waits in deferred calls only")
	}
	return units, refusal
}

// unit finds out how a function sees the lock of its callers.
func (b *underLock) unit(u *patterns.Unit) (*lockedUnit, *safety.Refusal) {
	if l, ok := b.found[u]; ok {
		if l == nil {
			return nil, safety.Refuse(safety.S14, "recursion", u.Decl.Pos(), "%s calls itself, and each call would release %s", u.Name(), b.of.Section.Lock)
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
		return nil, safety.Inapplicable(u.Decl.Pos(), "the file of %s is never rewritten: %s", u.Name(), u.File.Fixed)
	}
	calls, why, at := guards.CallersHolding(b.of.Program, u, b.of.Section.LockVar())
	if why != "" {
		return nil, safety.Refuse(safety.S14, "other-callers", at, "%s, so %s cannot release %s", why, u.Name(), b.of.Section.Lock)
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

// differently refuses a call that is made with a different lock, or with the lock held in a
// different mode, than those before.
func (b *underLock) differently(l *lockedUnit, h *helperCaller, lock patterns.Path, c patterns.Call) *safety.Refusal {
	if h.mode() != l.mode {
		return safety.Refuse(safety.S14, "lock-mode", c.Call.Pos(), "some callers of %s hold the read lock, others the write lock", l.unit.Name())
	}
	return safety.Refuse(safety.S14, "other-receiver", c.Call.Pos(), "%s is called here with %s held, and elsewhere with %s", l.unit.Name(), lock, l.lock)
}

// caller finds the section, or the function under the lock, that makes a call.
func (b *underLock) caller(l *lockedUnit, c patterns.Call) (*helperCaller, *safety.Refusal) {
	h := &helperCaller{unit: c.Unit, call: c.Call, callee: l.unit}
	h.section = locks.SectionAround(b.of.Program, c.Unit, b.of.Section.LockVar(), c.Call)
	switch {
	case h.section != nil && h.section.Wrapper:
		return nil, safety.Refuse(safety.S14, "caller-form", h.section.Pos(), "%s takes the lock through a function of its own", c.Unit.Name())
	case h.section != nil:
		_, deferred := h.section.Deferred()
		l.deferred = l.deferred || deferred
		return h, nil
	case c.Unit.Decl == nil || c.Unit.Lit != nil:
		return nil, safety.Refuse(safety.S14, "caller-form", c.Call.Pos(), "this call is made by a function literal, which runs under the lock of others")
	}
	outer, refusal := b.unit(c.Unit)
	if outer == nil {
		return nil, refusal
	}
	h.outer, l.deferred = outer, l.deferred || outer.deferred
	return h, nil
}

// layOut returns the site of a function whose whole body runs under the lock.
func (b *underLock) layOut(l *lockedUnit) (*site.Site, *safety.Refusal) {
	u := l.unit
	if !locks.LeavesLock(u, l.lock.Last().Name()) {
		return nil, safety.Refuse(safety.S14, "releases-already", u.Decl.Pos(), "%s already releases %s", u.Name(), l.lock)
	}
	of := b.of.Section
	section := &locks.Section{Unit: u, Lock: l.lock, Mode: l.mode, Acquire: of.Acquire, Releases: of.Releases}
	s := site.New(b.of.Program, &finding.Finding{Section: section, Ops: waits.OpsOf(b.of.Program, u), Verdict: b.of.Finding.Verdict})
	s.List, s.Body, s.Imports, s.Flags = u.Body.List, u.Body.List, b.of.Imports, b.of.Flags
	s.Lock = &ast.ExprStmt{X: &ast.Ident{NamePos: u.Body.Lbrace + 1}} // for its position
	mutex, refusal := spell(s, l.lock)
	if refusal != nil {
		return nil, refusal
	}
	s.Inherited = &site.Inheritance{Lock: mutex + "." + l.mode.Acquire() + "()", Unlock: mutex + "." + l.mode.Release() + "()"}
	s.Inherited.Deferred = l.deferred || defersUnderLock(s)
	return s, nil
}

// defersUnderLock reports whether the function defers a call that needs the lock: a
// panic must find it held then, too.
func defersUnderLock(s *site.Site) bool {
	return syntax.HasOuter(s.Unit.Body, func(d *ast.DeferStmt) bool { return behaviour.Touches(s, d).Guarded() != nil })
}

// lookThrough lays out the callers of a function, after their own callers, and tells the
// function what they pass to it.
func (b *underLock) lookThrough(l *lockedUnit) *safety.Refusal {
	if l.looked {
		return l.refusal
	}
	l.looked, l.refusal = true, b.lookAtCallers(l)
	return l.refusal
}

func (b *underLock) lookAtCallers(l *lockedUnit) *safety.Refusal {
	if l.site == nil {
		site, refusal := b.layOut(l)
		if site == nil {
			return notLookedAt(l, refusal)
		}
		l.site = site
	}
	in := l.site.Inherited
	in.From, in.Drawn = make(map[*types.Var][]*site.Touch), make(map[*types.Var]token.Pos)
	for _, h := range l.calls {
		if h.outer != nil {
			if refusal := b.lookThrough(h.outer); refusal != nil {
				return refusal
			}
			h.Site = h.outer.site
		} else {
			site, refusal := layout.Like(b.of.Program, &finding.Finding{Section: h.section, Ops: []*waits.Op{{Node: h.call}}}, b.of)
			if site == nil && refusal == nil {
				return notLookedAt(l, nil)
			}
			if refusal != nil {
				return notLookedAt(l, safety.Refuse(safety.S14, "caller-form", h.call.Pos(), "the section that makes this call cannot be analyzed: %s", refusal.Reason))
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

// Plan plans the shape for a section, in the first of the waiting functions where it is
// possible.
func Plan(s *site.Site) (*plan.Plan, *safety.Refusal) {
	sites, refusal := helperSites(s)
	if len(sites) > 0 {
		refusal = nil // for functions that could not name the lock, or have other callers
	}
	near := false // whether the refusal is of a window that could be placed
	for _, h := range sites {
		plan, placed, r := planInside(s, h)
		if plan == nil {
			if taken := h.detached(); taken != nil {
				plan, _, _ = planInside(s, taken)
			}
		}
		if plan != nil {
			return plan, nil
		}
		if refusal == nil || placed && !near {
			refusal, near = r, placed
		}
	}
	return nil, refusal
}

// detached is the helper with what it empties after the wait taken out before the wait, or
// nil.
func (h *helperSite) detached() *helperSite {
	t, refusal := detach.Site(h.Site)
	if refusal != nil {
		return nil
	}
	c := *h
	c.Site = t
	return &c
}

// planInside opens the window in one of the functions that could. placed says that there is
// a place for it, whatever the conditions say.
func planInside(s *site.Site, h *helperSite) (made *plan.Plan, placed bool, refusal *safety.Refusal) {
	if refusal := h.worthIt(); refusal != nil {
		return nil, false, refusal
	}
	if refusal := h.proveLockOrder(); refusal != nil {
		return nil, false, refusal
	}
	if _, refusal := h.place(); refusal != nil {
		return nil, false, refusal // whatever the callers do
	}
	if refusal := h.lookThrough(); refusal != nil {
		return nil, true, refusal
	}
	p, refusal := h.place()
	if refusal != nil {
		return nil, true, refusal
	}
	if refusal := h.proveCallers(p.Window); refusal != nil {
		return nil, true, refusal.AsTried()
	}
	if refusal := p.Prove(); refusal != nil {
		return nil, true, refusal
	}
	ops, refusal := h.ops(p)
	if refusal != nil {
		return nil, true, refusal
	}
	return &plan.Plan{
		Title:       "Release " + s.Section.Lock.String() + " in " + h.Unit.Name() + " during " + plan.Subject(s.Finding),
		Script:      tree.Script{Decl: h.Unit.Decl, Ops: ops},
		Outside:     h.doc(),
		Stays:       h.stays(),
		TakesOut:    h.takesOut(),
		Obligations: p.Obligations(),
	}, true, nil
}

// takesOut lists the variables that are emptied before the wait.
func (h *helperSite) takesOut() []*types.Var {
	if h.Detach == nil {
		return nil
	}
	var taken []*types.Var
	for _, path := range h.Detach.Paths {
		taken = append(taken, path.Last())
	}
	return taken
}

// lookThrough lays out the callers of the helper, and notes what they pass to it.
func (h *helperSite) lookThrough() *safety.Refusal { return h.under.lookThrough(h.unit) }
