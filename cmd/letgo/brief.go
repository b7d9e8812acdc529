package main

import (
	"fmt"
	"go/token"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
)

// A finding is printed in at most mostLines lines of widestBrief columns, and one more for
// each of -profile and -try; explain has what is left out.
const (
	widestBrief = 100
	mostLines   = 6
)

// A brief is one finding in a few lines: where it is, the lines that matter, what is
// offered or why nothing is, and what to do next.
type brief struct {
	*command
	*app.Page
	e      *rewrite.Entry
	number int         // width of the line numbers
	below  []paragraph // what is printed below the source
	checks []paragraph // the questions of the plan, the most important first
	asked  int         // how many lines there are more, on what a flag asks for
}

// printEntry prints one finding and what can be done about it.
func (a *command) printEntry(e *rewrite.Entry, written map[string]bool) {
	io.WriteString(a.Stderr, a.briefOf(a.Stderr, e, written, mostLines))
}

// briefOf returns what is printed of one finding on w, in at most this many lines.
func (a *command) briefOf(w io.Writer, e *rewrite.Entry, written map[string]bool, most int) string {
	b := &brief{command: a, Page: a.findingPage(w), e: e}
	b.remarks(written)
	return strings.Join(b.laidOut(b.headline(b.about()), most+b.asked), "\n") + "\n"
}

// remarks collects what is said below the source.
func (b *brief) remarks(written map[string]bool) {
	e := b.e
	b.deadlock()
	if e.Finding.Directive != nil {
		b.say("", string(e.Finding.Verdict.Judgement)+":", e.Finding.Verdict.Evidence[0].Detail)
		if !e.Finding.Shown() && !b.Opts.Hold {
			b.say("", "no rewrite:", "a directive marks the lock as held on purpose; -all -hold rewrites it anyway")
		}
	}
	if d := e.Finding.Delay; d != nil {
		b.say(app.Amber, "delay:", d.String())
		b.asked++
	}
	if e, ok := verdict.Learned(e.Finding); ok {
		b.say(app.Amber, "history:", e.Detail)
	} else {
		b.purpose()
	}
	switch offered := e.Offered(); {
	case e.Finding.Meant && len(e.Plans)+len(e.Refusals) == 0:
		b.say("", "no rewrite:", "the commit says what the lock is held for; -all offers one anyway")
	case offered != nil:
		b.plan(offered.Plan, written)
	case outcome.Waiting(b.App, e) != nil:
		p := outcome.Waiting(b.App, e)
		b.say(app.Bold, p.Shape, fmt.Sprintf("(%s): %s", graded(p), p.Title))
		if !b.tests() {
			b.say("", "not done:", b.whyNot(p))
		}
	default:
		b.refusal()
	}
}

// purpose gives the strongest sign that a lock is held on purpose, if it looks so.
func (b *brief) purpose() {
	f := b.e.Finding
	if f.Verdict.Judgement != finding.Deliberate || f.Directive != nil || f.MayDeadlock() {
		return
	}
	var best *finding.Evidence
	for i, e := range f.Verdict.Evidence {
		if e.Sign != "rate" && e.Weight < 0 && (best == nil || e.Weight < best.Weight) {
			best = &f.Verdict.Evidence[i]
		}
	}
	if best != nil {
		b.below = append(b.below, paragraph{label: "on purpose:", text: best.Detail, minor: true})
	}
}

// place is where a finding is.
func (b *brief) place() string {
	return explanation.Place(b.command.App, b.e.Finding.Position()) + ":"
}

// source is the line that takes the lock and the one that waits. A remark for which there
// is no room behind the line stands below it, or is left out.
func (b *brief) source(below bool) []string {
	b.Reset()
	f := b.e.Finding
	u := f.Section.Unit
	lines := strings.Split(string(u.File.Content), "\n")
	op := decisive(f)
	shown := []app.Note{
		app.NoteAt(u, lines, f.Section.Acquire.Pos(), f.Section.Acquire.End(), app.Green, ""),
		app.NoteAt(u, lines, op.Node.Pos(), explanation.WaitEnd(op.Node), app.Red, b.reached(op)),
	}
	margin := -1
	for _, n := range shown {
		b.number = max(b.number, len(fmt.Sprint(n.Line)))
		if n.Line < 1 || n.Line > len(lines) {
			return nil // a line directive has moved it
		}
		text, _ := app.Expand(lines[n.Line-1])
		if indent := len(text) - len(strings.TrimLeft(text, " ")); margin < 0 || indent < margin {
			margin = indent
		}
	}
	for i, n := range shown {
		if i == 0 && shown[1].Line == n.Line {
			continue // lock and wait stand on one line
		}
		b.line(n, lines[n.Line-1], margin, below)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// decisive returns the operation that a finding is about: the one that may deadlock, or
// the one of most worth.
func decisive(f *finding.Finding) *waits.Op {
	if d := f.Deadlock; d != nil && !d.Timed {
		return d.Op
	}
	return f.Main()
}

// line prints one line of source with its number, what is meant in colour, and the
// remark behind it if there is room, or below it.
func (b *brief) line(n app.Note, line string, margin int, below bool) {
	text, columnOf := app.Expand(line)
	text = strings.TrimRight(text, " ")
	left := []app.Span{{Colour: app.Dim, Text: fmt.Sprintf("  %*d │ ", b.number, n.Line)}}
	room := b.Page.Width - b.number - 5
	from, to := columnOf[n.Start]-margin, min(columnOf[n.End], len(text))-margin
	text = text[margin:]
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) != len(text) {
		from, to = 0, 0 // columns are not bytes here
	}
	remark := ""
	if n.Text != "" {
		remark = "  ← " + n.Text
	}
	short := []rune(text)
	if len(short) > room {
		short = append(short[:room-1:room-1], '…')
	}
	if to > len(short)-1 && len(short) < len([]rune(text)) || from >= to {
		from, to = 0, 0
	}
	text = string(short)
	fits := len(short)+utf8.RuneCountInString(remark) <= room
	spans := append(left, app.Plain("%s", text[:from]), app.Span{Colour: n.Colour, Text: text[from:to]}, app.Plain("%s", text[to:]))
	if fits {
		spans = append(spans, app.Span{Colour: app.Dim, Text: remark})
	}
	b.Put(app.Trimmed(spans)...)
	if !fits && below && n.Text != onlyWaits {
		b.Put(app.Span{Colour: app.Dim, Text: fmt.Sprintf("  %*s │ ", b.number, "")}, app.Span{Colour: app.Dim, Text: cutAt(remark, room)})
	}
}

// onlyWaits is said of what waits itself.
const onlyWaits = "waits"

// reached says where a call of the section waits in the end.
func (b *brief) reached(o *waits.Op) string {
	if len(o.Path) == 0 {
		return onlyWaits
	}
	last := o.Path[len(o.Path)-1].At
	return fmt.Sprintf("waits in %s (%s:%d)", short(o.What), b.Rel(last.Filename), last.Line)
}

// deadlock says who needs the lock to end the wait.
func (b *brief) deadlock() {
	d := b.e.Finding.Deadlock
	if d == nil {
		return
	}
	title := "may deadlock:"
	if d.Timed {
		title = "may stall:"
	}
	place := fmt.Sprintf("%s:%d", b.Rel(d.EndsAt.Filename), d.EndsAt.Line)
	p := paragraph{colour: app.Red, label: title, text: d.Message(), brief: d.Brief(), place: place}
	if d.Doubt != "" {
		doubtful := p
		doubtful.text = d.Brief() + ", " + d.Doubt
		if len(b.lines(doubtful)) == 1 {
			p.brief = doubtful.text
		}
	}
	b.below = append(b.below, p)
}

// plan prints the rewrite that the run carries out, and what is to be checked first.
func (b *brief) plan(p *plan.Plan, written map[string]bool) {
	grade := graded(p)
	switch {
	case applied(b.e, written):
		grade += ", applied"
	case b.Opts.Write:
		grade += ", not applied"
	}
	b.say(app.Green, p.Shape, fmt.Sprintf("(%s): %s", grade, p.Title))
	for _, r := range p.Requires {
		b.below = append(b.below, paragraph{label: "go.mod:", text: fmt.Sprintf("requires %s %s", r.Module, r.Version), minor: true})
	}
	b.tests()
	for _, o := range p.Assumptions() {
		b.checks = append(b.checks, b.located(app.Amber, "check:", o.Text, o.Pos, string(o.Condition)))
	}
}

// graded is the grade of a plan, with the number of its questions.
func graded(p *plan.Plan) string {
	if n := len(p.Assumptions()); n > 0 {
		return string(p.Grade()) + ", " + app.Plural(n, "question")
	}
	return string(p.Grade())
}

// tests prints what tests say to the rewrite, and reports whether they do.
func (b *brief) tests() bool {
	r, ok := b.Tried[b.e]
	if ok {
		b.asked++
	}
	switch {
	case !ok:
		return false
	case r.Failure != nil:
		b.say(app.Red, "not done:", "with this rewrite a test fails: "+r.Failure.String())
	case r.Coverage == trial.Covered:
		b.say(app.Green, "tests:", passedText(r))
	default:
		b.say(app.Amber, "tests:", passedText(r))
	}
	return true
}

// passedText says what it is worth that no test fails with a rewrite.
func passedText(r trial.Result) string {
	switch r.Coverage {
	case trial.Covered:
		return "passed"
	case trial.Uncovered:
		return "none of them takes this lock here"
	}
	return "passed; letgo cannot tell whether one of them takes this lock"
}

// refusal prints the one reason that stands in the way of a rewrite, and which there is
// on request. Of one that only asks too much, that is the reason.
func (b *brief) refusal() {
	var request *plan.Plan
	for _, v := range b.e.Plans {
		request = v.Plan
	}
	asks := 0
	if request != nil {
		asks = len(request.Assumptions())
	}
	r := rewrite.Nearest(b.e.Refusals)
	if r != nil && asks <= plan.MostQuestions {
		b.below = append(b.below, b.located("", "no rewrite:", r.Reason, r.Pos, r.Name()))
	}
	switch {
	case request == nil:
	case asks > plan.MostQuestions:
		b.say("", "on request:", fmt.Sprintf("-shape=%s, which asks %d questions; %s shows them", request.Shape, asks, b.explainCommand(b.e)))
	default:
		b.say("", "on request:", fmt.Sprintf("-shape=%s; %s shows it", request.Shape, b.explainCommand(b.e)))
	}
}

// explainCommand is the command that tells all about a finding.
func (a *command) explainCommand(e *rewrite.Entry) string {
	p := e.Finding.Position()
	return a.Opts.Again("explain", fmt.Sprintf("%s:%d", a.Rel(p.Filename), p.Line))
}

// say adds a paragraph below the source.
func (b *brief) say(c app.Colour, label, text string) {
	b.below = append(b.below, paragraph{colour: c, label: label, text: text})
}

// located is a question or a refusal with its places named as elsewhere, and followed by
// the line that it is about unless it names that itself, and by the condition.
func (b *brief) located(c app.Colour, label, text string, pos token.Pos, condition string) paragraph {
	u := b.e.Finding.Section.Unit
	p := paragraph{colour: c, label: label, text: shortInText(b.Local(u.Pkg, text)), condition: condition}
	if pos.IsValid() {
		p.place = b.Local(u.Pkg, u.Pkg.Place(u.File.Name, u.Pkg.Fset.Position(pos)))
	}
	return p
}

// cutAt shortens a text to n columns.
func cutAt(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// importPath is a path in front of the name of a package's member.
var importPath = regexp.MustCompile(`[\w.~-]+(?:/[\w.~-]+)*/`)

// short takes import paths off a name, up to the name of the package.
func short(name string) string { return importPath.ReplaceAllString(name, "") }

// nameInText is a name with an import path, or the path of a file.
var nameInText = regexp.MustCompile(`(?:[\w.~-]+/)+\w+\.\w+`)

// shortInText is short for the names in a text, in which there are also places.
func shortInText(text string) string {
	return nameInText.ReplaceAllStringFunc(text, func(name string) string {
		if strings.HasSuffix(name, ".go") {
			return name
		}
		return short(name)
	})
}
