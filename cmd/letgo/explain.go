package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
)

// explain tells everything about the section at one line.
func (a *command) explain(ctx context.Context) int {
	if len(a.Opts.Args) == 0 {
		return a.Fail("explain needs the place of a section: letgo explain FILE:LINE")
	}
	t, err := outcome.ParseTarget(a.App, a.Opts.Args[0])
	if err != nil {
		return a.Fail("%v", err)
	}
	x, err := outcome.LoadAround(ctx, a.App, t, a.Opts.Args[1:])
	if err != nil {
		return a.Fail("%v", err)
	}
	if err := outcome.ReadProfiles(a.App, x); err != nil {
		return a.Fail("%v", err)
	}
	find.Filter.Set(x.Program, func(_ *patterns.Package, found []*finding.Finding) []*finding.Finding {
		return outcome.Measure(a.App, x, found)
	})
	q, f, err := outcome.FileOf(a.App, x, t)
	if err != nil {
		return a.Fail("%v", err)
	}
	e, err := a.explained(ctx, x, q, f, t.Line)
	if err != nil {
		return a.Fail("%v", err)
	}
	if len(e.Finding.Ops) > 0 {
		if _, err := outcome.Learn(ctx, a.App, x, []*rewrite.Entry{e}); err != nil {
			return a.Fail("%v", err)
		}
	}
	a.Bar.Stop()
	for _, p := range x.Problems { // a wait in such a package is not seen
		fmt.Fprintf(a.Stderr, "letgo: %s\n", p)
	}
	for _, text := range x.Notes {
		fmt.Fprintf(a.Stderr, "letgo: %s\n", text)
	}
	if a.Opts.JSON {
		j := a.jsonFinding(e)
		a.addExtent(&j, e.Finding)
		err = writeJSON(a.Stdout, j)
	} else {
		_, err = a.Stdout.Write([]byte(explanation.Explanation(a.App, e)))
	}
	if err != nil {
		return a.Fail("%v", err)
	}
	return app.ExitNone
}

// explained finds the section at a line and examines it. The finding has no
// operations if nothing in the section waits.
func (a *command) explained(ctx context.Context, x *outcome.Program, q *patterns.Package, f *patterns.File, line int) (*rewrite.Entry, error) {
	var wrong error
	a.Bar.Phase("examining the section", 0)
	e, bad, err := outcome.Attempt(ctx, q.ID, func() *rewrite.Entry {
		a.At("analyse", q.ID)
		var s *locks.Section
		if s, wrong = outcome.Choose(a.App, x.Program, q, f, line); wrong != nil {
			return nil
		}
		if found := a.findingOf(x, q, s); found != nil {
			return rewrite.Examine(x.Program, found, a.Opts.Shapes)
		}
		return &rewrite.Entry{Finding: &finding.Finding{Section: s, Guarded: guards.GuardedBy(x.Program, q, s.LockVar())}}
	})
	switch {
	case err != nil:
		return nil, err
	case bad != nil:
		return nil, errors.New(bad.String())
	}
	return e, wrong
}

// findingOf returns the finding of a section: among the categories that the
// flags allow, and otherwise among all.
func (a *command) findingOf(x *outcome.Program, q *patterns.Package, s *locks.Section) *finding.Finding {
	for _, categories := range [][]string{outcome.Categories(a.App, x, q), app.CategoryNames()} {
		for _, f := range find.In(x.Program, q, waits.Options{Categories: categories}) {
			if f.Section.Acquire == s.Acquire {
				return f
			}
		}
		if a.Opts.Categories != nil {
			break
		}
	}
	return nil
}
