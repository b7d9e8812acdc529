package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/profile"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// printProblems names what was left out.
func (a *app) printProblems(o *outcome) {
	for _, p := range o.problems {
		fmt.Fprintf(a.stderr, "letgo: %s\n", p)
	}
	for _, text := range o.idle {
		fmt.Fprintf(a.stderr, "letgo: %s\n", text)
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

// printEntries prints the findings, those of most worth first, with a heading
// where another group begins. On a terminal each one's diff stands below it.
func (a *app) printEntries(o *outcome, written map[string]bool) {
	last := ""
	for _, e := range a.detailed(o) {
		if g := groupOf(e); g != last {
			fmt.Fprintf(a.stderr, "%s\n\n", paint(a.colour(a.stderr), bold, headings[g]))
			last = g
		}
		a.printEntry(e, written)
		if v := e.Offered(); v != nil && a.beside() {
			a.stderr.Write(colourDiff([]byte(a.planDiff(v)), a.colour(a.stderr)))
		}
		fmt.Fprintln(a.stderr)
	}
}

// beside reports whether diffs are shown with their findings: where a person reads
// both, and nothing reads the diffs alone.
func (a *app) beside() bool {
	return !a.opts.write && isTerminal(a.stdout) && isTerminal(a.stderr)
}

// whyNot says why a plan is not carried out.
func (a *app) whyNot(p *plan.Plan) string {
	if p.OnRequest && !slices.Contains(a.opts.requested, p.Shape) {
		return "only where it is asked for, by -shape=" + p.Shape
	}
	if p.Grade() == safety.Review && a.opts.grade == safety.Safe {
		return "it has questions to answer first: letgo explain shows them, -grade=review applies it"
	}
	return "it overlaps with another rewrite; run letgo again after that"
}

// printDiff prints the rewrites on standard output.
func (a *app) printDiff(o *outcome) error {
	if a.beside() {
		return nil
	}
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
		if g := verdictOf(e.Finding); g == deliberate && e.Finding.Shown() {
			count[measured]++
		} else {
			count[g]++
		}
	}
	a.printCounts(o, count, len(a.shown(o)), a.summariseRewrites(o, written))
	a.printNext(o)
}

// printNext says what one can do next.
func (a *app) printNext(o *outcome) {
	if a.opts.list || a.opts.write {
		return
	}
	var safe, review int
	var unsettled *rewrite.Entry // the first that cannot be applied at once
	listed := a.detailed(o)
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
	args := ""
	for _, arg := range a.opts.args {
		args += " " + arg
	}
	if safe > 0 {
		next = append(next, [2]string{"letgo -w" + args, "applies " + plural(safe, "safe rewrite")})
	}
	if review > 0 {
		next = append(next, [2]string{"letgo -w -grade=review" + args, "applies " + also(safe) + plural(review, "rewrite") + " with questions: answer them first"})
	}
	if unsettled != nil {
		next = append(next, [2]string{a.explainCommand(unsettled), "shows everything about a finding"})
	}
	if n := len(a.shown(o)) - len(listed); n > 0 {
		next = append(next, [2]string{"letgo -unsure" + args, "also shows " + plural(n, "unsure finding") + " without a rewrite"})
	}
	widest := 0
	for _, n := range next {
		widest = max(widest, len(n[0]))
	}
	for _, n := range next {
		fmt.Fprintf(a.stderr, "  %s  %s\n", pad(n[0], widest), n[1])
	}
}

// also is a word for what comes on top of something.
func also(n int) string {
	if n > 0 {
		return "also "
	}
	return ""
}

// printCounts prints how many findings there are of every group, how many of
// them are shown, and what was done.
func (a *app) printCounts(o *outcome, count map[string]int, shown int, rewrites string) {
	var kinds []string
	for _, g := range groups {
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
	n := make(map[safety.Grade]int)
	for _, e := range a.shown(o) {
		if e.Applied != nil && (!a.opts.write || applied(e, written)) {
			n[e.Applied.Grade()]++
		}
	}
	verb := "offered"
	if a.opts.write {
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
	return fmt.Sprintf("%s %s (%s)", plural(total, "rewrite"), verb, strings.Join(grades, ", "))
}

// printMissed prints what the profiles have besides the findings.
func (a *app) printMissed(o *outcome) {
	d := o.delays
	if d == nil {
		return
	}
	if len(o.missed) > 0 {
		fmt.Fprintf(a.stderr, "%s\n\n", paint(a.colour(a.stderr), bold, "Delay at sections that were not found to wait:"))
	}
	for i, m := range o.missed {
		if i == mostMissed {
			fmt.Fprintf(a.stderr, "and %d more; -min-delay narrows, -json has all\n\n", len(o.missed)-i)
			break
		}
		a.printOneMissed(&m)
	}
	fmt.Fprintf(a.stderr, "profiles: %s\n", accountOf(d))
}

func (a *app) printOneMissed(m *profile.Missed) {
	p := a.newPage(a.stderr)
	p.width = widestBrief
	if width, known := columns(a.stderr); known {
		p.width = min(width, widestBrief)
	}
	s := m.Section
	p.wrap("", span{bold, a.place(s.Position()) + ":"}, plain(" %s.%s() in %s", s.Lock, s.Mode.Acquire(), s.Unit.Name()))
	p.wrapAfter("  ", 4, span{amber, "delay:"}, plain(" %s", m.Delay))
	p.wrapAfter("  ", 4, span{"", "stack:"}, plain(" %s", m.Short()))
	why, command := remedy(m)
	p.wrapAfter("  ", 4, span{"", "letgo:"}, plain(" %s", why))
	if command != "" {
		p.put(plain("    %s", command)) // not wrapped: it is to be copied
	}
	a.stderr.Write([]byte(p.String() + "\n"))
}
