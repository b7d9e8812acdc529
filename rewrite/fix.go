package rewrite

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// Limits say which findings and plans a run acts on.
type Limits struct {
	Shapes     []shapes.Shape
	Categories []string     // nil: the default ones
	MinGrade   safety.Grade // Safe: only safe plans; Review: both
	Deliberate bool         // also sections that look held on purpose
	Held       bool         // and those that a directive says are
	Requested  []string     // names of the shapes that were asked for, see [shapes.Shape].OnRequest
}

// admits reports whether a run may carry the plan out.
func (l Limits) admits(p *plan.Plan) bool {
	return (l.MinGrade == safety.Review || p.Grade() == safety.Safe) && (!p.OnRequest || slices.Contains(l.Requested, p.Shape))
}

// Best returns the best plan of an entry that the limits admit, or nil.
func (l Limits) Best(e *Entry) *verify.Verified {
	for _, v := range e.Plans {
		if l.admits(v.Plan) {
			return v
		}
	}
	return nil
}

// asks reports whether it is worth saying why the named shape does not apply:
// not for one that would be carried out on request only, and was not requested.
func (l Limits) asks(name string) bool {
	return slices.Contains(l.Requested, name) ||
		!slices.ContainsFunc(l.Shapes, func(s shapes.Shape) bool { return s.Name == name && s.OnRequest })
}

func (l Limits) wants(f *patterns.Finding) bool {
	return f.Shown() || l.Deliberate && (l.Held || f.Directive == nil)
}

// An Entry is one finding with what can be done about it. A finding that the
// limits leave out has neither plans nor refusals.
type Entry struct {
	Finding  *patterns.Finding
	Plans    []*verify.Verified // best first
	Refusals []*safety.Refusal  // of the other shapes, in the order of the shapes
	Applied  *plan.Plan         // the plan that the run carried out, or nil
}

// Offered returns the plan that the run carried out as it is for the text before
// the run, or nil: what was carried out was planned anew where a plan before it had
// changed the file, so the two stand at different lines.
func (e *Entry) Offered() *verify.Verified {
	if e.Applied == nil {
		return nil
	}
	for _, v := range e.Plans {
		if v.Plan.Shape == e.Applied.Shape {
			return v
		}
	}
	return nil
}

// A Result is what a run over one package found and changed.
type Result struct {
	Entries []*Entry
	Changes []verify.Change   // sorted by file name
	Package *patterns.Package // with the changes

	// Remaining are the findings of the changed package: those without a plan
	// that the limits admit.
	Remaining []*patterns.Finding
}

// Examine proposes and verifies plans for one finding.
func Examine(x *patterns.Program, f *patterns.Finding, all []shapes.Shape) *Entry {
	p := Propose(x, f, all)
	e := &Entry{Finding: f, Refusals: p.Refusals}
	for _, plan := range p.Plans {
		v, refusal := verify.Verify(x, plan)
		if refusal != nil {
			e.Refusals = append(e.Refusals, refusal)
			continue
		}
		e.Plans = append(e.Plans, v)
	}
	order := func(name string) int {
		return slices.IndexFunc(all, func(s shapes.Shape) bool { return s.Name == name })
	}
	slices.SortStableFunc(e.Plans, func(a, b *verify.Verified) int { return comparePlans(a.Plan, b.Plan) })
	slices.SortStableFunc(e.Refusals, func(a, b *safety.Refusal) int { return order(a.Shape) - order(b.Shape) })
	return e
}

// Fix finds what one package of the program holds too long and carries out the
// best plan for each finding that the limits admit, one after the other.
// Nothing is written: the changes are returned.
//
// A finding that only becomes open to a rewrite because of another one is left
// alone: its proof might rest on a section that has just been moved.
func Fix(x *patterns.Program, p *patterns.Package, l Limits) *Result {
	s := NewSeries(x, p, l)
	r := &Result{Entries: Entries(x, p, l)}
	for _, e := range r.Entries {
		if l.wants(e.Finding) {
			s.Offer(e)
		}
	}
	r.Package = s.state.Package
	r.Remaining = s.state.Program.FindIn(s.state.Package, patterns.Options{Categories: l.Categories})
	r.Changes = s.Changes()
	return r
}

// Entries examines the findings of one package that the limits want.
func Entries(x *patterns.Program, p *patterns.Package, l Limits) []*Entry {
	var out []*Entry
	for _, f := range x.FindIn(p, patterns.Options{Categories: l.Categories}) {
		if !l.wants(f) {
			out = append(out, &Entry{Finding: f})
			continue
		}
		e := Examine(x, f, l.Shapes)
		e.Refusals = slices.DeleteFunc(e.Refusals, func(r *safety.Refusal) bool { return !l.asks(r.Shape) })
		out = append(out, e)
	}
	return out
}
