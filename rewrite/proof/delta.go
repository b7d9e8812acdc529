package proof

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

// deltaMark is the suffix of functions that differ in a variant. It is later
// replaced by the variant's number.
const deltaMark = "ψ"

// A delta is the part of a variant that differs from the original program: the
// changed functions and those that use them, renamed. Everything else is shared.
type delta struct {
	source  []byte
	renamed map[string]bool // the functions, by their original names
}

// A differ finds the delta of a rewritten package.
type differ struct {
	old, new *patterns.Package
	funcs    []*ast.FuncDecl // of the rewritten package
	changed  map[types.Object]bool
}

// deltaOf returns the part of a rewritten package that differs, or nil if the rest
// can't be shared because a type or variable has changed, or a method that may be
// called through an interface.
func deltaOf(old, new *patterns.Package) *delta {
	p := &differ{old: old, new: new, changed: make(map[types.Object]bool)}
	if !slices.Equal(others(old.Files[0]), others(new.Files[0])) {
		return nil
	}
	before := make(map[string]bool)
	for _, d := range old.Files[0].Syntax.Decls {
		before[text(old.Files[0], d)] = true
	}
	for _, d := range new.Files[0].Syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			p.funcs = append(p.funcs, f)
			if !before[text(new.Files[0], f)] {
				p.changed[new.Info.Defs[f.Name]] = true
			}
		}
	}
	p.spread()
	if p.dynamic() {
		return nil
	}
	return p.print()
}

// text returns the source text of a node.
func text(f *patterns.File, n ast.Node) string {
	at := f.Syntax.FileStart
	return string(f.Content[n.Pos()-at : n.End()-at])
}

// others returns the type, variable and constant declarations of a file.
func others(f *patterns.File) []string {
	var out []string
	for _, d := range f.Syntax.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok != token.IMPORT {
			out = append(out, text(f, d))
		}
	}
	return out
}

// uses calls f for each identifier in n that refers to a changed function.
func (p *differ) uses(n ast.Node, f func(id *ast.Ident)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if o, ok := p.new.Info.ObjectOf(id).(*types.Func); ok && p.changed[o.Origin()] {
				f(id)
			}
		}
		return true
	})
}

// spread marks the direct and indirect users of changed functions as changed.
func (p *differ) spread() {
	for more := true; more; {
		more = false
		for _, d := range p.funcs {
			o := p.new.Info.Defs[d.Name]
			if p.changed[o] {
				continue
			}
			p.uses(d, func(*ast.Ident) { p.changed[o], more = true, true })
		}
	}
}

// dynamic reports whether a changed function may be called dynamically, so that it
// can't be renamed: it is a method of a type other than the program's struct, or
// an interface has a method of that name.
func (p *differ) dynamic() bool {
	methods := make(map[string]bool)
	for _, tv := range p.new.Info.Types {
		if i, ok := tv.Type.Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				methods[m.Name()] = true
			}
		}
	}
	return slices.ContainsFunc(p.funcs, func(d *ast.FuncDecl) bool {
		if d.Recv == nil || !p.changed[p.new.Info.Defs[d.Name]] {
			return false
		}
		recv := types.ExprString(d.Recv.List[0].Type)
		return strings.TrimPrefix(recv, "*") != "T"+programs.Mark || methods[d.Name.Name]
	})
}

// print prints the changed functions, renamed, with the imports they need.
func (p *differ) print() *delta {
	file := p.new.Files[0]
	out := &delta{renamed: make(map[string]bool)}
	var body bytes.Buffer
	for _, d := range p.funcs {
		if !p.changed[p.new.Info.Defs[d.Name]] {
			continue
		}
		out.renamed[d.Name.Name] = true
		from := d.Pos() - file.Syntax.FileStart
		p.uses(d, func(id *ast.Ident) {
			to := id.End() - file.Syntax.FileStart
			body.Write(file.Content[from:to])
			body.WriteString(deltaMark)
			from = to
		})
		body.Write(file.Content[from : d.End()-file.Syntax.FileStart])
		body.WriteString("\n\n")
	}
	out.source = append(p.head(), body.Bytes()...)
	return out
}

// head prints what precedes the functions: the build constraint and the imports
// they need.
func (p *differ) head() []byte {
	file := p.new.Files[0]
	imported := make(map[*types.Package]bool)
	for _, d := range p.funcs {
		if !p.changed[p.new.Info.Defs[d.Name]] {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if name, ok := p.new.Info.Uses[id].(*types.PkgName); ok {
					imported[name.Imported()] = true
				}
			}
			return true
		})
	}
	var out []byte
	if bytes.HasPrefix(file.Content, []byte("//go:build")) {
		line, _, _ := bytes.Cut(file.Content, []byte("\n"))
		out = fmt.Appendf(out, "%s\n\n", line)
	}
	out = append(out, "package p\n\n"...)
	for _, spec := range file.Syntax.Imports {
		if name := p.new.Info.PkgNameOf(spec); name != nil && imported[name.Imported()] {
			out = fmt.Appendf(out, "import %s\n", text(file, spec))
		}
	}
	return out
}
