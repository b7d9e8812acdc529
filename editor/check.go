package editor

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"time"

	"github.com/letgo-dev/letgo/patterns"
)

// want returns the present text of a package's files, of those in which it
// differs from what was loaded. Files made by cgo are left out: their text is
// made when the package is loaded.
func (v *view) want(p *pkg) map[string]string {
	want := make(map[string]string)
	for _, f := range p.base.Files {
		if f.Fixed == "cgo" {
			continue
		}
		t := v.disk[f.Name]
		if d := v.srv.doc(f.Name); d != nil {
			t = d.text
		}
		if t != nil && t.content != string(f.Content) {
			want[f.Name] = t.content
		}
	}
	return want
}

// update brings a package up to date with the open files. The error is why the
// text does not compile; then what was known of it stays.
func (v *view) update(p *pkg) error {
	want := v.want(p)
	if !maps.Equal(want, p.wanted) {
		if err := v.recheck(p, want); err != nil {
			return err
		}
	}
	if p.err == nil && !p.found {
		v.find(p)
	}
	return p.err
}

// recheck parses and type-checks the package with the given text.
func (v *view) recheck(p *pkg, want map[string]string) error {
	start := time.Now()
	q := p.base
	var err error
	if len(want) > 0 {
		contents := make(map[string][]byte, len(want))
		for name, text := range want {
			contents[name] = []byte(text)
		}
		q, err = p.base.WithContents(contents)
	}
	checked := since(start)
	if err == nil && !maps.Equal(want, v.want(p)) {
		return errModified // the next change is on its way
	}
	p.wanted, p.err = want, err
	if err != nil {
		return err
	}
	start = time.Now()
	p.current, p.found = q, false
	v.compose(p)
	v.sweep()
	v.srv.debugf("%s: type check %s, analysis %s", p.base.ID, checked, since(start))
	return nil
}

// compose makes the program with the present state of all packages, the given
// one last: it is the one that is going to change again.
func (v *view) compose(last *pkg) {
	if v.rest == nil || v.restOf != last {
		v.rest, v.restOf = v.base, last
		for _, id := range slices.Sorted(maps.Keys(v.pkgs)) {
			if p := v.pkgs[id]; p != last && p.current != p.base {
				v.rest = v.rest.With(p.current)
			}
		}
	}
	v.program = v.rest
	if last != nil && last.current != last.base {
		v.program = v.rest.With(last.current)
	}
}

// find computes the findings of a package.
func (v *view) find(p *pkg) {
	start := time.Now()
	p.findings = v.program.FindIn(p.current, v.options(p))
	p.mistakes = slices.DeleteFunc(v.program.DirectiveMistakes(p.current), func(m patterns.DirectiveMistake) bool {
		return v.skips(p, m.Pos.Filename)
	})
	p.plans = make(map[*patterns.Finding]*proposals)
	p.found = true
	v.srv.debugf("%s: %d findings in %s", p.base.ID, len(p.findings), since(start))
}

// sweep takes the files that are not in use any more out of the file set, which
// would otherwise grow with every edit. Positions of files outside of the
// view's packages come from export data and stay.
func (v *view) sweep() {
	inUse := make(map[token.Pos]bool)
	for _, p := range v.pkgs {
		for _, q := range []*patterns.Package{p.base, p.current} {
			for _, f := range q.Files {
				inUse[f.Syntax.FileStart] = true
			}
		}
	}
	var old []*token.File
	v.fset.Iterate(func(f *token.File) bool {
		if f.Base() >= v.loaded && v.byFile[f.Name()] != nil && !inUse[token.Pos(f.Base())] {
			old = append(old, f)
		}
		return true
	})
	for _, f := range old {
		v.fset.RemoveFile(f)
	}
}

// parses reports whether the text of a document is a Go file.
func parses(d *document) bool {
	_, err := parser.ParseFile(token.NewFileSet(), d.path, d.content, parser.SkipObjectResolution)
	return err == nil && d.valid()
}

// header returns what decides which package a file belongs to: its build
// constraints and its package clause.
func header(content string) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", content, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil || f.Name == nil {
		return ""
	}
	h := "package " + f.Name.Name
	for _, g := range f.Comments {
		for _, c := range g.List {
			if _, ok := ast.ParseDirective(c.Slash, c.Text); ok && c.Pos() < f.Package {
				h += "\n" + c.Text
			}
		}
	}
	return h
}

// upToDate returns the package of an open document, brought up to date. The
// caller holds v.mu.
func (v *view) upToDate(d *document) (*pkg, error) {
	p := v.byFile[d.path]
	if p == nil {
		return nil, fmt.Errorf("%s is in none of the packages that were loaded", d.path)
	}
	if f := p.file(d.path); f.Fixed == "cgo" && d.content != string(f.Content) && v.srv.doc(d.path) == d {
		return nil, errors.New("files that cgo processes are not rewritten")
	}
	if err := v.update(p); err != nil {
		return nil, err
	}
	if v.srv.doc(d.path) != d {
		return nil, errModified
	}
	return p, nil
}
