package editor

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// The kinds of code actions. That of a rewrite ends in the name of its shape.
const (
	kindRewrite = "refactor.rewrite.letgo."
	kindFixAll  = "source.fixAll.letgo"
	kindExplain = "letgo.explain"
	kindHold    = "letgo.hold"
)

// patience is how long an answer waits for plans to be verified. Those that
// will not be by then are offered as they are.
const patience = 25 * time.Millisecond

// actionKinds lists the kinds for the client.
func (s *server) actionKinds() []protocol.CodeActionKind {
	kinds := []protocol.CodeActionKind{protocol.CodeActionKindQuickFix}
	for _, shape := range s.shapes {
		kinds = append(kinds, protocol.CodeActionKind(kindRewrite+shape.Name))
	}
	return append(kinds, kindFixAll, kindExplain, kindHold)
}

// An actionRef is what a code action says of itself, for the moment in which it
// is chosen.
type actionRef struct {
	URI     protocol.URI `json:"uri"`
	Version int32        `json:"version"` // of the document
	Kind    string       `json:"kind"`
	At      int          `json:"at,omitempty"` // where the lock is taken: offset into the content
	Shape   string       `json:"shape,omitempty"`
}

// A menu is one list of code actions.
type menu struct {
	*view
	ctx       context.Context
	p         *pkg
	f         *patterns.File
	d         *document
	only      []protocol.CodeActionKind
	automatic bool
	from, to  int // the selection, as offsets into the content
	several   bool
	until     time.Time
	actions   []*protocol.CodeAction
}

func (s *server) codeAction(ctx context.Context, params *protocol.CodeActionParams) ([]*protocol.CodeAction, error) {
	none := []*protocol.CodeAction{}
	path, ok := pathOf(params.TextDocument.URI)
	d := s.doc(path)
	if !ok || d == nil {
		return none, nil
	}
	v, err := s.viewOf(ctx, path)
	if err == nil {
		err = v.wait(ctx)
	}
	if err != nil {
		return none, ctx.Err()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := v.upToDate(d)
	if err == errModified {
		return nil, err
	}
	if err != nil { // it does not compile: there is nothing to offer
		return none, nil
	}
	m := &menu{
		view: v, ctx: ctx, p: p, f: p.currentFile(path), d: d, only: params.Context.Only,
		automatic: params.Context.TriggerKind == protocol.CodeActionTriggerKindAutomatic,
		from:      d.contentOffset(d.offset(params.Range.Start)),
		to:        d.contentOffset(d.offset(params.Range.End)),
		until:     time.Now().Add(patience),
	}
	if err := m.fill(); err != nil {
		return nil, err
	}
	if s.doc(path) != d {
		return nil, errModified
	}
	return append(none, m.actions...), nil
}

func (p *pkg) currentFile(path string) *patterns.File {
	for _, f := range p.current.Files {
		if f.Name == path {
			return f
		}
	}
	return nil
}

// wants reports whether the client asks for actions of a kind.
func (m *menu) wants(kind string) bool {
	if m.automatic && kind != string(protocol.CodeActionKindQuickFix) && len(m.only) == 0 {
		return false
	}
	for _, o := range m.only {
		if kind == string(o) || o == "" || strings.HasPrefix(kind, string(o)+".") {
			return true
		}
	}
	return len(m.only) == 0
}

// fill puts the actions together.
func (m *menu) fill() error {
	var here []*finding.Finding
	for _, f := range m.p.findings {
		if f.Section.Unit.File == m.f && touches(f.Section, m.from, m.to) {
			here = append(here, f)
		}
	}
	m.several = len(here) > 1
	for _, f := range here {
		if err := m.finding(f); err != nil {
			return err
		}
	}
	if len(here) == 0 {
		m.quietSection()
	}
	return m.fixAll()
}

// finding adds the actions for one finding.
func (m *menu) finding(f *finding.Finding) error {
	said := m.propose(m.p, f)
	for c := said.open(); c != nil && (!m.srv.client.resolve || time.Now().Add(m.p.verification).Before(m.until)); c = said.open() {
		if err := m.ctx.Err(); err != nil {
			return err
		}
		m.verify(c)
	}
	if said.open() != nil && !said.planned { // offered as they are, and verified before they are carried out
		said.planned = true
		// Typing does not wait for it, and choosing one of them takes at most twice
		// as long as if it had begun at once.
		time.AfterFunc(max(prepareAfter, m.p.verification), func() { m.verifyRest(m.p, f, said) })
	}
	plans := said.good()
	var diags []protocol.Diagnostic
	w := &where{v: m.view, p: m.p.current, texts: map[string]*text{m.f.Name: m.d.text}}
	if diag, ok := m.diagnostic(w, f); ok {
		diags = append(diags, diag)
	}
	if len(plans) > 0 && len(diags) > 0 && m.wants(string(protocol.CodeActionKindQuickFix)) {
		m.plan(plans[0], string(protocol.CodeActionKindQuickFix), diags)
		plans = plans[1:] // one menu has it once
	}
	for _, c := range plans {
		if kind := kindRewrite + c.Shape; m.wants(kind) {
			m.plan(c, kind, diags)
		}
	}
	if m.srv.client.disabled {
		for _, r := range said.refused(m.srv.shapes) {
			m.refused(f, r)
		}
	}
	m.explain(f.Section, diags)
	m.hold(f, diags)
	return nil
}

// verifyRest verifies the plans for which the answer did not wait, one after the
// other, as long as the text stays as it is. A plan is carried out and
// type-checked without v.mu, so that what is typed meanwhile does not wait.
func (v *view) verifyRest(p *pkg, f *finding.Finding, said *proposals) {
	defer v.srv.recovered("verifying rewrites")
	current := func() bool { return v.ctx.Err() == nil && v.holds(p) && p.plans[f] == said }
	for done := 0; ; done++ {
		var c *proposal
		v.step(func() {
			if current() {
				c = said.open()
			}
			if c != nil {
				v.drafts++
			}
		})
		if c == nil {
			if done > 0 { // that took about as much as there was
				debug.FreeOSMemory()
			}
			return
		}
		draft, refusal := verify.NewDraft(c.Plan)
		v.step(func() {
			v.drafts--
			switch {
			case c.checked || !current():
			case refusal != nil:
				c.checked, c.refusal = true, refusal
			default:
				c.settle(draft.Verify(v.program))
			}
		})
	}
}

// title distinguishes the actions of several sections.
func (m *menu) title(s *locks.Section, text string) string {
	if !m.several {
		return text
	}
	return fmt.Sprintf("%s (line %d)", text, s.Position().Line)
}

func (m *menu) add(a *protocol.CodeAction) { m.actions = append(m.actions, a) }

// ref returns the data of an action, by which it is found again.
func (m *menu) ref(kind string, s *locks.Section, shape string) actionRef {
	r := actionRef{URI: m.d.uri, Version: m.d.version, Kind: kind, Shape: shape}
	if s != nil {
		r.At = offsetOf(s)
	}
	return r
}

func offsetOf(s *locks.Section) int { return s.Unit.Pkg.Fset.File(s.Pos()).Offset(s.Pos()) }

// plan adds the action for a plan.
func (m *menu) plan(c *proposal, kind string, diags []protocol.Diagnostic) {
	s := c.Finding.Section
	a := &protocol.CodeAction{Title: m.title(s, c.Title), Kind: protocol.CodeActionKind(kind), Diagnostics: diags}
	if c.Grade() == safety.Review {
		a.Title += " (" + counted(len(c.Assumptions())) + ")"
	}
	if m.srv.client.preferred && kind == string(protocol.CodeActionKindQuickFix) && c.Grade() == safety.Safe {
		a.IsPreferred = true
	}
	ref, _ := json.Marshal(m.ref(kind, s, c.Shape))
	if c.Grade() == safety.Review {
		a.Command = &protocol.Command{Title: a.Title, Command: commandReview, Arguments: []json.RawMessage{ref}}
	} else if m.srv.client.resolve {
		a.Data = ref
	} else {
		edit, err := m.edit(m.p, c)
		if err != nil {
			return
		}
		a.Edit = edit
	}
	m.add(a)
}

// counted says how many questions there are.
func counted(n int) string {
	if n == 1 {
		return "1 question"
	}
	return fmt.Sprintf("%d questions", n)
}

// refused adds a disabled action that says why a shape does not apply.
func (m *menu) refused(f *finding.Finding, r *safety.Refusal) {
	kind := kindRewrite + r.Shape
	if !m.wants(kind) {
		return
	}
	m.add(&protocol.CodeAction{
		Title:    m.title(f.Section, "Rewrite with "+r.Shape),
		Kind:     protocol.CodeActionKind(kind),
		Disabled: &protocol.CodeActionDisabled{Reason: r.Error()},
	})
}

// quietSection offers to explain the section under the cursor in which nothing
// waits.
func (m *menu) quietSection() {
	if !m.wants(kindExplain) {
		return
	}
	for _, s := range locks.SectionsIn(m.program, m.p.current) {
		if s.Unit.File == m.f && touches(s, m.from, m.to) {
			m.explain(s, nil)
			return
		}
	}
}
