package storage

import (
	"cmp"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// order lists the functions of the package in groups, callees before callers;
// functions that call each other are one group (R. Tarjan, Depth-first search and
// linear graph algorithms, 1972).
func (m *Model) order() [][]*types.Func {
	t := &tarjan{m: m, index: make(map[*types.Func]int), low: make(map[*types.Func]int), on: make(map[*types.Func]bool)}
	for _, fn := range m.list {
		if t.index[fn] == 0 {
			t.visit(fn)
		}
	}
	return t.groups
}

type tarjan struct {
	m      *Model
	index  map[*types.Func]int // from 1
	low    map[*types.Func]int
	on     map[*types.Func]bool
	stack  []*types.Func
	groups [][]*types.Func
}

func (t *tarjan) visit(fn *types.Func) {
	t.index[fn] = len(t.index) + 1
	t.low[fn] = t.index[fn]
	t.stack, t.on[fn] = append(t.stack, fn), true
	t.m.calleesOf[fn] = t.m.callees(fn)
	for _, callee := range t.m.calleesOf[fn] {
		if t.index[callee] == 0 {
			t.visit(callee)
			t.low[fn] = min(t.low[fn], t.low[callee])
		} else if t.on[callee] {
			t.low[fn] = min(t.low[fn], t.index[callee])
		}
	}
	if t.low[fn] != t.index[fn] {
		return
	}
	i := slices.Index(t.stack, fn)
	group := slices.Clone(t.stack[i:])
	t.stack = t.stack[:i]
	for _, f := range group {
		t.on[f] = false
	}
	slices.SortFunc(group, func(a, b *types.Func) int { return cmp.Compare(t.m.rank[a], t.m.rank[b]) })
	t.groups = append(t.groups, group)
}

// callees lists the functions of the package that a function may call, interface calls
// included, in source order, and those that it uses as values.
func (m *Model) callees(fn *types.Func) []*types.Func {
	var out []*types.Func
	add := func(f *types.Func) {
		if f = f.Origin(); m.decls[f] != nil && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, c := range m.parts[m.decls[fn]].calls {
		f, _ := typeutil.Callee(m.info, c).(*types.Func)
		if f == nil {
			continue
		}
		if recv := f.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			impl, _ := m.world.Implementations(f.Origin())
			for _, g := range Narrow(m.info, m.embedded, c, impl) {
				add(g)
			}
			continue
		}
		add(f)
	}
	for _, f := range m.parts[m.decls[fn]].values {
		add(f)
	}
	return out
}
