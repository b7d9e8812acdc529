package locks

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/cfg"

	"github.com/letgo-dev/letgo/patterns/statements"
)

// A Rest is what may still run in a section after one of its nodes.
type Rest struct {
	Nodes  []ast.Node      // of the graph, in source order; the node itself if it may run again
	Ends   []*ast.CallExpr // the explicit releases that can be reached, in source order
	Open   bool            // the end of the function can be reached, or a panic, before a release
	Defers []*ast.CallExpr // deferred calls that run before a deferred release of the section
}

// Repeats reports whether the node n is part of the rest.
func (r Rest) Repeats(n ast.Node) bool { return slices.Contains(r.Nodes, n) }

// After returns what may still run in the section after the graph node n, up to the
// releases of the lock.
func (s *Section) After(n ast.Node) Rest { return s.AfterUntil(n, nil) }

// AfterUntil is After, stopping at the nodes for which stop holds.
func (s *Section) AfterUntil(n ast.Node, stop func(ast.Node) bool) Rest {
	var r Rest
	f := Flows.Of(s.Unit)
	seen := make(map[NodeRef]bool)
	var follow func(block int32, from int)
	follow = func(block int32, from int) {
		b := f.Graph.Blocks[block]
		for i := from; i < len(b.Nodes); i++ {
			ref := NodeRef{block, i}
			if seen[ref] {
				return
			}
			seen[ref] = true
			if call, ok := s.releasedBy(ref); ok {
				r.Ends = append(r.Ends, call)
				return
			}
			if !s.Refs[ref] {
				return
			}
			if stop != nil && stop(b.Nodes[i]) {
				return
			}
			r.Nodes = append(r.Nodes, b.Nodes[i])
		}
		if len(b.Nodes) == 0 {
			ref := NodeRef{block, -1}
			if seen[ref] {
				return
			}
			seen[ref] = true
		}
		r.Open = r.Open || len(b.Succs) == 0
		for _, next := range b.Succs {
			follow(next.Index, 0)
		}
	}
	for _, b := range f.Graph.Blocks {
		for i, m := range b.Nodes {
			if m == n && b.Live {
				follow(b.Index, i+1)
			}
		}
	}
	r.Defers = s.deferredUnder()
	slices.SortFunc(r.Nodes, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	slices.SortFunc(r.Ends, func(a, b *ast.CallExpr) int { return int(a.Pos() - b.Pos()) })
	r.Nodes, r.Ends = slices.Compact(r.Nodes), slices.Compact(r.Ends)
	return r
}

// releasedBy returns the explicit release at a node of the graph.
func (s *Section) releasedBy(ref NodeRef) (*ast.CallExpr, bool) {
	if !s.Ends[ref] {
		return nil, false
	}
	st, ok := Flows.Of(s.Unit).Graph.Blocks[ref.Block].Nodes[ref.Node].(*ast.ExprStmt)
	if !ok {
		return nil, false
	}
	call, ok := ast.Unparen(st.X).(*ast.CallExpr)
	return call, ok
}

// deferredUnder lists the calls that the section defers: they run before its
// own deferred release.
func (s *Section) deferredUnder() []*ast.CallExpr {
	if _, ok := s.Deferred(); !ok {
		return nil
	}
	var calls []*ast.CallExpr
	for _, n := range s.Nodes {
		if d, ok := n.(*ast.DeferStmt); ok {
			calls = append(calls, d.Call)
		}
	}
	return calls
}

// RefAt finds the graph node in which a node of the unit begins to run.
func (f *Flow) RefAt(n ast.Node) (best NodeRef, ok bool) {
	if s, isSelect := n.(*ast.SelectStmt); isSelect {
		if n = statements.FirstComm(s); n == nil {
			return best, false
		}
	}
	if r, isRange := n.(*ast.RangeStmt); isRange { // it waits at the head of the loop
		for _, b := range f.Graph.Blocks {
			if b.Stmt == ast.Stmt(r) && b.Kind == cfg.KindRangeLoop {
				return NodeRef{b.Index, 0}, b.Live
			}
		}
		n = r.X
	}
	size := token.Pos(-1)
	for _, b := range f.Graph.Blocks {
		for i, m := range b.Nodes {
			if b.Live && m.Pos() <= n.Pos() && n.End() <= m.End() && (size < 0 || m.End()-m.Pos() < size) {
				best, ok, size = NodeRef{b.Index, i}, true, m.End()-m.Pos()
			}
		}
	}
	return best, ok
}

// Steps lists the nodes that run right after a node, or right before it. A block
// without nodes is represented by its node 0.
func (f *Flow) Steps(ref NodeRef, forward bool) []NodeRef {
	b := f.Graph.Blocks[ref.Block]
	var refs []NodeRef
	switch {
	case forward && ref.Node+1 < len(b.Nodes):
		return []NodeRef{{b.Index, ref.Node + 1}}
	case forward:
		for _, n := range b.Succs {
			refs = append(refs, NodeRef{n.Index, 0})
		}
	case ref.Node > 0:
		return []NodeRef{{b.Index, ref.Node - 1}}
	default:
		for _, n := range f.Graph.Blocks {
			if n.Live && slices.Contains(n.Succs, b) {
				refs = append(refs, NodeRef{n.Index, max(0, len(n.Nodes)-1)})
			}
		}
	}
	return refs
}
