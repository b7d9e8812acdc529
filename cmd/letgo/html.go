package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/token"
	"os"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/cmd/letgo/webpage"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// The most that the page has of one finding; explain has all.
const (
	mostWaits  = 3
	mostHops   = 12
	mostSigns  = 12
	mostRows   = 120
	mostGuards = 8
)

// writePage writes the findings as a page for a browser and returns the exit status.
func (a *command) writePage(o *outcome.Outcome) int {
	a.Bar.Stop()
	a.printProblems(o)
	var out bytes.Buffer
	if err := webpage.Write(&out, a.page(o)); err != nil {
		return a.Fail("making the page: %v", err)
	}
	if err := writeOver(outcome.Abs(a.App, a.Opts.HTML), out.Bytes()); err != nil {
		return a.Fail("writing the page %s: %v", a.Opts.HTML, outcome.PlainError(err))
	}
	fmt.Fprintf(a.Stderr, "%s written to %s\n", app.Plural(len(outcome.Shown(a.App, o)), "finding"), a.Opts.HTML)
	a.printTrial(o)
	return a.status(o, nil)
}

// writeOver writes a file that letgo makes, as a whole, whether there is one or not.
func writeOver(name string, text []byte) error {
	old, err := config.ReadFile(name, config.MaxBaseline)
	if os.IsNotExist(err) {
		return os.WriteFile(name, text, 0o666)
	}
	if err != nil {
		return err
	}
	return textedit.Replace(name, old, text)
}

// page puts the page together.
func (a *command) page(o *outcome.Outcome) *webpage.Page {
	p := &webpage.Page{Title: "letgo: locks that are held while the code waits", Version: "letgo " + help.BuildVersion(), Command: a.commandLine()}
	for _, q := range o.Problems {
		p.Problems = append(p.Problems, q.String())
	}
	all := outcome.Shown(a.App, o)
	slices.SortStableFunc(all, func(x, y *rewrite.Entry) int {
		return cmp.Compare(slices.Index(outcome.Groups, outcome.GroupOf(x)), slices.Index(outcome.Groups, outcome.GroupOf(y)))
	})
	last := ""
	rewrites := 0
	for _, e := range all {
		f := a.pageFinding(e)
		if g := outcome.GroupOf(e); g != last {
			f.Heading, last = outcome.Headings[g], g
		}
		if f.Plan != nil {
			rewrites++
		}
		p.Findings = append(p.Findings, f)
	}
	a.pageDelays(p, o)
	p.Summary = fmt.Sprintf("%s in %s, %s", app.Plural(len(all), "finding"), app.Plural(o.Packages, "package"), app.Plural(rewrites, "rewrite"))
	return p
}

// pageDelays adds what profiles say besides the findings.
func (a *command) pageDelays(p *webpage.Page, o *outcome.Outcome) {
	if o.Delays == nil {
		return
	}
	p.Account = outcome.AccountOf(o.Delays)
	for _, m := range o.Missed[:min(len(o.Missed), outcome.MostMissed)] {
		s := m.Section
		why, command := outcome.Remedy(&m)
		at := s.Position()
		p.Missed = append(p.Missed, webpage.Missed{
			Place: fmt.Sprintf("%s:%d", a.Rel(at.Filename), at.Line), Lock: fmt.Sprintf("%s.%s()", s.Lock, s.Mode.Acquire()), Function: s.Unit.Name(),
			Delay: m.Delay.String(), Stack: m.Short(), Why: why, Command: command,
		})
	}
}

// commandLine is the command without the file that it writes.
func (a *command) commandLine() string {
	words := []string{"letgo"}
	for i := 0; i < len(a.Args); i++ {
		switch name, _, inside := strings.Cut(strings.TrimLeft(a.Args[i], "-"), "="); {
		case name != "html":
			words = append(words, a.Args[i])
		case !inside:
			i++
		}
	}
	return app.ShellWords(words...)
}

// pageFinding is what the page has of one finding.
func (a *command) pageFinding(e *rewrite.Entry) *webpage.Finding {
	f := e.Finding
	s := f.Section
	at := f.Position()
	p := &webpage.Finding{
		Place: fmt.Sprintf("%s:%d", a.Rel(at.Filename), at.Line), Package: s.Unit.Pkg.Path, Function: s.Unit.Name(),
		Headline: short(f.Headline()), Verdict: outcome.VerdictOf(f), Category: f.Main().Category, Sites: f.Sites,
		Lock: s.Lock.String(), Source: pageSource(s, f.Ops), Signs: a.pageSigns(f),
		More: max(0, len(f.Ops)-mostWaits),
	}
	if d := f.Delay; d != nil {
		p.Delay = d.String()
		if d.Time > 0 {
			p.Waited = "delay " + finding.FormatDelay(d.Time)
		}
	}
	if f.Directive == nil {
		p.Score = fmt.Sprintf("%+d", f.Verdict.Score)
	}
	for _, o := range f.Ops[:min(len(f.Ops), mostWaits)] {
		p.Waits = append(p.Waits, webpage.Wait{What: o.What, Why: o.Why, Path: a.pageHops(o.Path)})
	}
	for _, g := range f.Guarded[:min(len(f.Guarded), mostGuards)] {
		p.Guarded = append(p.Guarded, webpage.Guarded{Name: explanation.GuardedName(s, g), Evidence: explanation.EvidenceOf(g)})
	}
	if d := f.Deadlock; d != nil {
		title := explanation.DeadlockTitle(d)
		p.Danger = strings.ToUpper(title[:1]) + title[1:] + ": " + d.Message()
		if !d.Self {
			p.Deadlock = []webpage.Hop{{Place: explanation.Place(a.App, d.EndsAt), Text: d.Ends + " in " + d.In}}
		}
		p.Deadlock = append(p.Deadlock, a.pageHops(d.Path)...)
	}
	a.pageRewrite(p, e)
	return p
}

// pageRewrite adds what can be done about a finding, and the commands for it.
func (a *command) pageRewrite(p *webpage.Finding, e *rewrite.Entry) {
	pkg := "./" + strings.TrimPrefix(dirOf(p.Place), "./")
	v := e.Offered()
	if r, ok := a.Tried[e]; ok {
		p.Tests, p.TestsBad = "tests: "+a.jsonTests(e).Result, r.Failure != nil
	}
	for _, w := range e.Plans {
		if w != v {
			p.Others = append(p.Others, fmt.Sprintf("%s (%s): %s; %s", w.Plan.Shape, w.Plan.Grade(), w.Plan.Title, a.whyNotFirst(e, w.Plan)))
		}
	}
	if v != nil {
		p.Plan = a.pagePlan(v)
		p.Commands = append(p.Commands, webpage.Command{
			Text: a.Opts.Again("", "-w", "-grade="+string(v.Plan.Grade()), "-shape="+v.Plan.Shape, "-at="+p.Place, pkg),
			Doc:  "applies this rewrite",
		})
	} else if r := rewrite.Nearest(e.Refusals); r != nil && len(e.Plans) == 0 {
		p.Refusal = r.Shape + ": " + r.Error() + explanation.Line(a.App, e.Finding.Section.Unit.Pkg.Fset, r.Pos)
		if advice := r.Advice(); advice != "" {
			p.Refusal += ". What would help: " + advice
		}
	}
	p.Commands = append(p.Commands,
		webpage.Command{Text: a.Opts.Again("explain", p.Place), Doc: "shows everything about it"},
		webpage.Command{Text: a.Opts.Again("", "-i", "-at="+p.Place, pkg), Doc: "goes through it in the terminal"})
}

// whyNotFirst says why a plan is not the one that is shown.
func (a *command) whyNotFirst(e *rewrite.Entry, p *plan.Plan) string {
	if r, ok := a.Tried[e]; ok && r.Failure != nil {
		return "with it a test fails: " + r.Failure.String()
	}
	if e.Applied != nil {
		return "letgo explain shows it"
	}
	return a.whyNot(p)
}

// dirOf is the directory of "dir/file.go:12", with a dot for that of the file itself.
func dirOf(place string) string {
	i := strings.LastIndexByte(place, '/')
	if i < 0 {
		return "."
	}
	return place[:i]
}

func (a *command) pageHops(path []patterns.Hop) []webpage.Hop {
	var out []webpage.Hop
	for _, h := range path[:min(len(path), mostHops)] {
		out = append(out, webpage.Hop{Place: explanation.Place(a.App, h.At), Text: h.Func})
	}
	return out
}

// pageSource is the source of a section, the long stretches that do not matter left
// out.
func pageSource(s *locks.Section, ops []*waits.Op) []webpage.Line {
	lines := app.SourceOf(s, ops)
	e := &app.Excerpt{Lines: lines}
	shown := e.Choose()
	var out []webpage.Line
	for i, l := range lines {
		switch n := len(out); {
		case shown[i]:
			out = append(out, webpage.Line{Number: l.Line, Text: l.Text, Mark: l.Mark})
		case n > 0 && out[n-1].Gap > 0:
			out[n-1].Gap++
		default:
			out = append(out, webpage.Line{Gap: 1})
		}
	}
	return out
}

// pageSigns are the signs of the verdict, the weightiest first.
func (a *command) pageSigns(f *finding.Finding) []webpage.Sign {
	evidence := slices.Clone(f.Verdict.Evidence)
	slices.SortStableFunc(evidence, func(x, y finding.Evidence) int {
		return cmp.Compare(explanation.Abs(y.Weight), explanation.Abs(x.Weight))
	})
	var out []webpage.Sign
	for _, e := range evidence[:min(len(evidence), mostSigns)] {
		s := webpage.Sign{Weight: fmt.Sprintf("%+d", e.Weight), Name: e.Sign, Detail: e.Detail, Direction: e.Direction()}
		if e.Pos.IsValid() {
			s.Place = fmt.Sprintf("%s:%d", a.Rel(e.Pos.Filename), e.Pos.Line)
		}
		out = append(out, s)
	}
	return out
}

// pagePlan is a rewrite with its changes side by side.
func (a *command) pagePlan(v *verify.Verified) *webpage.Plan {
	p := &webpage.Plan{Shape: v.Plan.Shape, Grade: string(v.Plan.Grade()), Title: v.Plan.Title}
	u := v.Plan.Finding.Section.Unit
	for _, o := range v.Plan.Assumptions() {
		q := webpage.Question{Condition: string(o.Condition), Text: o.Text}
		if o.Pos != token.NoPos {
			at := u.Pkg.Fset.Position(o.Pos)
			q.Place = fmt.Sprintf("%s:%d", a.Rel(at.Filename), at.Line)
		}
		p.Questions = append(p.Questions, q)
	}
	left := mostRows
	for _, c := range append(slices.Clone(v.Changes), verify.ModuleChanges(v.Plan.Requires)...) {
		rows := webpage.Rows(string(c.File.Content), textedit.Lines(c.File.Content, c.Content()), 3)
		if len(rows) > left {
			rows = append(rows[:left:left], webpage.Row{Kind: "gap"})
		}
		left -= len(rows)
		p.Files = append(p.Files, webpage.File{Name: a.Rel(c.File.Name), Rows: rows})
		if left <= 0 {
			break
		}
	}
	return p
}
