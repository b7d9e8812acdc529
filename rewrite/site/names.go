package site

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ValueName returns the name of the variable for the value with a key.
func (s *Site) ValueName(key, base string) string {
	if s.ValueNames[key] == "" {
		if s.ValueNames == nil {
			s.ValueNames = make(map[string]string)
		}
		s.ValueNames[key] = s.FreshName(base)
	}
	return s.ValueNames[key]
}

// FreshName returns a short name for a new local variable of the section's block that
// has no meaning there yet and does not occur in it.
func (s *Site) FreshName(base string) string {
	if s.Names == nil {
		s.Names = s.NamesInUse()
	}
	base = syntax.LowerFirst(base)
	for _, name := range shorter(base) {
		if s.IsFree(name) {
			s.Names[name] = true
			return name
		}
	}
	name := base
	if r, size := utf8.DecodeRuneInString(base); ImportNames(s.File.Syntax, s.Pkg.Types)[base] && s.IsFree(base[:size]) {
		name = string(r) // u for what would be called url, where that is a package
	}
	for i := 2; !s.IsFree(name); i++ {
		name = base + strconv.Itoa(i)
	}
	s.Names[name] = true
	return name
}

// IsFree reports whether a new variable can have the name.
func (s *Site) IsFree(name string) bool {
	if s.Names[name] || token.IsKeyword(name) {
		return false
	}
	scope := s.Pkg.Types.Scope()
	if inner := scope.Innermost(s.Lock.Pos()); inner != nil {
		scope = inner
	}
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj == nil || obj.Parent() == s.Pkg.Types.Scope() // hidden in this block, where nothing refers to it
}

// shorter lists names for a variable, the best one first: stdoutFirstLines,
// firstLines, lines, and stdoutFirst.
func shorter(base string) []string {
	names := []string{base}
	for rest := base; ; {
		next := strings.IndexFunc(rest[1:], unicode.IsUpper)
		if next < 0 {
			break
		}
		rest = syntax.LowerFirst(rest[next+1:])
		names = append(names, rest)
	}
	if last := strings.LastIndexFunc(base, unicode.IsUpper); last > 1 {
		names = append(names, base[:last])
	}
	return names
}

// NamesInUse lists the names that occur in the block that contains the section, and
// those of the file's imports.
func (s *Site) NamesInUse() map[string]bool {
	names := ImportNames(s.File.Syntax, s.Pkg.Types)
	fields := make(map[*ast.Ident]bool)
	for _, st := range s.List {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				fields[n.Sel] = true
			case *ast.Ident:
				if !fields[n] {
					names[n.Name] = true
				}
			}
			return true
		})
	}
	return names
}

// ImportNames lists the names that the imports of a file declare.
func ImportNames(f *ast.File, pkg *types.Package) map[string]bool {
	names := make(map[string]bool)
	for _, imp := range f.Imports {
		if imp.Name != nil {
			names[imp.Name.Name] = true
			continue
		}
		for _, p := range pkg.Imports() {
			if `"`+p.Path()+`"` == imp.Path.Value {
				names[p.Name()] = true
			}
		}
	}
	return names
}

// Forget frees all names that were taken for a plan.
func (s *Site) Forget() {
	s.Names, s.ValueNames = nil, nil
}

// Qualifier returns the name by which code in the section's function can refer to a
// package, and records the import if the file does not have it. The last element of the
// path must be the package's name.
func (s *Site) Qualifier(pkgPath string) string {
	for _, imp := range *s.Imports {
		if imp.Path == pkgPath && imp.File == s.File {
			return cmp.Or(imp.Name, path.Base(pkgPath))
		}
	}
	name := path.Base(pkgPath)
	for _, spec := range s.File.Syntax.Imports {
		if spec.Path.Value != strconv.Quote(pkgPath) || spec.Name != nil && (spec.Name.Name == "_" || spec.Name.Name == ".") {
			continue
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if !s.shadowed(name) {
			return name
		}
		name = path.Base(pkgPath)
	}
	imp := plan.Import{File: s.File, Path: pkgPath}
	if s.NameTaken(name) {
		imp.Name = s.FreshName("go" + name)
		name = imp.Name
	}
	*s.Imports = append(*s.Imports, imp)
	return name
}

// shadowed reports whether the function declares a variable, constant or type
// of that name.
func (s *Site) shadowed(name string) bool {
	found := false
	ast.Inspect(s.Unit.Decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			if obj := s.Info.Defs[id]; obj != nil {
				found = true
			}
		}
		return !found
	})
	return found
}

// NameTaken reports whether a name already has a meaning in the file or the function.
func (s *Site) NameTaken(name string) bool {
	return s.shadowed(name) || s.Pkg.Types.Scope().Lookup(name) != nil || ImportNames(s.File.Syntax, s.Pkg.Types)[name]
}

// TypeText spells a type with the file's imports; ok is false if one is missing.
func (s *Site) TypeText(t types.Type) (text string, ok bool) {
	ok = true
	text = types.TypeString(t, func(p *types.Package) string {
		if p == s.Pkg.Types {
			return ""
		}
		for _, imp := range s.File.Syntax.Imports {
			if imp.Path.Value == `"`+p.Path()+`"` {
				if imp.Name == nil {
					return p.Name()
				}
				if imp.Name.Name != "_" && imp.Name.Name != "." {
					return imp.Name.Name
				}
			}
		}
		ok = false
		return p.Name()
	})
	return text, ok
}
