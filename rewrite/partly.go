package rewrite

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// Joining returns the site as a shape sees it that moves only the beginning of a
// section out of it: statements that tell a goroutine to end, by closing a
// channel, and wait for that.
//
//	close(s.stop)
//	<-s.done
//
// at is the index of the first statement that stays. Waits that come later count
// as ordinary calls. ok is false if the section does not begin like this, or
// consists of nothing else.
func (s *Site) Joining() (t *Site, at int, ok bool) {
	waits := 0
	for i, st := range s.Body {
		e, isExpr := st.(*ast.ExprStmt)
		if !isExpr || !s.loneClose(e) && !(s.waits(e) && s.touches(e).guarded() == nil) {
			break
		}
		if s.waits(e) {
			waits, at = waits+1, i+1
		}
	}
	if waits == 0 || at == len(s.Body) || s.Defer == nil && s.Final == nil {
		return nil, 0, false
	}
	f := *s.Finding
	f.Ops = nil
	c := *s
	c.Finding, c.stay = &f, nil
	for _, o := range s.Finding.Ops {
		if i := s.indexOf(o.Node); i >= 0 && i < at {
			f.Ops = append(f.Ops, o)
		} else {
			c.stay = append(c.stay, o)
		}
	}
	return &c, at, slices.ContainsFunc(s.Body[:at], func(st ast.Stmt) bool { return s.loneClose(st) })
}

// From returns the site of the part of the section that begins at a statement of
// its body: what comes before that is done without the lock.
func (s *Site) From(at int) *Site {
	f := *s.Finding
	f.Ops = slices.DeleteFunc(slices.Clone(f.Ops), func(o *patterns.Op) bool { return s.indexOf(o.Node) < at })
	c := *s
	c.Finding, c.Body = &f, s.Body[at:]
	c.Exits = slices.DeleteFunc(slices.Clone(s.Exits), func(e *ast.ExprStmt) bool { return e.Pos() < c.Body[0].Pos() })
	c.forget()
	return &c
}

// loneClose reports whether a statement just closes a channel with which nothing
// else is done under the lock: no send, no test whether it is closed, no new
// channel. The lock does not order the close with anything then, and a second
// close panics with and without it.
func (s *Site) loneClose(st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	touches := s.touches(st).touches
	lock := s.Section.LockVar()
	for _, t := range touches {
		a := t.access
		if a.Kind != patterns.Close || a.Unit != s.Unit || !within(a.Node, e) {
			return false
		}
		sharing := s.Program.SharingOf(s.packageOf(a.Var), a.Var)
		if sharing.Exported || slices.ContainsFunc(sharing.Accesses, func(o *patterns.Access) bool {
			return o.Kind == patterns.Write || o.Kind == patterns.Escape || o.Under(lock) && !within(o.Node, e)
		}) {
			return false
		}
	}
	return len(touches) == 1
}

// proveLeft asks whether sparing the lock some of the waits is worth it.
func (w *Window) proveLeft() {
	if len(w.stay) == 0 {
		w.proved(S15, "verified on the result: the finding is gone and no other has come")
		return
	}
	w.assume(S15, w.stay[0].Pos(), "The lock is still held across %s. Is that as it should be?", w.stay[0].Call())
}

// opsAt counts the operations of the findings with a key.
func opsAt(x *patterns.Program, p *patterns.Package, opts patterns.Options, key string) int {
	n := 0
	for _, f := range x.FindIn(p, opts) {
		if f.Key() == key {
			n += len(f.Ops)
		}
	}
	return n
}
