package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/letgo-dev/letgo/patterns"
)

// closingWords are the words in the names of functions under which Go programs
// end the life of an object.
var closingWords = []string{"close", "stop", "shutdown", "release", "destroy", "kill", "free", "abort", "terminate", "dispose"}

// endsLife reports whether a function has a name that says that it ends the life
// of an object: Close, stop, CloseWithError, dirtyClose; but not closed.
func endsLife(name string) bool {
	word := func(w string) bool {
		return slices.ContainsFunc(closingWords, func(c string) bool { return strings.EqualFold(c, w) })
	}
	start := 0
	for i, r := range name {
		if i > start && (unicode.IsUpper(r) || r == '_') {
			if word(strings.Trim(name[start:i], "_")) {
				return true
			}
			start = i
		}
	}
	return word(strings.Trim(name[start:], "_")) || word(name)
}

// proveLifetime is S6: what the window uses is not closed or dropped meanwhile.
func (w *Window) proveLifetime() *Refusal {
	if r := w.closesShared(); r != nil {
		return r
	}
	objects := w.usedObjects()
	for _, v := range objects {
		if v.taken || v.own || slices.ContainsFunc(v.from, w.detached) {
			continue // nobody else can reach it any more
		}
		if at, ok := w.closedUnder(v); ok {
			if !closeSafe(v.typ) {
				return Refuse(S6, "closed-under-lock", v.pos, "%s is closed under %s at %s", v.name, w.Section.Lock, w.line(at))
			}
			w.assume(S6, v.pos, "%s can now be closed at %s during the call. Does the call then fail cleanly?", v.name, w.line(at))
			continue
		}
		if w.partIsClosed(v, objects) {
			continue // asked of the part: what is removed meanwhile is closed
		}
		for _, g := range v.from {
			if w.cloned(g) {
				continue // S3 asks
			}
			sharing := w.Program.SharingOf(w.packageOf(g), g)
			if a := sharing.Changed(func(a *patterns.Access) bool { return !w.contains(a) && a.Under(w.Section.LockVar()) }); a != nil {
				w.ask(stillHeld, fmt.Sprintf("%s, which comes from %s (changed at %s)", v.name, g.Name(), w.line(a.Pos())), S6, v.pos,
					"%s comes from %s, which is changed at %s. May the call still use the old value?", v.name, g.Name(), w.line(a.Pos()))
			}
		}
	}
	if !w.has(S6) {
		w.proved(S6, "nothing that the window uses is closed or replaced under the lock")
	}
	return nil
}

// partIsClosed reports whether a part of an object that the window uses may be closed
// meanwhile.
func (w *Window) partIsClosed(v usedValue, all []usedValue) bool {
	return slices.ContainsFunc(all, func(o usedValue) bool {
		if !strings.HasPrefix(o.name, v.name+".") || o.taken || slices.ContainsFunc(o.from, w.detached) {
			return false
		}
		_, ok := w.closedUnder(o)
		return ok
	})
}

// closesShared refuses a window that ends the life of an object that other
// sections of the lock use.
func (w *Window) closesShared() *Refusal {
	var refusal *Refusal
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || refusal != nil {
				return refusal == nil
			}
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || !endsLife(sel.Sel.Name) {
				return true
			}
			if id, ok := rootIdent(sel.X); ok && w.taken(varOf(w.Info, id)) {
				return true
			}
			for _, v := range slices.DeleteFunc(w.origins(sel.X), w.detached) {
				sharing := w.Program.SharingOf(w.packageOf(v), v)
				for _, a := range sharing.Accesses {
					if !w.contains(a) && a.Under(w.Section.LockVar()) {
						refusal = Refuse(S6, "closed-unlocked", c.Pos(), "%s is closed without the lock, and other sections of %s use it (%s)", types.ExprString(sel.X), w.Section.Lock, w.line(a.Pos()))
						return false
					}
				}
			}
			return true
		})
	}
	return refusal
}

// origins lists the shared variables that an object comes from.
func (w *Window) origins(e ast.Expr) []*types.Var {
	p, ok := patterns.PathOf(w.Info, e)
	if !ok {
		return nil
	}
	var vars []*types.Var
	ours := p.Root == w.Section.Lock.Root || p.Global() || w.Unit.IsParam(p.Root)
	if v := p.Last(); ours && (v.IsField() || p.Global()) {
		vars = append(vars, v)
	}
	for _, t := range w.derived[p.Root] {
		if !t.filled {
			vars = append(vars, t.access.Var)
		}
	}
	return vars
}

// usedObjects lists the objects that the window uses: guarded values, and the
// fields and package-level variables that hold a pointer or interface.
func (w *Window) usedObjects() []usedValue {
	var out []usedValue
	for _, v := range w.guardedValues() {
		if k := refsOf(v.typ, 0); k == object || k == opaqueFn || k == aliases {
			out = append(out, v)
		}
	}
	seen := make(map[*types.Var]bool)
	for _, e := range w.selections(w.Stmts) {
		p, _ := patterns.PathOf(w.Info, e)
		v := p.Last()
		if v == nil || seen[v] || !v.IsField() && !p.Global() || refsOf(v.Type(), 0) != object {
			continue
		}
		seen[v] = true
		if slices.ContainsFunc(w.Values, func(x Extraction) bool { return x.reads(v) }) {
			continue
		}
		out = append(out, usedValue{name: p.String(), typ: v.Type(), pos: e.Pos(), from: nil})
	}
	return out
}

// closedUnder finds a call under the section's lock that ends the life of an
// object of the value's type.
func (w *Window) closedUnder(v usedValue) (token.Pos, bool) {
	for _, c := range w.Program.CallsUnder(w.Pkg, w.Section.LockVar()) {
		sel, ok := ast.Unparen(c.Call.Fun).(*ast.SelectorExpr)
		if !ok || !endsLife(sel.Sel.Name) || c.Unit == w.Unit && w.inBody(c.Call) || w.Program.Owns(c.Unit.Pkg, sel.X) {
			continue
		}
		if t := c.Unit.Pkg.Info.TypeOf(sel.X); t != nil && types.Identical(t, v.typ) {
			return c.Call.Pos(), true
		}
	}
	return token.NoPos, false
}

// closeSafe reports whether values of the type may be closed while they are in
// use: their documentation promises an error and no harm.
func closeSafe(t types.Type) bool {
	switch strings.TrimPrefix(types.TypeString(t, nil), "*") {
	case "net.Conn", "net.Listener", "net.PacketConn", "net.TCPConn", "net.UnixConn", "net.UDPConn", "os.File",
		"database/sql.DB", "net/http.Server", "crypto/tls.Conn", "io.PipeReader", "io.PipeWriter", "time.Timer", "time.Ticker":
		return true
	}
	return false
}

// proveChannels is S7: a channel that the window sends on is not closed or
// replaced by a section.
func (w *Window) proveChannels() *Refusal {
	var refusal *Refusal
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				if at, ok := w.closedChan(n.Chan); ok && refusal == nil {
					refusal = Refuse(S7, "send-on-closed", n.Pos(), "the channel may be closed at %s before the send, which would then panic", w.line(at))
				}
			case *ast.CallExpr:
				switch {
				case refusal != nil || patterns.BuiltinOf(w.Info, n) != "close":
				case w.Free && w.closesAlone(n):
					w.assume(S7, n.Pos(), "%s is now closed without %s. Is it true that nothing else under that lock uses it?", types.ExprString(n.Args[0]), w.Section.Lock)
				case !w.localChan(n.Args[0]):
					refusal = Refuse(S7, "closed-unlocked", n.Pos(), "the channel would be closed without the lock: others may send on it or close it at the same time")
				}
			}
			return true
		})
	}
	if refusal == nil {
		w.askSends()
	}
	for _, o := range w.Finding.Ops {
		if refusal == nil && o.Category == "chan" && o.Effect == "write" && len(o.Path) > 0 && !w.has(S7) {
			w.assume(S7, o.Pos(), "%s sends on a channel. Is it true that nobody closes it meanwhile?", o.Path[0].Func)
		}
	}
	for _, v := range w.guardedValues() {
		if v.own || refsOf(v.typ, 0) != chanRef {
			continue
		}
		for _, g := range slices.DeleteFunc(slices.Clone(v.from), w.detached) {
			sharing := w.Program.SharingOf(w.packageOf(g), g)
			if a := sharing.Changed(func(a *patterns.Access) bool { return !w.contains(a) && a.Under(w.Section.LockVar()) }); a != nil {
				w.ask(oldValue, "", S7, v.pos, "%s is replaced at %s. May the old channel still be used?", v.name, w.line(a.Pos()))
			}
		}
	}
	if refusal == nil && !w.has(S7) {
		w.proved(S7, "no channel that the window sends on is closed under the lock")
	}
	return refusal
}

// closesAlone reports whether a call is a whole statement of the window that
// closes a channel which the lock does not guard.
func (w *Window) closesAlone(c *ast.CallExpr) bool {
	st, ok := w.parents[c].(*ast.ExprStmt)
	return ok && slices.Contains(w.Stmts, ast.Stmt(st)) && w.loneClose(st)
}

func (w *Window) localChan(e ast.Expr) bool {
	p, ok := patterns.PathOf(w.Info, e)
	return ok && len(p.Fields) == 0 && !p.Global() && !w.Unit.Captured(p.Root)
}

// closedChan finds a close of a channel of the same variable or, for a channel
// taken from a container, of the same type.
func (w *Window) closedChan(ch ast.Expr) (token.Pos, bool) {
	var v *types.Var
	if p, ok := patterns.PathOf(w.Info, ch); ok {
		v = p.Last()
	}
	t := w.Info.TypeOf(ch)
	for _, c := range w.Program.ChannelCloses(w.Pkg) {
		arg := c.Call.Args[0]
		if c.Unit.Pkg == w.Pkg && w.Program.Apart(w.Pkg, arg, ch) {
			continue
		}
		if p, ok := patterns.PathOf(c.Unit.Pkg.Info, arg); ok && v != nil && (v.IsField() || p.Last() == v) && p.Last().IsField() {
			if p.Last() == v || sameElem(p.Last().Type(), v.Type()) && w.sameChannel(p.Last(), v) {
				return c.Call.Pos(), true
			}
			continue
		}
		if ct := c.Unit.Pkg.Info.TypeOf(arg); ct != nil && t != nil && sameElem(ct, t) {
			return c.Call.Pos(), true
		}
	}
	return token.NoPos, false
}

// sameElem reports whether two types are those of channels of the same elements.
func sameElem(a, b types.Type) bool {
	ca, ok1 := a.Underlying().(*types.Chan)
	cb, ok2 := b.Underlying().(*types.Chan)
	return ok1 && ok2 && types.Identical(ca.Elem(), cb.Elem())
}
