package editor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
)

// reload loads the view in the background, and looks at its open files
// afterwards. If it is being loaded already, it is loaded once more.
func (v *view) reload() {
	v.loadMu.Lock()
	defer v.loadMu.Unlock()
	v.again = true
	if v.loading {
		return
	}
	v.loading = true
	go func() {
		for v.wantsLoad() {
			v.loadOnce()
			v.analyseOpen()
		}
	}()
}

// wantsLoad reports whether a load is due, and takes it.
func (v *view) wantsLoad() bool {
	v.loadMu.Lock()
	defer v.loadMu.Unlock()
	due := v.again && v.ctx.Err() == nil
	v.again, v.loading = false, due
	return due
}

func (v *view) loadOnce() {
	defer v.srv.recovered("loading " + v.place.Dir)
	defer func() {
		select {
		case <-v.ready:
		default:
			close(v.ready)
		}
	}()
	end := v.srv.progress("Loading " + filepath.Base(v.place.Dir))
	defer end()
	start := time.Now()
	l, err := v.load()
	if v.ctx.Err() != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err = err; err != nil {
		v.srv.debugf("loading %s: %v", v.place.Dir, err)
		v.srv.tell(err)
		return
	}
	v.install(l)
	v.srv.debugf("loaded %s: %d packages in %s", v.place.Dir, len(l.program.Packages), since(start))
	for _, p := range l.problems {
		v.srv.logf(protocol.MessageTypeWarning, "%s", p)
	}
}

// A loaded is what one load gives.
type loaded struct {
	program  *patterns.Program
	project  *project
	problems []load.Problem
	stamps   map[string]stamp
	listings map[string]string
	end      int // of the positions of all files
}

// load loads and analyses the packages. It does not hold v.mu.
func (v *view) load() (*loaded, error) {
	set := v.srv.currentSettings()
	var res *load.Result
	var err error
	l := &loaded{stamps: make(map[string]stamp), listings: make(map[string]string)}
	for _, args := range v.arguments() {
		cfg := load.Config{Dir: v.place.Dir, Env: v.place.Env, Context: v.ctx, Tags: set.tags, Tests: set.tests, Overlay: v.unsaved()}
		if res, err = load.Load(cfg, args...); err == nil && len(res.Packages) > 0 {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if l.project, err = newProject(v.place.Dir, res.Packages, set); err != nil {
		v.srv.tell(err) // the user puts the file right; until then it says nothing
		l.project, _ = newProject("", nil, settings{})
	}
	for _, p := range res.Packages {
		if _, ok := l.listings[p.Dir]; !ok && p.Dir != "" {
			l.listings[p.Dir] = listing(p.Dir)
		}
		for _, f := range p.Files {
			l.stamps[f.Name] = stampOf(f.Name)
		}
	}
	l.problems, l.end = res.Problems, res.Fset.Base()
	l.program = analyse.NewProgram(res.Packages, l.project.table)
	if err := l.project.readProfiles(v.place.Dir, l.program, set); err != nil {
		v.srv.tell(err)
	}
	find.Filter.Set(l.program, l.project.filter)
	return l, nil
}

// arguments returns what to ask the loader for, in the order to try. A file
// outside of any module may be a whole program, or one of several files.
func (v *view) arguments() [][]string {
	if v.file == "" {
		return [][]string{v.place.Args}
	}
	alone := []string{v.file}
	own, _ := os.ReadFile(v.file)
	name, _, _ := strings.Cut(header(string(own)), "\n")
	together := alone
	entries, _ := os.ReadDir(filepath.Dir(v.file))
	for _, e := range entries {
		other := filepath.Join(filepath.Dir(v.file), e.Name())
		if other == v.file || !isGo(other) || strings.HasSuffix(other, "_test.go") {
			continue
		}
		text, _ := os.ReadFile(other)
		if h, _, _ := strings.Cut(header(string(text)), "\n"); h == name {
			together = append(together, other)
		}
	}
	return [][]string{alone, together}
}

// unsaved returns the text of the open files, if the view is to be loaded with
// it. Files that are not on disk yet are left out: they slow a load down tenfold.
func (v *view) unsaved() map[string][]byte {
	v.mu.Lock()
	wanted := v.overlay
	v.mu.Unlock()
	if !wanted {
		return nil
	}
	overlay := make(map[string][]byte)
	v.srv.mu.Lock()
	defer v.srv.mu.Unlock()
	for path, d := range v.srv.docs {
		if _, err := os.Stat(path); err == nil && within(v.place.Dir, path) && parses(d) {
			overlay[path] = []byte(d.raw)
		}
	}
	return overlay
}

// install makes what was loaded the state of the view.
func (v *view) install(l *loaded) {
	v.program = l.program
	v.project, v.problems, v.stamps, v.listings, v.end = l.project, l.problems, l.stamps, l.listings, l.end
	v.disk = make(map[string]*text)
	v.overlay = false
	if v.tried == nil {
		v.tried = make(map[string]string)
	}
	v.pkgs, v.byFile = make(map[string]*pkg), make(map[string]*pkg)
	for _, q := range l.program.Packages {
		v.fset = q.Fset
		p := &pkg{current: q, loaded: make(map[string]*patterns.File)}
		v.pkgs[q.ID] = p
		for _, f := range q.Files {
			g := *f
			g.Syntax = nil
			p.loaded[f.Name] = &g
			if v.byFile[f.Name] == nil {
				v.byFile[f.Name] = p
			}
		}
	}
}

// readDisk takes note of what is on disk of a file that is not open. It reports
// whether the file is there.
func (v *view) readDisk(path string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := readText(path)
	if t == nil {
		return v.byFile[path] == nil
	}
	v.disk[path] = t
	v.stamps[path] = stampOf(path)
	return true
}

// touched is called for files that have changed on disk.
func (v *view) touched(paths []string) {
	defer v.srv.recovered("looking at " + v.place.Dir)
	if v.wait(v.ctx) != nil {
		return
	}
	changed := false
	for _, path := range paths {
		if v.srv.doc(path) == nil {
			v.readDisk(path)
			v.forgetLeftOut(path)
			changed = true
		}
	}
	if changed {
		v.settle()
		v.analyseOpen()
	}
}

// forgetLeftOut has the plans for a package made again after a file was saved that
// belongs to its directory, but that the build leaves out.
func (v *view) forgetLeftOut(path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byFile[path] != nil {
		return
	}
	for _, p := range v.pkgs {
		if p.current.Dir == filepath.Dir(path) {
			p.current.LeftOut.Forget()
			p.found = false
		}
	}
}

// fresh reports whether the files of a package that are not open are on disk as
// they were read.
func (v *view) fresh(p *pkg) bool {
	same := true
	for _, f := range p.current.Files {
		if v.srv.doc(f.Name) != nil || f.Fixed == "cgo" {
			continue
		}
		if now := stampOf(f.Name); now != v.stamps[f.Name] {
			v.stamps[f.Name] = now
			if t := readText(f.Name); t == nil || t.content != string(f.Content) {
				v.disk[f.Name] = t
				same = false
			}
		}
	}
	return same
}

// progress tells the client that something takes a while. What it returns is to
// be called at the end.
func (s *server) progress(title string) (end func()) {
	s.mu.Lock()
	able := s.client.progress
	s.tokens++
	token := fmt.Sprintf("letgo-%d", s.tokens)
	s.mu.Unlock()
	if !able {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	if err := s.ask(ctx, "window/workDoneProgress/create", &protocol.WorkDoneProgressCreateParams{Token: token}, nil); err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			s.debugf("window/workDoneProgress/create: %v", err)
		}
		return func() {}
	}
	send := func(kind, title string) {
		value := protocol.WorkDoneProgress{Kind: kind, Title: title}
		s.notify("$/progress", &protocol.ProgressParams{Token: token, Value: value})
	}
	send("begin", title)
	return func() { send("end", "") }
}
