package editor

import (
	"context"
	"errors"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
)

// A view is the packages of one module or workspace, analysed together.
//
// What it knows is guarded by mu, which is held for one step of the analysis at
// a time: a request waits for the step that runs, not for all that is to be
// done. Loading, which takes seconds, goes on without it.
type view struct {
	srv   *server
	place *load.Place
	file  string // outside of any module: the file to load
	ctx   context.Context
	drop  context.CancelFunc

	loadMu  sync.Mutex
	loading bool
	again   bool          // load once more after this
	ready   chan struct{} // closed after the first load

	mu       sync.Mutex
	err      error             // of the last load; what was loaded before it stays
	program  *patterns.Program // the packages with the present text of the open files
	pkgs     map[string]*pkg   // by ID
	byFile   map[string]*pkg
	disk     map[string]*text  // files that are not open and differ from what was loaded
	stamps   map[string]stamp  // of the files on disk, when they were read
	listings map[string]string // of directories, when they were loaded
	project  *project          // what the project files say
	problems []load.Problem    // what was left out
	overlay  bool              // load the unsaved text, too
	tried    map[string]string // text with which a file was in no package
	fset     *token.FileSet
	drafts   int // how many plans are being type-checked: their files must stay
	end      int // where positions of files begin that were parsed after loading
}

// A pkg is one package of a view.
type pkg struct {
	loaded    map[string]*patterns.File // the files as they were loaded, by name; without trees
	current   *patterns.Package         // with the text of the open files, as far as that compiles
	unsettled bool                      // what imports it was last checked with an older state

	// wanted is the text that did not become current, of the files in which it
	// differs from that; err is why.
	wanted map[string]string
	err    error

	found    bool // what follows is known
	findings []*finding.Finding
	mistakes []directive.Mistake
	plans    map[*finding.Finding]*proposals

	// verification is about how long the verification of a plan takes: the
	// package is type-checked, analysed and searched once more, of which the
	// search, which was measured, is a sixth or more.
	verification time.Duration
}

// A stamp tells whether a file has changed on disk.
type stamp struct {
	size int64
	time time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{size: -1}
	}
	return stamp{info.Size(), info.ModTime()}
}

func newView(s *server, p *load.Place, path string) *view {
	v := &view{srv: s, place: p, ready: make(chan struct{})}
	if p.Args == nil {
		v.file = path
	}
	v.ctx, v.drop = context.WithCancel(s.ctx)
	return v
}

// wait waits for the first load.
func (v *view) wait(ctx context.Context) error {
	select {
	case <-v.ready:
	case <-ctx.Done():
		return ctx.Err()
	case <-v.ctx.Done():
		return v.ctx.Err()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.program == nil {
		return v.err
	}
	return nil
}

// concerns reports whether a file that has come or gone may change what the
// view consists of.
func (v *view) concerns(path string) bool {
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if part == "testdata" || part == "vendor" {
			return false
		}
	}
	return v.srv.testsToo() || !strings.HasSuffix(path, "_test.go")
}

// analyse brings the findings of an open file up to date and publishes them.
func (v *view) analyse(path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.byFile[path]
	if p == nil {
		v.missing(path)
		return
	}
	if err := v.update(p); err != nil {
		v.srv.debugf("%s: %v", p.current.ID, err)
		if !errors.Is(err, errModified) {
			v.publishBroken(p)
		}
		return
	}
	v.publish(p)
	v.srv.collect()
	plans := p.plans
	time.AfterFunc(prepareAfter, func() { v.prepare(p, plans) })
}

// prepareAfter is how long after the findings of a text the rewrites for them
// are worked out, if it has not changed by then: soon enough for the first look
// at the menu.
const prepareAfter = 200 * time.Millisecond

// prepare asks the shapes about the findings that are shown, one at a time, as
// long as the text stays as it is.
func (v *view) prepare(p *pkg, plans map[*finding.Finding]*proposals) {
	defer v.srv.recovered("preparing rewrites")
	var list []*finding.Finding
	v.step(func() { list = p.findings })
	for _, f := range list {
		if _, ok := severity(f); !ok || v.srv.doc(f.Section.Unit.File.Name) == nil {
			continue
		}
		current := false
		v.step(func() {
			if current = v.ctx.Err() == nil && v.holds(p) && samePlans(p.plans, plans); current {
				v.propose(p, f)
			}
		})
		if !current {
			return
		}
	}
}

// step does one step of work on the view.
func (v *view) step(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// holds reports whether what is known of a package is about the present text.
func (v *view) holds(p *pkg) bool {
	return v.pkgs[p.current.ID] == p && p.found && maps.Equal(p.wanted, v.want(p))
}

// samePlans reports whether two maps are one and the same.
func samePlans(a, b map[*finding.Finding]*proposals) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// analyseOpen does so for all open files of the view.
func (v *view) analyseOpen() {
	v.srv.mu.Lock()
	var paths []string
	for path := range v.srv.docs {
		if within(v.place.Dir, path) {
			paths = append(paths, path)
		}
	}
	v.srv.mu.Unlock()
	for _, path := range paths {
		v.srv.schedule(path, 0)
	}
}

// missing is called for an open file that is in no package of the view. If its
// package was left out because of an error on disk, what is typed may have put
// it right.
func (v *view) missing(path string) {
	d := v.srv.doc(path)
	if d == nil || v.program == nil {
		return
	}
	if text, ok := v.tried[path]; ok && text == d.content || !parses(d) {
		return
	}
	broken := len(v.problems) > 0 && !v.hasDir(filepath.Dir(path))
	if !broken && !v.outdatedDir(filepath.Dir(path)) {
		return
	}
	v.tried[path] = d.content
	v.overlay = v.overlay || broken
	v.reload()
}

func (v *view) hasDir(dir string) bool {
	for _, p := range v.pkgs {
		if p.current.Dir == dir {
			return true
		}
	}
	return false
}

// listing names the Go files of a directory.
func listing(dir string) string {
	var b strings.Builder
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if isGo(e.Name()) {
			b.WriteString(e.Name() + "\n")
		}
	}
	return b.String()
}

// outdatedDir reports whether files of a directory have come or gone since it
// was loaded.
func (v *view) outdatedDir(dir string) bool {
	known, ok := v.listings[dir]
	return !ok || known != listing(dir)
}

// outdated reports whether the packages have to be loaded anew after a file was
// saved.
func (v *view) outdated(path string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.byFile[path]
	if p == nil {
		return v.tried[path] == "" && (v.outdatedDir(filepath.Dir(path)) || !v.hasDir(filepath.Dir(path)))
	}
	f := p.loaded[path]
	d := v.srv.doc(path)
	return v.outdatedDir(filepath.Dir(path)) || f.Fixed == "cgo" || d != nil && header(d.content) != header(string(f.Content))
}
