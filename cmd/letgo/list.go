package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
)

// list prints the findings on standard output, one a line, or writes them to a
// baseline.
func (a *command) list(ctx context.Context) int {
	if status, ok := a.quick(ctx); ok {
		return status
	}
	o, err := a.findings(ctx)
	if err != nil {
		return a.Fail("%v", err)
	}
	a.Bar.Stop()
	if a.Opts.JSON {
		return a.printJSON(o, nil)
	}
	if a.Opts.SARIF {
		return a.printSARIF(o)
	}
	a.printProblems(o)
	if a.Opts.WriteBaseline != "" {
		if err := a.writeBaseline(o); err != nil {
			return a.Fail("%v", err)
		}
		fmt.Fprintf(a.Stderr, "%s written to %s\n", app.Plural(len(outcome.Shown(a.App, o)), "finding"), a.Opts.WriteBaseline)
		if o.Failed() {
			return app.ExitFailed
		}
		return app.ExitNone
	}
	for _, e := range outcome.Shown(a.App, o) {
		line := listLine(explanation.Place(a.App, e.Finding.Position()), e.Finding.Message(), outcome.VerdictOf(e.Finding))
		if d := e.Finding.Delay; d != nil {
			line += ": " + d.String()
		}
		fmt.Fprintln(a.Stdout, line)
		a.printContext(o, e.Finding)
	}
	a.printMistakes(a.Stdout, o)
	a.printMissed(o)
	a.printGone(o)
	a.printSummary(o, nil)
	return a.status(o, nil)
}

// listLine is the line of one finding, with the verdict unless the message has it.
func listLine(place, message, group string) string {
	if group == outcome.MayDeadlock {
		return place + ": " + message
	}
	return fmt.Sprintf("%s: %s [%s]", place, message, group)
}

// printContext prints the line of a finding with those around it, as -c of
// other analysers does.
func (a *command) printContext(o *outcome.Outcome, f *finding.Finding) {
	file := o.Files[f.Position().Filename]
	if a.Opts.Context < 0 || file == nil {
		return
	}
	lines := strings.Split(string(file.Content), "\n")
	at := f.Position().Line
	for i := max(1, at-a.Opts.Context); i <= min(len(lines), at+a.Opts.Context); i++ {
		fmt.Fprintf(a.Stdout, "%d\t%s\n", i, lines[i-1])
	}
}

// findings loads the packages named and finds their sections that wait. The
// entries have no plans.
func (a *command) findings(ctx context.Context) (*outcome.Outcome, error) {
	p, err := outcome.Load(ctx, a.App, a.Dir, a.Opts.Args)
	if err != nil {
		return nil, err
	}
	if err := outcome.LeaveOut(ctx, a.App, p); err != nil {
		return nil, err
	}
	lists, err := outcome.Each(ctx, a.App, p, "finding sections", func(q *patterns.Package) []*finding.Finding {
		return find.In(p.Program, q, waits.Options{Categories: outcome.Categories(a.App, p, q)})
	})
	if err != nil {
		return nil, err
	}
	o, err := outcome.NewOutcome(ctx, a.App, p)
	if err != nil {
		return nil, err
	}
	o.Idle = append(o.Idle, p.Notes...)
	found := slices.Concat(lists...)
	slices.SortStableFunc(found, outcome.CompareFindings)
	for _, f := range found {
		o.Entries = append(o.Entries, &rewrite.Entry{Finding: f})
	}
	return o, nil
}

// quick lists the findings, if nothing is asked for that needs the packages
// themselves, and nothing is wrong with what they declare. Otherwise it is not ok.
func (a *command) quick(ctx context.Context) (status int, ok bool) {
	o := a.Opts
	if o.Tests || o.JSON || o.SARIF || o.Baseline != "" || o.WriteBaseline != "" || o.NewFrom != "" || o.At != "" || o.Profiles != nil || o.Context >= 0 || a.Hook != nil {
		return 0, false
	}
	a.Bar.Phase("loading packages", 0)
	listing, ok := load.List(a.LoadConfig(ctx, a.Dir), o.Args...)
	if !ok || ctx.Err() != nil {
		return 0, false
	}
	r := &outcome.QuickRun{App: a.App, Listing: listing, ByImp: make(map[string]*outcome.QuickPackage)}
	if err := r.Open(); err != nil {
		return 0, false
	}
	pkgs := r.Packages(listing.All)
	unknown, err := r.Recall(pkgs)
	if err != nil || !listing.Prepare(outcome.UnitsOf(unknown), r.Memory()) {
		return 0, false
	}
	a.Bar.Phase("finding sections", len(unknown))
	if !r.All(ctx, unknown) {
		return 0, false
	}
	return a.printList(r, r.Named(pkgs)), true
}

// printList prints what a quick run found in all packages and returns the exit status.
func (a *command) printList(r *outcome.QuickRun, pkgs []*outcome.QuickPackage) int {
	r.Bar.Stop()
	var found []outcome.Listed
	o := &outcome.Outcome{Packages: len(pkgs)}
	looked := make(map[string]bool) // project files
	for _, p := range pkgs {
		if p.File != nil && !looked[p.File.Dir] {
			looked[p.File.Dir] = true
			o.Idle = append(o.Idle, p.File.IdlePaths()...)
		}
		found = append(found, p.Kept.Findings...)
		o.Mistakes = append(o.Mistakes, p.Kept.Mistakes...)
		if p.Kept.Problem != nil {
			o.Problems = append(o.Problems, outcome.LoadProblem(a.App, a.Dir, *p.Kept.Problem))
		}
	}
	outcome.SortMistakes(o)
	slices.SortStableFunc(found, func(a, b outcome.Listed) int { return a.Worth.Compare(b.Worth) })
	count, shown := make(map[string]int), 0
	for _, f := range found {
		count[f.Group]++
		if r.Opts.All || f.Shown {
			shown++
			fmt.Fprintln(r.Stdout, listLine(explanation.Place(r.App, f.Worth.At), f.Message, f.Group))
		}
	}
	a.printProblems(o)
	a.printMistakes(a.Stdout, o)
	a.printCounts(o, count, shown, "")
	if shown > 0 || len(o.Mistakes) > 0 {
		return app.ExitFound
	}
	return app.ExitNone
}
