package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
)

// explain tells everything about the section at one line.
func (a *app) explain(ctx context.Context) int {
	if len(a.opts.args) == 0 {
		return a.fail("explain needs the place of a section: letgo explain FILE:LINE")
	}
	t, err := a.parseTarget(a.opts.args[0])
	if err != nil {
		return a.fail("%v", err)
	}
	x, err := a.loadAround(ctx, t, a.opts.args[1:])
	if err != nil {
		return a.fail("%v", err)
	}
	if err := a.readProfiles(x); err != nil {
		return a.fail("%v", err)
	}
	find.Filter.Set(x.Program, func(_ *patterns.Package, found []*finding.Finding) []*finding.Finding { return a.measured(x, found) })
	q, f, err := a.fileOf(x, t)
	if err != nil {
		return a.fail("%v", err)
	}
	e, err := a.explained(ctx, x, q, f, t.line)
	if err != nil {
		return a.fail("%v", err)
	}
	if len(e.Finding.Ops) > 0 {
		if _, err := a.learn(ctx, x, []*rewrite.Entry{e}); err != nil {
			return a.fail("%v", err)
		}
	}
	a.bar.stop()
	for _, p := range x.problems { // a wait in such a package is not seen
		fmt.Fprintf(a.stderr, "letgo: %s\n", p)
	}
	for _, text := range x.notes {
		fmt.Fprintf(a.stderr, "letgo: %s\n", text)
	}
	if a.opts.json {
		j := a.jsonFinding(e)
		a.addExtent(&j, e.Finding)
		err = writeJSON(a.stdout, j)
	} else {
		_, err = a.stdout.Write([]byte(a.explanation(e)))
	}
	if err != nil {
		return a.fail("%v", err)
	}
	return exitNone
}

// explained finds the section at a line and examines it. The finding has no
// operations if nothing in the section waits.
func (a *app) explained(ctx context.Context, x *program, q *patterns.Package, f *patterns.File, line int) (*rewrite.Entry, error) {
	var wrong error
	a.bar.phase("examining the section", 0)
	e, bad, err := attempt(ctx, q.ID, func() *rewrite.Entry {
		a.at("analyse", q.ID)
		var s *locks.Section
		if s, wrong = a.choose(x.Program, q, f, line); wrong != nil {
			return nil
		}
		if found := a.findingOf(x, q, s); found != nil {
			return rewrite.Examine(x.Program, found, a.opts.shapes)
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
func (a *app) findingOf(x *program, q *patterns.Package, s *locks.Section) *finding.Finding {
	for _, categories := range [][]string{a.categories(x, q), categoryNames()} {
		for _, f := range find.In(x.Program, q, waits.Options{Categories: categories}) {
			if f.Section.Acquire == s.Acquire {
				return f
			}
		}
		if a.opts.categories != nil {
			break
		}
	}
	return nil
}
