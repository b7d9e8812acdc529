package patterns

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Find lists the findings of the program, sorted by file and line.
func (x *Program) Find(opts Options) []*Finding {
	var out []*Finding
	for _, p := range x.Packages {
		out = append(out, x.FindIn(p, opts)...)
	}
	slices.SortStableFunc(out, compareFindings)
	return out
}

func compareFindings(a, b *Finding) int {
	p, q := a.Position(), b.Position()
	if c := strings.Compare(p.Filename, q.Filename); c != 0 {
		return c
	}
	return p.Offset - q.Offset
}

// FindIn lists the findings of one package of the program.
func (x *Program) FindIn(p *Package, opts Options) []*Finding {
	out, stats := x.findBare(p, opts)
	if len(out) > 0 && maps.Equal(opts.on(), Options{}.on()) {
		sectionsByLock.Set(x, p, stats)
	}
	for _, f := range out {
		f.Guarded = x.GuardedBy(p, f.Section.LockVar())
		f.Sites = len(stats[f.Section.LockVar()].sites)
		if f.Deadlock = x.deadlockOf(f); f.Deadlock != nil {
			f.addWait(f.Deadlock)
		}
		f.Verdict = x.judge(f, stats[f.Section.LockVar()], func() map[*types.Var]*lockStats { return x.statsOf(p) })
		x.obey(f)
	}
	if filter := Filter.Of(x); filter != nil {
		out = filter(p, out)
	}
	return out
}

// Filter, if not nil, says which findings of a package [Program.FindIn] returns: those
// of its result. What it leaves out still counts in [Program.Keys].
var Filter Setting[func(*Package, []*Finding) []*Finding]

// Keys counts the findings of one package by their [Finding.Key], without
// judging them.
func (x *Program) Keys(p *Package, opts Options) map[string]int {
	found, _ := x.findBare(p, opts)
	n := make(map[string]int)
	for _, f := range found {
		n[f.Key()]++
	}
	return n
}

// findBare lists findings without guarded state and verdict, and counts the
// sections of every lock.
func (x *Program) findBare(p *Package, opts Options) ([]*Finding, map[*types.Var]*lockStats) {
	on := opts.on()
	if on["lock"] {
		x.FollowLockWaits()
	}
	stats := make(map[*types.Var]*lockStats)
	var out []*Finding
	for _, s := range x.SectionsIn(p) {
		f := &Finding{Section: s, Ops: x.opsOf(s, on)}
		if d := x.relockOf(s); d != nil {
			f.relock, f.Ops = d, append(f.Ops, d.Op)
			slices.SortStableFunc(f.Ops, func(a, b *Op) int { return cmp.Compare(a.Pos(), b.Pos()) })
		}
		st := stats[s.LockVar()]
		if st == nil {
			st = &lockStats{}
			stats[s.LockVar()] = st
		}
		st.sites = append(st.sites, s)
		if len(f.Ops) > 0 {
			st.blocking = append(st.blocking, s)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, compareFindings)
	return out, stats
}

// statsOf returns the sections of every mutex of a package, in all categories
// that are reported by default.
func (x *Program) statsOf(p *Package) map[*types.Var]*lockStats {
	return sectionsByLock.Get(x, p, func() map[*types.Var]*lockStats {
		_, stats := x.findBare(p, Options{})
		return stats
	})
}

var sectionsByLock PackageMemo[map[*types.Var]*lockStats]
