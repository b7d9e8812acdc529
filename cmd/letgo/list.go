package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
)

// list prints the findings on standard output, one a line.
func (a *app) list(ctx context.Context) int {
	p, err := a.load(ctx, a.dir, a.opts.args)
	if err != nil {
		return a.fail("%v", err)
	}
	opts := patterns.Options{Categories: a.opts.categories}
	lists, err := each(ctx, a, p, "finding sections", func(q *patterns.Package) []*patterns.Finding { return p.FindIn(q, opts) })
	if err != nil {
		return a.fail("%v", err)
	}
	found := slices.Concat(lists...)
	slices.SortStableFunc(found, compareFindings)
	o := &outcome{packages: len(p.Packages), problems: p.problems}
	for _, f := range found {
		o.entries = append(o.entries, &rewrite.Entry{Finding: f})
	}
	a.bar.stop()
	if a.opts.json {
		return a.printJSON(o, nil)
	}
	a.printProblems(o)
	for _, e := range a.shown(o) {
		fmt.Fprintf(a.stdout, "%s: %s\n", a.place(e.Finding.Position()), e.Finding.Message())
	}
	a.printSummary(o, nil)
	return a.status(o, nil)
}
