package directive

import (
	"go/ast"
	"slices"
	"strings"
)

// A lineRange is some lines of a file, both ends included.
type lineRange struct{ from, to int }

// readNolints reads the comments of a file by which golangci-lint is told to
// leave letgo's findings out. The rules are golangci-lint's own: the comment is
// "//nolint", or "//nolint:" with a list of linters of which one is letgo or
// all, and a second comment on the same line is the explanation. It is for the
// lines of its comment group and, if a node begins on the next line and in the
// same column, for all lines of that node: a statement, a function, a file.
func (r *directiveReader) readNolints() {
	fset := r.pkg.Fset
	for _, g := range r.file.Syntax.Comments {
		for _, c := range g.List {
			text, named, ok := nolintText(c.Text)
			if !ok {
				continue
			}
			from, to := fset.PositionFor(g.Pos(), false), fset.PositionFor(g.End(), false)
			d := &Directive{Name: Nolint, Text: text, Pos: fset.Position(c.Slash), at: c.Slash, Named: named}
			d.lines = []lineRange{{from.Line, to.Line}}
			ast.Inspect(r.file.Syntax, func(n ast.Node) bool {
				if n == nil {
					return false
				}
				if p := fset.PositionFor(n.Pos(), false); p.Line == to.Line+1 && p.Column == from.Column {
					d.lines = append(d.lines, lineRange{p.Line, fset.PositionFor(n.End(), false).Line})
				}
				return true
			})
			r.out.Nolints[r.file] = append(r.out.Nolints[r.file], d)
			r.out.All = append(r.out.All, d)
		}
	}
}

// nolintText parses a comment that may be a nolint for letgo. It returns the
// explanation and whether letgo is named.
func nolintText(comment string) (text string, named, ok bool) {
	body, ok := strings.CutPrefix(comment, "//")
	if !ok {
		return "", false, false
	}
	body = strings.TrimLeft(body, "/ ")
	rest, ok := strings.CutPrefix(body, "nolint")
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != ':' {
		return "", false, false
	}
	rest, text, _ = strings.Cut(rest, "//")
	text = strings.TrimSpace(text)
	list, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return text, false, true
	}
	var linters []string
	for item := range strings.SplitSeq(list, ",") {
		linters = append(linters, strings.ToLower(strings.TrimSpace(item)))
	}
	named = slices.Contains(linters, "letgo")
	all := slices.Contains(linters, "all") || strings.HasPrefix(list, "all")
	return text, named, named || all
}

// Covers reports whether a nolint applies to a line.
func (d *Directive) Covers(line int) bool {
	return slices.ContainsFunc(d.lines, func(r lineRange) bool { return r.from <= line && line <= r.to })
}
