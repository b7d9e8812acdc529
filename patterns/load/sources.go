package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns"
)

// Sources is like [Load] but compiles nothing, neither the packages nor their imports. ok
// is false if there are errors outside function bodies, which Load can report, and for
// what Sources doesn't support: test files, overlays and named files.
func Sources(cfg Config, m Memory, args ...string) (res *Result, ok bool) {
	if cfg.Tests || len(cfg.Overlay) > 0 || slices.ContainsFunc(args, func(arg string) bool { return strings.HasSuffix(arg, ".go") }) {
		return nil, false
	}
	l, ok := List(cfg, args...)
	if !ok || !l.Prepare(l.Units, m) {
		return nil, false
	}
	res = &Result{Fset: l.shared.fset}
	if res.Packages, res.Problems, ok = l.loadUnits(); !ok {
		return nil, false
	}
	sortProblems(res.Problems)
	slices.SortFunc(res.Packages, func(a, b *patterns.Package) int { return strings.Compare(a.Path, b.Path) })
	noteLeftOut(res.Packages, nil)
	return res, true
}

// loadUnits loads the units of the listing, each after its dependencies, so that units
// import each other's packages.
func (l *Listing) loadUnits() (pkgs []*patterns.Package, problems []Problem, ok bool) {
	done := make(map[*Unit]chan struct{})
	for _, u := range l.Units {
		done[u] = make(chan struct{})
	}
	pkgs = make([]*patterns.Package, len(l.Units))
	partial := make([]*Problem, len(l.Units))
	errs := make([]error, len(l.Units))
	reqs := make(map[string]*requirer)
	var wg sync.WaitGroup
	work := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				for d := range l.below(l.Units[i]) {
					if c := done[d]; c != nil && d != l.Units[i] {
						<-c // d was started before
					}
				}
				pkgs[i], partial[i], errs[i] = l.Units[i].LoadInPart()
				close(done[l.Units[i]])
			}
		})
	}
	for i := range l.Units {
		work <- i
	}
	close(work)
	wg.Wait()
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) || slices.Contains(pkgs, nil) {
		return nil, nil, false
	}
	for i, u := range l.Units {
		if partial[i] != nil {
			problems = append(problems, *partial[i])
		}
		if goMod := l.listed[u.ImportPath].goMod; goMod != "" {
			if reqs[goMod] == nil {
				reqs[goMod] = &requirer{l: l.g, tryOut: l.tryOut, goMod: goMod, memo: make(map[string]required)}
			}
			pkgs[i].Require = reqs[goMod].require
		}
	}
	return pkgs, problems, true
}

// below returns the local units that a unit depends on, including itself.
func (l *Listing) below(u *Unit) map[*Unit]bool {
	seen := make(map[*Unit]bool)
	var visit func(p *listed)
	visit = func(p *listed) {
		if p == nil || !p.local || seen[p.Unit] {
			return
		}
		seen[p.Unit] = true
		for _, path := range p.uses {
			visit(l.listed[path])
		}
	}
	visit(l.listed[u.ImportPath])
	return seen
}

// importable returns the package for an import that a changed file adds to the unit. It
// asks the go command if the package is not listed yet. Unlike the go command, it lets a
// package import any internal package.
func (im *unitImporter) importable(path string) (*listed, error) {
	l := im.listing
	if path == "C" {
		return nil, errors.New(`import "C" needs the cgo command`)
	}
	if l.listed[path] == nil {
		if err := l.more(path); err != nil {
			return nil, err
		}
	}
	p := l.listed[path]
	switch {
	case p == nil:
		return nil, fmt.Errorf("no package %s", path)
	case p.name == "main":
		return nil, fmt.Errorf("%s is a program, not an importable package", path)
	case l.reaches(p, im.unit.ImportPath):
		return nil, fmt.Errorf("import cycle: %s imports %s", path, im.unit.ImportPath)
	}
	return p, nil
}

// more adds a package and its dependencies to the listing.
func (l *Listing) more(path string, flags ...string) error {
	records, ok := l.ask(listFormat, slices.Concat([]string{"-deps"}, flags), []string{path})
	if !ok {
		_, complaints, err := l.g.output(slices.Concat([]string{"list"}, flags, l.flags, []string{"--", path})...)
		if err != nil {
			return l.g.failed(err, complaints)
		}
		return fmt.Errorf("the go command cannot list what package %s depends on", path)
	}
	for _, f := range records {
		if l.listed[f[1]] != nil {
			continue
		}
		p := l.newListed(f, false)
		p.root, p.local = false, false
		sum, err := l.sumOf(l.base(), p)
		if err != nil {
			return err
		}
		p.sum = sum
		l.listed[p.ImportPath] = p
	}
	return nil
}

// reaches reports whether p has the given path or depends on a package that does.
func (l *Listing) reaches(p *listed, path string) bool {
	seen := make(map[*listed]bool)
	var visit func(p *listed) bool
	visit = func(p *listed) bool {
		if p == nil || seen[p] {
			return false
		}
		seen[p] = true
		return p.ImportPath == path || slices.ContainsFunc(p.uses, func(path string) bool { return visit(l.listed[path]) })
	}
	return visit(p)
}

// tryOut makes a package importable that requires a changed go.mod.
func (l *Listing) tryOut(pkgPath, modFile string) error {
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	if l.listed[pkgPath] != nil {
		return nil
	}
	return l.more(pkgPath, "-modfile="+modFile)
}

// tryOutIn is tryOut for packages that come from export data.
func tryOutIn(g *graph, list func(path string, flags ...string) ([]*packages.Package, error)) func(pkgPath, modFile string) error {
	return func(pkgPath, modFile string) error {
		ps, err := list(pkgPath, "-modfile="+modFile)
		if err != nil {
			return err
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.add(ps)
		return nil
	}
}

// writeModFiles writes changed go.mod and go.sum files to a directory, and returns the
// name of the go.mod file.
func writeModFiles(dir string, files []patterns.ModuleFile) (string, error) {
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, "go"+filepath.Ext(f.File.Name)), f.Content, 0o666); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "go.mod"), nil
}
