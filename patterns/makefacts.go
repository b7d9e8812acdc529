package patterns

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A Border says of a declared function what the rest of the package has to do with
// it: what it does for its callers, and which locks they hold. Two versions of a
// function with equal borders may stand for each other in the analysis of all
// others.
type Border string

// BorderOf returns the border of a declared function.
func (x *Program) BorderOf(p *Package, d *ast.FuncDecl) Border {
	var b []byte
	g := x.guardsOf(p)
	for _, u := range x.UnitsOf(p, d) {
		if u.Lit != nil || u.Obj == nil {
			continue
		}
		fact, _ := x.funcFact(u)
		for i := range fact.May { // lines move
			m := &fact.May[i]
			m.Path, m.Dist = nil, 0
			m.Lock, m.Freed.ID = withoutLine(m.Lock), withoutLine(m.Freed.ID)
			if m.Cond != nil {
				m.Cond.Mutex = withoutLine(m.Cond.Mutex)
			}
		}
		for i := range fact.Takes {
			fact.Takes[i].Path, fact.Takes[i].Dist = nil, 0
		}
		text, err := json.Marshal(fact)
		if err != nil {
			panic("patterns: a fact cannot be written: " + err.Error())
		}
		b = fmt.Appendf(append(b, text...), " %s %s\n", lockNames(g.entry[u]), lockNames(g.seen[u]))
	}
	return Border(b)
}

// withoutLine is a [varID] without the line.
func withoutLine(id string) string {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return id
	}
	return id[:max(0, strings.LastIndexByte(id[:i], ':'))] + id[i:]
}

// lockNames lists the names of variables, sorted.
func lockNames(vars []*types.Var) []string {
	var names []string
	for _, v := range vars {
		names = append(names, v.Name())
	}
	slices.Sort(names)
	return names
}

// makeFacts collects what other packages are told of a package.
func (x *Program) makeFacts(p *Package) *Facts {
	f := &Facts{Path: p.Path, Module: p.Module}
	for _, u := range x.UnitsIn(p) {
		if u.Obj == nil || !u.Obj.Exported() {
			continue
		}
		if fact, ok := x.funcFact(u); ok {
			f.Funcs = append(f.Funcs, fact)
		}
	}
	// A function may be there twice: p and a test variant of it.
	slices.SortStableFunc(f.Funcs, func(a, b FuncFact) int { return cmp.Compare(a.Name, b.Name) })
	f.Interfaces = x.interfaceFacts(p)
	for key, d := range x.marksOf(p).funcs {
		f.Marks = append(f.Marks, MarkFact{key, d.Name, d.Text, d.category, d.Pos})
	}
	for key, d := range x.marksOf(p).locks {
		f.Locks = append(f.Locks, MarkFact{key, d.Name, d.Text, "", d.Pos})
	}
	for _, l := range [][]MarkFact{f.Marks, f.Locks} {
		slices.SortFunc(l, func(a, b MarkFact) int { return cmp.Compare(a.On, b.On) })
	}
	f.Slow = sortedKeys(x.longHeldOf(p.Path))
	return f
}

// funcFact describes one function. It is not ok if there is nothing to say.
func (x *Program) funcFact(u *Unit) (FuncFact, bool) {
	fact := FuncFact{Name: x.keyOf(u.Obj), Short: u.Name(), Callbacks: u.calledParams(), Cancels: u.cancels(), Storage: x.storageFact(u)}
	for _, e := range effects.Of(u) {
		fact.Effects = append(fact.Effects, effectFact(e))
	}
	for _, key := range sortedReach(mayReach.Of(u)) {
		if r, ok := u.reachFact(key); ok {
			fact.May = append(fact.May, r)
		}
	}
	fact.Takes = u.takeFacts()
	return fact, len(fact.Callbacks)+len(fact.Effects)+len(fact.May)+len(fact.Takes) > 0 || fact.Cancels || fact.Storage != ""
}
