package edits

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// ImportEdits returns the edits that add imports to a file. Each one goes into the group of its
// kind, in order, as with goimports.
func ImportEdits(f *patterns.File, fset *token.FileSet, imports []plan.Import) []textedit.Edit {
	imports = slices.Clone(imports)
	slices.SortFunc(imports, func(a, b plan.Import) int { return strings.Compare(a.Path, b.Path) })
	tok := fset.File(f.Syntax.FileStart)
	decl := importDecl(f.Syntax)
	if decl == nil {
		var specs []string
		for _, i := range imports {
			specs = append(specs, i.Spec())
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

// importDecl returns the import declaration to add new imports to: the first one with
// parentheses, or else the first one other than import "C". It returns nil if there is none.
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

// widen turns a single import into a parenthesized declaration.
func widen(f *patterns.File, tok *token.File, decl *ast.GenDecl, imports []plan.Import) textedit.Edit {
	spec := decl.Specs[0].(*ast.ImportSpec)
	start, end := tok.Offset(spec.Pos()), tok.Offset(spec.End())
	for end < len(f.Content) && f.Content[end] != '\n' {
		end++ // a trailing comment stays with its import
	}
	type line struct{ path, text string }
	old, _ := strconv.Unquote(spec.Path.Value)
	lines := []line{{old, string(f.Content[start:end])}}
	for _, i := range imports {
		lines = append(lines, line{i.Path, i.Spec()})
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.path, b.path) })
	var std, other []string
	for _, l := range lines {
		if patterns.IsStd(l.path) {
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

// insertSpec inserts an import into the most similar group of a declaration, before the first
// import that sorts after it. A group is a run of imports without an empty line between them. If
// there is no group of its kind, the import starts a new one.
func insertSpec(f *patterns.File, tok *token.File, decl *ast.GenDecl, imp plan.Import) textedit.Edit {
	group := bestGroup(tok, decl, imp.Path)
	if group == nil {
		if patterns.IsStd(imp.Path) {
			at := tok.Offset(decl.Lparen) + 1
			return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.Spec() + "\n"}
		}
		at := LineStart(f.Content, tok.Offset(decl.Rparen))
		return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.Spec() + "\n"}
	}
	for _, spec := range group {
		p, _ := strconv.Unquote(spec.Path.Value)
		if p > imp.Path {
			pos := spec.Pos()
			if spec.Doc != nil {
				pos = spec.Doc.Pos()
			}
			at := LineStart(f.Content, tok.Offset(pos))
			return textedit.Edit{Start: at, End: at, New: "\t" + imp.Spec() + "\n"}
		}
	}
	at := tok.Offset(group[len(group)-1].End())
	for at < len(f.Content) && f.Content[at] != '\n' {
		at++
	}
	return textedit.Edit{Start: at, End: at, New: "\n\t" + imp.Spec()}
}

// LineStart returns the offset at which the line around an offset begins.
func LineStart(content []byte, at int) int {
	for at > 0 && content[at-1] != '\n' {
		at--
	}
	return at
}

// bestGroup returns the group that an import belongs to: one of standard packages for a standard
// package, otherwise the one whose paths have the longest common prefix with it. It returns nil
// if there is no group of its kind.
func bestGroup(tok *token.File, decl *ast.GenDecl, p string) []*ast.ImportSpec {
	var best []*ast.ImportSpec
	bestLen := -1
	for _, g := range importGroups(tok, decl) {
		for _, spec := range g {
			q, _ := strconv.Unquote(spec.Path.Value)
			if q == "C" || patterns.IsStd(q) != patterns.IsStd(p) {
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

// commonElems counts the leading elements that two import paths share.
func commonElems(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < min(len(as), len(bs)) && as[n] == bs[n] {
		n++
	}
	if patterns.IsStd(a) {
		return 0 // one group is as good as another
	}
	return n
}
