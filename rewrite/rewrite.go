// Package rewrite puts findings right: shapes propose plans for them, each
// with the conditions that it proves, assumes or finds broken; a plan is
// carried out on a copy and verified before anybody sees it.
package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Status says how an obligation stands.
type Status string

// How an obligation can stand.
const (
	Proved  Status = "proved"
	Assumed Status = "assumed" // a person must check it
)

// An Obligation is one condition as it stands for one plan. A broken one never
// appears: it is a [Refusal].
type Obligation struct {
	Condition Condition
	Status    Status
	Text      string      // why it holds, or the question that a reviewer must answer
	Pos       token.Pos   // where to look, or NoPos
	Also      []Condition // other conditions that the same question is about

	about topic  // of questions that are asked together; see [joinQuestions]
	what  string // that a question names

	places []token.Pos // of the others that were joined to it
}

// Answers reports whether the obligation speaks of a condition.
func (o Obligation) Answers(c Condition) bool { return o.Condition == c || slices.Contains(o.Also, c) }

// Label names the conditions of an obligation: "S8 (order)", "S10, S8 (half-done, order)".
func (o Obligation) Label() string {
	ids, titles := string(o.Condition), o.Condition.Title()
	for _, c := range o.Also {
		ids, titles = ids+", "+string(c), titles+", "+c.Title()
	}
	return ids + " (" + titles + ")"
}

// A Grade says how far a plan can be trusted.
type Grade string

const (
	Safe   Grade = "safe"   // every obligation is proved
	Review Grade = "review" // some are assumed, each named
)

// A Plan is the edit script that a shape proposes for one finding, with the
// obligations it rests on. It is data: nothing has been carried out.
type Plan struct {
	Shape       string
	Finding     *patterns.Finding
	Title       string                  // what it does, for a menu: "Release s.mu before the call"
	Script      tree.Script             // of the function that the section stands in
	Others      []tree.Script           // of other functions of the package
	Outside     []OutsideEdit           // outside of functions
	Imports     []Import                // that the new code needs and its files lack
	Requires    []*patterns.Requirement // modules that go.mod must list for them
	Semaphore   bool                    // the lock itself becomes a semaphore
	Stays       int                     // how many of the finding's operations stay under the lock
	Joins       []string                // full names of functions of which several calls become one
	OnRequest   bool                    // carried out only where its shape is asked for by name
	Obligations []Obligation            // in the order of their conditions
}

// MostQuestions is how many assumptions a plan may rest on that is offered without
// being asked for: nobody answers more with care.
const MostQuestions = 4

// An OutsideEdit is a change outside of functions: a new field, a new
// package-level variable.
type OutsideEdit struct {
	File *patterns.File
	Edit textedit.Edit // to the file's content
	Doc  *ast.FuncDecl // the function whose documentation it changes, or nil
}

// opensWindow reports whether the plan opens a window in a function that is not
// the section's own.
func (p *Plan) opensWindow(d *ast.FuncDecl) bool {
	return p.Script.Decl == ast.Decl(d) && p.Finding.Section.Unit.Decl != d
}

// scripts lists the scripts of the plan, that of the section's function first.
func (p *Plan) scripts() []tree.Script {
	return append([]tree.Script{p.Script}, p.Others...)
}

// Grade returns how far the plan can be trusted.
func (p *Plan) Grade() Grade {
	if len(p.Assumptions()) > 0 {
		return Review
	}
	return Safe
}

// Assumptions lists the obligations that a person must check.
func (p *Plan) Assumptions() []Obligation {
	var out []Obligation
	for _, o := range p.Obligations {
		if o.Status == Assumed {
			out = append(out, o)
		}
	}
	return out
}

// String prints the plan for a person: its operations, one a line.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n", p.Shape, p.Grade(), p.Title)
	for _, script := range p.scripts() {
		for _, op := range script.Ops {
			fmt.Fprintf(&b, "\t%s\n", op.String(p.Finding.Section.Unit.Pkg.Fset))
		}
	}
	for _, o := range p.Outside {
		fmt.Fprintf(&b, "\toutside of functions: %q\n", o.Edit.New)
	}
	for _, i := range p.Imports {
		fmt.Fprintf(&b, "\timport %s\n", i.spec())
	}
	for _, r := range p.Requires {
		fmt.Fprintf(&b, "\trequire %s %s\n", r.Module, r.Version)
	}
	return b.String()
}

// A Refusal says why a shape does not apply to a finding: the condition that
// it would break, and where.
type Refusal struct {
	Shape     string
	Condition Condition // "" where the shape simply has nothing to do here
	Rule      string    // which kind of breach it is: "tested-before"; see [Rules]
	Reason    string
	Pos       token.Pos
	Tried     bool // a window was found, and the condition breaks for that
}

// Error is the reason, with the condition.
func (r *Refusal) Error() string {
	if r.Condition == "" {
		return r.Reason
	}
	return fmt.Sprintf("%s (%s): %s", r.Name(), r.Condition.Title(), r.Reason)
}

// Name is the condition with the rule: "S3/tested-before".
func (r *Refusal) Name() string {
	if r.Rule == "" {
		return string(r.Condition)
	}
	return string(r.Condition) + "/" + r.Rule
}

// Refuse makes a refusal by a condition that would be broken. The rule says in which
// way; rules.txt has what one can do about it.
func Refuse(c Condition, rule string, pos token.Pos, format string, args ...any) *Refusal {
	if isBroken(c) {
		return nil
	}
	return &Refusal{Condition: c, Rule: rule, Pos: pos, Reason: fmt.Sprintf(format, args...)}
}

// Inapplicable makes the refusal of a shape that has nothing to do here.
func Inapplicable(pos token.Pos, format string, args ...any) *Refusal {
	return &Refusal{Pos: pos, Reason: fmt.Sprintf(format, args...)}
}

// A Shape is one way to put a finding right.
type Shape struct {
	Name string
	Doc  string // prose: what it does, what it keeps, what it relies on
	// OnRequest: the shape is offered, but only carried out where it is asked
	// for by its name.
	OnRequest bool
	// Plan proposes an edit script, or says why it cannot. Exactly one result
	// is not nil.
	Plan func(*Site) (*Plan, *Refusal)

	// CondWaits: the shape works on sections that also wait for a condition
	// variable of their lock, and proves S18 for that ([Window.Prove] does).
	CondWaits bool

	// AnyForm: the shape works on sections that are no stretch of one statement list.
	AnyForm bool
}

// A Proposal is what the shapes say to one finding.
type Proposal struct {
	Finding  *patterns.Finding
	Plans    []*Plan    // best first: fewest assumptions, then the order of the shapes
	Refusals []*Refusal // one for each shape without a plan, in the order of the shapes
}

// Propose asks every shape for a plan. Plans are not verified yet.
func Propose(x *patterns.Program, f *patterns.Finding, shapes []Shape) Proposal {
	p := Proposal{Finding: f}
	site, refusal := NewSite(x, f)
	for _, s := range shapes {
		if refusal == nil && site.form != nil && !s.AnyForm {
			r := *site.form
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, &r)
			continue
		}
		if refusal != nil {
			r := *refusal
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, &r)
			continue
		}
		*site.imports = nil
		site.forget()
		r := site.refuseCondWaits()
		var made *Plan
		if r == nil || s.CondWaits {
			made, r = s.plan(site)
		}
		if r != nil {
			of := *r // it may be the one that other shapes refuse with
			of.Shape = s.Name
			p.Refusals = append(p.Refusals, &of)
			continue
		}
		made.Shape, made.Finding = s.Name, f
		made.Imports = append(made.Imports, *site.imports...)
		r = made.require()
		if r == nil {
			r = site.complete(made)
		}
		if r != nil {
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, r)
			continue
		}
		made.OnRequest = s.OnRequest || len(made.Assumptions()) > MostQuestions
		p.Plans = append(p.Plans, made)
	}
	slices.SortStableFunc(p.Plans, comparePlans)
	return p
}

// plan asks the shape for a plan. Where something may panic under a lock that is
// released explicitly, it also asks for one that releases the lock earlier, and
// takes that if it leaves fewer questions.
func (s Shape) plan(site *Site) (*Plan, *Refusal) {
	plan, refusal := s.Plan(site)
	if refusal != nil || !slices.ContainsFunc(plan.Assumptions(), func(o Obligation) bool { return o.Condition == S12 }) {
		return plan, refusal
	}
	imports := slices.Clone(*site.imports)
	*site.imports = nil
	if early, refusal := s.Plan(site.Early()); refusal == nil && len(early.Assumptions()) < len(plan.Assumptions()) {
		return early, nil
	}
	*site.imports = imports
	return plan, nil
}

// Early returns the site as a shape sees it that releases the lock as early as it
// can: values that are read under it are read before.
func (s *Site) Early() *Site {
	c := *s
	c.early = true
	c.forget()
	return &c
}

// comparePlans orders plans: those that need not be asked for first, then those
// with the fewest assumptions.
func comparePlans(a, b *Plan) int {
	if a.OnRequest != b.OnRequest {
		return map[bool]int{true: 1, false: -1}[a.OnRequest]
	}
	return cmp.Compare(len(a.Assumptions()), len(b.Assumptions()))
}

// require notes the modules that the imports of the plan need and go.mod does
// not list.
func (p *Plan) require() *Refusal {
	s := p.Finding.Section
	for _, i := range p.Imports {
		if isStd(i.Path) {
			continue
		}
		if s.Unit.Pkg.Require == nil {
			return Inapplicable(s.Pos(), "the package belongs to no module that could require %s", i.Path)
		}
		req, err := s.Unit.Pkg.Require(i.Path)
		if err != nil {
			return Inapplicable(s.Pos(), "%v", err)
		}
		if req != nil && !slices.Contains(p.Requires, req) {
			p.Requires = append(p.Requires, req)
		}
	}
	return nil
}

// complete puts the obligations of a plan in order. It refuses the plan if one of
// the conditions has no answer: what nobody has looked at is not proved.
func (s *Site) complete(p *Plan) *Refusal {
	if r := s.provePanic(p); r != nil {
		return r
	}
	if r := s.askLeftOut(p); r != nil {
		return r
	}
	for _, c := range Conditions() {
		if !siteBroken() && !slices.ContainsFunc(p.Obligations, func(o Obligation) bool { return o.Answers(c) }) {
			return Refuse(c, "unanswered", s.Section.Pos(), "nothing is known about this condition for the rewrite")
		}
	}
	p.Obligations = s.mergeQuestions(p.Obligations)
	slices.SortStableFunc(p.Obligations, func(a, b Obligation) int { return cmp.Compare(a.Condition.order(), b.Condition.order()) })
	return nil
}

// provePanic is S12 for a plan that says nothing of it: the lock is released on a
// panic where it was before if the script leaves the deferred release as it is, or
// there was none.
func (s *Site) provePanic(p *Plan) *Refusal {
	has := func(o Obligation) bool { return o.Condition == S12 }
	if slices.ContainsFunc(p.Obligations, has) {
		return nil
	}
	text := "the release stays deferred"
	switch {
	case s.Defer == nil:
		text = "the lock was released explicitly before, too"
	case takesOut(p.Script, s.Lock):
		text = "the lock is not taken any more"
	case takesOut(p.Script, s.Defer):
		return Refuse(S12, "deferred-gone", s.Defer.Pos(), "the deferred unlock would be gone")
	}
	p.Obligations = append(p.Obligations, Obligation{Condition: S12, Status: Proved, Text: text})
	return nil
}

// takesOut reports whether a script removes or replaces a statement.
func takesOut(script tree.Script, st ast.Stmt) bool {
	return slices.ContainsFunc(script.Ops, func(op tree.Op) bool {
		switch op := op.(type) {
		case tree.Remove:
			return op.Stmt == st
		case tree.ReplaceStmt:
			return op.Stmt == st
		}
		return false
	})
}
