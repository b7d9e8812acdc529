package patterns

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// directiveOf returns the directive that says whether a section holds its lock
// on purpose, or nil. The one nearest to the lock counts.
func (x *Program) directiveOf(s *Section) *Directive {
	own := x.marksOf(s.Unit.Pkg)
	line := s.Unit.Pkg.Fset.PositionFor(s.Pos(), false).Line
	for _, d := range own.nolints[s.Unit.File] {
		if d.covers(line) {
			return d
		}
	}
	if d := own.lines[lineOf{s.Unit.File, line}]; d != nil {
		return d
	}
	if d := own.decls[s.Unit.Decl]; d != nil && s.Unit.Decl != nil {
		return d
	}
	lock := s.LockVar()
	if lock == nil {
		return nil
	}
	return x.lockMark(varID(s.Unit.Pkg.Fset, lock), lock.Pkg())
}

// obey lets the directives decide the verdict of a finding. The evidence stays,
// below the directive.
func (x *Program) obey(f *Finding) {
	d := x.directiveOf(f.Section)
	if d == nil {
		return
	}
	f.Directive = d
	f.Verdict.Judgement = Deliberate
	detail := fmt.Sprintf("%s at %s", d, d.place())
	switch {
	case d.Name == DirectiveShort:
		f.Verdict.Judgement = Incidental
		detail += ": this lock is never to be held while waiting"
	case d.Text != "":
		detail += ": " + d.Text
	default:
		detail += " gives no reason"
	}
	f.Verdict.Evidence = slices.Insert(f.Verdict.Evidence, 0, Evidence{Sign: d.Name, Detail: detail, Pos: d.Pos})
}

// DirectiveMistakes lists the directives of a package that are wrong, stand
// where they mean nothing, or have no effect, in source order. That they have
// no effect is said only if all packages of the module that p depends on are
// part of the program: a wait in another one would not be seen.
func (x *Program) DirectiveMistakes(p *Package) []DirectiveMistake {
	out := slices.Clone(x.marksOf(p).mistakes)
	if len(x.marksOf(p).all) > 0 && x.seesAllOf(p) {
		out = append(out, x.idleDirectives(p)...)
	}
	slices.SortStableFunc(out, func(a, b DirectiveMistake) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), a.Pos.Offset-b.Pos.Offset)
	})
	return out
}

// seesAllOf reports whether every package of p's module that p depends on is
// in the program.
func (x *Program) seesAllOf(p *Package) bool {
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
		return (!own || loaded[t.Path()] || x.facts[t.Path()] != nil) && !slices.ContainsFunc(t.Imports(), func(i *types.Package) bool { return !sees(i) })
	}
	return sees(p.Types)
}

// idleDirectives reports the directives of a package that have no effect.
func (x *Program) idleDirectives(p *Package) []DirectiveMistake {
	used, locks := x.usedDirectives(p)
	var out []DirectiveMistake
	report := func(d *Directive, format string, args ...any) {
		out = append(out, DirectiveMistake{d.Pos, fmt.Sprintf(format, args...)})
	}
	for _, d := range x.marksOf(p).all {
		switch {
		case used[d]:
		case d.lock != nil && d.lock.Exported() && p.Name != "main": // others may wait under it
		case d.Name == DirectiveHold && d.line.file != nil && !locks[d.line]:
			report(d, "%s stands at no line that takes a lock: %s", d, goesOn(d.Name))
		case d.Name == DirectiveHold:
			report(d, "%s holds nothing back: nothing waits under this lock here any more; remove it", d)
		case d.Name == directiveNolint && d.named:
			report(d, "%s:letgo holds nothing back: there is no finding on its lines; remove it", d)
		case d.Name == DirectiveNonblocking && x.neverWaits(d.fn):
			report(d, "%s changes nothing: nothing in %s is seen to wait; remove it", d, d.fn.Name())
		}
	}
	return out
}

// usedDirectives returns the directives of p that decide a verdict, and the
// lines of the package that take a lock. All categories count, whichever are
// reported.
func (x *Program) usedDirectives(p *Package) (map[*Directive]bool, map[lineOf]bool) {
	used, taken := make(map[*Directive]bool), make(map[lineOf]bool)
	on := make(map[string]bool)
	for _, c := range Categories() {
		on[c.Name] = true
	}
	for _, s := range x.SectionsIn(p) {
		taken[lineOf{s.Unit.File, p.Fset.PositionFor(s.Pos(), false).Line}] = true
		if d := x.directiveOf(s); d != nil && !used[d] && len(x.allOps(s, on)) > 0 {
			used[d] = true
		}
	}
	return used, taken
}

// neverWaits reports whether nothing speaks for it that a function waits: its
// body is known, and neither that nor the table says so.
func (x *Program) neverWaits(fn *types.Func) bool {
	u := x.UnitOf(fn)
	if u == nil || u.Body == nil || x.table.lookup(x.keyOf(fn)) != nil {
		return false
	}
	return !slices.ContainsFunc(x.bodySites(u), func(s site) bool { return s.op != nil || s.take != nil || len(mayReach.Of(s.callee)) > 0 })
}
