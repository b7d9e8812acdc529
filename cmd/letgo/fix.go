package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
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
	write := func(ctx context.Context, changes []verify.Change) (map[string]bool, error) {
		return a.write(ctx, changes)
	}
	if a.opts.try.set {
		if err := a.try(ctx, o); err != nil {
			return a.fail("%v; nothing was written", err)
		}
		write = func(ctx context.Context, changes []verify.Change) (map[string]bool, error) {
			return a.writeTogether(ctx, changes)
		}
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

// writeBaseline writes the findings that the run shows to the baseline.
func (a *app) writeBaseline(o *outcome) error {
	var found []*finding.Finding
	keep := make(map[*finding.Finding]bool)
	for _, e := range o.entries {
		found = append(found, e.Finding)
	}
	for _, e := range a.shown(o) {
		keep[e.Finding] = true
	}
	text := config.FormatBaseline(found, func(f *finding.Finding) bool { return keep[f] })
	name := a.abs(a.opts.writeBaseline)
	old, err := config.ReadFile(name, config.MaxBaseline)
	if err == nil {
		err = textedit.Replace(name, old, text)
	} else if os.IsNotExist(err) {
		err = os.WriteFile(name, text, 0o666)
	}
	if err != nil {
		return fmt.Errorf("writing the baseline %s: %w", a.opts.writeBaseline, plainError(err))
	}
	return nil
}
