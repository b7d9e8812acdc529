package extract

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Extractions finds the guarded reads of the window that can be made before it: whole selectors
// such as s.url whose evaluation cannot fail. While the lock was held throughout, nobody could
// change them in between, so an early read gets the same value.
func Extractions(s *site.Site, window []ast.Stmt) []Extraction {
	var out []Extraction
	changes, ranged := changesIn(s, window), rangedElements(s, window)
	for _, e := range Selections(s, window) {
		if s.Detach.Has(e) || slices.ContainsFunc(ranged, func(ix *ast.IndexExpr) bool { return ix.X == e }) {
			continue
		}
		if guardedRead(s, e) == nil || !extractable(s, e) || followed(s, e) || slices.ContainsFunc(changes, func(a *guards.Access) bool { return syntax.Within(a.Node, e) }) {
			continue
		}
		p, _ := patterns.PathOf(s.Info, e)
		i := slices.IndexFunc(out, func(x Extraction) bool { return !x.Part && x.Path.String() == p.String() && x.Path.Root == p.Root })
		if i < 0 {
			out = append(out, Extraction{Path: p})
			i = len(out) - 1
		}
		out[i].Uses = append(out[i].Uses, e)
		out[i].Cloned = s.Cloning && !s.Detach.Empties(p) && syntax.RefsOf(p.Last().Type(), 0) == syntax.Aliasing && behaviour.StorageChange(s, p.Last()) != nil
	}
	return append(lengthExtractions(s, out, window), elementExtractions(s, window)...)
}

// followed reports whether an expression is a pointer that is dereferenced right there, to
// something that a section changes. Then the value to extract is what it points to.
func followed(s *site.Site, e ast.Expr) bool {
	star, ok := s.Parents[e].(*ast.StarExpr)
	if !ok {
		return false
	}
	_, isStruct := syntax.StructOf(s.Info.TypeOf(star))
	p, ok := patterns.PathOf(s.Info, e)
	return ok && !isStruct && behaviour.StorageChange(s, p.Last()) != nil
}

// changesIn lists the accesses in the statements that change something.
func changesIn(s *site.Site, list []ast.Stmt) []*guards.Access {
	var out []*guards.Access
	for _, st := range list {
		out = append(out, slices.DeleteFunc(guards.AccessesIn(s.Unit, st), func(a *guards.Access) bool {
			return a.Kind == guards.Read || s.Detach.Has(a.Node) || a.Alias && s.Detach.Empties(a.Path)
		})...)
	}
	return out
}

// NameOf returns the name of the variable that holds an extracted value.
func NameOf(s *site.Site, x Extraction) string {
	if x.Pointee {
		return s.ValueName("*"+s.Source(x.Uses[0]), elementName(s.Info.TypeOf(x.Uses[0])))
	}
	if x.Acts {
		return s.ValueName(s.Source(x.Uses[0])+"#"+strconv.Itoa(int(x.Uses[0].Pos())), operandName(s, x.Uses[0]))
	}
	if x.Operand {
		return s.ValueName(s.Source(x.Uses[0]), operandName(s, x.Uses[0]))
	}
	key, base := x.Path.String(), x.Path.Last().Name()
	if n := len(x.Path.Fields); n > 1 && len(base) == 1 {
		base = x.Path.Fields[n-2].Name() // s.peers.m holds the peers
	}
	if x.Part {
		key = types.ExprString(x.Uses[0])
	}
	if x.Part && !x.Cloned && !x.Entry {
		base = partName(s, x.Uses[0])
	}
	if k := x.RangedKey(s); k != nil {
		base = "keys"
		if len(k.Name) > 2 {
			base = syntax.Plural(k.Name)
		}
	}
	return s.ValueName(key, base)
}

// Selections lists the largest variables and field selectors that statements only read, outside
// of function literals: they are not assigned to, and their address is not taken.
func Selections(s *site.Site, list []ast.Stmt) []ast.Expr {
	return selections(s, list, syntax.InspectOuter)
}

// SelectionsRun is [Selections] with those in function literals, except where the literal runs in
// a goroutine of its own, which uses them without the lock anyway.
//
//	peers := s.peers
//	return retry(func() error { return send(peers[key]) })
func SelectionsRun(s *site.Site, list []ast.Stmt) []ast.Expr {
	return selections(s, list, func(n ast.Node, f func(ast.Node) bool) { syntax.InspectRun(s.Info, n, f) })
}

func selections(s *site.Site, list []ast.Stmt, inspect func(ast.Node, func(ast.Node) bool)) []ast.Expr {
	var out []ast.Expr
	for _, st := range list {
		inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				return !isLength(s, n)
			case *ast.SelectorExpr:
				if _, ok := patterns.PathOf(s.Info, n); ok {
					if isValue(s, n) {
						out = append(out, n)
					}
					return false
				}
			case *ast.Ident:
				if v, ok := s.Info.Uses[n].(*types.Var); ok && !v.IsField() && isValue(s, n) {
					out = append(out, n)
				}
			}
			return true
		})
	}
	return out
}

// extractable reports whether e can be evaluated before the window: it starts at the root of the
// lock or at a package-level variable, and no pointer on the way can be nil.
func extractable(s *site.Site, e ast.Expr) bool {
	if !ExtractableRoot(s, e) {
		return false
	}
	if sel, ok := s.Parents[e].(*ast.SelectorExpr); ok { // a method may change the value in place
		if m := s.Info.Selections[sel]; m != nil && m.Kind() == types.MethodVal {
			_, ptrRecv := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
			_, ptr := s.Info.TypeOf(e).Underlying().(*types.Pointer)
			if ptrRecv && !ptr {
				return false
			}
		}
	}
	if ix, ok := s.Parents[e].(*ast.IndexExpr); ok && ix.X == e && !s.InLoop(ix) {
		return false // only an element is needed, not the whole map or slice
	}
	if r, ok := s.Parents[e].(*ast.RangeStmt); ok && r.X == e && !s.Cloning {
		return false
	}
	return !HoldsLock(s.Info.TypeOf(e))
}
