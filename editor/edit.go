package editor

import (
	"fmt"
	"path/filepath"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// edit returns the workspace edit that carries a verified plan out. The error
// says why the plan turned out not to apply.
func (v *view) edit(p *pkg, c *proposal) (*protocol.WorkspaceEdit, error) {
	if !v.fresh(p) {
		return nil, errModified
	}
	v.verify(c)
	if c.refusal != nil {
		return nil, jsonrpc.Errorf(jsonrpc.RequestFailed, "%s does not apply: %v", c.Shape, c.refusal)
	}
	return v.workspaceEdit(c.changes)
}

// questions lists what a person has to check.
func (v *view) questions(p *plan.Plan) []string {
	var lines []string
	for _, o := range p.Assumptions() {
		line := fmt.Sprintf("%s: %s", o.Label(), o.Text)
		if o.Pos.IsValid() {
			u := p.Finding.Section.Unit
			line += " (" + u.Pkg.Place(u.File.Name, u.Pkg.Fset.Position(o.Pos)) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// relative names a file for a person: relative to the module or workspace, if it is
// in there.
func (v *view) relative(name string) string {
	if rel, err := filepath.Rel(v.place.Dir, name); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return name
}

// workspaceEdit makes the edit of some changes.
func (v *view) workspaceEdit(changes []verify.Change) (*protocol.WorkspaceEdit, error) {
	e := &protocol.WorkspaceEdit{}
	for _, c := range changes {
		u, version, t, err := v.target(c.File)
		if err != nil {
			return nil, err
		}
		if t == nil {
			if !v.srv.client.create {
				return nil, jsonrpc.Errorf(jsonrpc.RequestFailed, "the rewrite adds the file %s, and this editor creates none: use letgo -w", c.File.Name)
			}
			t = newText("")
			e.DocumentChanges = append(e.DocumentChanges, &protocol.CreateFile{Kind: "create", URI: u})
		}
		edits := textEdits(t, joined(c.File, c.Edits))
		if !v.srv.client.versioned {
			if e.Changes == nil {
				e.Changes = make(map[protocol.URI][]protocol.TextEdit)
			}
			e.Changes[u] = edits
			continue
		}
		d := &protocol.TextDocumentEdit{Edits: edits}
		d.TextDocument = protocol.OptionalVersionedTextDocumentIdentifier{URI: u, Version: version}
		e.DocumentChanges = append(e.DocumentChanges, d)
	}
	return e, nil
}

// target returns how the client knows a file that is to be changed: by which
// URI, in which version if it is open, and with what text: nil if the file is
// to be created, as go.sum may be.
func (v *view) target(f *patterns.File) (u protocol.URI, version *int32, t *text, err error) {
	if d := v.srv.doc(f.Name); d != nil {
		u, version, t = d.uri, &d.version, d.text
	} else {
		u, t = protocol.File(f.Name), readText(f.Name)
	}
	if t == nil && len(f.Content) == 0 && f.Syntax == nil {
		return u, nil, nil, nil
	}
	if t == nil || t.content != string(f.Content) {
		return "", nil, nil, errModified
	}
	return u, version, t, nil
}

// joined makes one edit of those within one declaration: a client that lets the
// user confirm edits one by one must not tear a rewrite apart.
func joined(f *patterns.File, edits []textedit.Edit) []textedit.Edit {
	var out []textedit.Edit
	last := -1
	for _, e := range edits {
		d := declAt(f, e)
		if d < 0 || d != last {
			out, last = append(out, e), d
			continue
		}
		p := &out[len(out)-1]
		p.New += string(f.Content[p.End:e.Start]) + e.New
		p.End = e.End
	}
	return out
}

// declAt returns the index of the declaration that an edit stands in, or -1, as
// always in go.mod and go.sum, which have no syntax.
func declAt(f *patterns.File, e textedit.Edit) int {
	if f.Syntax == nil {
		return -1
	}
	for i, d := range f.Syntax.Decls {
		if start := int(d.Pos() - f.Syntax.FileStart); start <= e.Start && e.End <= int(d.End()-f.Syntax.FileStart)+1 {
			return i
		}
	}
	return -1
}

func textEdits(t *text, edits []textedit.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, len(edits))
	for i, e := range edits {
		out[i] = protocol.TextEdit{Range: t.rangeOf(e.Start, e.End), NewText: t.newLines(e.New)}
	}
	return out
}
