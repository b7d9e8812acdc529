package outcome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// Try runs tests with the rewrites of an outcome applied, and removes those that make
// one fail.
func Try(ctx context.Context, a *app.App, o *Outcome) error {
	b := &builder{App: a, fixed: o.Fixed, memo: make(map[string]*built)}
	cfg := TrialConfigOf(a)
	for _, f := range o.Fixed {
		for _, e := range f.Result.Entries {
			if e.Applied != nil {
				b.tried = append(b.tried, e)
				cfg.Add(f, e)
			}
		}
	}
	if len(b.tried) == 0 {
		return nil
	}
	cfg.Build = func(set []int) (map[string][]byte, error) {
		changes, err := b.changes(ctx, set)
		return FilesOf(changes), err
	}
	report, err := trial.Run(ctx, cfg.Config)
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	if err != nil {
		return err
	}
	o.Trial = report
	a.Tried = make(map[*rewrite.Entry]trial.Result)
	for i, e := range b.tried {
		a.Tried[e] = report.Results[i]
	}
	o.Changes, err = b.changes(ctx, report.Good())
	return err
}

// A TrialConfig is assembled from the rewrites.
type TrialConfig struct{ trial.Config }

func TrialConfigOf(a *app.App) *TrialConfig {
	return &TrialConfig{trial.Config{
		Dir: a.Dir, Command: a.Opts.Try.Command, Tags: a.Opts.Tags,
		Say: func(what string) {
			a.At("try", what)
			a.Bar.Phase(what, 0)
		},
	}}
}

// Add adds what must be known about one rewrite.
func (c *TrialConfig) Add(f *Fixed, e *rewrite.Entry) {
	if p := f.Pkg.Path; !slices.Contains(c.Changed, p) {
		c.Changed = append(c.Changed, p)
	}
	if m := f.Pkg.Module; m != "" && !slices.Contains(c.Modules, m) {
		c.Modules = append(c.Modules, m)
	}
	s := e.Finding.Section
	at := s.Unit.Pkg.Fset.PositionFor(s.Acquire.Pos(), false)
	c.Places = append(c.Places, trial.Place{File: path.Join(f.Pkg.Path, filepath.Base(s.Unit.File.Name)), Line: at.Line, Column: at.Column})
}

// FilesOf returns the files with the changes applied, by name, as they would be on
// disk.
func FilesOf(changes []verify.Change) map[string][]byte {
	files := make(map[string][]byte)
	for _, c := range changes {
		files[c.File.Name] = OnDisk(c.File, c.Content())
	}
	return files
}

// A builder carries out sets of rewrites.
type builder struct {
	*app.App
	fixed []*Fixed
	tried []*rewrite.Entry
	memo  map[string]*built // by package, and the rewrites of it
}

// built is what a set of rewrites makes of one package.
type built struct {
	changes []verify.Change
	applied map[*rewrite.Entry]*plan.Plan
}

// changes carries out the rewrites of a set, by index, and no others.
func (b *builder) changes(ctx context.Context, set []int) ([]verify.Change, error) {
	var all []verify.Change
	for _, f := range b.fixed {
		if ctx.Err() != nil {
			return nil, ErrInterrupted
		}
		p := b.build(f, set)
		for _, e := range f.Result.Entries {
			e.Applied = p.applied[e]
		}
		all = append(all, p.changes...)
	}
	return eachFileOnce(all), nil
}

// build carries out those rewrites of a set that are of one package.
func (b *builder) build(f *Fixed, set []int) *built {
	key := f.Pkg.ID
	var entries []*rewrite.Entry
	for _, i := range set {
		if e := b.tried[i]; slices.Contains(f.Result.Entries, e) {
			entries = append(entries, e)
			key += fmt.Sprint(" ", i)
		}
	}
	if p := b.memo[key]; p != nil {
		return p
	}
	p := &built{applied: make(map[*rewrite.Entry]*plan.Plan)}
	s := f.Series()
	for _, e := range entries {
		s.Offer(e)
		p.applied[e] = e.Applied
	}
	p.changes = s.Changes()
	SpoilAll(b.App, p.changes)
	b.memo[key] = p
	return p
}

// SpoilAll breaks changes, for tests.
func SpoilAll(a *app.App, changes []verify.Change) {
	for i, c := range changes {
		if a.Spoil != nil {
			changes[i].Edits = []textedit.Edit{{Start: 0, End: len(c.File.Content), New: string(a.Spoil(c.Content()))}}
		}
	}
}

// WriteTogether writes all changes or none. Only a crash can leave some of them
// written: signals wait until all is done, which takes a moment.
func WriteTogether(ctx context.Context, a *app.App, changes []verify.Change) (map[string]bool, error) {
	written := make(map[string]bool)
	if ctx.Err() != nil {
		return written, errors.New("interrupted; nothing was written")
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // else a second one would end the process
	defer signal.Stop(signals)
	if err := checkAll(a, changes); err != nil {
		return written, err
	}
	n, err := replaceAll(context.WithoutCancel(ctx), a, changes)
	for i, c := range changes[:n] {
		if err == nil {
			written[c.File.Name] = true
		} else if undo := takeBack(c); undo != nil {
			return written, fmt.Errorf("%s: %w; %s could not be put back as it was: %w; written: %s", a.Rel(changes[n].File.Name),
				PlainError(err), a.Rel(c.File.Name), PlainError(undo), strings.Join(names(a, changes[i:n]), ", "))
		}
	}
	if err != nil {
		return written, fmt.Errorf("%s: %w; every other file is as it was", a.Rel(changes[n].File.Name), PlainError(err))
	}
	return written, nil
}

// names returns the names of the files of changes, for messages.
func names(a *app.App, changes []verify.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, a.Rel(c.File.Name))
	}
	return out
}

// takeBack makes the file of a change what it was before.
func takeBack(c verify.Change) error {
	if c.File.Absent {
		return os.Remove(c.File.Name)
	}
	return textedit.Replace(c.File.Name, OnDisk(c.File, c.Content()), OnDisk(c.File, c.File.Content))
}

// The test results of a rewrite, for -json.
const (
	TestsPassed     = "passed"
	TestsFailed     = "failed"
	TestsNotCovered = "not covered"
)
