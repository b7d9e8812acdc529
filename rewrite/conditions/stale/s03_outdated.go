package stale

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// AskOutdated is the part of S3 about the call itself: it is made with a value that
// another section may have replaced since. Before, nobody could be told that the value
// is replaced and then still see the call made with the old one. It asks nothing if
// another question is already about the same, or if the value only says how long to
// sleep.
func AskOutdated(w *move.Window) *safety.Refusal {
	if AsksAny(w, safety.S3, safety.S6, safety.S8) || onlySleeps(w) {
		return nil
	}
	values := w.GuardedValues()
	slices.SortStableFunc(values, func(a, b move.UsedValue) int { // what a call gets says most
		return cmp.Compare(outsideCalls(w, a), outsideCalls(w, b))
	})
	for i, v := range values {
		if v.Taken || guards.SelfSynchronised(v.Typ) {
			continue
		}
		if order.IsOnlyOperated(w, v) && AsksAny(w, safety.S7) {
			continue // about the old channel
		}
		for _, g := range v.From {
			if Outdated(w, g, v.Pos, v.Name) {
				askDeferred(w, v, values[i+1:])
				return nil
			}
		}
	}
	return nil
}

// askDeferred asks about values that deferred calls use, which run after the wait, unless they
// come from what a question about the call is about.
//
//	n := len(s.items)
//	defer func() { log.Print(n) }()
//	http.Get(s.url)
func askDeferred(w *move.Window, asked move.UsedValue, values []move.UsedValue) {
	for _, v := range values {
		deferred := func(d *ast.DeferStmt) bool { return syntax.Mentions(w.Info, d, v.Of) }
		if v.Taken || v.Of == nil || !slices.ContainsFunc(w.WithDeferred(), func(st ast.Stmt) bool { return syntax.HasOuter(st, deferred) }) {
			continue
		}
		for _, g := range v.From {
			if change := guards.SharingOf(w.Program, w.PackageOf(g), g).Changed(w.OfOthers); change != nil && !slices.Contains(asked.From, g) && !w.Detached(g) {
				w.Assume(safety.S3, v.Pos, "%s comes from %s, read before the call, and is used after it. Is it fine if it is out of date by then?", v.Name, g.Name())
				return
			}
		}
	}
}

// outsideCalls is 0 for a value that stands in a call that waits, otherwise 1.
func outsideCalls(w *move.Window, v move.UsedValue) int {
	if slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return o.Node.Pos() <= v.Pos && v.Pos < o.Node.End() }) {
		return 0
	}
	return 1
}

// Outdated asks about a value that comes from a variable which another section changes,
// and reports whether one does.
func Outdated(w *move.Window, g *types.Var, pos token.Pos, name string) bool {
	if w.Detached(g) {
		return false
	}
	change := guards.SharingOf(w.Program, w.PackageOf(g), g).Changed(w.OfOthers)
	if change == nil {
		return false
	}
	w.Assume(safety.S3, pos, "%s can change at %s before the call is over. Is a call with the old value fine?", ThatComesFrom(name, g), w.Line(change.Pos()))
	return true
}

// ThatComesFrom begins a sentence about the variable that a value comes from, unless
// the value's name says it: "s.url", "u comes from url, which".
func ThatComesFrom(name string, g *types.Var) string {
	switch {
	case name == g.Name() && g.IsField(): // and of a local variable
		return "the field " + name
	case saysOrigin(name, g.Name()):
		return name
	}
	return syntax.Shortened(name) + " comes from " + g.Name() + ", which"
}

// ChangedAt names a value and where the variable changes that it comes from: "s.url
// (changed at line 3)", "u, which comes from url (changed at line 3)".
func ChangedAt(name string, g *types.Var, line string) string {
	if !saysOrigin(name, g.Name()) {
		name = syntax.Shortened(name) + ", which comes from " + g.Name()
	}
	return name + " (changed at " + line + ")"
}

// NamesOrigin reports whether ChangedAt has made a text about a variable.
func NamesOrigin(text, variable string) bool {
	name, _, _ := strings.Cut(text, " (changed at ")
	return saysOrigin(name, variable) || strings.HasSuffix(name, ", which comes from "+variable)
}

// saysOrigin reports whether the name of a value says which variable it comes from.
func saysOrigin(name, variable string) bool {
	return name == variable || strings.HasSuffix(name, "."+variable)
}

// AsksAny reports whether one of the conditions is assumed, other than about the order
// in which the code around the call runs.
func AsksAny(w *move.Window, conditions ...safety.Condition) bool {
	return slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && o.About != safety.RunsFirst && slices.ContainsFunc(conditions, o.Answers)
	})
}

// onlySleeps reports whether all that the section waits for is that time passes.
func onlySleeps(w *move.Window) bool {
	return !slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Category != "sleep" })
}
