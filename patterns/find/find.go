// Package find finds critical sections that enclose a blocking operation in
// type-checked Go packages, and says what each mutex guards and whether the lock
// looks held by accident or on purpose.
//
// It reads syntax and types only: it loads nothing, prints nothing and changes
// nothing. Package [github.com/letgo-dev/letgo/patterns/load] makes its input.
package find

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/deadlock"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// All lists the findings of the program, sorted by file and line.
func All(x *patterns.Program, opts waits.Options) []*finding.Finding {
	var out []*finding.Finding
	for _, p := range x.Packages {
		out = append(out, In(x, p, opts)...)
	}
	slices.SortStableFunc(out, compareFindings)
	return out
}

func compareFindings(a, b *finding.Finding) int {
	p, q := a.Position(), b.Position()
	if c := strings.Compare(p.Filename, q.Filename); c != 0 {
		return c
	}
	return p.Offset - q.Offset
}

// In lists the findings of one package of the program.
func In(x *patterns.Program, p *patterns.Package, opts waits.Options) []*finding.Finding {
	out := Unfiltered(x, p, opts)
	if filter := Filter.Of(x); filter != nil {
		out = filter(p, out)
	}
	return out
}

// Unfiltered is [In], with what the filter leaves out.
func Unfiltered(x *patterns.Program, p *patterns.Package, opts waits.Options) []*finding.Finding {
	out, stats := findBare(x, p, opts)
	if len(out) > 0 && maps.Equal(opts.On(), waits.Options{}.On()) {
		sectionsByLock.Set(x, p, stats)
	}
	for _, f := range out {
		f.Guarded = guards.GuardedBy(x, p, f.Section.LockVar())
		f.Sites = len(stats[f.Section.LockVar()].Sites)
		if f.Deadlock = deadlock.Of(x, f); f.Deadlock != nil {
			f.AddWait(f.Deadlock)
		}
		f.Verdict = verdict.Of(x, f, stats[f.Section.LockVar()], func() map[*types.Var]*finding.LockStats { return statsOf(x, p) })
		verdict.Obey(x, f)
	}
	return out
}

// Filter, if not nil, says which findings of a package [In] returns: those
// of its result. What it leaves out still counts in [Keys].
var Filter patterns.Setting[func(*patterns.Package, []*finding.Finding) []*finding.Finding]

// Keys counts the findings of one package by their [finding.Finding.Key], without
// judging them.
func Keys(x *patterns.Program, p *patterns.Package, opts waits.Options) map[string]int {
	found, _ := findBare(x, p, opts)
	n := make(map[string]int)
	for _, f := range found {
		n[f.Key()]++
	}
	return n
}

// findBare lists findings without guarded state and verdict, and counts the
// sections of every lock.
func findBare(x *patterns.Program, p *patterns.Package, opts waits.Options) ([]*finding.Finding, map[*types.Var]*finding.LockStats) {
	on := opts.On()
	if on["lock"] {
		analyse.FollowLockWaits(x)
	}
	stats := make(map[*types.Var]*finding.LockStats)
	var out []*finding.Finding
	for _, s := range locks.SectionsIn(x, p) {
		f := &finding.Finding{Section: s, Ops: waits.OpsIn(x, s, on)}
		if d := deadlock.RelockOf(x, s); d != nil {
			f.Relock, f.Ops = d, append(f.Ops, d.Op)
			slices.SortStableFunc(f.Ops, func(a, b *waits.Op) int { return cmp.Compare(a.Pos(), b.Pos()) })
		}
		st := stats[s.LockVar()]
		if st == nil {
			st = &finding.LockStats{}
			stats[s.LockVar()] = st
		}
		st.Sites = append(st.Sites, s)
		if len(f.Ops) > 0 {
			st.Blocking = append(st.Blocking, s)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, compareFindings)
	return out, stats
}

// statsOf returns the sections of every mutex of a package, in all categories
// that are reported by default.
func statsOf(x *patterns.Program, p *patterns.Package) map[*types.Var]*finding.LockStats {
	return sectionsByLock.Get(x, p, func() map[*types.Var]*finding.LockStats {
		_, stats := findBare(x, p, waits.Options{})
		return stats
	})
}

var sectionsByLock patterns.PackageMemo[map[*types.Var]*finding.LockStats]
