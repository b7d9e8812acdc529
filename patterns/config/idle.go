package config

import (
	"cmp"
	"fmt"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// IdlePaths reports the skipped paths that match nothing, as "name:line:column: what is
// wrong".
func (f *File) IdlePaths() []string {
	if f == nil {
		return nil
	}
	var out []string
	for _, s := range f.skip {
		left := mostLooked
		if !s.anything(f.Dir, &left) {
			out = append(out, fmt.Sprintf("%s:%d:%d: nothing matches the path %s: correct or remove it", f.Name, s.line, s.column, s.text))
		}
	}
	return out
}

// mostLooked is how many directories are looked into for a pattern. If that is not
// enough, it is taken to match something.
const mostLooked = 20_000

// anything reports whether the pattern matches something in a directory.
func (p pattern) anything(dir string, left *int) bool {
	if *left--; len(p) == 0 || *left < 0 {
		return true
	}
	if p[0] == "..." && p[1:].anything(dir, left) {
		return true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		rest := p
		if p[0] != "..." {
			if ok, _ := path.Match(p[0], e.Name()); !ok {
				continue
			}
			rest = p[1:]
		} else if e.Name() == ".git" {
			continue
		}
		if len(rest) == 0 || e.IsDir() && rest.anything(filepath.Join(dir, e.Name()), left) {
			return true
		}
	}
	return false
}

// IdleTable reports the lines of the table for functions that do not exist, in the form
// of [File.IdlePaths]. It looks at the packages and what they import. It says nothing
// about a function of any other package, unless that package would have to belong to
// one of their modules.
func (f *File) IdleTable(pkgs []*patterns.Package) []string {
	if f == nil || f.Table == nil {
		return nil
	}
	known := make(map[string]*types.Package)
	for _, p := range pkgs {
		addImports(known, p.Types)
	}
	var out []string
	for _, name := range f.Table.Names() {
		wrong := ""
		pkg, recv, fn := splitName(name)
		switch p := known[pkg]; {
		case p != nil && !hasFunc(p, recv, fn):
			wrong = fmt.Sprintf("package %s has no function %s", pkg, strings.TrimPrefix(name, pkg+"."))
		case p == nil && slices.ContainsFunc(pkgs, func(q *patterns.Package) bool { return lacks(q, pkg) }):
			wrong = fmt.Sprintf("there is no package %s", pkg)
		}
		if wrong != "" {
			out = append(out, fmt.Sprintf("%s:%d:1: %s: correct or remove the line", f.Name, f.tableLines[name], wrong))
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(lineIn(a), lineIn(b)) })
	return out
}

// lineIn returns the number of the line in "name:line:column: text".
func lineIn(s string) (line int) {
	parts := strings.SplitN(s, ":", 3)
	fmt.Sscan(parts[min(1, len(parts)-1)], &line)
	return line
}

// addImports adds a package and all that it imports of which everything is known.
func addImports(known map[string]*types.Package, p *types.Package) {
	if p == nil || known[p.Path()] != nil || !p.Complete() {
		return
	}
	known[p.Path()] = p
	for _, q := range p.Imports() {
		addImports(known, q)
	}
}

// splitName splits the name of a function as the table has it: "path.F",
// "(path.T).M" or "(*path.T).M".
func splitName(name string) (pkg, recv, fn string) {
	if inner, method, ok := strings.Cut(strings.TrimPrefix(name, "("), ")."); ok && strings.HasPrefix(name, "(") {
		pkg, _, recv = splitName(strings.TrimPrefix(inner, "*"))
		return pkg, recv, method
	}
	dot := strings.LastIndexByte(name, '.')
	return name[:max(dot, 0)], "", name[dot+1:]
}

// hasFunc reports whether a package has a function, or a type with a method.
func hasFunc(p *types.Package, recv, fn string) bool {
	if recv == "" {
		return p.Scope().Lookup(fn) != nil
	}
	t := p.Scope().Lookup(recv)
	if t == nil {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t.Type(), true, p, fn)
	return obj != nil
}
