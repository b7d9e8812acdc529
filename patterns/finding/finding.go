// Package finding defines a finding: a critical section with the blocking operations in
// it, what is known about it, and how important it is.
package finding

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// AddWait adds the wait that may deadlock to the operations of the finding, if it
// is not one of them.
func (f *Finding) AddWait(d *Deadlock) {
	for i, o := range f.Ops {
		if o.Node != d.Op.Node {
			continue
		}
		if o.What == d.Op.What && slices.Equal(o.Path, d.Op.Path) {
			d.Op = o
			return
		}
		if i+1 == len(f.Ops) || f.Ops[i+1].Node != o.Node {
			f.Ops = slices.Insert(f.Ops, i+1, d.Op)
			return
		}
	}
	f.Ops = append(f.Ops, d.Op)
	slices.SortStableFunc(f.Ops, func(a, b *waits.Op) int { return cmp.Compare(a.Pos(), b.Pos()) })
}

// A Finding is one critical section with the blocking operations that it
// encloses, what its lock protects, and the verdict.
type Finding struct {
	Section *locks.Section
	Ops     []*waits.Op // at least one, in source order
	Guarded []guards.Guarded
	Verdict Verdict

	// Deadlock says that whoever is waited for may need the lock; nil if nothing
	// points to that.
	Deadlock *Deadlock

	// Meant says that by the history the lock is held on purpose, so no rewrite is offered.
	Meant bool

	// Sites is the number of sections of the lock in its package: while this one
	// waits, the others do.
	Sites int

	// Delay is what profiles of a running program say of the section; nil if there are
	// none, or they say nothing.
	Delay *Delay

	Relock *Deadlock // a call of the section that takes its own lock

	// Directive is what decided the verdict, or nil: the evidence did.
	Directive *directive.Directive
}

// Position is where the lock is taken.
func (f *Finding) Position() token.Position { return f.Section.Position() }

// Message describes the finding in one line: the lock and the most important operation.
func (f *Finding) Message() string { return f.message((*waits.Op).Describe) }

// Headline is Message without what the call reaches, for output that shows that
// elsewhere.
func (f *Finding) Headline() string {
	return f.message((*waits.Op).Call)
}

func (f *Finding) message(what func(*waits.Op) string) string {
	s := f.Section
	verb := s.Lock.String() + "." + s.Mode.Acquire() + "()"
	switch l := s.Lock.Last(); {
	case s.Wrapper:
		verb = s.Lock.String() + ", taken by " + types.ExprString(s.Acquire.Fun) + "(),"
	case l != nil && l.Embedded():
		verb = types.ExprString(s.Acquire.Fun) + "()" // as in the source, without the name of the field
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

// Main returns the most important operation: strong evidence first, then by category,
// then in source order.
func (f *Finding) Main() *waits.Op {
	return slices.MinFunc(f.Ops, waits.Compare)
}

// Key identifies the finding as long as its function keeps its name and its
// locks their order: lines may move.
func (f *Finding) Key() string {
	s := f.Section
	return fmt.Sprintf("%s|%s|%s|%c", s.Unit.Pkg.Path, s.Unit.Name(), s.Lock, s.Mode)
}

// Options are the options that find this finding: the default categories and its own.
func (f *Finding) Options() waits.Options {
	var o waits.Options
	for _, c := range blocking.Categories() {
		own := slices.ContainsFunc(f.Ops, func(op *waits.Op) bool {
			return !op.Relocks && op.Category == c.Name || slices.Contains(op.Also, c.Name)
		})
		if c.Default || own {
			o.Categories = append(o.Categories, c.Name)
		}
	}
	return o
}

// LockStats has statistics about the sections of one mutex in its package.
type LockStats struct{ Sites, Blocking []*locks.Section }

// A Note is a place that belongs to a finding, with a remark.
type Note struct {
	At   token.Position
	Text string
}

// Notes lists where the section waits and the calls that lead to the most important
// wait, and, if it may deadlock, who needs the lock.
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

// A Judgement says whether a lock looks held across the wait by accident.
type Judgement string

const (
	Incidental Judgement = "incidental" // by accident: the wait needs no lock
	Deliberate Judgement = "deliberate" // on purpose: the lock serialises the wait
	Unsure     Judgement = "unsure"
)

// A Verdict is a judgement with the evidence that it adds up.
type Verdict struct {
	Judgement Judgement
	Score     int // sum of the weights
	Evidence  []Evidence
}

// An Evidence is one signal for accident (positive weight) or for purpose (negative),
// and where it is.
type Evidence struct {
	Sign   string // the name of one of [verdict.Signs]; "rate" for where each sum starts
	Weight int
	Detail string
	Pos    token.Position // not valid if it stands nowhere in particular
}

// Direction says what the evidence speaks for: "accident", "purpose", or "" if its
// weight is zero.
func (e Evidence) Direction() string {
	switch {
	case e.Weight > 0:
		return "accident"
	case e.Weight < 0:
		return "purpose"
	}
	return ""
}
