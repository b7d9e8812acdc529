package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A SameEntry is a test that code under the lock after the window gets, because it deletes an
// entry that was found before the window. By then the entry may have been removed, and what is
// counted with it, or replaced:
//
//	for name, c := range clients {
//		if _, err := c.conn.Write(b); err != nil {
//			h.mu.Lock()
//			if h.clients[name] == c {
//				delete(h.clients, name)
//				h.active--
//			}
//			h.mu.Unlock()
//		}
//	}
type SameEntry struct {
	Test  string          // h.clients[name] == c
	ByKey bool            // the key is the object: it is enough that the entry is there
	Stmts []ast.Stmt      // what runs if it holds
	Found *ast.AssignStmt // the lookup before the window; nil for a loop over a copy
	Map   ast.Expr        // the map, in the delete call
}

// SameEntryFor returns the test that a delete after the window gets, without its statements, or
// nil if nothing tells whether the entry is still the same.
func (w *Window) SameEntryFor(del *ast.CallExpr) *SameEntry {
	m, key := del.Args[0], del.Args[1]
	loop, keyBody := w.loopWithKey(del), w.Unit.Body.List
	if loop != nil {
		keyBody = loop.Body.List // the key is a variable of the loop
	}
	if !behaviour.SameThroughout(w.Site, key, keyBody) || behaviour.Touches(w.Site, m).Guarded() == nil || w.testsEntry(del) {
		return nil
	}
	e, at := &SameEntry{Map: m}, types.ExprString(m)+"["+types.ExprString(key)+"]"
	var v *ast.Ident // holds the entry as it was before the window
	if loop == nil {
		v = w.foundAt(del, e)
	} else if v, _ = loop.Value.(*ast.Ident); v == nil || v.Name == "_" {
		if !isIdentity(w.Info.TypeOf(key)) {
			return nil // another entry may have the same key
		}
		ok := w.FreshName("ok")
		e.ByKey, e.Test = true, "_, "+ok+" := "+at+"; "+ok
		return e
	} else if w.Unit.Assigned(syntax.VarOf(w.Info, v), keyBody) {
		return nil
	}
	if v == nil || !w.holdsEntry(v, del.Pos()) {
		return nil
	}
	e.Test = at + " == " + v.Name
	return e
}

// loopWithKey returns the loop over a copy of the map whose key a delete call uses, or nil.
func (w *Window) loopWithKey(del *ast.CallExpr) *ast.RangeStmt {
	key, ok := ast.Unparen(del.Args[1]).(*ast.Ident)
	for n := ast.Node(del); ok && n != nil; n = w.Parents[n] {
		loop, isLoop := n.(*ast.RangeStmt)
		if !isLoop {
			continue
		}
		k, isIdent := loop.Key.(*ast.Ident)
		if isIdent && loop.Tok == token.DEFINE && w.Info.Uses[key] == w.Info.Defs[k] && w.Info.Defs[k] != nil && types.ExprString(loop.X) == types.ExprString(del.Args[0]) &&
			slices.ContainsFunc(w.Clones(), func(x extract.Extraction) bool { return slices.Contains(x.Uses, loop.X) }) {
			return loop
		}
	}
	return nil
}

// foundAt returns the variable that holds the entry that a delete call deletes, as a lookup
// before the window found it, or nil. It records the lookup.
func (w *Window) foundAt(del *ast.CallExpr, e *SameEntry) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || found != nil || as.End() > del.Pos() || as.Tok != token.DEFINE || len(as.Rhs) != 1 || !w.InStmts(as, w.Pre) {
			return found == nil
		}
		ix, isIndex := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
		id, isIdent := as.Lhs[0].(*ast.Ident)
		if !isIndex || !isIdent || !syntax.DeletesEntry(del, ix) {
			return true
		}
		v := syntax.VarOf(w.Info, id)
		if v != nil && (w.Unit.DefinedOnce(v) != nil || w.Unit.LookedUpOnce(v) != nil) && !w.Unit.Addressed(v) && !w.Unit.Captured(v) {
			found, e.Found = id, as
		}
		return true
	})
	return found
}

// holdsEntry reports whether a variable, by its name, can be compared with the entry at a
// position to tell whether that is still the same object.
func (w *Window) holdsEntry(id *ast.Ident, at token.Pos) bool {
	v := syntax.VarOf(w.Info, id)
	return v != nil && isIdentity(v.Type()) && syntax.MeansAt(w.Pkg.Types, v, at)
}

// isIdentity reports whether two values of a type that are equal are the same object.
func isIdentity(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Chan, *types.Interface:
		return identifiable(t)
	}
	return false
}

// testsEntry reports whether a test around a delete call after the window looks at the map
// itself.
func (w *Window) testsEntry(del *ast.CallExpr) bool {
	path, ok := patterns.PathOf(w.Info, del.Args[0])
	for n := ast.Node(del); ok && n != nil && n != ast.Node(w.Unit.Body); n = w.Parents[n] {
		ifs, isIf := n.(*ast.IfStmt)
		if !isIf || !w.InStmts(ifs, w.Post) {
			continue
		}
		looks := []ast.Node{ifs.Cond}
		if ifs.Init != nil {
			looks = append(looks, ifs.Init)
		}
		if slices.ContainsFunc(behaviour.Touches(w.Site, looks...).List, func(t *site.Touch) bool { return t.Access.Var == path.Last() }) {
			return true
		}
	}
	return !ok
}

// RunsForSame reports whether a node runs only along with the deletion of an entry that is still
// the same: the second of two callers does not find it any more.
func (w *Window) RunsForSame(n ast.Node) bool {
	return slices.ContainsFunc(w.Same, func(e *SameEntry) bool { return w.InStmts(n, e.Stmts) })
}

// OnlyChangesSame reports whether everything that the section changes after the window is changed
// only if an entry is still the same.
func (w *Window) OnlyChangesSame() bool {
	return len(w.Same) > 0 && !slices.ContainsFunc(behaviour.GuardedChanges(w.PostTouches), func(t *site.Touch) bool {
		return !w.RunsForSame(t.Access.Node)
	})
}

// FindsSame reports whether a node is in the lookup of an entry that is compared after the
// window, where nothing else is changed.
func (w *Window) FindsSame(n ast.Node) bool {
	return w.OnlyChangesSame() && slices.ContainsFunc(w.Same, func(e *SameEntry) bool { return e.Found != nil && syntax.Within(n, e.Found) })
}

// UsedForSame reports whether a statement after the window uses a variable only where the entry
// that the variable holds is still the same.
func (w *Window) UsedForSame(v *types.Var, st ast.Stmt) bool {
	return len(w.Same) > 0 && !slices.ContainsFunc(usesIn(w.Site, v, st), func(id *ast.Ident) bool {
		return !slices.ContainsFunc(w.Same, func(e *SameEntry) bool { return w.InStmts(id, e.Stmts) && w.finds(e, v) })
	})
}

// testsFound reports whether a condition looks only at what the lookups of entries found that
// are compared after the window, where nothing else is changed.
func (w *Window) testsFound(cond ast.Expr) bool {
	return w.OnlyChangesSame() && w.looksOnlyAt(cond, func(v *types.Var, _ *ast.Ident) bool {
		return slices.ContainsFunc(w.Same, func(e *SameEntry) bool { return w.finds(e, v) })
	})
}

// finds reports whether the lookup of an entry before the window sets a variable.
func (w *Window) finds(e *SameEntry, v *types.Var) bool {
	return e.Found != nil && Reassigned(w.Site, v, []ast.Stmt{e.Found})
}

// ComparesEntry reports whether a delete call after the window deletes only an entry that is
// still the same.
func (w *Window) ComparesEntry(del *ast.CallExpr) bool {
	return slices.ContainsFunc(w.Same, func(e *SameEntry) bool {
		return w.InStmts(del, e.Stmts) && types.ExprString(e.Map) == types.ExprString(del.Args[0])
	})
}
