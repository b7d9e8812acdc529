// Package explanation writes everything that is known about one finding.
package explanation

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
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
	*app.App
	*app.Page
	f     *finding.Finding
	lines []string // of the file

	first *plan.Plan                  // of those printed, or nil
	said  map[safety.Condition]string // what is proved for it
}

// Explanation returns everything about one section as text.
func Explanation(a *app.App, e *rewrite.Entry) string {
	f := e.Finding
	s := f.Section
	x := &explainer{App: a, Page: a.NewPage(a.Stdout), f: f, lines: strings.Split(string(s.Unit.File.Content), "\n"), said: make(map[safety.Condition]string)}
	x.Wrap("", app.Span{Colour: app.Bold, Text: Place(a, f.Position()) + ":"}, app.Plain(" %s", title(f)))
	x.Wrap("", app.Plain("in "), app.Span{Colour: app.Bold, Text: s.Unit.Name()}, app.Plain(", package %s", s.Unit.Pkg.Path))
	x.Put()
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
	var notes []app.Note
	for i, o := range x.f.Ops {
		text := o.Describe()
		if len(o.Path) > 1 {
			text = "reaches " + o.What
		}
		if len(x.f.Ops) > 1 {
			text = fmt.Sprintf("%d: %s", i+1, text)
		}
		n := app.NoteAt(s.Unit, x.lines, o.Node.Pos(), WaitEnd(o.Node), app.Red, text)
		notes = append(notes, n)
	}
	x.Excerpt(x.withHead(app.SourceOf(s, x.f.Ops)), notes)
	if s.Problem != "" {
		x.Put()
		x.Wrap("", app.Span{Colour: app.Amber, Text: "The extent of the section is uncertain:"}, app.Plain(" %s%s.", s.Problem, x.at(s.ProblemPos)))
	}
	for _, o := range s.Others {
		when := "is already held"
		if o.Inner {
			when = "is taken meanwhile"
		}
		x.Put()
		x.Wrap("", app.Span{Colour: app.Amber, Text: "Another lock " + when + ":"}, app.Plain(" %s%s.", o.Lock, x.at(o.Pos)))
	}
}

// withHead puts the line with the name of the function before the others, if it
// is not one of them.
func (x *explainer) withHead(lines []app.SourceLine) []app.SourceLine {
	u := x.f.Section.Unit
	if u.Decl == nil || len(lines) == 0 {
		return lines
	}
	if at := u.Position(u.Decl.Type.Func).Line; 1 <= at && at < lines[0].Line {
		return append([]app.SourceLine{{Line: at, Text: x.lines[at-1], Head: true}}, lines...)
	}
	return lines
}

// WaitEnd returns the end of the underlined part of a wait.
func WaitEnd(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.RangeStmt:
		return n.X.End()
	case *ast.SelectStmt:
		return n.Pos() + token.Pos(len("select"))
	}
	return n.End()
}

// at prints a position in parentheses, as app.line does.
func (x *explainer) at(pos token.Pos) string {
	return Line(x.App, x.f.Section.Unit.Pkg.Fset, pos)
}

// waits prints the blocking operations with their call paths. Those of the
// function itself that are alike stand together.
func (x *explainer) waits() {
	if len(x.f.Ops) == 0 {
		return
	}
	x.Heading("What waits")
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
		x.Put()
		lead, where := "  ", ""
		if len(x.f.Ops) > 1 {
			lead = "  " + strings.Join(numbers, ", ") + "  "
		}
		if len(o.Path) == 0 {
			where = " (" + atLines(lines) + ")"
		}
		x.Wrap(lead, app.Span{Colour: app.Red, Text: o.What}, app.Plain("%s, which %s (%s)", where, o.Why, kindOf(o)))
		indent := strings.Repeat(" ", len(lead))
		x.hops(indent, o)
		for _, h := range o.Beside {
			x.Wrap(indent, app.Plain("It also waits in %s (%s).", h.Func, Place(x.App, h.At)))
		}
		for _, more := range opRemarks(o) {
			x.Wrap(indent, app.Span{Colour: app.Amber, Text: more})
		}
	}
}

// kindOf is the category of a wait and its effect, if that is another word.
func kindOf(o *waits.Op) string {
	if string(o.Effect) == o.Category {
		return o.Category
	}
	return fmt.Sprintf("%s, %s", o.Category, o.Effect)
}

// measured prints what profiles say of the section, if there are any.
func (x *explainer) measured() {
	if d := x.f.Delay; d != nil {
		x.Heading("What the profiles say")
		x.Put()
		x.Wrap("  ", app.Plain("%s", d))
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
	t := app.Table{Indent: indent + "  ", Widest: 44}
	for i, h := range o.Path {
		verb := "calls "
		if i == len(o.Path)-1 {
			verb = "waits in "
		}
		t.Add(app.Span{Colour: app.Dim, Text: Place(x.App, h.At)}, app.Plain("%s%s", verb, h.Func))
	}
	x.Table(t)
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
	if outcome.OffByDefault(o.Category) {
		out = append(out, fmt.Sprintf("Such waits are not reported unless -category or a project file turns %s on.", o.Category))
	}
	if len(o.Also) > 0 {
		out = append(out, "The same call also leads to waits of the kinds: "+strings.Join(o.Also, ", ")+".")
	}
	return out
}

// guards prints what the lock protects, and how that is known.
func (x *explainer) guards() {
	x.Heading("What %s guards", x.f.Section.Lock)
	x.Put()
	if len(x.f.Guarded) == 0 {
		x.Wrap("  ", app.Plain("Nothing that letgo can see: no variable that changes is accessed under it."))
	}
	t := app.Table{Indent: "  ", Widest: 32}
	var more []string
	for i, g := range x.f.Guarded {
		name := GuardedName(x.f.Section, g)
		if i < manyGuarded {
			t.Add(app.Span{Colour: app.Cyan, Text: name}, app.Plain("%s", EvidenceOf(g)))
		} else {
			more = append(more, name)
		}
	}
	x.Table(t)
	if len(more) > 0 {
		x.Wrap("  ", app.Plain("and %s", strings.Join(more, ", ")))
	}
}

// manyGuarded is how many guarded variables are listed with their evidence;
// -json has that of all.
const manyGuarded = 12

// GuardedName names a guarded variable; a field of a type other than the lock's is
// named with its type.
func GuardedName(s *locks.Section, g guards.Guarded) string {
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
	return FieldOwners(v.Pkg())[v]
}

// FieldOwners maps the fields of the structs of a package to the names of their
// types.
func FieldOwners(p *types.Package) map[*types.Var]string {
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

// EvidenceOf says why a variable counts as guarded: what follows its name in the words
// of package patterns.
func EvidenceOf(g guards.Guarded) string {
	return strings.TrimPrefix(g.String(), g.Var.Name()+": ")
}

// deadlock prints who may need the lock to end the wait, and by what calls.
func (x *explainer) deadlock() {
	d := x.f.Deadlock
	if d == nil {
		return
	}
	title := DeadlockTitle(d)
	x.Heading("%s", strings.ToUpper(title[:1])+title[1:])
	x.Put()
	x.Wrap("  ", app.Span{Colour: app.Red, Text: d.Op.What}, app.Plain("%s: %s", x.at(d.Op.Pos()), d.Message()))
	if !d.Self {
		x.Wrap("    ", app.Plain("%s: %s in %s", Place(x.App, d.EndsAt), d.Ends, d.In))
	}
	for _, h := range d.Path {
		x.Wrap("    ", app.Plain("%s: %s", Place(x.App, h.At), h.Func))
	}
	x.help(d.Advice())
}

// help prints what would help.
func (x *explainer) help(advice string) {
	x.Wrap("    ", app.Span{Colour: app.Green, Text: "what would help: "}, app.Plain("%s", advice))
}

// judged prints the verdict with its evidence: what decided it, then the signs
// of accident and those of purpose, the weightiest first.
func (x *explainer) judged() {
	v := x.f.Verdict
	evidence := v.Evidence
	if x.f.Directive != nil {
		x.Heading("Verdict: %s, because a directive says so", v.Judgement)
		x.Put()
		x.Wrap("  ", app.Plain("%s", evidence[0].Detail))
		if evidence = evidence[1:]; len(evidence) > 0 {
			x.Put()
			x.Wrap("  ", app.Plain("Without it, the signals would add up to %+d:", v.Score))
		}
	} else {
		x.Heading("Verdict: %s (%+d)", v.Judgement, v.Score)
		if len(evidence) == 0 {
			x.Put()
			x.Wrap("  ", app.Plain("There are no signals for accident or purpose."))
		}
	}
	evidence = slices.Clone(evidence)
	slices.SortStableFunc(evidence, func(a, b finding.Evidence) int { return cmp.Compare(Abs(b.Weight), Abs(a.Weight)) })
	x.signs("for accident", app.Green, evidence, func(w int) bool { return w > 0 })
	x.signs("for purpose", app.Red, evidence, func(w int) bool { return w < 0 })
	x.signs("for neither", "", evidence, func(w int) bool { return w == 0 })
}

func Abs(n int) int { return max(n, -n) }

// signs prints the evidence of one direction.
func (x *explainer) signs(title string, c app.Colour, evidence []finding.Evidence, in func(weight int) bool) {
	t := app.Table{Indent: "    ", Widest: 28}
	for _, e := range evidence {
		if in(e.Weight) {
			prose := []app.Span{app.Plain("%s", e.Detail)}
			if e.Pos.IsValid() {
				prose = append(prose, app.Span{Colour: app.Dim, Text: fmt.Sprintf(" (%s:%d)", x.Rel(e.Pos.Filename), e.Pos.Line)})
			}
			t.Add(app.Span{Colour: c, Text: fmt.Sprintf("%+3d  %s", e.Weight, e.Sign)}, prose...)
		}
	}
	if len(t.Rows) > 0 {
		x.Put()
		x.Wrap("  ", app.Plain("%s", title))
		x.Table(t)
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
	idle := app.Table{Indent: "  ", Widest: 40}
	first := true
	for _, list := range byReason(rewrite.ByDistance(refusals)) {
		r := list[0]
		if r.Condition == "" {
			idle.Add(app.Span{Colour: "", Text: shapesOf(list)}, app.Span{Colour: app.Dim, Text: r.Reason + x.at(r.Pos)})
			continue
		}
		if first {
			x.Heading("Rewrites that would not be right, the nearest first")
			first = false
		}
		x.Put()
		where, shown := x.fault(r.Pos, app.Red)
		x.Wrap("  ", app.Span{Colour: app.Bold, Text: shapesOf(list)}, app.Plain(": %s%s", x.Local(x.f.Section.Unit.Pkg, r.Error()), where))
		shown()
		if advice := r.Advice(); advice != "" {
			x.help(advice)
		}
	}
	if len(idle.Rows) > 0 {
		x.Heading("Rewrites that do not apply")
		x.Put()
		x.Table(idle)
	}
}

// fault prepares the line at a position for print, with what is meant
// underlined, if it is in the section's file. where names the place otherwise.
func (x *explainer) fault(pos token.Pos, c app.Colour) (where string, print func()) {
	u := x.f.Section.Unit
	if pos.IsValid() && u.Pkg.FileOf(pos) == u.File {
		n := app.NoteAt(u, x.lines, pos, app.ExtentOf(u.File, pos), c, "")
		if 1 <= n.Line && n.Line <= len(x.lines) {
			return "", func() { x.Excerpt([]app.SourceLine{{Line: n.Line, Text: x.lines[n.Line-1]}}, []app.Note{n}) }
		}
	}
	return x.at(pos), func() {}
}

// plan prints one plan: its diff, what is to be checked, and what is proved.
func (x *explainer) plan(v *verify.Verified) {
	p := v.Plan
	x.Heading("%s (%s): %s", p.Shape, p.Grade(), p.Title)
	x.Put()
	if diff := PlanDiff(x.App, v); diff != "" {
		x.Write(app.ColourDiff([]byte(diff), x.Colours))
	} else {
		x.Wrap("  ", app.Plain("There is no diff: the file is not below the working directory; -C names another one."))
	}
	if p.Repair != "" {
		x.Put()
		x.Wrap("  ", app.Plain("The first plan asked more, or was refused: this one is the repair \"%s\" (letgo help shapes).", p.Repair))
	}
	if open := p.Assumptions(); len(open) > 0 {
		x.Put()
		x.Wrap("  ", app.Span{Colour: app.Amber, Text: "to check"})
		least := 0
		for _, o := range open {
			least = max(least, len(condition(o)))
		}
		for _, o := range open {
			t := app.Table{Indent: "    ", Least: least}
			where, shown := x.fault(o.Pos, app.Amber)
			t.Add(app.Span{Colour: app.Amber, Text: condition(o)}, app.Plain("%s%s", x.Local(x.f.Section.Unit.Pkg, o.Text), where))
			x.Table(t)
			shown()
		}
	}
	x.proved(p)
}

// proved prints what is proved for a plan. What is proved in the same words as
// for the first plan is only named.
func (x *explainer) proved(p *plan.Plan) {
	t := app.Table{Indent: "    ", Widest: 28}
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
		t.Add(app.Span{Colour: app.Green, Text: condition(o)}, app.Span{Colour: app.Dim, Text: text})
		if x.first == nil {
			x.said[o.Condition] = text
		}
	}
	if len(t.Rows)+len(before) > 0 {
		x.Put()
		x.Wrap("  ", app.Span{Colour: app.Green, Text: "proved"})
		x.Table(t)
	}
	if len(before) > 0 {
		x.Wrap("    ", app.Span{Colour: app.Green, Text: strings.Join(before, ", ")}, app.Span{Colour: app.Dim, Text: " as for " + x.first.Shape})
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

// PlanDiff returns the diff of one plan, or "" for a file outside of the working
// directory.
func PlanDiff(a *app.App, v *verify.Verified) string {
	text, _, err := outcome.Diff(a, v.Changes)
	if err != nil {
		return ""
	}
	return string(text)
}

// Place prints a position: "dir/file.go:1:2".
func Place(a *app.App, p token.Position) string {
	return fmt.Sprintf("%s:%d:%d", a.Rel(p.Filename), p.Line, p.Column)
}

// Line prints a position without its column, in parentheses and with a space
// before it, or nothing if there is none.
func Line(a *app.App, fset *token.FileSet, pos token.Pos) string {
	if !pos.IsValid() {
		return ""
	}
	p := fset.Position(pos)
	return fmt.Sprintf(" (%s:%d)", a.Rel(p.Filename), p.Line)
}

func DeadlockTitle(d *finding.Deadlock) string {
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
