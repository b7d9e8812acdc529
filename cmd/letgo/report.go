package main

import (
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
)

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

// printProblems names what was left out.
func (a *app) printProblems(o *outcome) {
	for _, p := range o.problems {
		fmt.Fprintf(a.stderr, "letgo: %s\n", p)
	}
}

// printMistakes names the directives that are wrong or have no effect.
func (a *app) printMistakes(w io.Writer, o *outcome) {
	for _, m := range o.mistakes {
		fmt.Fprintf(w, "%s: %s\n", paint(a.colour(w), bold, a.place(m.Pos)), m.Msg)
	}
}

// printGone names the entries of the baseline that no finding matched.
func (a *app) printGone(o *outcome) {
	for _, g := range o.gone {
		fmt.Fprintf(a.stderr, "letgo: %s:%d: not found any more: %s\n", a.opts.baseline, g.Line, g.Text)
	}
	if len(o.gone) > 0 {
		fmt.Fprintf(a.stderr, "letgo: to take what is gone out of the baseline, write it anew: letgo -l -write-baseline=%s\n", a.opts.baseline)
	}
}

// headings stand above the groups of findings, apart from the incidental ones.
var headings = map[string]string{
	"may deadlock":              "May deadlock: whoever is waited for needs the lock that is held.",
	string(patterns.Unsure):     "Unsure: the signs do not tell whether these locks are held on purpose.",
	string(patterns.Deliberate): "Deliberate: these locks look held on purpose.",
}

// group is what a finding is listed under.
func group(f *patterns.Finding) string {
	if f.MayDeadlock() {
		return "may deadlock"
	}
	return string(f.Verdict.Judgement)
}

// printEntries prints the findings, those of most worth first, with a heading
// where another group begins.
func (a *app) printEntries(o *outcome, written map[string]bool) {
	above, last := "", string(patterns.Incidental)
	for _, e := range a.shown(o) {
		if g := group(e.Finding); g != last {
			switch {
			case headings[g] != "":
				fmt.Fprintf(a.stderr, "%s%s\n\n", above, headings[g])
			default:
				fmt.Fprint(a.stderr, above)
			}
			last = g
		}
		above = "\n"
		a.printEntry(e, written)
	}
}

// printEntry prints one finding and what can be done about it.
func (a *app) printEntry(e *rewrite.Entry, written map[string]bool) {
	f := e.Finding
	fmt.Fprintf(a.stderr, "%s: %s\n", paint(a.colour(a.stderr), bold, a.place(f.Position())), f.Message())
	if path := f.Main().Path; len(path) > 0 {
		a.detail("call path: %s", a.path(path))
	}
	a.printDeadlock(f)
	a.detail("verdict: %s", verdict(f))
	switch {
	case e.Applied != nil:
		a.printPlan(e, written)
	case len(e.Plans) > 0:
		p := e.Plans[0].Plan
		a.detail("%s (%s): %s", p.Shape, p.Grade(), p.Title)
		a.detail("%s", a.whyNot(p))
	default:
		a.printRefusals(e)
	}
}

// printDeadlock prints who may need the lock to end the wait, and by what calls.
func (a *app) printDeadlock(f *patterns.Finding) {
	d := f.Deadlock
	if d == nil {
		return
	}
	a.detail("%s: %s", deadlockTitle(d), d.Message())
	a.detail("its path: %s (%s) > %s", d.In, a.place(d.EndsAt), a.path(d.Path))
}

func deadlockTitle(d *patterns.Deadlock) string {
	if d.Timed {
		return "may stall until a timer ends it"
	}
	return "may deadlock"
}

func (a *app) detail(format string, args ...any) {
	fmt.Fprintf(a.stderr, "    "+format+"\n", args...)
}

// printPlan prints the rewrite that the run carries out for a finding.
func (a *app) printPlan(e *rewrite.Entry, written map[string]bool) {
	p := e.Applied
	done := ""
	switch {
	case applied(e, written):
		done = ", applied"
	case a.opts.write:
		done = ", not applied"
	}
	a.detail("%s (%s%s): %s", p.Shape, p.Grade(), done, p.Title)
	for _, r := range p.Requires {
		a.detail("go.mod: requires %s %s", r.Module, r.Version)
	}
	fset := e.Finding.Section.Unit.Pkg.Fset
	for _, o := range p.Assumptions() {
		a.detail("check: %s: %s%s", o.Label(), o.Text, a.line(fset, o.Pos))
	}
}

// whyNot says why a plan is not carried out.
func (a *app) whyNot(p *rewrite.Plan) string {
	if p.OnRequest && !slices.Contains(a.opts.requested, p.Shape) {
		return "not done: only where it is asked for, by -shape=" + p.Shape
	}
	if p.Grade() == rewrite.Review && a.opts.grade == rewrite.Safe {
		return "not done: it leaves something to check; letgo explain says what, -grade=review does it"
	}
	return "not done together with the other rewrites here; run letgo again after them"
}

// printRefusals says why no shape applies: once for all that give the same reason,
// and without their names if those are all.
func (a *app) printRefusals(e *rewrite.Entry) {
	fset := e.Finding.Section.Unit.Pkg.Fset
	for _, list := range byReason(e.Refusals) {
		names := shapesOf(list) + ": "
		if len(list) == len(e.Refusals) && len(list) > 1 {
			names = ""
		}
		a.detail("refused: %s%s%s", names, list[0].Error(), a.line(fset, list[0].Pos))
	}
}

// byReason puts refusals together that say the same of several shapes.
func byReason(refusals []*rewrite.Refusal) [][]*rewrite.Refusal {
	var out [][]*rewrite.Refusal
	for _, r := range refusals {
		i := slices.IndexFunc(out, func(list []*rewrite.Refusal) bool {
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
func shapesOf(refusals []*rewrite.Refusal) string {
	var names []string
	for _, r := range refusals {
		names = append(names, r.Shape)
	}
	return strings.Join(names, ", ")
}

// path prints the calls that lead to a wait.
func (a *app) path(hops []patterns.Hop) string {
	var parts []string
	for _, h := range hops {
		parts = append(parts, fmt.Sprintf("%s (%s)", h.Func, a.place(h.At)))
	}
	return strings.Join(parts, " > ")
}

// verdict prints a judgement with its signs, or with the directive that decided.
func verdict(f *patterns.Finding) string {
	v := f.Verdict
	if f.Directive != nil {
		return fmt.Sprintf("%s by %s", v.Judgement, v.Evidence[0].Detail)
	}
	var signs []string
	for _, e := range v.Evidence {
		if e.Weight != 0 && e.Sign != "rate" {
			signs = append(signs, e.Sign)
		}
	}
	s := fmt.Sprintf("%s (%+d)", v.Judgement, v.Score)
	if len(signs) > 0 {
		s += ": " + strings.Join(signs, ", ")
	}
	return s
}

// printDiff prints the rewrites on standard output.
func (a *app) printDiff(o *outcome) error {
	text, outside, err := a.diff(o.changes)
	if err != nil {
		return err
	}
	for _, name := range outside {
		fmt.Fprintf(a.stderr, "letgo: no diff of %s, which is not below the working directory; -C names another one\n", name)
	}
	_, err = a.stdout.Write(colourDiff(text, a.colour(a.stdout)))
	return err
}

// printSummary prints what was found and done in one line.
func (a *app) printSummary(o *outcome, written map[string]bool) {
	count := make(map[string]int)
	for _, e := range o.entries {
		count[group(e.Finding)]++
	}
	a.printCounts(o, count, len(a.shown(o)), a.summariseRewrites(o, written))
}

// printCounts prints how many findings there are of every group, how many of
// them are shown, and what was done.
func (a *app) printCounts(o *outcome, count map[string]int, shown int, rewrites string) {
	deliberate := string(patterns.Deliberate)
	var kinds []string
	for _, g := range []string{"may deadlock", string(patterns.Incidental), string(patterns.Unsure), deliberate} {
		if count[g] > 0 && (g != deliberate || a.opts.all) {
			kinds = append(kinds, fmt.Sprintf("%d %s", count[g], g))
		}
	}
	parts := []string{plural(shown, "finding")}
	if len(kinds) > 0 {
		parts[0] += " (" + strings.Join(kinds, ", ") + ")"
	}
	if rewrites != "" {
		parts = append(parts, rewrites)
	}
	if n := count[deliberate]; n > 0 && !a.opts.all {
		parts = append(parts, fmt.Sprintf("%d more look deliberate (-all shows them)", n))
	}
	if o.known > 0 {
		parts = append(parts, fmt.Sprintf("%d more in the baseline", o.known))
	}
	if n := len(o.mistakes); n > 0 {
		parts = append(parts, fmt.Sprintf("%s in directives", plural(n, "mistake")))
	}
	if n := len(o.problems); n > 0 {
		parts = append(parts, plural(n, "problem"))
	}
	fmt.Fprintln(a.stderr, strings.Join(parts, "; "))
}

// summariseRewrites counts the rewrites offered or applied, by grade.
func (a *app) summariseRewrites(o *outcome, written map[string]bool) string {
	n := make(map[rewrite.Grade]int)
	for _, e := range a.shown(o) {
		if e.Applied != nil && (!a.opts.write || applied(e, written)) {
			n[e.Applied.Grade()]++
		}
	}
	verb := "offered"
	if a.opts.write {
		verb = "applied"
	}
	total := n[rewrite.Safe] + n[rewrite.Review]
	if total == 0 {
		return ""
	}
	var grades []string
	for _, g := range []rewrite.Grade{rewrite.Safe, rewrite.Review} {
		if n[g] > 0 {
			grades = append(grades, fmt.Sprintf("%d %s", n[g], g))
		}
	}
	return fmt.Sprintf("%s %s (%s)", plural(total, "rewrite"), verb, strings.Join(grades, ", "))
}
