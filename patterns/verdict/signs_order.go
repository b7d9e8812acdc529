package verdict

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// orderSigns weighs what the section does with the guarded state before and
// after the wait.
func (j *judging) orderSigns() {
	before, after := j.around()
	j.fillsMap(before, after)
	j.madeOnce(after)
}

// around lists the nodes of the section that may run before the main operation
// and those that may run after it, without the operation's own node.
func (j *judging) around() (before, after []ast.Node) {
	f := locks.Flows.Of(j.s.Unit)
	at, ok := f.RefAt(j.main.Node)
	if !ok {
		return nil, nil
	}
	return reach(j.s, at, false), reach(j.s, at, true)
}

// reach lists the nodes of the section that lie on paths from one of its nodes,
// or with forward unset on paths to it, in source order, that node left out.
// Paths end where the section ends.
func reach(s *locks.Section, from locks.NodeRef, forward bool) []ast.Node {
	f := locks.Flows.Of(s.Unit)
	seen := map[locks.NodeRef]bool{from: true}
	var out []ast.Node
	for todo := f.Steps(from, forward); len(todo) > 0; {
		ref := todo[0]
		todo = todo[1:]
		if seen[ref] {
			continue
		}
		seen[ref] = true
		if nodes := f.Graph.Blocks[ref.Block].Nodes; ref.Node < len(nodes) {
			if !s.Refs[ref] {
				continue
			}
			out = append(out, nodes[ref.Node])
		}
		todo = append(todo, f.Steps(ref, forward)...)
	}
	slices.SortStableFunc(out, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	return out
}

// fillsMap weighs a look into a guarded map before the wait and a change of it
// afterwards.
func (j *judging) fillsMap(before, after []ast.Node) {
	for _, n := range before {
		for _, a := range guards.AccessesIn(j.s.Unit, n) {
			if a.Kind != guards.Read || !j.guarded(a.Var) {
				continue
			}
			if _, isMap := a.Var.Type().Underlying().(*types.Map); !isMap || !looksUp(j.s.Unit, n, a.Var) {
				continue
			}
			if w := j.storedIn(after, a.Var); w != nil && w.Kind == guards.Content {
				j.see("fills-map", w.Pos(), "%s is looked up before the wait and changed after it: one lock for all keys", a.Var.Name())
				return
			}
		}
	}
}

// looksUp reports whether a node reads an element of the map.
func looksUp(u *patterns.Unit, n ast.Node, m *types.Var) bool {
	found := false
	ast.Inspect(n, func(k ast.Node) bool {
		if ix, ok := k.(*ast.IndexExpr); ok {
			p, ok := patterns.PathOf(u.Pkg.Info, ix.X)
			found = found || ok && p.Last() == m
		}
		return !found
	})
	return found
}

func (j *judging) storedIn(nodes []ast.Node, v *types.Var) *guards.Access {
	for _, n := range nodes {
		for _, a := range guards.AccessesIn(j.s.Unit, n) {
			if a.Var == v && (a.Kind == guards.Write || a.Kind == guards.Content) {
				return a
			}
		}
	}
	return nil
}
