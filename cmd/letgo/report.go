package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns/profile"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// mostAlike is how many packages that are analysed in part are named, each with its own error. If
// a module cannot be downloaded, most packages have one.
const mostAlike = 3

// printProblems names what was left out or analysed in part, each reason once.
func (a *command) printProblems(o *outcome.Outcome) {
	left := o.Problems
	for len(left) > 0 {
		p, told, more := left[0], 0, 0
		reason, skipped := strings.CutPrefix(p.Reason, "skipped, ")
		left = slices.DeleteFunc(slices.Clone(left), func(q outcome.Problem) bool {
			switch {
			case q.Internal != p.Internal || q.Reason != p.Reason:
				return false
			case q.Internal || told == 0 || q.Msg != "" && (skipped || told < mostAlike):
				told++
				fmt.Fprintf(a.Stderr, "letgo: %s\n", q)
			default:
				more++
			}
			return true
		})
		if skipped {
			reason = "skipped for the same reason"
		}
		if more > 0 {
			fmt.Fprintf(a.Stderr, "letgo: %s %s; letgo -json names all\n", app.Plural(more, "more package"), reason)
		}
	}
	for _, text := range o.Idle {
		fmt.Fprintf(a.Stderr, "letgo: %s\n", text)
	}
}

// printMistakes names the directives that are wrong or have no effect.
func (a *command) printMistakes(w io.Writer, o *outcome.Outcome) {
	for _, m := range o.Mistakes {
		fmt.Fprintf(w, "%s: %s\n", app.Paint(a.Colour(w), app.Bold, explanation.Place(a.App, m.Pos)), m.Msg)
	}
}

// printGone names the entries of the baseline that no finding matched.
func (a *command) printGone(o *outcome.Outcome) {
	for _, g := range o.Gone {
		fmt.Fprintf(a.Stderr, "letgo: %s:%d: no longer found: %s\n", a.Opts.Baseline, g.Line, g.Text)
	}
	if len(o.Gone) > 0 {
		fmt.Fprintf(a.Stderr, "letgo: to drop these entries, write the baseline again: letgo -l -write-baseline=%s\n", a.Opts.Baseline)
	}
}

// printEntries prints the findings, those of most worth first, with a heading
// where another group begins. On a terminal each one's diff stands below it.
func (a *command) printEntries(o *outcome.Outcome, written map[string]bool) {
	last := ""
	for _, e := range outcome.Detailed(a.App, o) {
		if g := outcome.GroupOf(e); g != last {
			fmt.Fprintf(a.Stderr, "%s\n\n", app.Paint(a.Colour(a.Stderr), app.Bold, outcome.Headings[g]))
			last = g
		}
		a.printEntry(e, written)
		if v := e.Offered(); v != nil && a.beside() {
			a.Stderr.Write(app.ColourDiff([]byte(explanation.PlanDiff(a.App, v)), a.Colour(a.Stderr)))
		}
		fmt.Fprintln(a.Stderr)
	}
}

// beside reports whether diffs are shown with their findings: where a person reads
// both, and nothing reads the diffs alone.
func (a *command) beside() bool {
	return !a.Opts.Write && app.IsTerminal(a.Stdout) && app.IsTerminal(a.Stderr)
}

// whyNot says why a plan is not carried out.
func (a *command) whyNot(p *plan.Plan) string {
	if p.OnRequest && !slices.Contains(a.Opts.Requested, p.Shape) {
		return "only on request, with -shape=" + p.Shape
	}
	if p.Grade() == safety.Review && a.Opts.Grade == safety.Safe {
		return "it has questions to answer first: letgo explain shows them, -grade=review applies it"
	}
	return "it overlaps with another rewrite; run letgo again after that"
}

// printDiff prints the rewrites on standard output.
func (a *command) printDiff(o *outcome.Outcome) error {
	if a.beside() {
		return nil
	}
	text, outside, err := outcome.Diff(a.App, o.Changes)
	if err != nil {
		return err
	}
	for _, name := range outside {
		fmt.Fprintf(a.Stderr, "letgo: no diff of %s, which is outside the working directory; -C names another one\n", name)
	}
	_, err = a.Stdout.Write(app.ColourDiff(text, a.Colour(a.Stdout)))
	return err
}

// printSummary prints what was found and done in one line.
func (a *command) printSummary(o *outcome.Outcome, written map[string]bool) {
	count := make(map[string]int)
	for _, e := range o.Entries {
		if g := outcome.VerdictOf(e.Finding); g == outcome.Deliberate && e.Finding.Shown() {
			count[outcome.Measured]++
		} else {
			count[g]++
		}
	}
	a.printCounts(o, count, len(outcome.Shown(a.App, o)), a.summariseRewrites(o, written))
	a.printNext(o)
}

// printNext says what one can do next.
func (a *command) printNext(o *outcome.Outcome) {
	if a.Opts.List || a.Opts.Write {
		return
	}
	var safe, review int
	var unsettled *rewrite.Entry // the first that cannot be applied at once
	listed := outcome.Detailed(a.App, o)
	for _, e := range listed {
		if unsettled == nil && (e.Applied == nil || e.Applied.Grade() == safety.Review) {
			unsettled = e
		}
		switch {
		case e.Applied == nil:
		case e.Applied.Grade() == safety.Safe:
			safe++
		default:
			review++
		}
	}
	var next [][2]string
	again := func(flag string) string { return a.Opts.Again("", append([]string{flag}, a.Opts.Args...)...) }
	if safe > 0 {
		next = append(next, [2]string{again("-w"), "applies " + app.Plural(safe, "safe rewrite")})
	}
	if review > 0 {
		next = append(next, [2]string{again("-i"), fmt.Sprintf("applies the rewrites that you accept; %d %s questions", review, has(review))})
	}
	if n := len(outcome.Shown(a.App, o)) - len(listed); n > 0 {
		next = append(next, [2]string{again("-unsure"), "also shows " + app.Plural(n, "unsure finding") + " without a rewrite"})
	}
	a.printCommands(next)
	if unsettled != nil { // the last one, and not in a column: its place may be long
		a.printCommands([][2]string{{a.explainCommand(unsettled), "shows everything about this finding"}})
	}
}

// has is the verb for n things.
func has(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// printCommands prints commands with what they do: behind them, or below if one is too
// long for that. A command is to be copied, so it is not broken.
func (a *command) printCommands(list [][2]string) {
	widest, room := 0, a.findingPage(a.Stderr).Width-len("    ")
	for _, c := range list {
		widest = max(widest, len(c[0]))
	}
	below := slices.ContainsFunc(list, func(c [2]string) bool { return widest+len(c[1]) > room })
	for _, c := range list {
		if below {
			fmt.Fprintf(a.Stderr, "  %s\n      %s\n", c[0], c[1])
		} else {
			fmt.Fprintf(a.Stderr, "  %s  %s\n", app.Pad(c[0], widest), c[1])
		}
	}
}

// printCounts prints how many findings there are of every group, how many of
// them are shown, and what was done.
func (a *command) printCounts(o *outcome.Outcome, count map[string]int, shown int, rewrites string) {
	var kinds []string
	for _, g := range outcome.Groups {
		if count[g] > 0 && (g != outcome.Deliberate || a.Opts.All) {
			kinds = append(kinds, fmt.Sprintf("%d %s", count[g], g))
		}
	}
	parts := []string{app.Plural(shown, "finding")}
	if len(kinds) > 0 {
		parts[0] += " (" + strings.Join(kinds, ", ") + ")"
	}
	if rewrites != "" {
		parts = append(parts, rewrites)
	}
	if n := count[outcome.Deliberate]; n > 0 && !a.Opts.All {
		parts = append(parts, fmt.Sprintf("%d more look deliberate (-all shows them)", n))
	}
	if o.Known > 0 {
		parts = append(parts, fmt.Sprintf("%d more in the baseline", o.Known))
	}
	if n := len(o.Mistakes); n > 0 {
		parts = append(parts, fmt.Sprintf("%s in directives", app.Plural(n, "mistake")))
	}
	if n := len(o.Problems); n > 0 {
		parts = append(parts, app.Plural(n, "problem"))
	}
	page := a.findingPage(a.Stderr)
	page.WrapAfter("", 2, app.Plain("%s", strings.Join(parts, "; ")))
	io.WriteString(a.Stderr, page.String())
}

// findingPage is a page for what is printed of findings on w.
func (a *command) findingPage(w io.Writer) *app.Page {
	p := a.NewPage(w)
	p.Width = widestBrief
	if width, known := app.Columns(w); known {
		p.Width = min(width, widestBrief)
	}
	return p
}

// summariseRewrites counts the rewrites offered or applied, by grade.
func (a *command) summariseRewrites(o *outcome.Outcome, written map[string]bool) string {
	n := make(map[safety.Grade]int)
	for _, e := range outcome.Shown(a.App, o) {
		if e.Applied != nil && (!a.Opts.Write || applied(e, written)) {
			n[e.Applied.Grade()]++
		}
	}
	verb := "offered"
	if a.Opts.Write {
		verb = "applied"
	}
	total := n[safety.Safe] + n[safety.Review]
	if total == 0 {
		return ""
	}
	var grades []string
	for _, g := range []safety.Grade{safety.Safe, safety.Review} {
		if n[g] > 0 {
			grades = append(grades, fmt.Sprintf("%d %s", n[g], g))
		}
	}
	return fmt.Sprintf("%s %s (%s)", app.Plural(total, "rewrite"), verb, strings.Join(grades, ", "))
}

// printMissed prints what the profiles have besides the findings.
func (a *command) printMissed(o *outcome.Outcome) {
	d := o.Delays
	if d == nil {
		return
	}
	if len(o.Missed) > 0 {
		fmt.Fprintf(a.Stderr, "%s\n\n", app.Paint(a.Colour(a.Stderr), app.Bold, "Delay at sections in which letgo sees no wait:"))
	}
	for i, m := range o.Missed {
		if i == outcome.MostMissed {
			fmt.Fprintf(a.Stderr, "and %d more; -min-delay narrows, -json has all\n\n", len(o.Missed)-i)
			break
		}
		a.printOneMissed(&m)
	}
	fmt.Fprintf(a.Stderr, "profiles: %s\n", outcome.AccountOf(d))
}

func (a *command) printOneMissed(m *profile.Missed) {
	p, s := a.findingPage(a.Stderr), m.Section
	p.Wrap("", app.Span{Colour: app.Bold, Text: explanation.Place(a.App, s.Position()) + ":"}, app.Plain(" %s.%s() in %s", s.Lock, s.Mode.Acquire(), s.Unit.Name()))
	p.WrapAfter("  ", 4, app.Span{Colour: app.Amber, Text: "delay:"}, app.Plain(" %s", m.Delay))
	p.WrapAfter("  ", 4, app.Span{Colour: "", Text: "stack:"}, app.Plain(" %s", m.Short()))
	why, command := outcome.Remedy(m)
	p.WrapAfter("  ", 4, app.Span{Colour: "", Text: "letgo:"}, app.Plain(" %s", why))
	if command != "" {
		p.Put(app.Plain("    %s", command)) // not wrapped: it is to be copied
	}
	a.Stderr.Write([]byte(p.String() + "\n"))
}
