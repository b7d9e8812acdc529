package patterns

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Finding is one critical section with the blocking operations that it
// encloses, what its lock protects, and the verdict.
type Finding struct {
	Section *Section
	Ops     []*Op // at least one, in source order
	Guarded []Guarded
	Verdict Verdict

	// Deadlock says that whoever is waited for may need the lock; nil if nothing
	// points to that.
	Deadlock *Deadlock

	// Sites is the number of sections of the lock in its package: while this one
	// waits, the others do.
	Sites int

	// Delay is what profiles of a running program say of the section; nil if there are
	// none, or they say nothing.
	Delay *Delay

	relock *Deadlock // a call of the section that takes its own lock

	// Directive is what decided the verdict, or nil: the evidence did.
	Directive *Directive
}

// Position is where the lock is taken.
func (f *Finding) Position() token.Position { return f.Section.Position() }

// Message says in one line what was found: the lock and the first operation of
// most worth.
func (f *Finding) Message() string { return f.message((*Op).Describe) }

// Headline is Message without what the call reaches, for those who show that
// elsewhere.
func (f *Finding) Headline() string {
	return f.message((*Op).Call)
}

func (f *Finding) message(what func(*Op) string) string {
	s := f.Section
	verb := s.Lock.String() + "." + s.Mode.Acquire() + "()"
	if s.Wrapper {
		verb = s.Lock.String() + ", taken by " + types.ExprString(s.Acquire.Fun) + "(),"
	}
	op := f.Main()
	if f.MayDeadlock() {
		op = f.Deadlock.Op
	}
	msg := fmt.Sprintf("%s is held across %s (%s)", verb, what(op), op.Category)
	if n := len(f.Ops) - 1; n > 0 {
		msg += fmt.Sprintf(" and %d more", n)
	}
	if f.MayDeadlock() {
		return "may deadlock: " + msg
	}
	return msg
}

// Describe names what waits, and the first call that leads there.
func (o *Op) Describe() string {
	if len(o.Path) > 1 {
		return o.Path[0].Func + ", which reaches " + o.What
	}
	return o.What
}

// Call names the function that the section calls and that leads to the wait, or what
// waits if the section does so itself.
func (o *Op) Call() string {
	if len(o.Path) > 1 {
		return o.Path[0].Func
	}
	return o.What
}

// Main returns the operation of most worth: strong evidence first, then the
// category by worth, then source order.
func (f *Finding) Main() *Op {
	worth := worths()
	return slices.MinFunc(f.Ops, func(a, b *Op) int {
		if (a.Weak == "") != (b.Weak == "") {
			if a.Weak == "" {
				return -1
			}
			return 1
		}
		return worth[a.Category] - worth[b.Category]
	})
}

// Key identifies the finding as long as its function keeps its name and its
// locks their order: lines may move.
func (f *Finding) Key() string {
	s := f.Section
	return fmt.Sprintf("%s|%s|%s|%c", s.Unit.Pkg.Path, s.Unit.Name(), s.Lock, s.Mode)
}

// Options narrow what Find reports.
type Options struct {
	Categories []string // nil: those that are on by default
}

func (o Options) on() map[string]bool {
	on := make(map[string]bool)
	for _, c := range Categories() {
		if o.Categories == nil {
			on[c.Name] = c.Default
		} else {
			on[c.Name] = slices.Contains(o.Categories, c.Name)
		}
	}
	return on
}

// Options are those with which the finding is found: the default categories and
// its own.
func (f *Finding) Options() Options {
	var o Options
	for _, c := range Categories() {
		own := slices.ContainsFunc(f.Ops, func(op *Op) bool { return !op.relocks && op.Category == c.Name || slices.Contains(op.Also, c.Name) })
		if c.Default || own {
			o.Categories = append(o.Categories, c.Name)
		}
	}
	return o
}

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
		x.findLockWaits()
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

// SectionsIn lists the critical sections of one package in source order.
func (x *Program) SectionsIn(p *Package) []*Section {
	sections := make([][]*Section, len(x.units[p]))
	eachUnit(x.units[p], func(i int, u *Unit) { sections[i] = x.sectionsOf(u) })
	return slices.Concat(sections...)
}

// lockStats has the sections of one mutex in its package.
type lockStats struct{ sites, blocking []*Section }

// statsOf returns the sections of every mutex of a package, in all categories
// that are reported by default.
func (x *Program) statsOf(p *Package) map[*types.Var]*lockStats {
	return sectionsByLock.Get(x, p, func() map[*types.Var]*lockStats {
		_, stats := x.findBare(p, Options{})
		return stats
	})
}

var sectionsByLock PackageMemo[map[*types.Var]*lockStats]

// A Note is a place that belongs to a finding, and what to say of it.
type Note struct {
	At   token.Position
	Text string
}

// Notes lists where the section waits and the calls that lead to the wait of
// most worth, and, if it may deadlock, who needs the lock.
func (f *Finding) Notes() []Note {
	var notes []Note
	for _, o := range f.Ops {
		notes = append(notes, Note{f.Section.Unit.Position(o.Pos()), fmt.Sprintf("waits here: %s (%s)", o.Describe(), o.Category)})
		if o == f.Main() && len(o.Path) > 1 {
			for _, h := range o.Path[1:] {
				notes = append(notes, Note{h.At, "calls " + h.Func})
			}
		}
	}
	if d := f.Deadlock; d != nil {
		notes = append(notes, Note{d.EndsAt, d.Message()})
	}
	return notes
}
