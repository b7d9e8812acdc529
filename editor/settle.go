package editor

import (
	"go/types"
	"maps"
	"slices"
	"time"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
)

// settle makes the present text of the packages the ground that all others
// stand on: what imports a changed package is checked again, and calls are
// followed anew from one to the other. It does nothing if nobody imports what
// has changed. The work is done without v.mu.
func (v *view) settle() {
	start := time.Now()
	var pkgs []*patterns.Package
	var project *project
	changed := make(map[string]*types.Package)
	v.step(func() {
		v.catchUp()
		project = v.project
		if v.program == nil {
			return
		}
		pkgs = v.program.Packages
		for _, p := range v.pkgs {
			if p.unsettled {
				changed[p.current.Path] = p.current.Types
			}
		}
	})
	if !anyImports(pkgs, changed) {
		return
	}
	settled := recheckAll(pkgs, changed)
	x := analyse.NewProgram(settled, project.table)
	find.Filter.Set(x, project.filter)

	v.mu.Lock()
	defer v.mu.Unlock()
	if v.project != project { // loaded anew meanwhile
		return
	}
	v.program = x
	for i, old := range pkgs {
		p := v.pkgs[old.ID]
		if p.current != old { // edited meanwhile
			p.wanted = nil
		}
		p.current, p.unsettled, p.found = settled[i], false, false
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

func anyImports(pkgs []*patterns.Package, changed map[string]*types.Package) bool {
	return slices.ContainsFunc(pkgs, func(p *patterns.Package) bool {
		return slices.ContainsFunc(p.Types.Imports(), func(i *types.Package) bool { return changed[i.Path()] != nil })
	})
}

// recheckAll returns the packages in their present state. Those that import a
// changed one, directly or not, are type-checked with it; one that does not
// compile with it stays as it was.
func recheckAll(pkgs []*patterns.Package, changed map[string]*types.Package) []*patterns.Package {
	byPath := make(map[string]*patterns.Package)
	for _, p := range pkgs {
		byPath[p.Path] = p
	}
	done := make(map[*patterns.Package]*patterns.Package)
	moved := maps.Clone(changed) // whose types are others now
	var visit func(p *patterns.Package)
	visit = func(p *patterns.Package) {
		if done[p] != nil {
			return
		}
		done[p] = p
		stale := false
		for _, i := range p.Types.Imports() {
			if b := byPath[i.Path()]; b != nil {
				visit(b)
			}
			stale = stale || moved[i.Path()] != nil
		}
		if !stale {
			return
		}
		r := *p
		r.Importer = withTypes(p.Importer, moved)
		if q, err := r.WithContents(nil); err == nil {
			done[p], moved[p.Path] = q, q.Types
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
