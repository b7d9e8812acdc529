package outcome

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/rogpeppe/go-internal/cache"
)

// A QuickRun lists findings package by package. It caches a package's findings under
// everything that they depend on: the program itself, the files of the package and of
// its dependencies, and their project files. It loads only packages that are not in the
// cache.
type QuickRun struct {
	*app.App
	Listing *load.Listing
	cache   *cache.Cache // nil: nothing is kept
	base    [sha256.Size]byte
	ByImp   map[string]*QuickPackage
}

// A QuickPackage is one package of a quick run.
type QuickPackage struct {
	unit *load.Unit
	deps map[string]*QuickPackage // all packages of the run that it depends on
	File *config.File             // its project file, or nil
	set  *config.Set
	key  cache.ActionID // names all that is found in it

	done chan struct{} // closed when kept or err is set
	Kept Kept
	err  error
}

// A Kept is the cache entry of a package.
type Kept struct {
	Facts    *patterns.Facts
	Findings []Listed
	Mistakes []directive.Mistake
	Problem  *load.Problem // why some of its types are not known, or nil
}

// Listed is a finding as letgo -l prints it.
type Listed struct {
	Message string
	Worth   finding.Worth
	Group   string
	Shown   bool
}

// Named returns the packages that were named, without their dependencies.
func (r *QuickRun) Named(pkgs []*QuickPackage) []*QuickPackage {
	return slices.DeleteFunc(slices.Clone(pkgs), func(p *QuickPackage) bool { return !slices.Contains(r.Listing.Units, p.unit) })
}

// factsBelow finds out what packages of the main modules do that the loaded ones
// depend on, by import path. It is nil if all of these are loaded themselves, or if
// something is wrong with one of them: then calls of them count as harmless unless
// the table knows better.
func factsBelow(ctx context.Context, a *app.App, dir string, args []string, loaded []*patterns.Package) map[string]*patterns.Facts {
	if !dependsOnOthers(loaded) || a.Hook != nil {
		return nil
	}
	listing, ok := load.List(a.LoadConfig(ctx, dir), args...)
	if !ok {
		return nil
	}
	r := &QuickRun{App: a, Listing: listing, ByImp: make(map[string]*QuickPackage)}
	if err := r.Open(); err != nil {
		return nil
	}
	all := r.Packages(listing.All)
	needed := make(map[*QuickPackage]bool)
	for _, p := range all {
		if !slices.Contains(listing.Units, p.unit) {
			needed[p] = true
			for _, d := range p.deps {
				needed[d] = true
			}
		}
	}
	all = slices.DeleteFunc(all, func(p *QuickPackage) bool { return !needed[p] })
	unknown, err := r.Recall(all)
	if err != nil || !listing.Prepare(UnitsOf(unknown), r.Memory()) || !r.All(ctx, unknown) {
		return nil
	}
	facts := make(map[string]*patterns.Facts)
	for _, p := range all {
		facts[p.unit.ImportPath] = p.Kept.Facts
	}
	for _, p := range loaded {
		delete(facts, p.Path)
	}
	return facts
}

// dependsOnOthers reports whether any package imports one of its own module that is
// not loaded.
func dependsOnOthers(loaded []*patterns.Package) bool {
	have := make(map[string]bool)
	for _, p := range loaded {
		have[p.Path] = true
	}
	for _, p := range loaded {
		for _, q := range p.Types.Imports() {
			if path := q.Path(); p.Module != "" && (path == p.Module || strings.HasPrefix(path, p.Module+"/")) && !have[path] {
				return true
			}
		}
	}
	return false
}

// Open opens the cache, and names what all its entries depend on.
func (r *QuickRun) Open() error {
	name, err := os.Executable()
	if err != nil {
		return err
	}
	h := sha256.New()
	if err := HashFile(h, name); err != nil {
		return err
	}
	fmt.Fprintf(h, "%q %q %s", r.Opts.Categories, r.Opts.Config, r.Dir)
	h.Sum(r.base[:0])
	if r.cache, err = openCache(); err != nil {
		fmt.Fprintf(r.Stderr, "letgo: cannot keep the results for the next run: %v\n", err)
	}
	return nil
}

// openCache opens the cache that LETGOCACHE names, or else one in the user's cache
// directory. It is nil if there is to be none.
func openCache() (*cache.Cache, error) {
	dir := os.Getenv("LETGOCACHE")
	switch {
	case dir == "off":
		return nil, nil
	case dir == "":
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, nil // a machine without a home: nobody asked for a cache
		}
		dir = filepath.Join(user, "letgo")
	case !filepath.IsAbs(dir):
		return nil, fmt.Errorf("LETGOCACHE is %s, which is not an absolute path", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return cache.Open(dir)
}

// Packages links the packages of the run.
func (r *QuickRun) Packages(units []*load.Unit) []*QuickPackage {
	var pkgs []*QuickPackage
	for _, u := range units { // each after those that it imports
		p := &QuickPackage{unit: u, deps: make(map[string]*QuickPackage), done: make(chan struct{})}
		for _, path := range u.Imports {
			if q := r.ByImp[path]; q != nil {
				p.deps[path] = q
				for path, q := range q.deps {
					p.deps[path] = q
				}
			}
		}
		r.ByImp[u.ImportPath] = p
		pkgs = append(pkgs, p)
	}
	return pkgs
}

// Recall restores what the cache has about the packages, and returns the others.
func (r *QuickRun) Recall(pkgs []*QuickPackage) (unknown []*QuickPackage, err error) {
	for _, p := range pkgs {
		p.set = &config.Set{Display: r.Rel}
		if r.Opts.Config != "" {
			p.set.Only = Abs(r.App, r.Opts.Config)
		}
		if p.File, err = p.set.For(p.unit.Dir, load.ModuleRoot(p.unit.Dir)); err != nil {
			return nil, err
		}
		if p.key, err = r.keyOf(p); err != nil {
			return nil, err
		}
		if r.restore(p) {
			close(p.done)
		} else {
			unknown = append(unknown, p)
		}
	}
	return unknown, nil
}

// keyOf names all that is found in a package.
func (r *QuickRun) keyOf(p *QuickPackage) (id cache.ActionID, err error) {
	h := sha256.New()
	fmt.Fprintf(h, "%x\n%x\n", r.base, r.Listing.SumOf(p.unit))
	if p.File != nil {
		fmt.Fprintf(h, "%s\n", p.File.Dir)
		if err := HashFile(h, filepath.Join(p.File.Dir, filepath.Base(p.File.Name))); err != nil {
			return id, err
		}
	}
	for _, path := range p.unit.Imports { // their keys name what they import
		if d := p.deps[path]; d != nil {
			fmt.Fprintf(h, "%x\n", d.key)
		}
	}
	h.Sum(id[:0])
	return id, nil
}

func (r *QuickRun) restore(p *QuickPackage) bool {
	if r.cache == nil {
		return false
	}
	text, _, err := r.cache.GetBytes(p.key)
	var k Kept
	if err != nil || json.Unmarshal(text, &k) != nil || k.Facts == nil {
		return false
	}
	p.Kept = k
	return true
}

func UnitsOf(pkgs []*QuickPackage) []*load.Unit {
	var units []*load.Unit
	for _, p := range pkgs {
		units = append(units, p.unit)
	}
	return units
}

// A memory is the cache as [load.Memory].
type memory struct{ *cache.Cache }

// Memory returns the cache for the loader, or nil.
func (r *QuickRun) Memory() load.Memory {
	if r.cache == nil {
		return nil
	}
	return memory{r.cache}
}

func (m memory) Get(name load.Sum) ([]byte, bool) {
	text, _, err := m.GetBytes(cache.ActionID(name))
	return text, err == nil
}

func (m memory) Put(name load.Sum, text []byte) { m.PutBytes(cache.ActionID(name), text) }

// All works on the packages, several at a time. It reports whether all went well.
func (r *QuickRun) All(ctx context.Context, pkgs []*QuickPackage) bool {
	var wg sync.WaitGroup
	work := make(chan *QuickPackage)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range work {
				for _, d := range p.deps {
					<-d.done // it was handed out before
				}
				_, bad, err := Attempt(ctx, p.unit.ID, func() struct{} { p.err = r.one(p); return struct{}{} })
				switch {
				case err != nil:
					p.err = err
				case bad != nil:
					p.err = fmt.Errorf("%s", bad.Msg)
				}
				close(p.done)
			}
		})
	}
	for _, p := range pkgs {
		work <- p
		r.Bar.Step()
	}
	close(work)
	wg.Wait()
	if r.cache != nil {
		r.cache.Trim() // once a day; what was not used for days goes
	}
	return !slices.ContainsFunc(pkgs, func(p *QuickPackage) bool { return p.err != nil })
}

// one finds out about one package.
func (r *QuickRun) one(p *QuickPackage) error {
	if err := r.look(p); err != nil {
		return err
	}
	if r.cache != nil {
		if text, err := json.Marshal(p.Kept); err == nil {
			r.cache.PutBytes(p.key, text) // if that fails it is done again next time
		}
	}
	return nil
}

// look analyses a package.
func (r *QuickRun) look(p *QuickPackage) error {
	facts := make(map[string]*patterns.Facts, len(p.deps))
	for path, d := range p.deps {
		if d.err != nil {
			return d.err
		}
		facts[path] = d.Kept.Facts
	}
	q, problem, err := p.unit.LoadInPart()
	if err != nil || q == nil {
		return cmp.Or(err, fmt.Errorf("package %s has no files", p.unit.ImportPath))
	}
	p.Kept.Problem = problem
	x := analyse.NewProgramFrom([]*patterns.Package{q}, p.set.Table(blocking.DefaultTable()), facts)
	categories := r.Opts.Categories
	if categories == nil {
		categories = p.File.Categories()
	}
	if slices.Contains(categories, "lock") {
		analyse.FollowLockWaits(x)
	}
	for _, f := range find.In(x, q, waits.Options{Categories: categories}) {
		if !p.File.Skips(f.Section.Unit.File.Name) {
			p.Kept.Findings = append(p.Kept.Findings, Listed{f.Message(), f.Worth(), VerdictOf(f), f.Shown()})
		}
	}
	for _, m := range verdict.DirectiveMistakes(x, q) {
		if !p.File.Skips(m.Pos.Filename) {
			p.Kept.Mistakes = append(p.Kept.Mistakes, m)
		}
	}
	p.Kept.Facts = x.FactsOf(q)
	return nil
}

func HashFile(w io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
