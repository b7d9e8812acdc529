package editor

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// resolve fills in the edit of an action that the user has chosen. Where the
// text has changed since the action was offered, it is not to be carried out.
func (s *server) resolve(ctx context.Context, a *map[string]json.RawMessage) (map[string]any, error) {
	done := make(map[string]any) // whatever the client put into it stays
	for name, value := range *a {
		done[name] = value
	}
	var ref actionRef
	if len((*a)["data"]) == 0 {
		return done, nil
	}
	if err := json.Unmarshal((*a)["data"], &ref); err != nil {
		return nil, jsonrpc.Errorf(jsonrpc.InvalidParams, "the data of the action is not letgo's: %v", err)
	}
	path, ok := pathOf(ref.URI)
	d := s.doc(path)
	if !ok || d == nil || d.version != ref.Version {
		return nil, errModified
	}
	v, err := s.viewOf(ctx, path)
	if err == nil {
		err = v.wait(ctx)
	}
	if err != nil {
		return nil, err
	}
	edit, err := v.resolve(ctx, d, ref)
	if err != nil {
		return nil, err
	}
	if s.doc(path) != d {
		return nil, errModified
	}
	if edit != nil {
		done["edit"] = edit
	}
	return done, nil
}

func (v *view) resolve(ctx context.Context, d *document, ref actionRef) (*protocol.WorkspaceEdit, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := v.upToDate(d)
	if err != nil {
		return nil, err
	}
	f := p.currentFile(d.path)
	if ref.Kind == kindFixAll {
		return v.fixFile(p, f)
	}
	if ref.Kind == kindHold {
		if found := p.findingAt(f, ref.At); found != nil {
			return v.holdEdit(found, d), nil
		}
	} else if c := v.chosen(p, d, ref); c != nil {
		return v.edit(p, c)
	}
	return nil, errModified
}

// chosen returns the plan that an action stands for, or nil.
func (v *view) chosen(p *pkg, d *document, ref actionRef) *proposal {
	found := p.findingAt(p.currentFile(d.path), ref.At)
	if found == nil {
		return nil
	}
	for _, c := range v.propose(p, found).plans {
		if c.Shape == ref.Shape {
			return c
		}
	}
	return nil
}

// findingAt returns the finding whose lock is taken at an offset of a file.
func (p *pkg) findingAt(f *patterns.File, offset int) *finding.Finding {
	for _, found := range p.findings {
		if found.Section.Unit.File == f && offsetOf(found.Section) == offset {
			return found
		}
	}
	return nil
}

// fixAll adds the action that carries out all safe rewrites of the file. To
// know whether there are any takes time, so it is offered where one is known,
// and worked out if the client asks for nothing else.
func (m *menu) fixAll() error {
	if !m.wants(kindFixAll) || m.f.Fixed != "" {
		return nil
	}
	asked := slices.ContainsFunc(m.only, func(k protocol.CodeActionKind) bool { return k != "" })
	if !asked && !m.knowsSafe() {
		return nil
	}
	a := &protocol.CodeAction{Title: "Carry out all safe rewrites of the file", Kind: kindFixAll}
	if m.srv.client.resolve && !asked {
		raw, _ := json.Marshal(m.ref(kindFixAll, nil, ""))
		a.Data = raw
	} else {
		edit, err := m.fixFile(m.p, m.f)
		if err != nil || edit == nil {
			return err
		}
		a.Edit = edit
	}
	m.add(a)
	return nil
}

// knowsSafe reports whether a safe rewrite of the file was proposed and not
// found wanting.
func (m *menu) knowsSafe() bool {
	for _, f := range m.p.findings {
		if r := m.p.plans[f]; r != nil && f.Section.Unit.File == m.f && f.Shown() {
			if slices.ContainsFunc(r.good(), func(c *proposal) bool { return c.Grade() == safety.Safe }) {
				return true
			}
		}
	}
	return false
}

// fixFile carries out all safe rewrites of a file, as "letgo -w" does. It
// returns nil if there are none.
func (v *view) fixFile(p *pkg, f *patterns.File) (*protocol.WorkspaceEdit, error) {
	if !v.fresh(p) {
		return nil, errModified
	}
	x := *v.program
	find.Filter.Set(&x, func(q *patterns.Package, found []*finding.Finding) []*finding.Finding {
		return slices.DeleteFunc(v.project.filter(q, found), func(g *finding.Finding) bool { return g.Section.Unit.File.Name != f.Name })
	})
	limits := rewrite.Limits{Shapes: v.srv.shapes, Categories: v.options(p).Categories, MinGrade: safety.Safe}
	r := rewrite.Fix(&x, p.current, limits)
	if len(r.Changes) == 0 {
		return nil, nil
	}
	return v.workspaceEdit(perSection(r))
}

// perSection returns the changes of a run with edits of their own for lines
// that lie apart, so that the cursor stays where it is.
func perSection(r *rewrite.Result) []verify.Change {
	out := slices.Clone(r.Changes)
	for i, c := range out {
		out[i].Edits = textedit.Lines(c.File.Content, c.Content())
	}
	return out
}
