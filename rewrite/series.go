package rewrite

import (
	"cmp"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// A Series applies plans for the findings of one package, one on top of the other. It
// writes nothing.
//
// Every plan was made and verified for the original package. Before it is applied on
// top of others, it is made and verified again for the package as it is then.
type Series struct {
	program *patterns.Program // as it was
	pkg     *patterns.Package
	limits  Limits

	state *verify.Verified // the program and the package as they are now
	done  []*plan.Plan
	taken map[token.Pos]bool // where the sections began whose plans were carried out
	first []*finding.Finding // of the package as it was; nil until they are asked for
}

// NewSeries returns a series without changes.
func NewSeries(x *patterns.Program, p *patterns.Package, l Limits) *Series {
	return &Series{program: x, pkg: p, limits: l, state: &verify.Verified{Program: x, Package: p}, taken: make(map[token.Pos]bool)}
}

// seriesFrom returns a series that has carried out, all at once, what the entries say
// was applied: in the given state.
func seriesFrom(x *patterns.Program, p *patterns.Package, l Limits, state *verify.State, entries []*Entry) *Series {
	s := NewSeries(x, p, l)
	s.state = &verify.Verified{Program: state.Program, Package: state.Package}
	for _, e := range entries {
		if e.Applied != nil {
			s.taken[e.Finding.Section.Pos()] = true
			s.done = append(s.done, e.Applied)
		}
	}
	return s
}

// Offer applies the best plan of an entry that the limits admit and that still holds,
// and records it in the entry. It reports whether there was one.
func (s *Series) Offer(e *Entry) bool {
	e.Applied = nil
	for _, v := range e.Plans {
		if !s.limits.admits(v.Plan) {
			continue
		}
		if s.has(v.Plan) {
			e.Applied = v.Plan
			return true
		}
		if next := s.Now(v); next != nil {
			s.Take(v, next)
			e.Applied = next.Plan
			return true
		}
	}
	return false
}

// Now returns a plan for the original package in the form for the package as it is now,
// or nil if it no longer holds.
func (s *Series) Now(v *verify.Verified) *verify.Verified {
	if s.state.Program == s.program {
		if v.Program != nil {
			return v
		}
		w, refusal := verify.Verify(s.program, v.Plan) // it was verified among others
		if refusal != nil {
			return nil
		}
		return w
	}
	same := slices.DeleteFunc(slices.Clone(s.limits.Shapes), func(t shapes.Shape) bool { return t.Name != v.Plan.Shape })
	f := s.Find(v.Plan.Finding)
	if f == nil {
		return nil
	}
	for _, w := range Examine(s.state.Program, f, same).Plans {
		if s.limits.admits(w.Plan) {
			return w
		}
	}
	return nil
}

// Find returns a finding of the original package in the package as it is now, or nil if
// it is gone.
//
// Several sections of one lock in one function have the same key. Their order tells
// them apart: those that were not rewritten keep it.
func (s *Series) Find(f *finding.Finding) *finding.Finding {
	if s.first == nil {
		s.first = s.Findings(&verify.Verified{Program: s.program, Package: s.pkg})
	}
	before, now := alike(s.first, f), alike(s.Findings(s.state), f)
	if len(before) != len(now) {
		before = slices.DeleteFunc(before, func(g *finding.Finding) bool { return s.taken[g.Section.Pos()] })
	}
	after := len(before) - slices.IndexFunc(before, func(g *finding.Finding) bool { return g.Section.Pos() == f.Section.Pos() })
	if i := len(now) - after; after <= len(before) && i >= 0 {
		return now[i]
	}
	return nil
}

// Findings lists the findings of a state, including those that the program's filter
// drops, because lines have moved since the filter was made.
func (s *Series) Findings(v *verify.Verified) []*finding.Finding {
	x := *v.Program
	find.Filter.Set(&x, nil)
	return find.In(&x, v.Package, waits.Options{Categories: s.limits.Categories})
}

// alike returns those of a list of findings that have the key of another one.
func alike(list []*finding.Finding, f *finding.Finding) []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(list), func(g *finding.Finding) bool { return g.Key() != f.Key() })
}

// Take makes the result of a plan the next state: v is the plan of an entry, and now
// what [Series.Now] returned for it.
func (s *Series) Take(v, now *verify.Verified) {
	s.taken[v.Plan.Finding.Section.Pos()] = true
	s.state = now
	s.done = append(s.done, now.Plan)
}

// Draft returns the present state with other contents of some files, which somebody
// edited for a finding. The error is the first syntax or type error. It checks nothing
// else.
func (s *Series) Draft(contents map[string][]byte) (*verify.Verified, error) {
	q, err := s.state.Package.WithContents(contents)
	if err != nil {
		return nil, err
	}
	return &verify.Verified{Changes: changesOf(s.state.Package, q), Program: analyse.With(s.state.Program, q), Package: q}, nil
}

// Put makes a draft for a finding the next state.
func (s *Series) Put(f *finding.Finding, draft *verify.Verified) {
	if s.Ends(draft, f) {
		s.taken[f.Section.Pos()] = true
	}
	s.state = draft
}

// Ends reports whether a draft has fewer findings with the key of f than the present
// state.
func (s *Series) Ends(draft *verify.Verified, f *finding.Finding) bool {
	return len(alike(s.Findings(draft), f)) < len(alike(s.Findings(s.state), f))
}

// File returns a file of the package as it is now.
func (s *Series) File(name string) *patterns.File {
	for _, f := range s.state.Package.Files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// has reports whether a plan for another finding has made the very same change:
// a window in a function that several sections call.
func (s *Series) has(p *plan.Plan) bool {
	return slices.ContainsFunc(s.done, func(q *plan.Plan) bool {
		return q.Shape == p.Shape && q.Script.Decl == p.Script.Decl && q.String() == p.String()
	})
}

// Changes returns the changes of the files since the series began, sorted by file
// name.
func (s *Series) Changes() []verify.Change {
	out := changesOf(s.pkg, s.state.Package)
	var requires []*patterns.Requirement
	for _, p := range s.done {
		requires = append(requires, p.Requires...)
	}
	out = append(out, verify.ModuleChanges(requires)...)
	slices.SortFunc(out, func(a, b verify.Change) int { return cmp.Compare(a.File.Name, b.File.Name) })
	return out
}

// changesOf returns what turns the files of a package into those of a later state.
func changesOf(p, q *patterns.Package) []verify.Change {
	var out []verify.Change
	for i, f := range p.Files {
		if g := q.Files[i]; g.Syntax != f.Syntax {
			edits := textedit.Trim(f.Content, []textedit.Edit{{Start: 0, End: len(f.Content), New: string(g.Content)}})
			out = append(out, verify.Change{File: f, Edits: edits})
		}
	}
	return out
}
