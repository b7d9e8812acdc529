package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
)

// fix reports the findings and prints a diff of their rewrites, or writes them.
func (a *app) fix(ctx context.Context) int {
	o, err := a.analyse(ctx, rewrite.Fix)
	if err == errInterrupted && a.opts.write {
		return a.fail("interrupted; nothing was written")
	}
	if err != nil {
		return a.fail("%v", err)
	}
	var written map[string]bool
	write := a.write
	if a.opts.try.set {
		if err := a.try(ctx, o); err != nil {
			return a.fail("%v; nothing was written", err)
		}
		write = a.writeTogether
	}
	if a.opts.write {
		a.removeStray(o)
		written, err = write(ctx, o.changes)
	}
	a.bar.stop()
	switch {
	case a.opts.html != "":
		return a.writePage(o)
	case a.opts.sarif && err == nil:
		return a.printSARIF(o)
	case a.opts.fix && a.opts.diff:
		if err := a.printDiff(o); err != nil {
			return a.fail("%v", err)
		}
		return min(len(o.changes), exitFound)
	}
	var status int
	if a.opts.json {
		status = a.printJSON(o, written)
	} else {
		status, err = a.printAll(o, written, err)
	}
	if err != nil {
		return a.fail("%v", err)
	}
	return status
}

// printAll prints the outcome of a run for people, and returns its exit status. The
// error is one of before, of writing files, or of printing the diff.
func (a *app) printAll(o *outcome, written map[string]bool, err error) (int, error) {
	a.printProblems(o)
	a.printEntries(o, written)
	a.printMissed(o)
	if len(o.mistakes) > 0 {
		if len(a.shown(o)) > 0 {
			fmt.Fprintln(a.stderr)
		}
		a.printMistakes(a.stderr, o)
	}
	a.printGone(o)
	if !a.opts.write {
		err = a.printDiff(o)
	}
	a.printSummary(o, written)
	a.printTrial(o)
	return a.status(o, written), err
}

// shown lists the entries that a run reports, those of most worth first: all but
// the deliberate ones, unless they were asked for.
func (a *app) shown(o *outcome) []*rewrite.Entry {
	var out []*rewrite.Entry
	for _, e := range o.entries {
		if a.opts.all || e.Finding.Shown() {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y *rewrite.Entry) int { return finding.CompareWorth(x.Finding, y.Finding) })
	return out
}

// detailed lists the entries that are printed with what is offered for them, those of
// most worth first: of what a run reports, all but the unsure ones without a rewrite,
// unless they were asked for.
func (a *app) detailed(o *outcome) []*rewrite.Entry {
	all := a.shown(o)
	if brief := !a.opts.list && !a.opts.json && !a.opts.sarif; brief && !a.opts.all && !a.opts.unsure {
		all = slices.DeleteFunc(all, func(e *rewrite.Entry) bool {
			return groupOf(e) == unsure && e.Finding.Directive == nil && a.waiting(e) == nil
		})
	}
	slices.SortStableFunc(all, func(x, y *rewrite.Entry) int {
		return cmp.Compare(slices.Index(groups, groupOf(x)), slices.Index(groups, groupOf(y)))
	})
	return all
}

// status returns the exit status of a run that did not fail by an error.
// written has the files that were written.
func (a *app) status(o *outcome, written map[string]bool) int {
	remains := func(e *rewrite.Entry) bool { return !applied(e, written) }
	switch {
	case o.failed():
		return exitFailed
	case slices.ContainsFunc(a.shown(o), remains), len(o.mistakes) > 0:
		return exitFound
	}
	return exitNone
}

// applied reports whether an entry's rewrite is in one of the files written.
func applied(e *rewrite.Entry, written map[string]bool) bool {
	return e.Applied != nil && written[e.Finding.Section.Unit.File.Name]
}
