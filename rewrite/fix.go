package rewrite

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/waits"
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

func (l Limits) wants(f *finding.Finding) bool {
	return f.Shown() && !f.Meant || l.Deliberate && (l.Held || f.Directive == nil)
}

// An Entry is one finding with what can be done about it. A finding that the limits
// exclude has neither plans nor refusals.
type Entry struct {
	Finding  *finding.Finding
	Plans    []*verify.Verified // best first
	Refusals []*safety.Refusal  // of the other shapes, in the order of the shapes
	Applied  *plan.Plan         // the plan that the run carried out, or nil
}

// Offered returns the plan that the run applied, in the form made for the text before
// the run, or nil. If an earlier plan had changed the file, the applied plan was made
// again for other lines.
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
	Program *patterns.Program // with that package
}

// Forget drops the changed package, which is large.
func (r *Result) Forget() { r.Package, r.Program = nil, nil }

// Remaining lists the findings of the changed package in the categories of the limits:
// those without a plan that the limits admit.
func (r *Result) Remaining(l Limits) []*finding.Finding {
	return find.In(r.Program, r.Package, waits.Options{Categories: l.Categories})
}

// Examine proposes and verifies plans for one finding.
func Examine(x *patterns.Program, f *finding.Finding, all []shapes.Shape) *Entry {
	p := Propose(x, f, all)
	var verdicts []verify.Verdict
	for _, plan := range p.Plans {
		v, refusal := verify.Verify(x, plan)
		verdicts = append(verdicts, verify.Verdict{Verified: v, Refusal: refusal})
	}
	return newEntry(p, verdicts, all)
}

// newEntry makes the entry of a proposal, of whose plans the verdicts are.
func newEntry(p Proposal, verdicts []verify.Verdict, all []shapes.Shape) *Entry {
	e := &Entry{Finding: p.Finding, Refusals: p.Refusals}
	for _, v := range verdicts {
		if v.Refusal != nil {
			e.Refusals = append(e.Refusals, v.Refusal)
			continue
		}
		e.Plans = append(e.Plans, v.Verified)
	}
	order := func(name string) int {
		return slices.IndexFunc(all, func(s shapes.Shape) bool { return s.Name == name })
	}
	slices.SortStableFunc(e.Plans, func(a, b *verify.Verified) int { return comparePlans(a.Plan, b.Plan) })
	slices.SortStableFunc(e.Refusals, func(a, b *safety.Refusal) int { return order(a.Shape) - order(b.Shape) })
	return e
}

// Fix finds the locks that one package of the program holds across waits, and applies
// the best plan that the limits admit for each finding, one after the other. It writes
// nothing, and returns the changes.
//
// Every plan was made and verified for the original package. Before it is applied on
// top of others, it is made and verified again for the package as it is then, unless
// the others have nothing to do with it. A finding for which only another rewrite makes
// one possible is left alone: its proof might depend on a section that has just been
// moved.
func Fix(x *patterns.Program, p *patterns.Package, l Limits) *Result {
	r := new(Result)
	state := r.examine(x, p, l)
	later := r.Entries
	if state = r.together(x, p, l, state); state == nil {
		state = &verify.State{Program: x, Package: p}
	} else {
		later = slices.DeleteFunc(slices.Clone(later), func(e *Entry) bool { return e.Applied != nil })
	}
	s := seriesFrom(x, p, l, state, r.Entries)
	for _, e := range later {
		if l.wants(e.Finding) {
			s.Offer(e)
		}
	}
	r.Package, r.Program = s.state.Package, s.state.Program
	r.Changes = s.Changes()
	return r
}

// Entries examines the findings of one package that the limits admit.
func Entries(x *patterns.Program, p *patterns.Package, l Limits) []*Entry {
	r := new(Result)
	r.examine(x, p, l)
	return r.Entries
}

// examine makes the entries of the package's findings. It returns a state in which
// some plans are carried out, if the verification has left one.
func (r *Result) examine(x *patterns.Program, p *patterns.Package, l Limits) *verify.State {
	var proposals []Proposal
	var plans []*plan.Plan
	most := 0
	for _, f := range find.In(x, p, waits.Options{Categories: l.Categories}) {
		q := Proposal{Finding: f}
		if l.wants(f) {
			q = Propose(x, f, l.Shapes)
		}
		proposals = append(proposals, q)
		most = max(most, len(q.Plans))
	}
	for rank := range most { // the best of each finding first
		for _, q := range proposals {
			if rank < len(q.Plans) {
				plans = append(plans, q.Plans[rank])
			}
		}
	}
	list, state := verify.All(x, p, plans)
	verdicts := make(map[*plan.Plan]verify.Verdict, len(plans))
	for i, v := range list {
		verdicts[plans[i]] = v
	}
	for _, q := range proposals {
		var of []verify.Verdict
		for _, pl := range q.Plans {
			of = append(of, verdicts[pl])
		}
		e := newEntry(q, of, l.Shapes)
		e.Refusals = slices.DeleteFunc(e.Refusals, func(r *safety.Refusal) bool { return !l.asks(r.Shape) })
		r.Entries = append(r.Entries, e)
	}
	return state
}

// together carries out, all at once, the best plan that the limits admit of each
// part of the package: see [parts]. It returns nil, and has done nothing, if it
// cannot. The state is that which verification has left, or nil.
func (r *Result) together(x *patterns.Program, p *patterns.Package, l Limits, state *verify.State) *verify.State {
	var entries []*Entry
	var plans []*plan.Plan
	var s *parts
	taken := make(map[any]bool)
	for _, e := range r.Entries {
		i := slices.IndexFunc(e.Plans, func(v *verify.Verified) bool { return l.admits(v.Plan) })
		if i < 0 || !l.wants(e.Finding) {
			continue
		}
		if s == nil {
			s = newParts(x, p)
		}
		of := s.of(e.Plans[i].Plan)
		if slices.ContainsFunc(of, func(part any) bool { return taken[part] }) {
			continue
		}
		for _, part := range of {
			taken[part] = true
		}
		entries, plans = append(entries, e), append(plans, e.Plans[i].Plan)
	}
	if len(plans) == 0 {
		return nil
	}
	if state == nil || !slices.Equal(state.Plans, plans) {
		if state = verify.Together(x, p, plans); state == nil {
			return nil
		}
	}
	for i, e := range entries {
		e.Applied = plans[i]
	}
	return state
}
