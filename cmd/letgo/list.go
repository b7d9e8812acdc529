package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
)

// list prints the findings on standard output, one a line, or writes them to a
// baseline.
func (a *app) list(ctx context.Context) int {
	if status, ok := a.quick(ctx); ok {
		return status
	}
	o, err := a.findings(ctx)
	if err != nil {
		return a.fail("%v", err)
	}
	a.bar.stop()
	if a.opts.json {
		return a.printJSON(o, nil)
	}
	if a.opts.sarif {
		return a.printSARIF(o)
	}
	a.printProblems(o)
	if a.opts.writeBaseline != "" {
		if err := a.writeBaseline(o); err != nil {
			return a.fail("%v", err)
		}
		fmt.Fprintf(a.stderr, "%s written to %s\n", plural(len(a.shown(o)), "finding"), a.opts.writeBaseline)
		if o.failed() {
			return exitFailed
		}
		return exitNone
	}
	for _, e := range a.shown(o) {
		line := listLine(a.place(e.Finding.Position()), e.Finding.Message(), verdictOf(e.Finding))
		if d := e.Finding.Delay; d != nil {
			line += ": " + d.String()
		}
		fmt.Fprintln(a.stdout, line)
		a.printContext(o, e.Finding)
	}
	a.printMistakes(a.stdout, o)
	a.printMissed(o)
	a.printGone(o)
	a.printSummary(o, nil)
	return a.status(o, nil)
}

// listLine is the line of one finding, with the verdict unless the message has it.
func listLine(place, message, group string) string {
	if group == mayDeadlock {
		return place + ": " + message
	}
	return fmt.Sprintf("%s: %s [%s]", place, message, group)
}

// printContext prints the line of a finding with those around it, as -c of
// other analysers does.
func (a *app) printContext(o *outcome, f *finding.Finding) {
	file := o.files[f.Position().Filename]
	if a.opts.context < 0 || file == nil {
		return
	}
	lines := strings.Split(string(file.Content), "\n")
	at := f.Position().Line
	for i := max(1, at-a.opts.context); i <= min(len(lines), at+a.opts.context); i++ {
		fmt.Fprintf(a.stdout, "%d\t%s\n", i, lines[i-1])
	}
}

// findings loads the packages named and finds their sections that wait. The
// entries have no plans.
func (a *app) findings(ctx context.Context) (*outcome, error) {
	p, err := a.load(ctx, a.dir, a.opts.args)
	if err != nil {
		return nil, err
	}
	if err := a.leaveOut(ctx, p); err != nil {
		return nil, err
	}
	lists, err := each(ctx, a, p, "finding sections", func(q *patterns.Package) []*finding.Finding {
		return find.In(p.Program, q, waits.Options{Categories: a.categories(p, q)})
	})
	if err != nil {
		return nil, err
	}
	o, err := a.newOutcome(ctx, p)
	if err != nil {
		return nil, err
	}
	o.idle = append(o.idle, p.notes...)
	found := slices.Concat(lists...)
	slices.SortStableFunc(found, compareFindings)
	for _, f := range found {
		o.entries = append(o.entries, &rewrite.Entry{Finding: f})
	}
	return o, nil
}

// quick lists the findings, if nothing is asked for that needs the packages
// themselves, and nothing is wrong with them. Otherwise it is not ok.
func (a *app) quick(ctx context.Context) (status int, ok bool) {
	o := a.opts
	if o.tests || o.json || o.sarif || o.baseline != "" || o.writeBaseline != "" || o.newFrom != "" || o.at != "" || o.profiles != nil || o.context >= 0 || a.hook != nil {
		return 0, false
	}
	a.bar.phase("loading packages", 0)
	listing, ok := load.List(a.loadConfig(ctx, a.dir), o.args...)
	if !ok || ctx.Err() != nil {
		return 0, false
	}
	r := &quickRun{app: a, listing: listing, byImp: make(map[string]*quickPackage)}
	if err := r.open(); err != nil {
		return 0, false
	}
	pkgs := r.packages(listing.All)
	unknown, err := r.recall(pkgs)
	if err != nil || !listing.Prepare(unitsOf(unknown), r.memory()) {
		return 0, false
	}
	a.bar.phase("finding sections", len(unknown))
	if !r.all(ctx, unknown) {
		return 0, false
	}
	return r.print(r.named(pkgs)), true
}

// print prints what was found in all packages and returns the exit status.
func (r *quickRun) print(pkgs []*quickPackage) int {
	r.bar.stop()
	var found []listed
	o := &outcome{packages: len(pkgs)}
	looked := make(map[string]bool) // project files
	for _, p := range pkgs {
		if p.file != nil && !looked[p.file.Dir] {
			looked[p.file.Dir] = true
			o.idle = append(o.idle, p.file.IdlePaths()...)
		}
		found = append(found, p.kept.Findings...)
		o.mistakes = append(o.mistakes, p.kept.Mistakes...)
	}
	sortMistakes(o)
	slices.SortStableFunc(found, func(a, b listed) int { return a.Worth.Compare(b.Worth) })
	count, shown := make(map[string]int), 0
	for _, f := range found {
		count[f.Group]++
		if r.opts.all || f.Shown {
			shown++
			fmt.Fprintln(r.stdout, listLine(r.place(f.Worth.At), f.Message, f.Group))
		}
	}
	r.printProblems(o)
	r.printMistakes(r.stdout, o)
	r.printCounts(o, count, shown, "")
	if shown > 0 || len(o.mistakes) > 0 {
		return exitFound
	}
	return exitNone
}
