package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
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
