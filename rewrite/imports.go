package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// An Import is a package that new code uses and its file does not import yet.
type Import struct {
	File *patterns.File
	Path string
	Name string // the name that the new code uses; "" if it is the package's own

	Placed bool // an edit of the plan outside of functions writes it already
}

// spec is the import as it stands in an import declaration.
func (i Import) spec() string {
	if i.Name == "" {
		return strconv.Quote(i.Path)
	}
	return i.Name + " " + strconv.Quote(i.Path)
}

// Qualifier returns the name by which code in the section's function can refer
// to a package, and notes the import if the file does not have it. The last
// element of the path must be the package's name.
func (s *Site) Qualifier(pkgPath string) string {
	for _, imp := range *s.imports {
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
	imp := Import{File: s.File, Path: pkgPath}
	if s.nameTaken(name) {
		imp.Name = s.freshName("go" + name)
		name = imp.Name
	}
	*s.imports = append(*s.imports, imp)
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

// nameTaken reports whether a name means something in the file or the function
// already.
func (s *Site) nameTaken(name string) bool {
	return s.shadowed(name) || s.Pkg.Types.Scope().Lookup(name) != nil || importNames(s.File.Syntax, s.Pkg.Types)[name]
}

// importEdits returns the edits that add imports to a file. They go into the
// group of their like, in order, as goimports would put them.
func importEdits(f *patterns.File, fset *token.FileSet, imports []Import) []textedit.Edit {
	imports = slices.Clone(imports)
	slices.SortFunc(imports, func(a, b Import) int { return strings.Compare(a.Path, b.Path) })
	tok := fset.File(f.Syntax.FileStart)
	decl := importDecl(f.Syntax)
	if decl == nil {
		var specs []string
		for _, i := range imports {
			specs = append(specs, i.spec())
		}
		at := tok.Offset(f.Syntax.Name.End())
		text := "\n\nimport " + specs[0]
		if len(specs) > 1 {
			text = "\n\nimport (\n\t" + strings.Join(specs, "\n\t") + "\n)"
		}
		return []textedit.Edit{{Start: at, End: at, New: text}}
	}
	if !decl.Lparen.IsValid() {
		return []textedit.Edit{widen(f, tok, decl, imports)}
	}
	var edits []textedit.Edit
	for _, i := range imports {
		edits = append(edits, insertSpec(f, tok, decl, i))
	}
	return edits
}

// importDecl returns the import declaration that new imports go into: the first
// one with parentheses, else the first one, but for import "C".
func importDecl(f *ast.File) *ast.GenDecl {
	var found *ast.GenDecl
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || len(g.Specs) == 0 || g.Specs[0].(*ast.ImportSpec).Path.Value == `"C"` {
			continue
		}
		if found == nil || g.Lparen.IsValid() && !found.Lparen.IsValid() {
			found = g
		}
	}
	return found
}

// widen turns a single import into a group.
func widen(f *patterns.File, tok *token.File, decl *ast.GenDecl, imports []Import) textedit.Edit {
	spec := decl.Specs[0].(*ast.ImportSpec)
	start, end := tok.Offset(spec.Pos()), tok.Offset(spec.End())
	for end < len(f.Content) && f.Content[end] != '\n' {
		end++ // a trailing comment stays with its import
	}
	type line struct{ path, text string }
	old, _ := strconv.Unquote(spec.Path.Value)
	lines := []line{{old, string(f.Content[start:end])}}
	for _, i := range imports {
		lines = append(lines, line{i.Path, i.spec()})
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.path, b.path) })
	var std, other []string
	for _, l := range lines {
		if isStd(l.path) {
			std = append(std, l.text)
		} else {
			other = append(other, l.text)
		}
	}
	text := "(\n\t" + strings.Join(std, "\n\t")
	if len(std) > 0 && len(other) > 0 {
		text += "\n\n\t"
	}
	return textedit.Edit{Start: start, End: end, New: text + strings.Join(other, "\n\t") + "\n)"}
}

// isStd reports whether an import path looks like one of the standard library.
func isStd(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

// insertSpec puts an import into the group of a declaration that is most like
// it, before the first one that sorts after it; a group is a run of imports
// without an empty line between them. Without a group of its kind it becomes
// one of its own.
func insertSpec(f *patterns.File, tok *token.File, decl *ast.GenDecl, imp Import) textedit.Edit {
	group := bestGroup(tok, decl, imp.Path)
	if group == nil {
		if isStd(imp.Path) {
			at := tok.Offset(decl.Lparen) + 1
			return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.spec() + "\n"}
		}
		at := lineStart(f.Content, tok.Offset(decl.Rparen))
		return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.spec() + "\n"}
	}
	for _, spec := range group {
		p, _ := strconv.Unquote(spec.Path.Value)
		if p > imp.Path {
			pos := spec.Pos()
			if spec.Doc != nil {
				pos = spec.Doc.Pos()
			}
			at := lineStart(f.Content, tok.Offset(pos))
			return textedit.Edit{Start: at, End: at, New: "\t" + imp.spec() + "\n"}
		}
	}
	at := tok.Offset(group[len(group)-1].End())
	for at < len(f.Content) && f.Content[at] != '\n' {
		at++
	}
	return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.spec()}
}

// lineStart returns where the line around an offset begins.
func lineStart(content []byte, at int) int {
	for at > 0 && content[at-1] != '\n' {
		at--
	}
	return at
}

// bestGroup returns the group that an import belongs to: one of standard
// packages for a standard one, else the one with the longest common prefix of
// paths; nil if there is none of its kind.
func bestGroup(tok *token.File, decl *ast.GenDecl, p string) []*ast.ImportSpec {
	var best []*ast.ImportSpec
	bestLen := -1
	for _, g := range importGroups(tok, decl) {
		for _, spec := range g {
			q, _ := strconv.Unquote(spec.Path.Value)
			if q == "C" || isStd(q) != isStd(p) {
				continue
			}
			if n := commonElems(p, q); n > bestLen {
				best, bestLen = g, n
			}
		}
	}
	return best
}

func importGroups(tok *token.File, decl *ast.GenDecl) [][]*ast.ImportSpec {
	var groups [][]*ast.ImportSpec
	last := -2
	for _, sp := range decl.Specs {
		spec := sp.(*ast.ImportSpec)
		first := tok.Line(spec.Pos())
		if spec.Doc != nil {
			first = tok.Line(spec.Doc.Pos())
		}
		if first > last+1 || len(groups) == 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], spec)
		last = tok.Line(spec.End())
	}
	return groups
}

// commonElems counts the leading elements that two paths share.
func commonElems(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < min(len(as), len(bs)) && as[n] == bs[n] {
		n++
	}
	if isStd(a) {
		return 0 // one group is as good as another
	}
	return n
}
