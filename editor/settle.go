package editor

import (
	"go/types"
	"maps"
	"slices"
	"time"

	"github.com/letgo-dev/letgo/patterns"
)

// settle makes the present text of the packages the ground that all others
// stand on: what imports a changed package is checked again, and calls are
// followed anew from one to the other. It does nothing if nobody imports what
// has changed. The work is done without v.mu.
func (v *view) settle() {
	start := time.Now()
	present := make(map[*patterns.Package]*patterns.Package)
	changed := make(map[string]bool)
	var base *patterns.Program
	var project *project
	v.step(func() {
		v.catchUp()
		base, project = v.base, v.project
		for _, p := range v.pkgs {
			present[p.base] = p.current
			if p.current != p.base {
				changed[p.base.Path] = true
			}
		}
	})
	if base == nil || !anyImports(base.Packages, changed) {
		return
	}
	pkgs := recheckAll(base.Packages, present)
	x := patterns.NewProgram(pkgs, project.table)
	x.Filter = project.filter

	v.mu.Lock()
	defer v.mu.Unlock()
	if v.base != base { // loaded anew meanwhile
		return
	}
	v.base, v.program, v.rest, v.restOf = x, x, nil, nil
	for i, old := range base.Packages {
		p := v.pkgs[old.ID]
		if p.current != present[old] { // edited meanwhile
			p.wanted = nil
		} else {
			p.wanted = v.remaining(p, pkgs[i])
		}
		p.base, p.current, p.found = pkgs[i], pkgs[i], false
	}
	v.catchUp()
	v.srv.debugf("settled %d packages in %s", len(changed), since(start))
	v.analyseOpen()
}

// catchUp type-checks the packages whose text has changed. What does not
// compile stays as it was.
func (v *view) catchUp() {
	for _, p := range v.pkgs {
		if want := v.want(p); !maps.Equal(want, p.wanted) {
			v.recheck(p, want)
		}
	}
}

// remaining returns what was looked at of a package, as far as it is not part
// of its new base.
func (v *view) remaining(p *pkg, base *patterns.Package) map[string]string {
	left := maps.Clone(p.wanted)
	for _, f := range base.Files {
		if text, ok := left[f.Name]; ok && text == string(f.Content) {
			delete(left, f.Name)
		}
	}
	return left
}

func anyImports(pkgs []*patterns.Package, changed map[string]bool) bool {
	return slices.ContainsFunc(pkgs, func(p *patterns.Package) bool {
		return slices.ContainsFunc(p.Types.Imports(), func(i *types.Package) bool { return changed[i.Path()] })
	})
}

// recheckAll returns the packages in their present state. Those that import a
// changed one, directly or not, are type-checked with it; one that does not
// compile with it stays as it was.
func recheckAll(pkgs []*patterns.Package, present map[*patterns.Package]*patterns.Package) []*patterns.Package {
	byPath := make(map[string]*patterns.Package)
	for _, p := range pkgs {
		byPath[p.Path] = p
	}
	done := make(map[*patterns.Package]*patterns.Package)
	moved := make(map[string]*types.Package) // whose types are others now
	var visit func(p *patterns.Package)
	visit = func(p *patterns.Package) {
		if done[p] != nil {
			return
		}
		q := present[p]
		done[p] = q
		stale := false
		for _, i := range q.Types.Imports() {
			if b := byPath[i.Path()]; b != nil {
				visit(b)
			}
			stale = stale || moved[i.Path()] != nil
		}
		if stale {
			r := *q
			r.Importer = withTypes(q.Importer, moved)
			if c, err := r.WithContents(nil); err == nil {
				q = c
			}
		}
		done[p] = q
		if q != p {
			moved[p.Path] = q.Types
		}
	}
	var out []*patterns.Package
	for _, p := range pkgs {
		visit(p)
		out = append(out, done[p])
	}
	return out
}

// An overlaid importer gives packages that have changed since they were loaded.
type overlaid struct {
	types.Importer
	moved map[string]*types.Package
}

func (o *overlaid) Import(path string) (*types.Package, error) {
	if p := o.moved[path]; p != nil {
		return p, nil
	}
	return o.Importer.Import(path)
}

// withTypes returns an importer that gives the packages moved, and what the
// given one gives for all others.
func withTypes(from types.Importer, moved map[string]*types.Package) types.Importer {
	o := &overlaid{Importer: from, moved: maps.Clone(moved)}
	if before, ok := from.(*overlaid); ok {
		o.Importer = before.Importer
		for path, p := range before.moved {
			if o.moved[path] == nil {
				o.moved[path] = p
			}
		}
	}
	return o
}
