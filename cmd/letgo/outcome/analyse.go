// Package outcome does the work of a run: it loads the packages, finds and rewrites,
// compares with earlier findings, and writes files.
package outcome

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
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

// ErrInterrupted is the error of a run that a signal ended.
var ErrInterrupted = errors.New("interrupted")

// An Outcome is the result of a run.
type Outcome struct {
	Entries  []*rewrite.Entry // sorted by file and line
	Fixed    []*Fixed         // by package
	Changes  []verify.Change  // sorted by file
	Problems []Problem
	Packages int      // analysed
	Idle     []string // what project files say to no effect

	Trial *trial.Report // or nil

	Mistakes []directive.Mistake       // sorted by file
	Known    int                       // findings that the baseline has
	Gone     []config.Gone             // what it has, but is not found any more
	Files    map[string]*patterns.File // of the packages, by name

	Delays *profile.Delays  // nil: there are no profiles
	Missed []profile.Missed // what waits in the profiles, but was not found
}

// A Problem is a package that was left out, or an internal error.
type Problem struct {
	load.Problem
	Internal bool
}

func (p Problem) String() string {
	if p.Internal {
		return fmt.Sprintf("internal error in package %s: %s; please report this", p.Package, p.Msg)
	}
	return p.Problem.String()
}

// Failed reports whether the problems alone make the run a failure: an internal error,
// or no package left.
func (o *Outcome) Failed() bool {
	return o.Packages == 0 || slices.ContainsFunc(o.Problems, func(p Problem) bool { return p.Internal })
}

// A Program is the loaded packages, analysed together.
type Program struct {
	*patterns.Program
	Problems []Problem
	Configs  map[*patterns.Package]*config.File
	baseline *config.Baseline // or nil
	changed  changedLines     // nil: all lines count
	delays   *profile.Delays  // nil: there are no profiles
	Notes    []string         // what to say of profiles and the history

	learned map[string]*history.Change // what the history says, by placeOf
}

// Load loads and analyses packages in the given directory.
func Load(ctx context.Context, a *app.App, dir string, args []string) (*Program, error) {
	a.Bar.Phase("loading packages", 0)
	res, err := packages(ctx, a, dir, args)
	if ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	if err != nil {
		return nil, err
	}
	p := &Program{Configs: make(map[*patterns.Package]*config.File), learned: make(map[string]*history.Change)}
	table, err := Configure(a, p, res.Packages)
	if err != nil {
		return nil, err
	}
	for _, q := range res.Problems {
		p.Problems = append(p.Problems, LoadProblem(a, dir, q))
	}
	a.Bar.Phase("following calls and locks", 0)
	facts := factsBelow(ctx, a, dir, args, res.Packages)
	x, bad, err := Attempt(ctx, "?", func() *patterns.Program { return analyse.NewProgramFrom(res.Packages, table, facts) })
	if whole := slices.DeleteFunc(slices.Clone(res.Packages), func(q *patterns.Package) bool { return q.Partial }); bad != nil && len(whole) < len(res.Packages) {
		for _, q := range res.Packages {
			if q.Partial {
				p.Problems = append(p.Problems, notAnalysed(q))
			}
		}
		x, bad, err = Attempt(ctx, "?", func() *patterns.Program { return analyse.NewProgramFrom(whole, table, facts) })
	}
	if bad != nil {
		return nil, fmt.Errorf("internal error: %s; please report this", bad.Msg)
	}
	p.Program = x
	return p, err
}

// LoadProblem shows a problem of loading in the given directory.
func LoadProblem(a *app.App, dir string, q load.Problem) Problem {
	if filepath.IsAbs(q.Pos) {
		q.Pos = a.Rel(q.Pos)
	} else if q.Pos != "" {
		q.Pos = a.Rel(filepath.Join(dir, q.Pos))
	}
	return Problem{Problem: q}
}

// packages loads packages: without anything compiled, if nothing is wrong with what they declare.
func packages(ctx context.Context, a *app.App, dir string, args []string) (*load.Result, error) {
	var m load.Memory
	if c, err := openCache(); err == nil && c != nil {
		m = memory{c}
	}
	cfg := a.LoadConfig(ctx, dir)
	if res, ok := load.Sources(cfg, m, args...); ok || ctx.Err() != nil {
		return res, nil
	}
	return load.Load(cfg, args...)
}

// Each calls f for every package of the program. A package in which f panics
// becomes a problem.
func Each[T any](ctx context.Context, a *app.App, p *Program, what string, f func(*patterns.Package) T) ([]T, error) {
	var out []T
	a.Bar.Phase(what, len(p.Packages))
	for _, q := range p.Packages {
		r, bad, err := Attempt(ctx, q.ID, func() T {
			a.At("analyse", q.ID)
			return f(q)
		})
		switch {
		case err != nil:
			return nil, err
		case bad != nil && q.Partial:
			p.Problems = append(p.Problems, notAnalysed(q))
		case bad != nil:
			p.Problems = append(p.Problems, *bad)
		default:
			out = append(out, r)
		}
		a.Bar.Step()
	}
	return out, nil
}

// notAnalysed is the problem of a package that could not be analysed because not all
// of its types are known.
func notAnalysed(q *patterns.Package) Problem {
	return Problem{Problem: load.Problem{Package: q.ID, Reason: "skipped, too little is known about what it imports"}}
}

// Attempt calls f and waits for its result or for the end of the context. A
// panic of f becomes a problem of the named package.
func Attempt[T any](ctx context.Context, id string, f func() T) (T, *Problem, error) {
	type result struct {
		value T
		bad   *Problem
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if v := recover(); v != nil {
				r.bad = &Problem{Internal: true}
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
		return zero, nil, ErrInterrupted
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

// A Fixed is the result for one package.
type Fixed struct {
	limits rewrite.Limits
	Result *rewrite.Result
	Pkg    *patterns.Package // as it was loaded
	x      *patterns.Program
}

// Series returns an empty series of rewrites for the package.
func (f *Fixed) Series() *rewrite.Series { return rewrite.NewSeries(f.x, f.Pkg, f.limits) }

// Limits returns the limits of a run that changes the package.
func Limits(a *app.App, p *Program, q *patterns.Package) rewrite.Limits {
	return rewrite.Limits{
		Shapes: a.Opts.Shapes, MinGrade: a.Opts.Grade, Deliberate: a.Opts.All, Held: a.Opts.Hold,
		Requested: a.Opts.Requested, Categories: Categories(a, p, q),
	}
}

// Analyse loads the packages named and plans their rewrites, by [rewrite.Fix] or by a
// function that does a part of it.
func Analyse(ctx context.Context, a *app.App, work func(*patterns.Program, *patterns.Package, rewrite.Limits) *rewrite.Result) (*Outcome, error) {
	p, err := Load(ctx, a, a.Dir, a.Opts.Args)
	if err != nil {
		return nil, err
	}
	if err := LeaveOut(ctx, a, p); err != nil {
		return nil, err
	}
	worked := func(q *patterns.Package) *Fixed {
		l := Limits(a, p, q)
		r := work(p.Program, q, l)
		r.Forget()
		return &Fixed{l, r, q, p.Program}
	}
	results, err := Each(ctx, a, p, "working out rewrites", worked)
	if err != nil {
		return nil, err
	}
	o, err := NewOutcome(ctx, a, p)
	if err != nil {
		return nil, err
	}
	o.add(results)
	changed, err := Learn(ctx, a, p, Detailed(a, o))
	if err != nil {
		return nil, err
	}
	if len(changed) > 0 { // rewrites of what is held on purpose are not offered
		for i, r := range results {
			if changed[r.Pkg] {
				results[i] = worked(r.Pkg)
			}
		}
		o.add(results)
	}
	o.Idle = append(o.Idle, p.Notes...)
	return o, nil
}

// add keeps what was found out about packages.
func (o *Outcome) add(results []*Fixed) {
	o.Fixed, o.Entries = results, nil
	var changes []verify.Change
	for _, r := range results {
		o.Entries = append(o.Entries, r.Result.Entries...)
		changes = append(changes, r.Result.Changes...)
	}
	slices.SortStableFunc(o.Entries, func(x, y *rewrite.Entry) int { return CompareFindings(x.Finding, y.Finding) })
	o.Changes = eachFileOnce(changes)
}

// eachFileOnce sorts changes by file. A file may belong to two packages, and two may
// need the same change of go.mod.
func eachFileOnce(changes []verify.Change) []verify.Change {
	slices.SortStableFunc(changes, func(x, y verify.Change) int { return strings.Compare(x.File.Name, y.File.Name) })
	return slices.CompactFunc(changes, func(x, y verify.Change) bool { return x.File.Name == y.File.Name })
}

// CompareFindings orders findings by file and line.
func CompareFindings(x, y *finding.Finding) int {
	p, q := x.Position(), y.Position()
	if c := strings.Compare(p.Filename, q.Filename); c != 0 {
		return c
	}
	return p.Offset - q.Offset
}
