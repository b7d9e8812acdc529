package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Effectful reports whether a call in the unit may have an effect that others can observe: it
// changes shared state (under any lock), sends, receives, starts a goroutine, or calls a
// function whose code letgo cannot see and that is not known to be free of effects.
func Effectful(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	tv := info.Types[c.Fun]
	switch {
	case tv.IsType():
		return false
	case tv.IsBuiltin():
		return patterns.BuiltinOf(info, c) == "close" // changes by other builtins are accesses
	case patterns.IsLockCall(info, c), HasNoEffect(s, from, c), s.LogsAreNone && syntax.IsLogCall(info, c):
		return false
	}
	fn := patterns.CalleeOf(info, c)
	if fn != nil && fn.Pkg() != nil && (known.AtomicPackage(fn.Pkg().Path()) || fn.Pkg().Path() == "sync") {
		return !s.MemoryIsNone || fn.Pkg().Path() == "sync"
	}
	callees, known := s.Program.Callees(from, c)
	if !known || len(callees) == passedOn(s, info, c) {
		return true
	}
	for _, u := range callees {
		if effectfulUnit(s, u) {
			return true
		}
	}
	return false
}

// OnlyCounts reports whether the only effect of a call that others can observe is to count
// something that no decision depends on, like hits or misses.
func OnlyCounts(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	t := *s
	t.Effects, t.CountsAreNone = make(map[*patterns.Unit]bool), true
	return !Effectful(&t, from, c)
}

// Logs reports whether a call writes to the program's log, and others can observe nothing else of
// it: it is one of a logging package of the standard library, or of a function around one.
func Logs(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	if syntax.IsLogCall(from.Pkg.Info, c) {
		return true
	}
	if !Effectful(s, from, c) {
		return false
	}
	t := *s
	t.Effects, t.LogsAreNone = make(map[*patterns.Unit]bool), true
	return !Effectful(&t, from, c)
}

// OnlyUsesMemory reports whether a node only reads and changes variables: neither the node nor a
// function that it calls sends, receives, starts a goroutine, or calls an unknown function that
// may do so.
func OnlyUsesMemory(s *site.Site, u *patterns.Unit, n ast.Node) bool {
	t := *s
	t.Effects, t.MemoryIsNone = make(map[*patterns.Unit]bool), true
	only := !sendsOrStarts(n)
	eachCallIn(s, n, func(c *ast.CallExpr) { only = only && !Effectful(&t, u, c) })
	return only
}

// sendsOrStarts reports whether a node itself sends, receives, or starts a goroutine.
func sendsOrStarts(n ast.Node) bool {
	return syntax.HasOuter(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
			return true
		case *ast.UnaryExpr:
			return n.Op == token.ARROW
		}
		return false
	})
}

// passedOn counts the functions of the loaded packages among a call's arguments. A call that has
// no other known callees also calls something unknown.
func passedOn(s *site.Site, info *types.Info, c *ast.CallExpr) int {
	n := 0
	for _, a := range c.Args {
		n += len(s.Program.ValueUnits(info, a))
	}
	return n
}

// ofItself reports whether a function accesses one of its own local variables, which are new in
// every call.
func ofItself(s *site.Site, a *guards.Access, u *patterns.Unit) bool {
	return !a.Var.IsField() && a.Var.Parent() != a.Var.Pkg().Scope() && u.Declares(a.Var)
}

// effectfulUnit is Effectful for the body of a function and everything it calls.
func effectfulUnit(s *site.Site, u *patterns.Unit) bool {
	if known, ok := s.Effects[u]; ok {
		return known // false while in progress: a recursive call adds nothing
	}
	s.Effects[u] = false
	found := u.Body == nil
	for _, a := range guards.OwnAccesses(s.Program, u) {
		if guards.SelfSynchronised(a.Var.Type()) && !a.Alias && a.Kind != guards.Write {
			continue // its methods count as calls
		}
		if s.CountsAreNone && OnlyCounted(s, a.Var) {
			continue
		}
		if (a.Kind.Changes() && !s.MemoryIsNone || a.Kind == guards.Close) && !a.Fresh && !OwnCopy(a) && !ofItself(s, a, u) {
			found = true
		}
	}
	found = found || u.Body != nil && sendsOrStarts(u.Body)
	for _, c := range u.Calls() {
		found = found || Effectful(s, u, c)
	}
	s.Effects[u] = found
	return found
}

// HasNoEffect reports whether a call of a function outside of the loaded packages has no effect,
// according to the table of known functions and to the code that it calls back: functions passed
// to it, and methods that print its operands.
func HasNoEffect(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	fn := patterns.CalleeOf(info, c)
	if fn == nil {
		return false
	}
	condition, ok := known.HasNoEffect(fn)
	switch {
	case !ok:
		return false
	case condition == known.Functions:
		return quietFunctions(s, from, c)
	case condition == known.Methods:
		return s.LogsAreNone || quietMethods(s, info, c) // a logger formats what it gets, too
	}
	return true
}

// inMemory are packages whose functions do nothing but read and arrange what they are given.
var inMemory = []string{"maps", "slices", "sort"}

// OnlyArranges reports whether a call of the standard library only changes the order or the
// elements of what it is given, and nobody else has that.
func OnlyArranges(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(from.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || !slices.Contains(inMemory, fn.Pkg().Path()) || !quietFunctions(s, from, c) || !quietMethods(s, from.Pkg.Info, c) {
		return false
	}
	return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
		t := from.Pkg.Info.TypeOf(a)
		return syntax.RefsOf(t, 0) != syntax.NoRefs && !syntax.IsFunction(t) && !s.Program.Owns(from.Pkg, a)
	})
}

// quietFunctions reports whether none of the functions passed to a call has an effect.
func quietFunctions(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	for _, a := range c.Args {
		if info.TypeOf(a) == nil {
			return false
		}
		if !syntax.IsFunction(info.TypeOf(a)) {
			continue
		}
		if call, ok := ast.Unparen(a).(*ast.CallExpr); ok && HasNoEffect(s, from, call) {
			continue // an iterator of the standard library
		}
		if id := syntax.IdentOf(a); id != nil {
			if fn, ok := info.Uses[id].(*types.Func); ok {
				if condition, ok := known.HasNoEffect(fn); ok && condition == known.Always {
					continue
				}
			}
		}
		units := s.Program.ValueUnits(info, a)
		if len(units) == 0 {
			return false
		}
		for _, u := range units {
			if effectfulUnit(s, u) {
				return false
			}
		}
	}
	return true
}
