package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// An explainer puts an explanation together.
type explainer struct {
	*app
	*page
	f     *finding.Finding
	lines []string // of the file

	first *plan.Plan                  // of those printed, or nil
	said  map[safety.Condition]string // what is proved for it
}

// explanation returns everything about one section as text.
func (a *app) explanation(e *rewrite.Entry) string {
	f := e.Finding
	s := f.Section
	x := &explainer{app: a, page: a.newPage(a.stdout), f: f, lines: strings.Split(string(s.Unit.File.Content), "\n"), said: make(map[safety.Condition]string)}
	x.wrap("", span{bold, a.place(f.Position()) + ":"}, plain(" %s", title(f)))
	x.wrap("", plain("in "), span{bold, s.Unit.Name()}, plain(", package %s", s.Unit.Pkg.Path))
	x.put()
	x.source()
	x.waits()
	x.measured()
	x.guards()
	if len(f.Ops) > 0 {
		x.deadlock()
		x.judged()
		x.shapes(e)
	}
	return x.String()
}

// source prints the section with the extent of its lock.
func (x *explainer) source() {
	s := x.f.Section
	var notes []note
	for i, o := range x.f.Ops {
		text := o.Describe()
		if len(o.Path) > 1 {
			text = "reaches " + o.What
		}
		if len(x.f.Ops) > 1 {
			text = fmt.Sprintf("%d: %s", i+1, text)
		}
		n := noteAt(s.Unit, x.lines, o.Node.Pos(), waitEnd(o.Node), red, text)
		notes = append(notes, n)
	}
	x.excerpt(x.withHead(sourceOf(s, x.f.Ops)), notes)
	if s.Problem != "" {
		x.put()
		x.wrap("", span{amber, "The extent is not certain:"}, plain(" %s%s.", s.Problem, x.at(s.ProblemPos)))
	}
	for _, o := range s.Others {
		when := "is already held"
		if o.Inner {
			when = "is taken meanwhile"
		}
		x.put()
		x.wrap("", span{amber, "Another lock " + when + ":"}, plain(" %s%s.", o.Lock, x.at(o.Pos)))
	}
}

// withHead puts the line with the name of the function before the others, if it
// is not one of them.
func (x *explainer) withHead(lines []sourceLine) []sourceLine {
	u := x.f.Section.Unit
	if u.Decl == nil || len(lines) == 0 {
		return lines
	}
	if at := u.Position(u.Decl.Type.Func).Line; 1 <= at && at < lines[0].Line {
		return append([]sourceLine{{Line: at, Text: x.lines[at-1], head: true}}, lines...)
	}
	return lines
}

// waitEnd returns the end of the part of a wait that is underlined.
func waitEnd(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.RangeStmt:
		return n.X.End()
	case *ast.SelectStmt:
		return n.Pos() + token.Pos(len("select"))
	}
	return n.End()
}

// at prints a position in brackets, as app.line does.
func (x *explainer) at(pos token.Pos) string {
	return x.app.line(x.f.Section.Unit.Pkg.Fset, pos)
}

// waits prints the blocking operations with their call paths. Those of the
// function itself that are alike stand together.
func (x *explainer) waits() {
	if len(x.f.Ops) == 0 {
		return
	}
	x.heading("What waits")
	done := make(map[*waits.Op]bool)
	for i, o := range x.f.Ops {
		if done[o] {
			continue
		}
		var numbers, lines []string
		for j, other := range x.f.Ops[i:] {
			if other == o || alike(o, other) {
				done[other] = true
				numbers = append(numbers, fmt.Sprint(i+j+1))
				lines = append(lines, fmt.Sprint(x.f.Section.Unit.Position(other.Pos()).Line))
			}
		}
		x.put()
		lead, where := "  ", ""
		if len(x.f.Ops) > 1 {
			lead = "  " + strings.Join(numbers, ", ") + "  "
		}
		if len(o.Path) == 0 {
			where = " (" + atLines(lines) + ")"
		}
		x.wrap(lead, span{red, o.What}, plain("%s, which %s (%s, %s)", where, o.Why, o.Category, o.Effect))
		indent := strings.Repeat(" ", len(lead))
		x.hops(indent, o)
		for _, more := range opRemarks(o) {
			x.wrap(indent, span{amber, more})
		}
	}
}

// measured prints what profiles say of the section, if there are any.
func (x *explainer) measured() {
	if d := x.f.Delay; d != nil {
		x.heading("What the profiles say")
		x.put()
		x.wrap("  ", plain("%s", d))
	}
}

// alike reports whether two waits of the function itself differ in their place
// only.
func alike(a, b *waits.Op) bool {
	return len(a.Path) == 0 && len(b.Path) == 0 && a.What == b.What && a.Category == b.Category && a.Effect == b.Effect &&
		a.Why == b.Why && a.Weak == b.Weak && a.Deferred == b.Deferred && slices.Equal(a.Also, b.Also)
}

// atLines names lines: "line 3", "lines 3, 4 and 5".
func atLines(lines []string) string {
	lines = slices.Compact(lines)
	n := len(lines)
	if n == 1 {
		return "line " + lines[0]
	}
	return "lines " + strings.Join(lines[:n-1], ", ") + " and " + lines[n-1]
}

// hops prints the calls that lead to a wait, each with its place.
func (x *explainer) hops(indent string, o *waits.Op) {
	t := table{indent: indent + "  ", widest: 44}
	for i, h := range o.Path {
		verb := "calls "
		if i == len(o.Path)-1 {
			verb = "waits in "
		}
		t.add(span{dim, x.place(h.At)}, plain("%s%s", verb, h.Func))
	}
	x.table(t)
}

// opRemarks lists what else is to be said of a wait.
func opRemarks(o *waits.Op) []string {
	var out []string
	if o.Deferred {
		out = append(out, "It is deferred: it runs when the function returns.")
	}
	if o.Weak != "" {
		out = append(out, "The evidence is weak: "+o.Weak+".")
	}
	if offByDefault(o.Category) {
		out = append(out, fmt.Sprintf("Such waits are not reported unless -category or a project file turns %s on.", o.Category))
	}
	if len(o.Also) > 0 {
		out = append(out, "The same call also leads to waits of the kinds: "+strings.Join(o.Also, ", ")+".")
	}
	return out
}

// guards prints what the lock protects, and how that is known.
func (x *explainer) guards() {
	x.heading("What %s guards", x.f.Section.Lock)
	x.put()
	if len(x.f.Guarded) == 0 {
		x.wrap("  ", plain("Nothing that can be told: no variable that changes is accessed under it."))
	}
	t := table{indent: "  ", widest: 32}
	var more []string
	for i, g := range x.f.Guarded {
		name := guardedName(x.f.Section, g)
		if i < manyGuarded {
			t.add(span{cyan, name}, plain("%s", evidenceOf(g)))
		} else {
			more = append(more, name)
		}
	}
	x.table(t)
	if len(more) > 0 {
		x.wrap("  ", plain("and %s", strings.Join(more, ", ")))
	}
}

// manyGuarded is how many guarded variables are listed with their evidence;
// -json has that of all.
const manyGuarded = 12

// guardedName names a guarded variable: a field of another type than the lock's
// with that type.
func guardedName(s *locks.Section, g guards.Guarded) string {
	owner := ownerOf(g.Var)
	if lock := s.LockVar(); owner == "" || lock != nil && owner == ownerOf(lock) {
		return g.Var.Name()
	}
	return owner + "." + g.Var.Name()
}

// ownerOf returns the name of the type of package scope that declares a field,
// or "".
func ownerOf(v *types.Var) string {
	if !v.IsField() || v.Pkg() == nil {
		return ""
	}
	return fieldOwners(v.Pkg())[v]
}

// fieldOwners maps the fields of the structs of a package to the names of their
// types.
func fieldOwners(p *types.Package) map[*types.Var]string {
	owners := make(map[*types.Var]string)
	scope := p.Scope()
	for _, name := range scope.Names() {
		if t, ok := scope.Lookup(name).(*types.TypeName); ok && !t.IsAlias() {
			if st, ok := t.Type().Underlying().(*types.Struct); ok {
				for f := range st.Fields() {
					if owners[f.Origin()] == "" {
						owners[f.Origin()] = name
					}
				}
			}
		}
	}
	return owners
}

// evidenceOf says why a variable counts as guarded: what stands behind its
// name in the words of package patterns.
func evidenceOf(g guards.Guarded) string {
	return strings.TrimPrefix(g.String(), g.Var.Name()+": ")
}

// deadlock prints who may need the lock to end the wait, and by what calls.
func (x *explainer) deadlock() {
	d := x.f.Deadlock
	if d == nil {
		return
	}
	title := deadlockTitle(d)
	x.heading("%s", strings.ToUpper(title[:1])+title[1:])
	x.put()
	x.wrap("  ", span{red, d.Op.What}, plain("%s: %s", x.at(d.Op.Pos()), d.Message()))
	x.wrap("    ", plain("%s: %s in %s", x.place(d.EndsAt), d.Ends, d.In))
	for _, h := range d.Path {
		x.wrap("    ", plain("%s: %s", x.place(h.At), h.Func))
	}
}

// judged prints the verdict with its evidence: what decided it, then the signs
// of accident and those of purpose, the weightiest first.
func (x *explainer) judged() {
	v := x.f.Verdict
	evidence := v.Evidence
	if x.f.Directive != nil {
		x.heading("Verdict: %s, because a directive says so", v.Judgement)
		x.put()
		x.wrap("  ", plain("%s", evidence[0].Detail))
		if evidence = evidence[1:]; len(evidence) > 0 {
			x.put()
			x.wrap("  ", plain("Without it the signs would count (%+d):", v.Score))
		}
	} else {
		x.heading("Verdict: %s (%+d)", v.Judgement, v.Score)
		if len(evidence) == 0 {
			x.put()
			x.wrap("  ", plain("There are no signs of accident or purpose."))
		}
	}
	evidence = slices.Clone(evidence)
	slices.SortStableFunc(evidence, func(a, b finding.Evidence) int { return cmp.Compare(abs(b.Weight), abs(a.Weight)) })
	x.signs("for accident", green, evidence, func(w int) bool { return w > 0 })
	x.signs("for purpose", red, evidence, func(w int) bool { return w < 0 })
	x.signs("for neither", "", evidence, func(w int) bool { return w == 0 })
}

func abs(n int) int { return max(n, -n) }

// signs prints the evidence of one direction.
func (x *explainer) signs(title string, c colour, evidence []finding.Evidence, in func(weight int) bool) {
	t := table{indent: "    ", widest: 28}
	for _, e := range evidence {
		if in(e.Weight) {
			prose := []span{plain("%s", e.Detail)}
			if e.Pos.IsValid() {
				prose = append(prose, span{dim, fmt.Sprintf(" (%s:%d)", x.rel(e.Pos.Filename), e.Pos.Line)})
			}
			t.add(span{c, fmt.Sprintf("%+3d  %s", e.Weight, e.Sign)}, prose...)
		}
	}
	if len(t.rows) > 0 {
		x.put()
		x.wrap("  ", plain("%s", title))
		x.table(t)
	}
}

// shapes prints every plan and every refusal.
func (x *explainer) shapes(e *rewrite.Entry) {
	for _, v := range e.Plans {
		x.plan(v)
	}
	x.refused(e.Refusals)
}

// refused prints the rewrites that break a condition, the nearest first, and in a
// table those that have nothing to do here.
func (x *explainer) refused(refusals []*safety.Refusal) {
	idle := table{indent: "  ", widest: 40}
	first := true
	for _, list := range byReason(rewrite.ByDistance(refusals)) {
		r := list[0]
		if r.Condition == "" {
			idle.add(span{"", shapesOf(list)}, span{dim, r.Reason + x.at(r.Pos)})
			continue
		}
		if first {
			x.heading("Rewrites that would not be right, the nearest first")
			first = false
		}
		x.put()
		where, shown := x.fault(r.Pos, red)
		x.wrap("  ", span{bold, shapesOf(list)}, plain(": %s%s", x.local(x.f.Section.Unit.Pkg, r.Error()), where))
		shown()
		if advice := r.Advice(); advice != "" {
			x.wrap("    ", span{green, "what would help: "}, plain("%s", advice))
		}
	}
	if len(idle.rows) > 0 {
		x.heading("Rewrites that do not apply")
		x.put()
		x.table(idle)
	}
}

// fault prepares the line at a position for print, with what is meant
// underlined, if it is in the section's file. where names the place otherwise.
func (x *explainer) fault(pos token.Pos, c colour) (where string, print func()) {
	u := x.f.Section.Unit
	if pos.IsValid() && u.Pkg.FileOf(pos) == u.File {
		n := noteAt(u, x.lines, pos, extentOf(u.File, pos), c, "")
		if 1 <= n.line && n.line <= len(x.lines) {
			return "", func() { x.excerpt([]sourceLine{{Line: n.line, Text: x.lines[n.line-1]}}, []note{n}) }
		}
	}
	return x.at(pos), func() {}
}

// plan prints one plan: its diff, what is to be checked, and what is proved.
func (x *explainer) plan(v *verify.Verified) {
	p := v.Plan
	x.heading("%s (%s): %s", p.Shape, p.Grade(), p.Title)
	x.put()
	if diff := x.planDiff(v); diff != "" {
		x.Write(colourDiff([]byte(diff), x.colours))
	} else {
		x.wrap("  ", plain("There is no diff: the file is not below the working directory; -C names another one."))
	}
	if open := p.Assumptions(); len(open) > 0 {
		x.put()
		x.wrap("  ", span{amber, "to check"})
		least := 0
		for _, o := range open {
			least = max(least, len(condition(o)))
		}
		for _, o := range open {
			t := table{indent: "    ", least: least}
			where, shown := x.fault(o.Pos, amber)
			t.add(span{amber, condition(o)}, plain("%s%s", x.local(x.f.Section.Unit.Pkg, o.Text), where))
			x.table(t)
			shown()
		}
	}
	x.proved(p)
}

// proved prints what is proved for a plan. What is proved in the same words as
// for the first plan is only named.
func (x *explainer) proved(p *plan.Plan) {
	t := table{indent: "    ", widest: 28}
	var before []string
	for _, o := range p.Obligations {
		if o.Status != safety.Proved {
			continue
		}
		text := o.Text + x.at(o.Pos)
		if x.first != nil && x.said[o.Condition] == text {
			before = append(before, string(o.Condition))
			continue
		}
		t.add(span{green, condition(o)}, span{dim, text})
		if x.first == nil {
			x.said[o.Condition] = text
		}
	}
	if len(t.rows)+len(before) > 0 {
		x.put()
		x.wrap("  ", span{green, "proved"})
		x.table(t)
	}
	if len(before) > 0 {
		x.wrap("    ", span{green, strings.Join(before, ", ")}, span{dim, " as for " + x.first.Shape})
	}
	if x.first == nil {
		x.first = p
	}
}

func condition(o safety.Obligation) string {
	return fmt.Sprintf("%-3s %s", o.Condition, o.Condition.Title())
}

// title is the first line of an explanation.
func title(f *finding.Finding) string {
	s := f.Section
	if len(f.Ops) == 0 {
		return fmt.Sprintf("nothing waits while %s.%s() holds the lock", s.Lock, s.Mode.Acquire())
	}
	return f.Message()
}

// planDiff returns the diff of one plan, or "" for a file that is not below
// the working directory.
func (a *app) planDiff(v *verify.Verified) string {
	text, _, err := a.diff(v.Changes)
	if err != nil {
		return ""
	}
	return string(text)
}

// place prints a position: "dir/file.go:1:2".
func (a *app) place(p token.Position) string {
	return fmt.Sprintf("%s:%d:%d", a.rel(p.Filename), p.Line, p.Column)
}

// line prints a position without its column, in brackets and with a space
// before it, or nothing if there is none.
func (a *app) line(fset *token.FileSet, pos token.Pos) string {
	if !pos.IsValid() {
		return ""
	}
	p := fset.Position(pos)
	return fmt.Sprintf(" (%s:%d)", a.rel(p.Filename), p.Line)
}

func deadlockTitle(d *finding.Deadlock) string {
	if d.Timed {
		return "may stall until a timer ends it"
	}
	return "may deadlock"
}

// byReason puts refusals together that say the same of several shapes.
func byReason(refusals []*safety.Refusal) [][]*safety.Refusal {
	var out [][]*safety.Refusal
	for _, r := range refusals {
		i := slices.IndexFunc(out, func(list []*safety.Refusal) bool {
			o := list[0]
			return o.Condition == r.Condition && o.Reason == r.Reason && o.Pos == r.Pos
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], r)
	}
	return out
}

// shapesOf names the shapes of refusals.
func shapesOf(refusals []*safety.Refusal) string {
	var names []string
	for _, r := range refusals {
		names = append(names, r.Shape)
	}
	return strings.Join(names, ", ")
}
