package load

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// below lists what the packages asked for depend on and nobody works on: packages of
// other modules and of the standard library.
type below struct {
	dirs  map[string]bool // where they are
	probe string          // the one that needs most others, "" if there is none
}

// belowFormat is what the go command is asked to print of each package.
var belowFormat = strings.Join([]string{
	`{{if and .DepOnly (or .Standard (and .Module (not .Module.Main)))}}{{if .Incomplete}}-{{else}}{{len .Deps}}{{end}}`,
	`{{.ImportPath}}`, `{{.Dir}}{{end}}`,
}, "\x02")

// listBelow lists what the packages asked for depend on. It is not ok if the go command
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

// unbuilt reports whether the go command has yet to build what the packages asked for
// depend on, judged by the one package that needs most others. Then types are read from
// source, which costs a tenth.
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
// packages without the bodies of functions, which nobody asks for, and others in full.
func (b below) declarations(full parseFile) parseFile {
	return func(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
		if !b.dirs[filepath.Dir(name)] {
			return full(fset, name, text)
		}
		return parseDeclarations(fset, name, normalize(text).content)
	}
}

type parseFile = func(fset *token.FileSet, name string, text []byte) (*ast.File, error)
