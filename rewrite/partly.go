package rewrite

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

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
