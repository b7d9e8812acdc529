package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/history"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/profile"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// errInterrupted is the error of a run that a signal ended.
var errInterrupted = errors.New("interrupted")

// An outcome is what a run found out.
type outcome struct {
	entries  []*rewrite.Entry // sorted by file and line
	fixed    []*fixed         // by package
	changes  []verify.Change  // sorted by file
	problems []problem
	packages int      // analysed
	idle     []string // what project files say to no effect

	trial *trial.Report // or nil

	mistakes []directive.Mistake       // sorted by file
	known    int                       // findings that the baseline has
	gone     []config.Gone             // what it has, but is not found any more
	files    map[string]*patterns.File // of the packages, by name

	delays *profile.Delays  // nil: there are no profiles
	missed []profile.Missed // what waits in the profiles, but was not found
}

// A problem is a package that was left out, or an internal error.
type problem struct {
	load.Problem
	internal bool
}

func (p problem) String() string {
	if p.internal {
		return fmt.Sprintf("internal error in package %s: %s; please report this", p.Package, p.Msg)
	}
	return p.Problem.String()
}

// failed reports whether the problems alone make the run a failed one: an
// internal error, or no package left.
func (o *outcome) failed() bool {
	return o.packages == 0 || slices.ContainsFunc(o.problems, func(p problem) bool { return p.internal })
}

// A program is the loaded packages, analysed together.
type program struct {
	*patterns.Program
	problems []problem
	configs  map[*patterns.Package]*config.File
	baseline *config.Baseline // or nil
	changed  changedLines     // nil: all lines count
	delays   *profile.Delays  // nil: there are no profiles
	notes    []string         // what to say of profiles and the history

	learned map[string]*history.Change // what the history says, by placeOf
}

// load loads and analyses packages in the given directory.
func (a *app) load(ctx context.Context, dir string, args []string) (*program, error) {
	a.bar.phase("loading packages", 0)
	res, err := a.packages(ctx, dir, args)
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, err
	}
	p := &program{configs: make(map[*patterns.Package]*config.File), learned: make(map[string]*history.Change)}
	table, err := a.configure(p, res.Packages)
	if err != nil {
		return nil, err
	}
	for _, q := range res.Problems {
		if q.Pos != "" && !filepath.IsAbs(q.Pos) {
			q.Pos = a.rel(filepath.Join(dir, q.Pos))
		}
		p.problems = append(p.problems, problem{Problem: q})
	}
	a.bar.phase("following calls and locks", 0)
	facts := a.factsBelow(ctx, dir, args, res.Packages)
	x, bad, err := attempt(ctx, "?", func() *patterns.Program { return analyse.NewProgramFrom(res.Packages, table, facts) })
	if whole := slices.DeleteFunc(slices.Clone(res.Packages), func(q *patterns.Package) bool { return q.Partial }); bad != nil && len(whole) < len(res.Packages) {
		for _, q := range res.Packages {
			if q.Partial {
				p.problems = append(p.problems, notAnalysed(q))
			}
		}
		x, bad, err = attempt(ctx, "?", func() *patterns.Program { return analyse.NewProgramFrom(whole, table, facts) })
	}
	if bad != nil {
		return nil, fmt.Errorf("internal error: %s; please report this", bad.Msg)
	}
	p.Program = x
	return p, err
}

// packages loads packages: without anything compiled, if nothing is wrong with them.
func (a *app) packages(ctx context.Context, dir string, args []string) (*load.Result, error) {
	var m load.Memory
	if c, err := openCache(); err == nil && c != nil {
		m = memory{c}
	}
	cfg := a.loadConfig(ctx, dir)
	if res, ok := load.Sources(cfg, m, args...); ok || ctx.Err() != nil {
		return res, nil
	}
	return load.Load(cfg, args...)
}

// each calls f for every package of the program. A package in which f panics
// becomes a problem.
func each[T any](ctx context.Context, a *app, p *program, what string, f func(*patterns.Package) T) ([]T, error) {
	var out []T
	a.bar.phase(what, len(p.Packages))
	for _, q := range p.Packages {
		r, bad, err := attempt(ctx, q.ID, func() T {
			a.at("analyse", q.ID)
			return f(q)
		})
		switch {
		case err != nil:
			return nil, err
		case bad != nil && q.Partial:
			p.problems = append(p.problems, notAnalysed(q))
		case bad != nil:
			p.problems = append(p.problems, *bad)
		default:
			out = append(out, r)
		}
		a.bar.step()
	}
	return out, nil
}

// notAnalysed is the problem of a package that could not be analysed because not all
// of its types are known.
func notAnalysed(q *patterns.Package) problem {
	return problem{Problem: load.Problem{Package: q.ID, Reason: "skipped, too little is known of what it imports"}}
}

// attempt calls f and waits for its result or for the end of the context. A
// panic of f becomes a problem of the named package.
func attempt[T any](ctx context.Context, id string, f func() T) (T, *problem, error) {
	type result struct {
		value T
		bad   *problem
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if v := recover(); v != nil {
				r.bad = &problem{internal: true}
				r.bad.Package, r.bad.Reason = id, "internal error"
				r.bad.Msg = fmt.Sprintf("%v (%s)", v, panicSite())
			}
			done <- r
		}()
		r.value = f()
	}()
	select {
	case r := <-done:
		return r.value, r.bad, nil
	case <-ctx.Done():
		var zero T
		return zero, nil, errInterrupted
	}
}

// panicSite returns the first function of this module on the stack of a panic,
// and its line.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if name, ok := strings.CutPrefix(f.Function, "github.com/letgo-dev/letgo/"); ok {
			return fmt.Sprintf("%s, %s:%d", name, f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return "no function of letgo on the stack"
		}
	}
}

// A fixed is what was worked out for one package.
type fixed struct {
	limits rewrite.Limits
	result *rewrite.Result
	pkg    *patterns.Package // as it was loaded
	x      *patterns.Program
}

// series returns a series of rewrites for the package that has changed nothing yet.
func (f *fixed) series() *rewrite.Series { return rewrite.NewSeries(f.x, f.pkg, f.limits) }

// limits are those of a run that changes the package.
func (a *app) limits(p *program, q *patterns.Package) rewrite.Limits {
	return rewrite.Limits{
		Shapes: a.opts.shapes, MinGrade: a.opts.grade, Deliberate: a.opts.all, Held: a.opts.hold,
		Requested: a.opts.requested, Categories: a.categories(p, q),
	}
}

// analyse loads the packages named and works out their rewrites, by [rewrite.Fix] or
// by something that does a part of it.
func (a *app) analyse(ctx context.Context, work func(*patterns.Program, *patterns.Package, rewrite.Limits) *rewrite.Result) (*outcome, error) {
	p, err := a.load(ctx, a.dir, a.opts.args)
	if err != nil {
		return nil, err
	}
	if err := a.leaveOut(ctx, p); err != nil {
		return nil, err
	}
	worked := func(q *patterns.Package) *fixed {
		l := a.limits(p, q)
		r := work(p.Program, q, l)
		r.Forget()
		return &fixed{l, r, q, p.Program}
	}
	results, err := each(ctx, a, p, "working out rewrites", worked)
	if err != nil {
		return nil, err
	}
	o, err := a.newOutcome(ctx, p)
	if err != nil {
		return nil, err
	}
	o.add(results)
	changed, err := a.learn(ctx, p, a.detailed(o))
	if err != nil {
		return nil, err
	}
	if len(changed) > 0 { // rewrites of what is held on purpose are not offered
		for i, r := range results {
			if changed[r.pkg] {
				results[i] = worked(r.pkg)
			}
		}
		o.add(results)
	}
	o.idle = append(o.idle, p.notes...)
	return o, nil
}

// add keeps what was found out about packages.
func (o *outcome) add(results []*fixed) {
	o.fixed, o.entries = results, nil
	var changes []verify.Change
	for _, r := range results {
		o.entries = append(o.entries, r.result.Entries...)
		changes = append(changes, r.result.Changes...)
	}
	slices.SortStableFunc(o.entries, func(x, y *rewrite.Entry) int { return compareFindings(x.Finding, y.Finding) })
	o.changes = eachFileOnce(changes)
}

// eachFileOnce sorts changes by file. A file may belong to two packages, and two may
// need the same change of go.mod.
func eachFileOnce(changes []verify.Change) []verify.Change {
	slices.SortStableFunc(changes, func(x, y verify.Change) int { return strings.Compare(x.File.Name, y.File.Name) })
	return slices.CompactFunc(changes, func(x, y verify.Change) bool { return x.File.Name == y.File.Name })
}

// compareFindings orders findings by file and line.
func compareFindings(x, y *finding.Finding) int {
	p, q := x.Position(), y.Position()
	if c := strings.Compare(p.Filename, q.Filename); c != 0 {
		return c
	}
	return p.Offset - q.Offset
}
