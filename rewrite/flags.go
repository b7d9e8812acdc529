package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A flag is a variable that is part of what the lock guards although it can be
// read without it: one of package sync/atomic, a sync.Map, or a channel that is
// closed. A function changes it under the lock, or changes it and then takes the
// lock, as in
//
//	func (p *Pool) Close() {
//		if !p.closed.CompareAndSwap(false, true) {
//			return
//		}
//		p.mu.Lock()
//		p.conns = nil
//		p.mu.Unlock()
//	}
//
// A section that tests it under the lock can rely on it until the lock is
// released: whoever has changed it waits for the lock.

// flagsIn lists the flags that a node reads, itself or in the functions that it
// calls.
func (s *Site) flagsIn(n ast.Node) []*types.Var {
	var flags []*types.Var
	for _, t := range s.flagReads(n) {
		if !slices.Contains(flags, t.access.Var) {
			flags = append(flags, t.access.Var)
		}
	}
	return flags
}

// flagReads lists where a node, or a function that it calls, reads a flag.
func (s *Site) flagReads(n ast.Node) []*touch {
	var out []*touch
	s.eachAtomic(n, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
		_, length := at.(*ast.CallExpr)
		length = length && isChannel(v.Type())
		if !change && (s.isFlag(v) || length && s.sentUnder(v)) {
			t := &touch{access: &patterns.Access{Var: v, Node: at, Unit: u, Kind: patterns.Read}, class: guardedUse, why: "it changes under the lock"}
			if u != s.Unit {
				t.via = u
			}
			out = append(out, t)
		}
	})
	return out
}

// maxFlagCalls bounds how deep calls are followed in search of flags.
const maxFlagCalls = 3

// eachAtomic calls f for each use of a variable that synchronises itself: by a
// call of package sync/atomic or of a method of sync.Map, by a receive, or by the
// length of a channel.
func (s *Site) eachAtomic(n ast.Node, f func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool)) {
	seen := make(map[*patterns.Unit]bool)
	var visit func(u *patterns.Unit, n ast.Node, depth int)
	visit = func(u *patterns.Unit, n ast.Node, depth int) {
		inspectOuter(n, func(m ast.Node) bool {
			if r, ok := m.(*ast.UnaryExpr); ok && r.Op == token.ARROW {
				if p, ok := patterns.PathOf(u.Pkg.Info, r.X); ok && (p.Last().IsField() || p.Global()) {
					f(u, r, p.Last(), false)
				}
			}
			return true
		})
		eachSynchronousCall(n, func(c *ast.CallExpr) {
			if v := atomicOf(u, c); v != nil {
				f(u, c, v, !readsAtomic(u, c))
			}
			if v := measured(u, c); v != nil {
				f(u, c, v, false)
			}
			callees, _ := s.Program.Callees(u, c)
			for _, v := range callees {
				if !seen[v] && v.Body != nil && depth < maxFlagCalls && !synchronises(v.Pkg.Path) {
					seen[v] = true
					visit(v, v.Body, depth+1)
				}
			}
		})
	}
	visit(s.Unit, n, 0)
}

// isFlag reports whether the package changes the variable under the section's
// lock, or changes it and then takes that.
func (s *Site) isFlag(v *types.Var) bool {
	is, ok := s.flags[v]
	if !ok {
		is = s.findFlag(v)
		s.flags[v] = is
	}
	return is
}

func (s *Site) findFlag(v *types.Var) bool {
	lock := s.Section.LockVar()
	if slices.ContainsFunc(s.Program.CallsUnder(s.Pkg, lock), func(c patterns.Call) bool {
		return changesAtomic(c.Unit, c.Call) == v || closedBy(c.Unit, c.Call) == v
	}) {
		return true
	}
	return slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		changed := false
		for _, c := range u.Calls() {
			if changesAtomic(u, c) == v {
				changed = true
			}
			if changed && locks(u, c, lock) {
				return true
			}
		}
		return false
	})
}

// measured returns the variable that holds the channel whose length a call
// returns, or nil.
func measured(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if patterns.BuiltinOf(u.Pkg.Info, c) != "len" {
		return nil
	}
	p, ok := patterns.PathOf(u.Pkg.Info, c.Args[0])
	if !ok || !isChannel(p.Last().Type()) || !p.Last().IsField() && !p.Global() {
		return nil
	}
	return p.Last()
}

// isChannel reports whether a type is that of channels.
func isChannel(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// sentUnder reports whether the package sends on the channel while it holds the
// section's lock: then that keeps the room that a section has seen in it.
func (s *Site) sentUnder(v *types.Var) bool {
	lock := s.Section.LockVar()
	return slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		found := false
		if u.Body == nil {
			return false
		}
		inspectOuter(u.Body, func(n ast.Node) bool {
			send, ok := n.(*ast.SendStmt)
			if !ok || found {
				return !found
			}
			p, ok := patterns.PathOf(u.Pkg.Info, send.Chan)
			found = ok && p.Last() == v && slices.ContainsFunc(u.HeldAt(send), func(l patterns.Path) bool { return l.Last() == lock })
			return !found
		})
		return found
	})
}

// changesAtomic returns the variable that a call changes and that synchronises
// itself, or nil.
func changesAtomic(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if v := atomicOf(u, c); v != nil && !readsAtomic(u, c) {
		return v
	}
	return nil
}

// closedBy returns the variable that holds the channel which a call closes, or
// nil.
func closedBy(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if patterns.BuiltinOf(u.Pkg.Info, c) != "close" {
		return nil
	}
	if p, ok := patterns.PathOf(u.Pkg.Info, c.Args[0]); ok {
		return p.Last()
	}
	return nil
}

// proveFlags is the part of S10 about flags that the section changes before the
// window or in it, and that other sections of the lock read.
func (w *Window) proveFlags() *Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	if r := w.refuseTransient(slices.Concat(w.Pre, w.Stmts, w.Post)); r != nil {
		return r
	}
	for _, st := range append(slices.Clone(w.Pre), w.Stmts...) {
		w.eachAtomic(st, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if !change {
				return
			}
			if other := w.lookedAtUnder(v); other.IsValid() {
				w.ask(seenEarly, "", S10, at.Pos(), "%s is changed before the section is done, and read under %s at %s. May others see the change that early?", v.Name(), w.Section.Lock, w.line(other))
			}
		})
	}
	return nil
}

// looksAtAtomic reports whether a call of an atomic operation is made for what it
// returns.
func looksAtAtomic(u *patterns.Unit, c *ast.CallExpr) bool {
	if readsAtomic(u, c) {
		return true
	}
	alone := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if st, ok := n.(*ast.ExprStmt); ok && st.X == ast.Expr(c) {
			alone = true
		}
		return !alone
	})
	return !alone
}

// locks reports whether a call takes the lock.
func locks(u *patterns.Unit, c *ast.CallExpr, lock *types.Var) bool {
	if !patterns.IsLockCall(u.Pkg.Info, c) {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(sel.Sel.Name, "Lock") {
		return false
	}
	p, ok := patterns.PathOf(u.Pkg.Info, sel.X)
	return ok && p.Last() == lock
}

// atomicOf returns the variable that a call of package sync/atomic is made on,
// as a method or with its address, or a method of sync.Map; nil if it is neither.
func atomicOf(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	info := u.Pkg.Info
	fn := patterns.CalleeOf(info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" && !strings.HasPrefix(fn.FullName(), "(*sync.Map).") {
		return nil
	}
	var e ast.Expr
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		e = sel.X
	} else if len(c.Args) > 0 {
		if addr, ok := ast.Unparen(c.Args[0]).(*ast.UnaryExpr); ok {
			e = addr.X
		}
	}
	if e == nil {
		return nil
	}
	if p, ok := patterns.PathOf(info, e); ok {
		return p.Last()
	}
	return nil
}

// readsAtomic reports whether a call of package sync/atomic, or of a method of
// sync.Map, only reads.
func readsAtomic(u *patterns.Unit, c *ast.CallExpr) bool {
	switch name := patterns.CalleeOf(u.Pkg.Info, c).Name(); name {
	case "Range", "Load", "LoadInt32", "LoadInt64", "LoadUint32", "LoadUint64", "LoadUintptr", "LoadPointer":
		return true
	}
	return false
}
