package load

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// below describes the dependencies of the named packages that belong to other modules or
// the standard library.
type below struct {
	dirs  map[string]bool // their directories
	probe string          // the one with the most dependencies, or ""
}

// belowFormat is the go list format for a package.
var belowFormat = strings.Join([]string{
	`{{if and .DepOnly (or .Standard (and .Module (not .Module.Main)))}}{{if .Incomplete}}-{{else}}{{len .Deps}}{{end}}`,
	`{{.ImportPath}}`, `{{.Dir}}{{end}}`,
}, "\x02")

// listBelow lists the dependencies of the named packages. ok is false if the go command
// failed.
func (l *loader) listBelow() (b below, ok bool) {
	out, _, err := l.output(slices.Concat([]string{"list", "-e", "-deps", "-f=" + belowFormat}, l.tagFlags(), []string{"--"}, l.args)...)
	if err != nil {
		return b, false
	}
	b.dirs = make(map[string]bool)
	most := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\x02")
		if len(f) != 3 {
			continue
		}
		b.dirs[f[2]] = true
		if n, err := strconv.Atoi(f[0]); err == nil && n > most {
			most, b.probe = n, f[1]
		}
	}
	return b, true
}

func (l *loader) tagFlags() []string {
	if l.cfg.Tags == "" {
		return nil
	}
	return []string{"-tags=" + l.cfg.Tags}
}

// unbuilt reports whether the go command still has to build the dependencies of the named
// packages. It checks only the one with the most dependencies. If that is not built, types
// are read from source, which takes a tenth of the time of building.
func (l *loader) unbuilt() (b below, unbuilt bool) {
	if l.tool == "" || len(l.cfg.Overlay) > 0 {
		return b, false
	}
	b, ok := l.listBelow()
	if !ok || b.probe == "" {
		return b, false
	}
	out, _, err := l.output(slices.Concat([]string{
		"list", "-e", "-export", "-toolexec=" + quoted(l.tool) + " " + BuiltCommand, "-f={{.Export}}",
	}, l.tagFlags(), []string{"--", b.probe})...)
	return b, err == nil && strings.TrimSpace(string(out)) == ""
}

// declarations returns a packages.Config.ParseFile function that parses files of these
// packages without function bodies, which are not needed, and other files with full.
func (b below) declarations(full parseFile) parseFile {
	return func(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
		if !b.dirs[filepath.Dir(name)] {
			return full(fset, name, text)
		}
		return parseDeclarations(fset, name, normalize(text).content)
	}
}

type parseFile = func(fset *token.FileSet, name string, text []byte) (*ast.File, error)
