package detach

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A map entry that the section ranges over and then deletes is deleted before the wait. What
// others add in the meantime goes into a new entry; a deletion after the wait would lose it.
//
//	subs := s.subs[topic]
//	delete(s.subs, topic)
//	s.mu.Unlock()
//
//	for _, c := range subs {
//		c <- event
//	}

// entryDetachment finds the deletion, after the waits, of an entry that is itself a map or
// slice. The section must use nothing else of the map, no other entry may be the same object,
// and nothing else in the package may hold it.
func entryDetachment(s *site.Site, last int) *site.Detachment {
	for _, st := range s.Body[last+1:] {
		e, ok := st.(*ast.ExprStmt)
		if !ok || patterns.BuiltinOf(s.Info, syntax.CallOf(e.X)) != "delete" {
			continue
		}
		c := syntax.CallOf(e.X)
		p, ok := patterns.PathOf(s.Info, c.Args[0])
		m, isMap := s.Info.TypeOf(c.Args[0]).Underlying().(*types.Map)
		if !ok || !isMap || syntax.RefsOf(m.Elem(), 0) != syntax.Aliasing || types.IsInterface(m.Key()) || !extract.ExtractableRoot(s, c.Args[0]) || behaviour.Touches(s, c.Args[0]).Guarded() == nil {
			continue
		}
		if entry := onlyEntry(s, c, p.Last(), st); entry != nil && behaviour.EntryIsAlone(s, p.Last(), m.Elem()) && behaviour.SameThroughout(s, c.Args[1], s.Unit.Body.List) {
			return &site.Detachment{Stmts: []ast.Stmt{st}, Paths: []patterns.Path{p}, Entry: entry}
		}
	}
	return nil
}

// onlyEntry returns the lookup of the entry that a call deletes, or nil if the section uses the
// map in any other way.
func onlyEntry(s *site.Site, deletes *ast.CallExpr, m *types.Var, st ast.Stmt) *ast.IndexExpr {
	var entry *ast.IndexExpr
	for _, o := range s.Body {
		if o == st {
			continue
		}
		for _, t := range behaviour.Touches(s, o).List {
			if t.Access.Var != m || t.Access.Alias && t.Via == nil {
				continue
			}
			ix, ok := s.Parents[s.Selected(t.Access.Node)].(*ast.IndexExpr)
			if !ok || t.Via != nil || t.Access.Kind.Changes() || !syntax.DeletesEntry(deletes, ix) {
				return nil
			}
			if entry != nil {
				return nil // a second lookup may find another entry
			}
			entry = ix
		}
	}
	return entry
}
