package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// tryOne returns what tests say of one rewrite in a review: why not to make it, or "".
func (a *command) tryOne(o *outcome.Outcome) func(context.Context, *rewrite.Entry, []verify.Change) (string, error) {
	return func(ctx context.Context, e *rewrite.Entry, changes []verify.Change) (string, error) {
		cfg := outcome.TrialConfigOf(a.App)
		for _, f := range o.Fixed {
			if f.Pkg.ID == e.Finding.Section.Unit.Pkg.ID {
				cfg.Add(f, e)
			}
		}
		cfg.Say = func(what string) { fmt.Fprintf(a.Stdout, "%s ...\n", what) }
		cfg.Build = func(set []int) (map[string][]byte, error) {
			if len(set) == 0 {
				return nil, nil
			}
			outcome.SpoilAll(a.App, changes)
			return outcome.FilesOf(changes), nil
		}
		report, err := trial.Run(ctx, cfg.Config)
		if err != nil {
			return "", err
		}
		r := report.Results[0]
		if r.Failure != nil {
			return "a test fails with it: " + r.Failure.String(), nil
		}
		fmt.Fprintln(a.Stdout, "tests: "+passedText(r))
		return "", nil
	}
}

// printTrial says what tests have said that no finding does.
func (a *command) printTrial(o *outcome.Outcome) {
	r := o.Trial
	if r == nil {
		return
	}
	failed, uncovered := 0, 0
	for _, res := range r.Results {
		switch {
		case res.Failure != nil:
			failed++
		case res.Coverage == trial.Uncovered:
			uncovered++
		}
	}
	text := fmt.Sprintf("tests, run %d times: %d passed", r.Runs, len(r.Results)-failed-uncovered)
	if r.NoTests {
		text = "neither the changed packages nor those that import them have tests"
	}
	if failed > 0 {
		text += fmt.Sprintf("; %d failed", failed)
	}
	if uncovered > 0 && !r.NoTests {
		text += fmt.Sprintf("; %d not covered by any test", uncovered)
	}
	if r.NoRace != "" && !r.NoTests {
		text += "; not run with -race: " + r.NoRace
	}
	fmt.Fprintln(a.Stderr, text)
	a.printTests("also failed before the rewrites, and were not counted against them", r.Before)
	a.printTests("fail now and then without the rewrites, and were not counted against them", r.Flaky)
}

// printTests names tests.
func (a *command) printTests(what string, tests []trial.Failure) {
	if len(tests) == 0 {
		return
	}
	var names []string
	for _, f := range tests {
		names = append(names, f.Name())
	}
	fmt.Fprintf(a.Stderr, "letgo: tests that %s: %s\n", what, strings.Join(slices.Compact(names), ", "))
}
