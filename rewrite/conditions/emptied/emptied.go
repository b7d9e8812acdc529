// Package emptied is the part of S4 about what is filled after a repeated test. The test notices
// that another caller has filled it meanwhile, but not that somebody has emptied it, or put
// other contents there for other keys: the result may be older than that.
//
//	if v, ok := c.values[k]; ok { return v }
//	v := load(k)                    // meanwhile: the source changes, and delete(c.values, k)
//	if v, ok := c.values[k]; ok { return v }
//	c.values[k] = v                 // the old value, for good
package emptied

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// FilledLate handles a change after the window of a variable that is tested again before.
func FilledLate(w *move.Window, t *site.Touch) {
	v := t.Access.Var
	if syntax.Empties(t.Access) {
		return
	}
	sharing := guards.SharingOf(w.Program, w.PackageOf(v), v)
	for _, a := range sharing.Accesses {
		if a.Kind.Changes() && w.OfOthers(a) && !noticed(w, a) && !shutWith(w, t, a) {
			w.Emptied = append(w.Emptied, move.ChangedToo{Touch: t, Other: a})
		}
	}
	if t.Access.Kind == guards.Write && slices.ContainsFunc(w.PreTouches.List, func(p *site.Touch) bool { return p.Access.Var == v && looksUp(w, p.Access) }) {
		w.Later = append(w.Later, t) // the test is about one key, the change about all
	}
}

// noticed reports whether a repeated test tells that a variable has changed: another entry
// was put into a map, or another value into a variable.
func noticed(w *move.Window, a *guards.Access) bool {
	if syntax.Empties(a) {
		return false
	}
	if syntax.IsSlice(a.Var.Type()) && a.Kind == guards.Write {
		return syntax.Appends(a) // or else elements may be gone
	}
	if !syntax.IsMapType(a.Var.Type()) {
		return true
	}
	return a.Kind == guards.Content && looksUp(w, a)
}

// shutWith reports whether whoever empties a variable has also set a flag, which stays set and at
// which a repeated test leaves:
//
//	c.closed = true
//	c.conn = nil
func shutWith(w *move.Window, t *site.Touch, a *guards.Access) bool {
	if w.Recheck == nil || !syntax.Empties(a) || !isField(t.Access.Path) || !isField(a.Path) {
		return false
	}
	for _, flag := range leavesAt(w, t.Access.Path.Root) {
		changes := slices.DeleteFunc(slices.Clone(guards.SharingOf(w.Program, w.PackageOf(flag), flag).Accesses), func(o *guards.Access) bool { return !o.Kind.Changes() || o.Fresh })
		stays := !w.PackageOf(flag).UsedInOtherBuilds(flag) && !slices.ContainsFunc(changes, func(o *guards.Access) bool {
			value := behaviour.FlagSet(o)
			return value == nil || !constant.BoolVal(value)
		})
		if stays && slices.ContainsFunc(changes, func(o *guards.Access) bool { return setFirst(w, o, a) }) {
			return true
		}
	}
	return false
}

// isField reports whether a path leads to a field of a variable.
func isField(p patterns.Path) bool { return p.Root != nil && len(p.Fields) == 1 }

// leavesAt lists the flags of an object at which a repeated test leaves if they are set.
func leavesAt(w *move.Window, of *types.Var) []*types.Var {
	var flags []*types.Var
	var add func(e ast.Expr)
	add = func(e ast.Expr) {
		e = ast.Unparen(e)
		if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LOR {
			add(b.X)
			add(b.Y)
			return
		}
		if p, ok := patterns.PathOf(w.Info, e); ok && isField(p) && p.Root == of && syntax.IsBool(w.Info.TypeOf(e)) {
			flags = append(flags, p.Last())
		}
	}
	for _, st := range w.Recheck.Tests {
		if ifs, ok := st.(*ast.IfStmt); ok && syntax.Terminates(w.Info, ifs.Body) {
			add(ifs.Cond)
		}
	}
	return flags
}

// setFirst reports whether a flag is set in the same function, of the same object, in a
// statement before the one that empties a variable, or around that.
func setFirst(w *move.Window, flag, empties *guards.Access) bool {
	root := empties.Path.Root
	if flag.Unit != empties.Unit || !isField(flag.Path) || flag.Path.Root != root || flag.Pos() > empties.Pos() || flag.Unit.Assigned(root, flag.Unit.Body.List) {
		return false
	}
	parents := w.ParentsIn(flag.Unit)
	n := parents[flag.Node]
	for ; n != nil; n = parents[n] {
		if block, ok := n.(*ast.BlockStmt); ok {
			return syntax.Within(empties.Node, block)
		}
		if _, plain := n.(*ast.AssignStmt); !plain {
			if _, expr := n.(ast.Expr); !expr {
				return false
			}
		}
	}
	return false
}

// looksUp reports whether an access is to an entry of a map.
func looksUp(w *move.Window, a *guards.Access) bool {
	return syntax.IsMapType(a.Var.Type()) && syntax.Indexed(w.ParentsIn(a.Unit), a.Node) != nil
}

// OlderStays asks about a variable that is emptied during the call.
const OlderStays = "%s, and a call that began before that stores its result after it. Is it fine if the result of an older call stays?"

// Ask asks about what [FilledLate] found.
func Ask(w *move.Window) {
	type how struct{ verb, name string }
	lines := make(map[how][]string)
	var order []how
	for _, c := range w.Emptied {
		h := how{"is replaced", c.Touch.Name()}
		switch {
		case syntax.Deletes(c.Other):
			h = how{"are removed", "entries of " + c.Touch.Name()}
		case syntax.Empties(c.Other):
			h.verb = "is emptied"
		case syntax.IsSlice(c.Other.Var.Type()):
			h.verb = "is changed"
		}
		if !slices.Contains(order, h) {
			order = append(order, h)
		}
		if l := w.Line(c.Other.Pos()); !slices.Contains(lines[h], l) {
			lines[h] = append(lines[h], l)
		}
	}
	var clauses []string
	for _, h := range order {
		clauses = append(clauses, h.name+" "+h.verb+" at "+site.JoinPlaces(lines[h]))
	}
	if len(clauses) > 0 {
		text := strings.Join(clauses, ", ")
		if rest, ok := strings.CutPrefix(text, "entries"); ok {
			text = "Entries" + rest
		}
		w.Ask(safety.OlderStays, order[0].name, safety.S4, w.Emptied[0].Touch.Access.Pos(), OlderStays, text)
	}
}
