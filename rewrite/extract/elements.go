package extract

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// elementExtractions finds the elements of guarded maps that the window waits on or ranges over
// and that can be read before it.
func elementExtractions(s *site.Site, window []ast.Stmt) []Extraction {
	var out []Extraction
	for _, e := range append(elements(s, window), rangedElements(s, window)...) {
		p, _ := patterns.PathOf(s.Info, e.X)
		i := slices.IndexFunc(out, func(x Extraction) bool { return x.Part && types.ExprString(x.Uses[0]) == types.ExprString(e) })
		if i < 0 {
			taken := s.Detach.TakesEntry(e)
			out = append(out, Extraction{Path: p, Part: true, Entry: taken, Cloned: syntax.RefsOf(s.Info.TypeOf(e), 0) == syntax.Aliasing && !taken})
			i = len(out) - 1
		}
		out[i].Uses = append(out[i].Uses, e)
	}
	return out
}

// rangedElements lists the map and slice elements of guarded maps that a loop in the window
// ranges over, if they can be copied before the window: range m[k] with a key that stays the
// same.
func rangedElements(s *site.Site, window []ast.Stmt) []*ast.IndexExpr {
	if !s.Cloning {
		return nil
	}
	var out []*ast.IndexExpr
	for _, st := range window {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			ix, ok := n.(*ast.IndexExpr)
			if !ok {
				return true
			}
			r, ok := s.Parents[ix].(*ast.RangeStmt)
			if !ok || r.X != ix || syntax.RefsOf(s.Info.TypeOf(ix), 0) != syntax.Aliasing || s.Detach.Has(ix) {
				return true
			}
			m, isMap := s.Info.TypeOf(ix.X).Underlying().(*types.Map)
			if isMap && !types.IsInterface(m.Key()) && ExtractableRoot(s, ix.X) && guardedRead(s, ix.X) != nil && behaviour.SameThroughout(s, ix.Index, s.Body) {
				out = append(out, ix)
			}
			return true
		})
	}
	return out
}

// elements lists the elements of guarded maps that the window waits on, if they can be read
// before it: m[k].Wait() with a key that stays the same. Reading an element of a map cannot
// fail.
func elements(s *site.Site, window []ast.Stmt) []*ast.IndexExpr {
	var out []*ast.IndexExpr
	for _, o := range s.Finding.Ops {
		c, ok := o.Node.(*ast.CallExpr)
		if !ok || o.Deferred || !slices.ContainsFunc(window, func(st ast.Stmt) bool { return syntax.Within(c, st) }) {
			continue
		}
		sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		ix, ok := ast.Unparen(sel.X).(*ast.IndexExpr)
		if !ok || guardedRead(s, ix.X) == nil {
			continue
		}
		p, ok := patterns.PathOf(s.Info, ix.X)
		m, isMap := s.Info.TypeOf(ix.X).Underlying().(*types.Map)
		_, ptr := s.Info.TypeOf(ix).Underlying().(*types.Pointer)
		if ok && isMap && ptr && !types.IsInterface(m.Key()) && p.Root == s.Section.Lock.Root && behaviour.SameThroughout(s, ix.Index, window) {
			out = append(out, ix)
		}
	}
	return out
}

// lengthExtractions adds the lengths of guarded maps and slices that the window uses. If the
// elements are copied or taken out, it is the length of the copy or of what was taken out.
func lengthExtractions(s *site.Site, out []Extraction, window []ast.Stmt) []Extraction {
	for _, st := range window {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || !isLength(s, c) {
				return true
			}
			p, _ := patterns.PathOf(s.Info, c.Args[0])
			i := slices.IndexFunc(out, func(x Extraction) bool { return x.Path.Root == p.Root && x.Path.String() == p.String() })
			switch {
			case i < 0 && s.Detach.Empties(p):
				out = append(out, Extraction{Path: p, Uses: []ast.Expr{c.Args[0]}})
			case i < 0:
				out = append(out, Extraction{Path: p, Part: true, Uses: []ast.Expr{c}})
			case out[i].Part:
				out[i].Uses = append(out[i].Uses, c)
			default:
				out[i].Uses = append(out[i].Uses, c.Args[0])
			}
			return true
		})
	}
	return out
}

// isLength reports whether a call is len of a guarded map or slice and can be evaluated before
// the window.
func isLength(s *site.Site, c *ast.CallExpr) bool {
	if patterns.BuiltinOf(s.Info, c) != "len" || syntax.RefsOf(s.Info.TypeOf(c.Args[0]), 0) != syntax.Aliasing || s.Detach.Has(c.Args[0]) {
		return false
	}
	return ExtractableRoot(s, c.Args[0]) && guardedRead(s, c.Args[0]) != nil
}

// partName returns a name for an element of a map, or for a length.
func partName(s *site.Site, e ast.Expr) string {
	if c, length := e.(*ast.CallExpr); length {
		if s.Names == nil {
			s.Names = s.NamesInUse()
		}
		if !s.IsFree("n") {
			of := syntax.IdentOf(c.Args[0]).Name
			return "num" + strings.ToUpper(of[:1]) + of[1:]
		}
		return "n"
	}
	return elementName(s.Info.TypeOf(e))
}

// elementName returns a name for an element of a map, based on its type.
func elementName(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if strings.HasSuffix(n.Obj().Name(), "Mutex") {
			return "mu"
		}
		return n.Obj().Name()
	}
	return "v"
}
