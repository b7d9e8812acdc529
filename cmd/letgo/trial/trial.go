// Package trial runs tests with rewrites applied, and finds out which rewrites make a
// test fail. It does not touch the user's files: the go command gets the changed ones
// as an overlay, and any other command runs in a copy of the module.
package trial

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Config says what to try, and how.
type Config struct {
	Dir     string   // working directory
	Command string   // "" for the tests of the changed packages and of those that import them
	Tags    string   // for those
	Changed []string // import paths of the packages that the rewrites change
	Modules []string // paths of the modules that these belong to

	// Build returns the files that the rewrites of a set change, by absolute name,
	// as they are on disk then.
	Build func(set []int) (map[string][]byte, error)

	// Places are where the locks are taken that the rewrites are about.
	Places []Place

	// Say tells what is being done.
	Say func(what string)
}

// A Place is a position in an unchanged file, with the file's name in a coverage
// profile: the import path of the package, a slash and the base of the name.
type Place struct {
	File         string
	Line, Column int
}

// A Failure is a test that fails.
type Failure struct {
	Package, Test string // Test is "" if the package itself fails, and both are for a command
	Message       string // the first line that it prints
	Race          bool   // it fails only with -race
}

// Name is the name of the test.
func (f Failure) Name() string {
	switch {
	case f.Package == "" && f.Test == "":
		return "the command"
	case f.Test == "":
		return f.Package
	case f.Package == "":
		return f.Test
	}
	return f.Package + "." + f.Test
}

func (f Failure) String() string {
	name := f.Name()
	if f.Race {
		name += " with -race"
	}
	if f.Message == "" {
		return name
	}
	return name + ": " + f.Message
}

// A Coverage says whether tests run what a rewrite changes.
type Coverage int

const (
	Unknown   Coverage = iota // the command makes no coverage profile
	Covered                   // a test takes the lock
	Uncovered                 // none does
)

// A Result is the result for one rewrite.
type Result struct {
	Failure  *Failure // the first test that fails because of it; nil if none does
	Coverage Coverage
}

// A Report is the result of a trial.
type Report struct {
	Results []Result // one for each rewrite
	Before  []Failure
	Flaky   []Failure // tests that fail now and then, whatever the rewrites are
	NoRace  string    // why nothing was run with -race; "" if it was, or the user chose the command
	NoTests bool      // there were no tests to run
	Runs    int
}

// Good returns the rewrites that made no test fail.
func (r *Report) Good() []int {
	var good []int
	for i, res := range r.Results {
		if res.Failure == nil {
			good = append(good, i)
		}
	}
	return good
}

// A trial is one call of Run.
type trial struct {
	Config
	run    runner
	report *Report
	race   bool // the tests are run with -race now
	fails  map[string]bool
	repeat map[string]bool // tests that fail now and then because of a rewrite

	patience int // how often a test is run that may fail now and then
}

// atOnce is how many tests that fail are looked into at once. One rewrite may make
// hundreds fail.
const atOnce = 5

// Run tries the rewrites all at once. If a test fails that did not before, it tries
// halves of them until it knows which ones make it fail.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	t := &trial{Config: cfg, report: &Report{Results: make([]Result, len(cfg.Places))}, fails: make(map[string]bool), repeat: make(map[string]bool)}
	run, err := newRunner(ctx, &t.Config)
	if err != nil {
		return nil, err
	}
	t.run = run
	defer run.close()
	if run.nothing() {
		t.report.NoTests = true
		for i := range t.report.Results {
			t.report.Results[i].Coverage = Uncovered
		}
		return t.report, nil
	}
	return t.report, t.all(ctx)
}

// all tries everything.
func (t *trial) all(ctx context.Context) error {
	if err := t.before(ctx); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	if t.race, t.report.NoRace = t.run.withRace(); t.race {
		if err := t.settle(ctx); err != nil {
			return err
		}
	}
	slices.SortFunc(t.report.Flaky, compareFailures)
	slices.SortFunc(t.report.Before, compareFailures)
	return nil
}

// before runs the tests without any rewrite, and notes those that fail and what they
// run.
func (t *trial) before(ctx context.Context) error {
	t.Say("running tests without the rewrites")
	out, err := t.do(ctx, nil, request{cover: true})
	if err != nil {
		return err
	}
	for i, p := range t.Places {
		t.report.Results[i].Coverage = out.coverage(p)
	}
	if len(out.failed) == 0 {
		return nil
	}
	again, err := t.do(ctx, nil, request{only: out.failed, times: 1})
	if err != nil {
		return err
	}
	for _, f := range out.failed {
		if f.Package == "" && f.Test == "" {
			return fmt.Errorf("-try: the command fails without any rewrite, and says of no test that it does; so nothing can be tried: %s", f.Message)
		}
		t.fails[f.Name()] = true
		if again.has(f) {
			t.report.Before = append(t.report.Before, f)
		} else {
			t.report.Flaky = append(t.report.Flaky, f)
		}
	}
	return nil
}

// settle runs all tests with the rewrites that are still good, and takes out those
// that make one fail, until none does.
func (t *trial) settle(ctx context.Context) error {
	for {
		good := t.report.Good()
		if len(good) == 0 {
			return nil
		}
		t.say("running tests with %s", len(good))
		out, err := t.do(ctx, good, request{})
		if err != nil {
			return err
		}
		failed, err := t.confirm(ctx, good, t.unexpected(out))
		if err != nil {
			return err
		}
		if len(failed) == 0 {
			return nil
		}
		if _, err := t.search(ctx, nil, good, failed, true); err != nil {
			return err
		}
	}
}

func (t *trial) say(format string, n int) {
	what := fmt.Sprintf("%d rewrites", n)
	if n == 1 {
		what = "1 rewrite"
	}
	if t.race {
		what += " and -race"
	}
	t.Say(fmt.Sprintf(format, what))
}

// unexpected returns the failures of a run that are news.
func (t *trial) unexpected(out *outcome) []Failure {
	var failed []Failure
	for _, f := range out.failed {
		if !t.fails[f.Name()] {
			f.Race = t.race
			failed = append(failed, f)
		}
	}
	return failed
}

// do runs tests with some rewrites made.
func (t *trial) do(ctx context.Context, set []int, r request) (*outcome, error) {
	files, err := t.Build(set)
	if err != nil {
		return nil, err
	}
	r.race = t.race
	t.report.Runs++
	out, err := t.run.run(ctx, files, r)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return out, err
}

// confirm runs tests that failed with the rewrites of a set again, to tell those that
// the rewrites make fail from those that fail now and then. Of those it returns the
// first; the others are noted.
//
// A test that fails three times of three is one of the first if it does not fail
// without the rewrites. One that fails now and then must do so again with them.
func (t *trial) confirm(ctx context.Context, set []int, failed []Failure) ([]Failure, error) {
	if len(failed) == 0 {
		return nil, nil
	}
	failed = failed[:min(len(failed), atOnce)] // the others fail again once these do not
	t.Say("running tests that failed again")
	second, err := t.do(ctx, set, request{only: failed, times: 1})
	if err != nil {
		return nil, err
	}
	third, err := t.do(ctx, set, request{only: failed, times: 1})
	if err != nil {
		return nil, err
	}
	t.patience = t.run.patience(second.slowest)
	var always, sometimes []Failure
	for _, f := range failed {
		if second.has(f) && third.has(f) {
			always = append(always, f)
		} else {
			sometimes = append(sometimes, f)
		}
	}
	confirmed, before, err := t.notBefore(ctx, always)
	if err != nil {
		return nil, err
	}
	for _, f := range before {
		t.fails[f.Name()] = true
		t.report.Before = append(t.report.Before, f)
	}
	often, err := t.confirmSometimes(ctx, set, sometimes)
	return append(confirmed, often...), err
}

// confirmSometimes is confirm for tests that passed at least once.
func (t *trial) confirmSometimes(ctx context.Context, set []int, failed []Failure) ([]Failure, error) {
	confirmed, flaky, err := t.notBefore(ctx, failed)
	if err != nil || len(failed) == 0 {
		return nil, err
	}
	if len(confirmed) > 0 {
		out, err := t.do(ctx, set, request{only: confirmed, times: t.patience})
		if err != nil {
			return nil, err
		}
		once := slices.DeleteFunc(slices.Clone(confirmed), out.has)
		confirmed = slices.DeleteFunc(confirmed, func(f Failure) bool { return !out.has(f) })
		flaky = append(flaky, once...)
	}
	for _, f := range flaky {
		t.fails[f.Name()] = true
		t.report.Flaky = append(t.report.Flaky, f)
	}
	for _, f := range confirmed {
		t.repeat[f.Name()] = true
	}
	return confirmed, nil
}

// notBefore runs tests without any rewrite, often, and tells those that pass each time
// from those that fail.
func (t *trial) notBefore(ctx context.Context, failed []Failure) (pass, fail []Failure, err error) {
	if len(failed) == 0 {
		return nil, nil, nil
	}
	out, err := t.do(ctx, nil, request{only: failed, times: t.patience})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range failed {
		if out.has(f) {
			fail = append(fail, f)
		} else {
			pass = append(pass, f)
		}
	}
	return pass, fail, nil
}

// search finds out which rewrites of a set make tests fail on top of base, whose rewrites
// do not, and returns base with those of the set that do not either. known says that the
// whole set is known to make one fail.
func (t *trial) search(ctx context.Context, base, set []int, failed []Failure, known bool) ([]int, error) {
	if !known {
		t.say("looking for the rewrite that makes a test fail, with %s", len(base)+len(set))
		out, err := t.do(ctx, join(base, set), request{only: failed, times: t.times(failed)})
		if err != nil {
			return nil, err
		}
		now := slices.DeleteFunc(slices.Clone(failed), func(f Failure) bool { return !out.has(f) })
		if len(now) == 0 {
			return join(base, set), nil
		}
		failed = now
	}
	if len(set) == 1 {
		first := failed[0]
		t.report.Results[set[0]].Failure = &first
		return base, nil
	}
	left, right := set[:len(set)/2], set[len(set)/2:]
	after, err := t.search(ctx, base, left, failed, false)
	if err != nil {
		return nil, err
	}
	// If none of the left half is to blame, the right half is.
	return t.search(ctx, after, right, failed, len(after) == len(base)+len(left))
}

// times is how often tests are run to see whether one of them fails.
func (t *trial) times(failed []Failure) int {
	if slices.ContainsFunc(failed, func(f Failure) bool { return t.repeat[f.Name()] }) {
		return t.patience
	}
	return 1
}

func join(a, b []int) []int {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return out
}

// leastTimeout is how long a package has for its tests at the least.
const leastTimeout = 30 * time.Second
