package outcome

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/history"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/rogpeppe/go-internal/cache"
)

// mostFiles is how many files are asked about at most, so that a run in a large
// repository ends: git takes up to a second for a file with many commits. It is not a
// time, because the same run has to print the same on any machine.
const mostFiles = 100

// A historian asks git for the findings of a run.
type historian struct {
	*app.App
	cache *cache.Cache // or nil
	base  []byte       // names all that its entries depend on
	repos []*history.Repo
	bare  map[string]bool // directories without a repository
}

// Learn asks the history about what the run prints, adds the answers to the verdicts,
// and returns the packages of findings for which no rewrite is to be offered.
func Learn(ctx context.Context, a *app.App, p *Program, entries []*rewrite.Entry) (changed map[*patterns.Package]bool, err error) {
	if a.Opts.History == "off" || len(entries) == 0 {
		return nil, nil
	}
	var files []string
	byFile := make(map[string][]*finding.Finding)
	for _, e := range entries {
		f := e.Finding
		name := f.Section.Unit.File.Name
		if byFile[name] == nil {
			files = append(files, name)
		}
		byFile[name] = append(byFile[name], f)
	}
	if n := len(files); n > mostFiles {
		files = files[:mostFiles]
		p.Notes = append(p.Notes, fmt.Sprintf("the history of %d of %s was asked about, those with the findings of most worth; letgo explain asks about any", mostFiles, app.Plural(n, "file")))
	}
	a.Bar.Phase("asking git", len(files))
	h := newHistorian(a)
	defer h.close()
	changed = make(map[*patterns.Package]bool)
	for _, name := range files {
		why, err := h.why(ctx, name, byFile[name])
		switch {
		case ctx.Err() != nil:
			return nil, ErrInterrupted
		case errors.Is(err, history.ErrNoGit):
			p.Notes = append(p.Notes, "there is no git command, so the history of these locks is unknown; -history=off skips this")
			return changed, nil
		case err != nil:
			p.Notes = append(p.Notes, fmt.Sprintf("the history of %s is unknown: %v", a.Rel(name), err))
		}
		for _, f := range byFile[name] {
			if c := why[keyInFile(f)]; c != nil {
				p.learned[placeOf(f)] = c
				verdict.Learn(f, string(c.Kind), c.String())
				if f.Meant {
					changed[f.Section.Unit.Pkg] = true
				}
			}
		}
		a.Bar.Step()
	}
	return changed, nil
}

// recall adds to the verdicts of findings what the history is known to say.
func (p *Program) recall(found []*finding.Finding) {
	for _, f := range found {
		if c := p.learned[placeOf(f)]; c != nil {
			verdict.Learn(f, string(c.Kind), c.String())
		}
	}
}

// placeOf identifies a finding in one run.
func placeOf(f *finding.Finding) string {
	p := f.Position()
	return fmt.Sprintf("%s:%d", p.Filename, p.Offset)
}

// keyInFile identifies a finding as long as its function stays as it is.
func keyInFile(f *finding.Finding) string {
	s := f.Section
	offset := 0
	if s.Unit.Decl != nil {
		offset = int(s.Pos() - s.Unit.Decl.Pos())
	}
	return fmt.Sprintf("%s %d", f.Key(), offset)
}

func newHistorian(a *app.App) *historian {
	h := &historian{App: a, bare: make(map[string]bool)}
	sum := sha256.New()
	if name, err := os.Executable(); err != nil || HashFile(sum, name) != nil {
		return h
	}
	h.cache, _ = openCache()
	h.base = sum.Sum(nil)
	return h
}

func (h *historian) close() {
	for _, r := range h.repos {
		r.Close()
	}
}

// why returns the changes for the findings of one file by keyInFile, from the cache if
// they are there.
func (h *historian) why(ctx context.Context, file string, found []*finding.Finding) (map[string]*history.Change, error) {
	repo, err := h.repoOf(ctx, file)
	if err != nil || repo == nil {
		return nil, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "history\n%s\n%s\n%s\n", h.base, repo.Head(), file)
	for _, f := range found {
		fmt.Fprintln(sum, keyInFile(f), f.Message())
	}
	key := cache.ActionID(sum.Sum(nil))
	out := make(map[string]*history.Change)
	if h.cache != nil {
		if text, _, err := h.cache.GetBytes(key); err == nil && json.Unmarshal(text, &out) == nil {
			return out, nil
		}
	}
	why, err := repo.Why(ctx, file, found)
	if err != nil {
		return nil, err
	}
	for f, c := range why {
		out[keyInFile(f)] = c
	}
	if text, err := json.Marshal(out); err == nil && h.cache != nil {
		h.cache.PutBytes(key, text) // if that fails, git is asked again next time
	}
	return out, nil
}

// repoOf returns the repository that a file is in, or nil.
func (h *historian) repoOf(ctx context.Context, file string) (*history.Repo, error) {
	for _, r := range h.repos {
		if r.Has(file) {
			return r, nil
		}
	}
	dir := cmp.Or(load.ModuleRoot(filepath.Dir(file)), filepath.Dir(file))
	if h.bare[dir] || !insideGit(dir) {
		return nil, nil
	}
	r, err := history.Open(ctx, dir)
	if r == nil {
		h.bare[dir] = true
		return nil, err
	}
	h.repos = append(h.repos, r)
	return r, nil
}

// insideGit reports whether a directory looks as if it was in a git repository.
func insideGit(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir || strings.HasSuffix(dir, string(filepath.Separator)) {
			return false
		}
		dir = up
	}
}
