package editor

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
)

// source is what the client shows as the origin of a diagnostic.
const source = "letgo"

// documentation is where the codes of diagnostics are described.
const documentation = "https://github.com/letgo-dev/letgo#what-it-reports"

// codeDirective is the code of diagnostics about a directive.
const codeDirective = "directive"

// publish publishes the findings of the open files of a package.
func (v *view) publish(p *pkg) {
	for _, f := range p.current.Files {
		d := v.srv.doc(f.Name)
		if d == nil || f.Fixed != "cgo" && d.content != string(f.Content) {
			continue // the next change is on its way
		}
		v.srv.publish(d.uri, &d.version, v.diagnostics(p, f, d))
	}
}

// publishBroken is called when the text of a package does not compile. The
// client keeps what it has, and moves it with the text; a file that it has
// nothing for gets the answer of the other files' last good state.
func (v *view) publishBroken(p *pkg) {
	if !p.found {
		return
	}
	for _, f := range p.current.Files {
		if d := v.srv.doc(f.Name); d != nil && d.content == string(f.Content) {
			v.srv.publish(d.uri, &d.version, v.diagnostics(p, f, d))
		}
	}
}

func (s *server) publish(u protocol.URI, version *int32, list []protocol.Diagnostic) {
	if list == nil {
		list = []protocol.Diagnostic{}
	}
	params := &protocol.PublishDiagnosticsParams{URI: u, Version: version, Diagnostics: list}
	s.notify("textDocument/publishDiagnostics", params)
}

// diagnostics returns those of one open file.
func (v *view) diagnostics(p *pkg, f *patterns.File, d *document) []protocol.Diagnostic {
	var out []protocol.Diagnostic
	w := &where{v: v, p: p.current, texts: map[string]*text{f.Name: d.text}}
	for _, found := range p.findings {
		if found.Section.Unit.File == f {
			if diag, ok := v.diagnostic(w, found); ok {
				out = append(out, diag)
			}
		}
	}
	for _, m := range p.mistakes {
		if m.Pos.Filename == f.Name {
			out = append(out, protocol.Diagnostic{
				Range:    w.lineFrom(m.Pos),
				Severity: protocol.DiagnosticSeverityWarning,
				Code:     codeDirective,
				Source:   source,
				Message:  m.Msg,
			})
		}
	}
	return out
}

// severity says how to show a finding, if it is to be shown.
func severity(f *finding.Finding) (protocol.DiagnosticSeverity, bool) {
	if !f.Shown() {
		return 0, false
	}
	if f.Verdict.Judgement == finding.Incidental || f.MayDeadlock() || f.Measured() {
		return protocol.DiagnosticSeverityWarning, true
	}
	return protocol.DiagnosticSeverityInformation, true
}

// diagnostic returns the one for a finding, unless the lock looks held on
// purpose.
func (v *view) diagnostic(w *where, f *finding.Finding) (protocol.Diagnostic, bool) {
	level, ok := severity(f)
	if !ok {
		return protocol.Diagnostic{}, false
	}
	diag := protocol.Diagnostic{
		Range:    w.node(f.Section.Acquire),
		Severity: level,
		Code:     f.Main().Category,
		Source:   source,
		Message:  f.Message(),
	}
	if f.Delay != nil {
		diag.Message += ": " + f.Delay.String()
	}
	if v.srv.client.codeHref {
		diag.CodeDescription = &protocol.CodeDescription{Href: documentation}
	}
	if v.srv.client.relatedInfo {
		diag.RelatedInformation = w.related(f)
	}
	return diag, true
}

// A where finds the places of nodes and positions for the client.
type where struct {
	v     *view
	p     *patterns.Package
	texts map[string]*text // by name of the file
}

// text returns the text of a file of the view, as the client has it if it is
// open, or nil.
func (w *where) text(name string) *text {
	if t, ok := w.texts[name]; ok {
		return t
	}
	var t *text
	if d := w.v.srv.doc(name); d != nil {
		t = d.text
	} else if p := w.v.byFile[name]; p != nil {
		for _, f := range p.current.Files {
			if f.Name == name && f.Fixed != "cgo" {
				t = newText(string(f.Content))
			}
		}
	}
	if t == nil {
		t = readText(name)
	}
	w.texts[name] = t
	return t
}

// uri returns the URI of a file, as the client spells it if it is open.
func (w *where) uri(name string) protocol.URI {
	if d := w.v.srv.doc(name); d != nil {
		return d.uri
	}
	return protocol.File(name)
}

// at converts a position, as one of the file that the client knows.
func (w *where) at(p token.Position) protocol.Position {
	if t := w.text(p.Filename); t != nil {
		return t.byteColumn(p.Line, p.Column)
	}
	return protocol.Position{Line: uint32(max(p.Line-1, 0)), Character: uint32(max(p.Column-1, 0))}
}

// node returns the range of a node, as far as it stands on one line.
func (w *where) node(n ast.Node) protocol.Range {
	start, end := w.p.Fset.Position(n.Pos()), w.p.Fset.Position(n.End())
	switch s := n.(type) {
	case *ast.SelectStmt:
		end = w.p.Fset.Position(s.Body.Lbrace)
	case *ast.RangeStmt:
		end = w.p.Fset.Position(s.X.End())
	case *ast.FuncDecl:
		end = w.p.Fset.Position(s.Name.End())
	}
	if end.Line != start.Line {
		return w.lineFrom(start)
	}
	return protocol.Range{Start: w.at(start), End: w.at(end)}
}

// lineFrom returns the range from a position to the end of its line.
func (w *where) lineFrom(p token.Position) protocol.Range {
	r := protocol.Range{Start: w.at(p)}
	r.End = r.Start
	if t := w.text(p.Filename); t != nil {
		r.End = t.lineEnd(p.Line)
	}
	return r
}

// related tells where a lock is held across a wait, and the calls that lead
// there.
func (w *where) related(f *finding.Finding) []protocol.DiagnosticRelatedInformation {
	var out []protocol.DiagnosticRelatedInformation
	add := func(file string, r protocol.Range, format string, args ...any) {
		out = append(out, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: w.uri(file), Range: r},
			Message:  fmt.Sprintf(format, args...),
		})
	}
	for _, o := range f.Ops {
		at := w.p.Fset.Position(o.Pos())
		add(at.Filename, w.node(o.Node), "held across %s (%s), which %s", o.Describe(), o.Category, o.Why)
		for _, h := range o.Path[min(1, len(o.Path)):] {
			p := w.at(h.At)
			add(h.At.Filename, protocol.Range{Start: p, End: p}, "which calls %s", h.Func)
		}
	}
	return out
}
