package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/verdict"
)

// configure reads the project files of the packages and returns the table with
// their lines. Files that one of them leaves out become files that are never
// rewritten.
func (a *app) configure(p *program, pkgs []*patterns.Package) (*blocking.Table, error) {
	set := config.Set{Display: a.rel}
	if a.opts.config != "" {
		set.Only = a.abs(a.opts.config)
	}
	for _, q := range pkgs {
		dir := cmp.Or(q.Dir, a.dir)
		f, err := set.For(dir, load.ModuleRoot(dir))
		if err != nil {
			return nil, err
		}
		p.configs[q] = f
		for _, file := range q.Files {
			if f.Skips(file.Name) {
				file.Fixed = "left out by " + f.Name
			}
		}
	}
	return set.Table(blocking.DefaultTable()), nil
}

// abs makes a file name of the command line absolute.
func (a *app) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(a.dir, name)
}

// categories returns the categories to report in a package: those of the flag,
// else those of the project file; nil means the default ones.
func (a *app) categories(p *program, q *patterns.Package) []string {
	if a.opts.categories != nil {
		return a.opts.categories
	}
	return p.configs[q].Categories()
}

// leaveOut keeps findings from being reported and rewritten: those of paths
// that the project file leaves out, and those of the baseline.
func (a *app) leaveOut(ctx context.Context, p *program) error {
	var changed changedLines
	if a.opts.newFrom != "" {
		var err error
		if changed, err = a.changedSince(ctx, a.opts.newFrom); err != nil {
			return err
		}
	}
	p.changed = changed
	if a.opts.baseline != "" {
		text, err := config.ReadFile(a.abs(a.opts.baseline), config.MaxBaseline)
		if err != nil {
			return fmt.Errorf("reading the baseline %s: %w", a.opts.baseline, plainError(err))
		}
		if p.baseline, err = config.ParseBaseline(a.opts.baseline, text); err != nil {
			return err
		}
	}
	if err := a.readProfiles(p); err != nil {
		return err
	}
	at, err := a.sectionsAt(p)
	if err != nil {
		return err
	}
	find.Filter.Set(p.Program, func(q *patterns.Package, found []*finding.Finding) []*finding.Finding {
		found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return p.configs[q].Skips(f.Section.Unit.File.Name) })
		if p.baseline != nil {
			found = p.baseline.Filter(found)
		}
		if changed != nil {
			found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return !changed.touches(f) })
		}
		if at != nil {
			found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return !at[f.Section.Acquire] })
		}
		found = a.measured(p, found)
		p.recall(found)
		return found
	})
	return nil
}

// newOutcome returns an outcome without entries, for what is known of the
// packages besides their findings.
func (a *app) newOutcome(ctx context.Context, p *program) (*outcome, error) {
	lists, err := each(ctx, a, p, "checking directives", func(q *patterns.Package) []directive.Mistake {
		return slices.DeleteFunc(verdict.DirectiveMistakes(p.Program, q), func(m directive.Mistake) bool {
			return p.configs[q].Skips(m.Pos.Filename) || p.changed != nil && !p.changed.has(m.Pos)
		})
	})
	if err != nil {
		return nil, err
	}
	o := &outcome{packages: len(p.Packages), problems: p.problems, mistakes: slices.Concat(lists...), files: make(map[string]*patterns.File)}
	for _, q := range p.Packages {
		for _, f := range q.Files {
			o.files[f.Name] = f
		}
	}
	sortMistakes(o)
	o.idle = p.idle()
	a.addMissed(p, o)
	if p.baseline != nil {
		o.known = p.baseline.Used()
		o.gone = p.baseline.Gone(p.Packages, func(q *patterns.Package, category string) bool { return a.reports(p, q, category) })
	}
	return o, nil
}

// idle says what project files say to no effect.
func (p *program) idle() []string {
	var out []string
	seen := make(map[*config.File]bool)
	for _, q := range p.Packages {
		if f := p.configs[q]; !seen[f] {
			seen[f] = true
			out = append(out, f.IdlePaths()...)
			out = append(out, f.IdleTable(p.Packages)...)
		}
	}
	return out
}

// sortMistakes sorts the mistakes in directives by place.
func sortMistakes(o *outcome) {
	slices.SortStableFunc(o.mistakes, func(x, y directive.Mistake) int {
		return cmp.Or(strings.Compare(x.Pos.Filename, y.Pos.Filename), x.Pos.Offset-y.Pos.Offset)
	})
	o.mistakes = slices.Compact(o.mistakes) // a file may belong to two packages
}

// reports reports whether a run reports findings of a category in a package.
func (a *app) reports(p *program, q *patterns.Package, category string) bool {
	if on := a.categories(p, q); on != nil {
		return slices.Contains(on, category)
	}
	return !offByDefault(category)
}

func offByDefault(category string) bool {
	return slices.ContainsFunc(blocking.Categories(), func(c blocking.CategoryInfo) bool {
		return c.Name == category && !c.Default
	})
}
