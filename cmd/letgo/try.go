package main

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

	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// try runs tests with the rewrites of an outcome made, and takes out those that make
// one fail.
func (a *app) try(ctx context.Context, o *outcome) error {
	b := &builder{app: a, fixed: o.fixed, memo: make(map[string]*built)}
	cfg := a.trialConfig()
	for _, f := range o.fixed {
		for _, e := range f.result.Entries {
			if e.Applied != nil {
				b.tried = append(b.tried, e)
				cfg.add(f, e)
			}
		}
	}
	if len(b.tried) == 0 {
		return nil
	}
	cfg.Build = func(set []int) (map[string][]byte, error) {
		changes, err := b.changes(ctx, set)
		return filesOf(changes), err
	}
	report, err := trial.Run(ctx, cfg.Config)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	o.trial = report
	a.tried = make(map[*rewrite.Entry]trial.Result)
	for i, e := range b.tried {
		a.tried[e] = report.Results[i]
	}
	o.changes, err = b.changes(ctx, report.Good())
	return err
}

// A trialConfig is put together from the rewrites.
type trialConfig struct{ trial.Config }

func (a *app) trialConfig() *trialConfig {
	return &trialConfig{trial.Config{
		Dir: a.dir, Command: a.opts.try.command, Tags: a.opts.tags,
		Say: func(what string) {
			a.at("try", what)
			a.bar.phase(what, 0)
		},
	}}
}

// add adds what has to be known of one rewrite.
func (c *trialConfig) add(f *fixed, e *rewrite.Entry) {
	if p := f.pkg.Path; !slices.Contains(c.Changed, p) {
		c.Changed = append(c.Changed, p)
	}
	if m := f.pkg.Module; m != "" && !slices.Contains(c.Modules, m) {
		c.Modules = append(c.Modules, m)
	}
	s := e.Finding.Section
	at := s.Unit.Pkg.Fset.PositionFor(s.Acquire.Pos(), false)
	c.Places = append(c.Places, trial.Place{File: path.Join(f.pkg.Path, filepath.Base(s.Unit.File.Name)), Line: at.Line, Column: at.Column})
}

// filesOf returns what changes make of files, by name, as they are on disk then.
func filesOf(changes []verify.Change) map[string][]byte {
	files := make(map[string][]byte)
	for _, c := range changes {
		files[c.File.Name] = onDisk(c.File, c.Content())
	}
	return files
}

// A builder carries out sets of rewrites.
type builder struct {
	*app
	fixed []*fixed
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
			return nil, errInterrupted
		}
		p := b.build(f, set)
		for _, e := range f.result.Entries {
			e.Applied = p.applied[e]
		}
		all = append(all, p.changes...)
	}
	return eachFileOnce(all), nil
}

// build carries out those rewrites of a set that are of one package.
func (b *builder) build(f *fixed, set []int) *built {
	key := f.pkg.ID
	var entries []*rewrite.Entry
	for _, i := range set {
		if e := b.tried[i]; slices.Contains(f.result.Entries, e) {
			entries = append(entries, e)
			key += fmt.Sprint(" ", i)
		}
	}
	if p := b.memo[key]; p != nil {
		return p
	}
	p := &built{applied: make(map[*rewrite.Entry]*plan.Plan)}
	s := f.series()
	for _, e := range entries {
		s.Offer(e)
		p.applied[e] = e.Applied
	}
	p.changes = s.Changes()
	b.spoilAll(p.changes)
	b.memo[key] = p
	return p
}

// spoilAll breaks changes, for tests.
func (a *app) spoilAll(changes []verify.Change) {
	for i, c := range changes {
		if a.spoil != nil {
			changes[i].Edits = []textedit.Edit{{Start: 0, End: len(c.File.Content), New: string(a.spoil(c.Content()))}}
		}
	}
}

// writeTogether writes all changes or none. Only a crash can leave some of them:
// signals wait until all is done, which is a moment.
func (a *app) writeTogether(ctx context.Context, changes []verify.Change) (map[string]bool, error) {
	written := make(map[string]bool)
	if ctx.Err() != nil {
		return written, errors.New("interrupted; nothing was written")
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // else a second one would end the process
	defer signal.Stop(signals)
	if err := a.checkAll(changes); err != nil {
		return written, err
	}
	n, err := a.replaceAll(context.WithoutCancel(ctx), changes)
	for i, c := range changes[:n] {
		if err == nil {
			written[c.File.Name] = true
		} else if undo := takeBack(c); undo != nil {
			return written, fmt.Errorf("%s: %w; %s could not be put back as it was: %w; written: %s", a.rel(changes[n].File.Name),
				plainError(err), a.rel(c.File.Name), plainError(undo), strings.Join(a.names(changes[i:n]), ", "))
		}
	}
	if err != nil {
		return written, fmt.Errorf("%s: %w; every other file is as it was", a.rel(changes[n].File.Name), plainError(err))
	}
	return written, nil
}

// names returns the names of the files of changes, for messages.
func (a *app) names(changes []verify.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, a.rel(c.File.Name))
	}
	return out
}

// takeBack makes the file of a change what it was before.
func takeBack(c verify.Change) error {
	if c.File.Absent {
		return os.Remove(c.File.Name)
	}
	return textedit.Replace(c.File.Name, onDisk(c.File, c.Content()), onDisk(c.File, c.File.Content))
}

// The results of a rewrite that was tried, for -json.
const (
	testsPassed     = "passed"
	testsFailed     = "failed"
	testsNotCovered = "not covered"
)
