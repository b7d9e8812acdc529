package editor

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"time"

	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/verdict"
)

// want returns the present text of a package's files, of those in which it
// differs from what is known of the package. Files made by cgo are left out:
// their text is made when the package is loaded.
func (v *view) want(p *pkg) map[string]string {
	want := make(map[string]string)
	for _, f := range p.current.Files {
		if f.Fixed == "cgo" {
			continue
		}
		t := v.disk[f.Name]
		if d := v.srv.doc(f.Name); d != nil {
			t = d.text
		}
		loaded := p.loaded[f.Name].Content
		switch {
		case t != nil && t.content != string(f.Content):
			want[f.Name] = t.content
		case t == nil && !bytes.Equal(loaded, f.Content):
			want[f.Name] = string(loaded)
		}
	}
	return want
}

// update brings a package up to date with the open files. The error is why the
// text does not compile; then what was known of it stays.
func (v *view) update(p *pkg) error {
	want := v.want(p)
	stale := !maps.Equal(want, p.wanted)
	if stale || p.err == nil && !p.found {
		defer v.srv.pacer.hurry()()
	}
	if stale {
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
	if len(want) == 0 { // as it was before it was broken
		p.wanted, p.err = nil, nil
		return nil
	}
	start := time.Now()
	contents := make(map[string][]byte, len(want))
	for name, text := range want {
		contents[name] = []byte(text)
	}
	q, err := p.current.WithContents(contents)
	checked := since(start)
	if err == nil && !maps.Equal(want, v.want(p)) {
		return errModified // the next change is on its way
	}
	if err != nil {
		p.wanted, p.err = want, err
		return err
	}
	p.wanted, p.err = nil, nil
	start = time.Now()
	p.current, p.unsettled = q, true
	p.found, p.findings, p.plans = false, nil, nil // so that nothing keeps the old state
	v.program = v.program.Without(q.ID)
	v.srv.collect()
	analyse.Put(v.program, q)
	v.sweep()
	v.srv.debugf("%s: type check %s, analysis %s", q.ID, checked, since(start))
	return nil
}

// find computes the findings of a package.
func (v *view) find(p *pkg) {
	start := time.Now()
	defer func() { p.verification = 6 * time.Since(start) }()
	p.findings = find.In(v.program, p.current, v.options(p))
	p.mistakes = slices.DeleteFunc(verdict.DirectiveMistakes(v.program, p.current), func(m directive.Mistake) bool {
		return v.skips(p, m.Pos.Filename)
	})
	p.plans = make(map[*finding.Finding]*proposals)
	p.found = true
	v.srv.debugf("%s: %d findings in %s", p.current.ID, len(p.findings), since(start))
}

// sweep takes the files that are not in use any more out of the file set, which
// would otherwise grow with every edit. Positions of files outside of the
// view's packages come from export data and stay.
func (v *view) sweep() {
	if v.drafts > 0 { // it does not matter when
		return
	}
	inUse := make(map[token.Pos]bool)
	for _, p := range v.pkgs {
		for _, f := range p.current.Files {
			inUse[f.Syntax.FileStart] = true
		}
	}
	var old []*token.File
	v.fset.Iterate(func(f *token.File) bool {
		if f.Base() >= v.end && v.byFile[f.Name()] != nil && !inUse[token.Pos(f.Base())] {
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
	if f := p.loaded[d.path]; f.Fixed == "cgo" && d.content != string(f.Content) && v.srv.doc(d.path) == d {
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
