package editor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/internal/scratch"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// commandExplain shows the text of "letgo explain". Its argument is an
// [explainArgs]; its result is the text, for clients that show it themselves.
const commandExplain = "letgo.explain"

type explainArgs struct {
	URI  protocol.URI `json:"uri"`
	Line int          `json:"line"` // from 1
}

// explain adds the action that explains a section.
func (m *menu) explain(s *locks.Section, diags []protocol.Diagnostic) {
	if !m.wants(kindExplain) || m.srv.opts.Explain == nil {
		return
	}
	args, _ := json.Marshal(explainArgs{m.d.uri, s.Position().Line})
	title := m.title(s, "Explain what waits under "+s.Lock.String())
	m.add(&protocol.CodeAction{
		Title: title, Kind: protocol.CodeActionKind(kindExplain), Diagnostics: diags,
		Command: &protocol.Command{Title: title, Command: commandExplain, Arguments: []json.RawMessage{args}},
	})
}

func (s *server) executeCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (json.RawMessage, error) {
	switch {
	case p.Command == commandReview:
		return s.reviewAction(p)
	case p.Command == commandDiff:
		return s.workspaceDiff(ctx, p)
	case p.Command == commandApply:
		return s.workspaceApply(ctx, p)
	case p.Command != commandExplain || s.opts.Explain == nil:
		return nil, jsonrpc.Errorf(jsonrpc.InvalidParams, "letgo does not know the command %q", p.Command)
	}
	var args explainArgs
	if len(p.Arguments) != 1 || json.Unmarshal(p.Arguments[0], &args) != nil {
		return nil, jsonrpc.Errorf(jsonrpc.InvalidParams, "%s takes one argument, an object with uri and line", commandExplain)
	}
	path, _ := pathOf(args.URI)
	text, err := s.explanation(ctx, path, args.Line)
	if err != nil {
		return nil, err
	}
	s.show(fmt.Sprintf("%s-%d.txt", strings.TrimSuffix(filepath.Base(path), ".go"), args.Line), text)
	raw, err := json.Marshal(text)
	return raw, err
}

func (s *server) explanation(ctx context.Context, path string, line int) (string, error) {
	d := s.doc(path)
	if d == nil {
		return "", jsonrpc.Errorf(jsonrpc.RequestFailed, "%s is not open", path)
	}
	v, err := s.viewOf(ctx, path)
	if err == nil {
		err = v.wait(ctx)
	}
	if err != nil {
		return "", jsonrpc.Errorf(jsonrpc.RequestFailed, "%v", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	p, err := v.upToDate(d)
	if err == errModified {
		return "", err
	}
	var text string
	if err == nil {
		text, err = s.opts.Explain(v.program, p.current, p.currentFile(path), line, v.place.Dir)
	}
	if err != nil {
		return "", jsonrpc.Errorf(jsonrpc.RequestFailed, "%v", err)
	}
	return text, nil
}

// show opens a text in the client: as a document where it can do that, else as
// a message.
func (s *server) show(name, text string) {
	if s.client.showDocument {
		file, err := s.scratchFile(name, text)
		if err == nil {
			params := &protocol.ShowDocumentParams{URI: protocol.File(file), TakeFocus: true}
			go s.ask(s.ctx, "window/showDocument", params, nil)
			return
		}
		s.debugf("writing %s: %v", name, err)
	}
	s.notify("window/showMessage", &protocol.ShowMessageParams{Type: protocol.MessageTypeInfo, Message: text})
}

// scratchFile writes a text to a file that lives as long as the server.
func (s *server) scratchFile(name, text string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scratch == "" {
		dir, err := scratch.Dir()
		if err != nil {
			return "", err
		}
		s.scratch = dir
	}
	file := filepath.Join(s.scratch, name)
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// hold adds the action that says that a lock is held on purpose.
func (m *menu) hold(f *finding.Finding, diags []protocol.Diagnostic) {
	if !m.wants(kindHold) || f.Directive != nil || m.f.Fixed != "" {
		return
	}
	a := &protocol.CodeAction{
		Title: m.title(f.Section, fmt.Sprintf("Hold %s on purpose ...", f.Section.Lock)),
		Kind:  protocol.CodeActionKind(kindHold), Diagnostics: diags,
	}
	if m.srv.client.resolve {
		a.Data, _ = json.Marshal(m.ref(kindHold, f.Section, ""))
	} else {
		a.Edit = m.holdEdit(f, m.d)
	}
	m.add(a)
}

// holdEdit inserts the directive above the line that takes the lock. The user
// has to write the reason: letgo reports a directive without one.
func (v *view) holdEdit(f *finding.Finding, d *document) *protocol.WorkspaceEdit {
	content := f.Section.Unit.File.Content
	at := offsetOf(f.Section)
	start := bytes.LastIndexByte(content[:at], '\n') + 1
	line := string(content[start:at])
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	where := d.rangeOf(start, start)
	end := d.newLines("\n")
	text := indent + "//letgo:" + directive.Hold
	e := &protocol.WorkspaceEdit{}
	if !v.srv.client.versioned {
		e.Changes = map[protocol.URI][]protocol.TextEdit{d.uri: {{Range: where, NewText: text + end}}}
		return e
	}
	doc := &protocol.TextDocumentEdit{TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{Version: &d.version}}
	doc.TextDocument.URI = d.uri
	if v.srv.client.snippets {
		snippet := &protocol.StringValue{Kind: "snippet", Value: text + " ${1:why}" + end}
		doc.Edits = append(doc.Edits, protocol.TextEdit{Range: where, Snippet: snippet})
	} else {
		doc.Edits = append(doc.Edits, protocol.TextEdit{Range: where, NewText: text + end})
	}
	e.DocumentChanges = append(e.DocumentChanges, doc)
	return e
}
