package verdict

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// directiveOf returns the directive that says whether a section holds its lock
// on purpose, or nil. The one nearest to the lock counts.
func directiveOf(x *patterns.Program, s *locks.Section) *directive.Directive {
	own := directive.MarksOf(x, s.Unit.Pkg)
	line := s.Unit.Pkg.Fset.PositionFor(s.Pos(), false).Line
	for _, d := range own.Nolints[s.Unit.File] {
		if d.Covers(line) {
			return d
		}
	}
	if d := own.Lines[directive.LineOf{File: s.Unit.File, Line: line}]; d != nil {
		return d
	}
	if d := own.Decls[s.Unit.Decl]; d != nil && s.Unit.Decl != nil {
		return d
	}
	lock := s.LockVar()
	if lock == nil {
		return nil
	}
	return directive.LockMark(x, patterns.VarID(s.Unit.Pkg.Fset, lock), lock.Pkg())
}

// Obey makes the directives decide the verdict of a finding. The evidence stays, after
// the directive.
func Obey(x *patterns.Program, f *finding.Finding) {
	d := directiveOf(x, f.Section)
	if d == nil {
		return
	}
	f.Directive = d
	f.Verdict.Judgement = finding.Deliberate
	detail := fmt.Sprintf("%s at %s", d, d.Place())
	switch {
	case d.Name == directive.Short:
		f.Verdict.Judgement = finding.Incidental
		detail += ": this lock is never to be held while waiting"
	case d.Text != "":
		detail += ": " + d.Text
	default:
		detail += " gives no reason"
	}
	f.Verdict.Evidence = slices.Insert(f.Verdict.Evidence, 0, finding.Evidence{Sign: d.Name, Detail: detail, Pos: d.Pos})
}

// DirectiveMistakes lists the directives of a package that are wrong, apply to nothing,
// or have no effect, in source order. It reports that one has no effect only if the
// program has all packages of the module that p depends on: otherwise a wait may be in
// one that is missing.
func DirectiveMistakes(x *patterns.Program, p *patterns.Package) []directive.Mistake {
	out := slices.Clone(directive.MarksOf(x, p).Mistakes)
	if len(directive.MarksOf(x, p).All) > 0 && seesAllOf(x, p) {
		out = append(out, idleDirectives(x, p)...)
	}
	slices.SortStableFunc(out, func(a, b directive.Mistake) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), a.Pos.Offset-b.Pos.Offset)
	})
	return out
}

// seesAllOf reports whether every package of p's module that p depends on is
// in the program.
func seesAllOf(x *patterns.Program, p *patterns.Package) bool {
	loaded := make(map[string]bool)
	for _, q := range x.Packages {
		loaded[q.Path] = true
	}
	seen := make(map[*types.Package]bool)
	var sees func(*types.Package) bool
	sees = func(t *types.Package) bool {
		if seen[t] {
			return true
		}
		seen[t] = true
		own := p.Module != "" && (t.Path() == p.Module || strings.HasPrefix(t.Path(), p.Module+"/"))
		return (!own || loaded[t.Path()] || x.KnownFacts()[t.Path()] != nil) && !slices.ContainsFunc(t.Imports(), func(i *types.Package) bool { return !sees(i) })
	}
	return sees(p.Types)
}

// idleDirectives reports the directives of a package that have no effect.
func idleDirectives(x *patterns.Program, p *patterns.Package) []directive.Mistake {
	used, locks := usedDirectives(x, p)
	var out []directive.Mistake
	report := func(d *directive.Directive, format string, args ...any) {
		out = append(out, directive.Mistake{Pos: d.Pos, Msg: fmt.Sprintf(format, args...)})
	}
	for _, d := range directive.MarksOf(x, p).All {
		switch {
		case used[d]:
		case d.Lock != nil && d.Lock.Exported() && p.Name != "main": // others may wait under it
		case d.Name == directive.Hold && d.Line.File != nil && !locks[d.Line]:
			report(d, "%s is not on a line that takes a lock: %s", d, directive.GoesOn(d.Name))
		case d.Name == directive.Hold:
			report(d, "%s suppresses nothing: nothing waits under this lock here any more; remove it", d)
		case d.Name == directive.Nolint && d.Named:
			report(d, "%s:letgo suppresses nothing: there is no finding on its lines; remove it", d)
		case d.Name == directive.Nonblocking && neverWaits(x, d.Fn):
			report(d, "%s has no effect: letgo sees nothing in %s that waits; remove it", d, d.Fn.Name())
		}
	}
	return out
}

// usedDirectives returns the directives of p that decide a verdict, and the
// lines of the package that take a lock. All categories count, whichever are
// reported.
func usedDirectives(x *patterns.Program, p *patterns.Package) (map[*directive.Directive]bool, map[directive.LineOf]bool) {
	used, taken := make(map[*directive.Directive]bool), make(map[directive.LineOf]bool)
	on := make(map[string]bool)
	for _, c := range blocking.Categories() {
		on[c.Name] = true
	}
	for _, s := range locks.SectionsIn(x, p) {
		taken[directive.LineOf{File: s.Unit.File, Line: p.Fset.PositionFor(s.Pos(), false).Line}] = true
		if d := directiveOf(x, s); d != nil && !used[d] && len(waits.AllOps(x, s, on)) > 0 {
			used[d] = true
		}
	}
	return used, taken
}

// neverWaits reports whether nothing speaks for it that a function waits: its
// body is known, and neither that nor the table says so.
func neverWaits(x *patterns.Program, fn *types.Func) bool {
	u := x.UnitOf(fn)
	if u == nil || u.Body == nil || x.Table().Lookup(x.KeyOf(fn)) != nil {
		return false
	}
	return !slices.ContainsFunc(waits.BodySites(x, u), func(s waits.Site) bool { return s.Op != nil || s.Take != nil || len(waits.MayReach.Of(s.Callee)) > 0 })
}
