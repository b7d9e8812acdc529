package outcome

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/verdict"
)

// Configure reads the project files of the packages and returns the table with their
// lines. Files that one of them skips become files that are never rewritten.
func Configure(a *app.App, p *Program, pkgs []*patterns.Package) (*blocking.Table, error) {
	set := config.Set{Display: a.Rel}
	if a.Opts.Config != "" {
		set.Only = Abs(a, a.Opts.Config)
	}
	for _, q := range pkgs {
		dir := cmp.Or(q.Dir, a.Dir)
		f, err := set.For(dir, load.ModuleRoot(dir))
		if err != nil {
			return nil, err
		}
		p.Configs[q] = f
		for _, file := range q.Files {
			if f.Skips(file.Name) {
				file.Fixed = "left out by " + f.Name
			}
		}
	}
	return set.Table(blocking.DefaultTable()), nil
}

// Abs makes a file name of the command line absolute.
func Abs(a *app.App, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(a.Dir, name)
}

// Categories returns the categories to report in a package: those of the flag,
// otherwise those of the project file; nil means the default ones.
func Categories(a *app.App, p *Program, q *patterns.Package) []string {
	if a.Opts.Categories != nil {
		return a.Opts.Categories
	}
	return p.Configs[q].Categories()
}

// LeaveOut keeps findings from being reported and rewritten: those in paths that the
// project file skips, and those in the baseline.
func LeaveOut(ctx context.Context, a *app.App, p *Program) error {
	var changed changedLines
	if a.Opts.NewFrom != "" {
		var err error
		if changed, err = changedSince(ctx, a, a.Opts.NewFrom); err != nil {
			return err
		}
	}
	p.changed = changed
	if a.Opts.Baseline != "" {
		text, err := config.ReadFile(Abs(a, a.Opts.Baseline), config.MaxBaseline)
		if err != nil {
			return fmt.Errorf("reading the baseline %s: %w", a.Opts.Baseline, PlainError(err))
		}
		if p.baseline, err = config.ParseBaseline(a.Opts.Baseline, text); err != nil {
			return err
		}
	}
	if err := ReadProfiles(a, p); err != nil {
		return err
	}
	at, err := sectionsAt(a, p)
	if err != nil {
		return err
	}
	find.Filter.Set(p.Program, func(q *patterns.Package, found []*finding.Finding) []*finding.Finding {
		found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return p.Configs[q].Skips(f.Section.Unit.File.Name) })
		if p.baseline != nil {
			found = p.baseline.Filter(found)
		}
		if changed != nil {
			found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return !changed.touches(f) })
		}
		if at != nil {
			found = slices.DeleteFunc(found, func(f *finding.Finding) bool { return !at[f.Section.Acquire] })
		}
		found = Measure(a, p, found)
		p.recall(found)
		return found
	})
	return nil
}

// NewOutcome returns an outcome without entries, with what is known about the packages
// apart from their findings.
func NewOutcome(ctx context.Context, a *app.App, p *Program) (*Outcome, error) {
	lists, err := Each(ctx, a, p, "checking directives", func(q *patterns.Package) []directive.Mistake {
		return slices.DeleteFunc(verdict.DirectiveMistakes(p.Program, q), func(m directive.Mistake) bool {
			return p.Configs[q].Skips(m.Pos.Filename) || p.changed != nil && !p.changed.has(m.Pos)
		})
	})
	if err != nil {
		return nil, err
	}
	o := &Outcome{Packages: len(p.Packages), Problems: p.Problems, Mistakes: slices.Concat(lists...), Files: make(map[string]*patterns.File)}
	for _, q := range p.Packages {
		for _, f := range q.Files {
			o.Files[f.Name] = f
		}
	}
	SortMistakes(o)
	o.Idle = p.idle()
	addMissed(a, p, o)
	if p.baseline != nil {
		o.Known = p.baseline.Used()
		o.Gone = p.baseline.Gone(p.Packages, func(q *patterns.Package, category string) bool { return reports(a, p, q, category) })
	}
	return o, nil
}

// idle says what project files say to no effect.
func (p *Program) idle() []string {
	var out []string
	seen := make(map[*config.File]bool)
	for _, q := range p.Packages {
		if f := p.Configs[q]; !seen[f] {
			seen[f] = true
			out = append(out, f.IdlePaths()...)
			out = append(out, f.IdleTable(p.Packages)...)
		}
	}
	return out
}

// SortMistakes sorts the mistakes in directives by place.
func SortMistakes(o *Outcome) {
	slices.SortStableFunc(o.Mistakes, func(x, y directive.Mistake) int {
		return cmp.Or(strings.Compare(x.Pos.Filename, y.Pos.Filename), x.Pos.Offset-y.Pos.Offset)
	})
	o.Mistakes = slices.Compact(o.Mistakes) // a file may belong to two packages
}

// reports reports whether a run reports findings of a category in a package.
func reports(a *app.App, p *Program, q *patterns.Package, category string) bool {
	if on := Categories(a, p, q); on != nil {
		return slices.Contains(on, category)
	}
	return !OffByDefault(category)
}

func OffByDefault(category string) bool {
	return slices.ContainsFunc(blocking.Categories(), func(c blocking.CategoryInfo) bool {
		return c.Name == category && !c.Default
	})
}
