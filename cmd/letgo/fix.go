package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// fix reports the findings and prints a diff of their rewrites, or writes them.
func (a *command) fix(ctx context.Context) int {
	o, err := outcome.Analyse(ctx, a.App, rewrite.Fix)
	if err == outcome.ErrInterrupted && a.Opts.Write {
		return a.Fail("interrupted; nothing was written")
	}
	if err != nil {
		return a.Fail("%v", err)
	}
	var written map[string]bool
	write := func(ctx context.Context, changes []verify.Change) (map[string]bool, error) {
		return outcome.Write(ctx, a.App, changes)
	}
	if a.Opts.Try.Given {
		if err := outcome.Try(ctx, a.App, o); err != nil {
			return a.Fail("%v; nothing was written", err)
		}
		write = func(ctx context.Context, changes []verify.Change) (map[string]bool, error) {
			return outcome.WriteTogether(ctx, a.App, changes)
		}
	}
	if a.Opts.Write {
		outcome.RemoveStray(a.App, o)
		written, err = write(ctx, o.Changes)
	}
	a.Bar.Stop()
	switch {
	case a.Opts.HTML != "":
		return a.writePage(o)
	case a.Opts.SARIF && err == nil:
		return a.printSARIF(o)
	case a.Opts.Fix && a.Opts.Diff:
		if err := a.printDiff(o); err != nil {
			return a.Fail("%v", err)
		}
		return min(len(o.Changes), app.ExitFound)
	}
	var status int
	if a.Opts.JSON {
		status = a.printJSON(o, written)
	} else {
		status, err = a.printAll(o, written, err)
	}
	if err != nil {
		return a.Fail("%v", err)
	}
	return status
}

// printAll prints the outcome of a run for people, and returns its exit status. The
// error is one of before, of writing files, or of printing the diff.
func (a *command) printAll(o *outcome.Outcome, written map[string]bool, err error) (int, error) {
	a.printProblems(o)
	a.printEntries(o, written)
	a.printMissed(o)
	if len(o.Mistakes) > 0 {
		if len(outcome.Shown(a.App, o)) > 0 {
			fmt.Fprintln(a.Stderr)
		}
		a.printMistakes(a.Stderr, o)
	}
	a.printGone(o)
	if !a.Opts.Write {
		err = a.printDiff(o)
	}
	a.printSummary(o, written)
	a.printTrial(o)
	return a.status(o, written), err
}

// status returns the exit status of a run that did not fail by an error.
// written has the files that were written.
func (a *command) status(o *outcome.Outcome, written map[string]bool) int {
	remains := func(e *rewrite.Entry) bool { return !applied(e, written) }
	switch {
	case o.Failed():
		return app.ExitFailed
	case slices.ContainsFunc(outcome.Shown(a.App, o), remains), len(o.Mistakes) > 0:
		return app.ExitFound
	}
	return app.ExitNone
}

// applied reports whether an entry's rewrite is in one of the files written.
func applied(e *rewrite.Entry, written map[string]bool) bool {
	return e.Applied != nil && written[e.Finding.Section.Unit.File.Name]
}

// writeBaseline writes the findings that the run shows to the baseline.
func (a *command) writeBaseline(o *outcome.Outcome) error {
	var found []*finding.Finding
	keep := make(map[*finding.Finding]bool)
	for _, e := range o.Entries {
		found = append(found, e.Finding)
	}
	for _, e := range outcome.Shown(a.App, o) {
		keep[e.Finding] = true
	}
	text := config.FormatBaseline(found, func(f *finding.Finding) bool { return keep[f] })
	name := outcome.Abs(a.App, a.Opts.WriteBaseline)
	old, err := config.ReadFile(name, config.MaxBaseline)
	if err == nil {
		err = textedit.Replace(name, old, text)
	} else if os.IsNotExist(err) {
		err = os.WriteFile(name, text, 0o666)
	}
	if err != nil {
		return fmt.Errorf("writing the baseline %s: %w", a.Opts.WriteBaseline, outcome.PlainError(err))
	}
	return nil
}
