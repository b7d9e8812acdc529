package analyse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A Border is what the rest of the package needs to know about a declared function:
// what it does for its callers, and which locks they hold. In the analysis of all other
// functions, two versions of a function with equal borders are interchangeable.
type Border string

// BorderOf returns the border of a declared function.
func BorderOf(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl) Border {
	var b []byte
	g := guards.IndexOf(x, p)
	for _, u := range x.UnitsOf(p, d) {
		if u.Lit != nil || u.Obj == nil {
			continue
		}
		fact := funcFact(x, u)
		fact.Storage = x.StorageFact(u)
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
		b = fmt.Appendf(append(b, text...), " %s %s\n", lockNames(g.Entry[u]), lockNames(g.Seen[u]))
	}
	return Border(b)
}

// withoutLine is a [patterns.VarID] without the line.
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
func makeFacts(x *patterns.Program, p *patterns.Package) *patterns.Facts {
	f := patterns.NewFacts(p)
	for _, u := range x.UnitsIn(p) {
		if u.Obj == nil || !u.Obj.Exported() {
			continue
		}
		f.Add(u, funcFact(x, u))
	}
	f.List()
	f.Interfaces = x.InterfaceFacts(p)
	for key, d := range directive.MarksOf(x, p).Funcs {
		f.Marks = append(f.Marks, patterns.MarkFact{On: key, Name: d.Name, Text: d.Text, Category: d.Category, Pos: d.Pos})
	}
	for key, d := range directive.MarksOf(x, p).Locks {
		f.Locks = append(f.Locks, patterns.MarkFact{On: key, Name: d.Name, Text: d.Text, Category: "", Pos: d.Pos})
	}
	for _, l := range [][]patterns.MarkFact{f.Marks, f.Locks} {
		slices.SortFunc(l, func(a, b patterns.MarkFact) int { return cmp.Compare(a.On, b.On) })
	}
	f.Slow = slices.Sorted(maps.Keys(waits.LongHeldOf(x, p.Path)))
	return f
}

// funcFact describes one function, but for what it does to its arguments.
func funcFact(x *patterns.Program, u *patterns.Unit) patterns.FuncFact {
	fact := patterns.FuncFact{Name: x.KeyOf(u.Obj), Short: u.Name(), Callbacks: waits.CalledParams(u), Cancels: waits.Cancels(u), HandsOver: locks.HandsOver(u), RunsField: locks.RunsField(u)}
	for _, e := range locks.Effects.Of(u) {
		fact.Effects = append(fact.Effects, locks.EffectFact(e))
	}
	for _, key := range waits.SortedReach(waits.MayReach.Of(u)) {
		if r, ok := waits.ReachFact(u, key); ok {
			fact.May = append(fact.May, r)
		}
	}
	fact.Takes = waits.TakeFacts(u)
	return fact
}
