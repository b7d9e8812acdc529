package editor

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
)

// commandReview applies a rewrite with questions, after asking them. It does not leave
// that to the client's change annotations: VS Code shows their text only in the tooltip
// of an icon. Its argument is an [actionRef].
const commandReview = "letgo.review"

// A doubtful is a rewrite that may be carried out once its questions are answered.
type doubtful struct {
	name, title string // of the section, and of what is to be done
	questions   []string
	diff        string
	edit        *protocol.WorkspaceEdit
}

// reviewAction is the command letgo.review. It answers at once: the user may take
// any time to read.
func (s *server) reviewAction(p *protocol.ExecuteCommandParams) (json.RawMessage, error) {
	var ref actionRef
	if len(p.Arguments) != 1 || json.Unmarshal(p.Arguments[0], &ref) != nil || ref.Shape == "" {
		return nil, jsonrpc.Errorf(jsonrpc.InvalidParams, "%s takes one argument, the one of its code action", commandReview)
	}
	go func() {
		defer s.recovered("asking about a rewrite")
		if err := s.review(s.ctx, ref); err != nil && s.ctx.Err() == nil {
			s.showf(protocol.MessageTypeError, "nothing was changed: %v", err)
		}
	}()
	return nil, nil
}

func (s *server) review(ctx context.Context, ref actionRef) error {
	path, ok := pathOf(ref.URI)
	d := s.doc(path)
	if !ok || d == nil || d.version != ref.Version {
		return errModified
	}
	v, err := s.viewOf(ctx, path)
	if err == nil {
		err = v.wait(ctx)
	}
	if err != nil {
		return err
	}
	r, err := v.doubtful(d, ref)
	if err != nil {
		return err
	}
	if yes, err := s.confirm(ctx, r); err != nil || !yes {
		return err
	}
	s.conn.Settle(ctx) // the user may have typed before the answer
	if s.doc(path) != d {
		return errModified
	}
	_, err = s.apply(ctx, r.title, r.edit)
	return err
}

// doubtful returns the rewrite that an action stands for.
func (v *view) doubtful(d *document, ref actionRef) (*doubtful, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	p, err := v.upToDate(d)
	if err != nil {
		return nil, err
	}
	c := v.chosen(p, d, ref)
	if c == nil {
		return nil, errModified
	}
	edit, err := v.edit(p, c)
	if err != nil {
		return nil, err
	}
	diff, err := v.unified(c.changes)
	if err != nil {
		return nil, err
	}
	at := c.Finding.Position()
	return &doubtful{
		name:  fmt.Sprintf("%s-%d", strings.TrimSuffix(filepath.Base(at.Filename), ".go"), at.Line),
		title: c.Title, questions: v.questions(c.Plan), diff: string(diff), edit: edit,
	}, nil
}

// The answers to the question whether a rewrite is to be carried out.
const (
	answerApply  = "Apply"
	answerCancel = "Cancel"
)

// confirm shows the questions of a rewrite, with its diff, and asks whether to carry
// it out.
func (s *server) confirm(ctx context.Context, r *doubtful) (bool, error) {
	const heading = "%s\n\nCheck this first. Yes to each means that the rewrite is right.\n\n%s\n"
	text := fmt.Sprintf(heading, r.title, strings.Join(r.questions, "\n"))
	document := fmt.Sprintf(heading, r.title, wrapped(r.questions)) + "\n" + r.diff
	if !s.client.applyEdit {
		s.show(r.name+".diff", document)
		return false, fmt.Errorf("this editor does not let a server apply edits: use letgo -w -grade=review")
	}
	switch opened := s.client.showDocument && s.opened(ctx, r.name+".diff", document); {
	case !opened:
		text += "\n" + r.diff
	case len(r.questions) > mostInMessage:
		text = fmt.Sprintf("%s? Answer the questions in %s.diff first: yes to each means that the rewrite is right.", r.title, r.name)
	}
	var answer *protocol.MessageActionItem
	params := &protocol.ShowMessageRequestParams{
		Type: protocol.MessageTypeWarning, Message: "letgo: " + text,
		Actions: []protocol.MessageActionItem{{Title: answerApply}, {Title: answerCancel}},
	}
	if err := s.ask(ctx, "window/showMessageRequest", params, &answer); err != nil {
		return false, fmt.Errorf("the editor did not ask whether to apply it: %w", err)
	}
	return answer != nil && answer.Title == answerApply, nil
}

// mostInMessage is how many questions a message has at most if a document has them, too.
// A message of Neovim is in the way of the document.
const mostInMessage = 8

// widest is how long the lines of questions are in a document, in characters.
const widest = 80

// wrapped puts questions into lines of a document, which editors do not wrap by themselves.
func wrapped(questions []string) string {
	var b strings.Builder
	for _, q := range questions {
		at := 0
		for word := range strings.FieldsSeq(q) {
			n := utf8.RuneCountInString(word)
			switch {
			case at == 0:
			case at+1+n > widest:
				b.WriteString("\n   ")
				at = len("   ")
				fallthrough
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += n
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// opened shows a text as a document, and reports whether the client has opened it.
func (s *server) opened(ctx context.Context, name, text string) bool {
	file, err := s.scratchFile(name, text)
	if err != nil {
		s.debugf("writing %s: %v", name, err)
		return false
	}
	var answer struct{ Success bool }
	err = s.ask(ctx, "window/showDocument", &protocol.ShowDocumentParams{URI: protocol.File(file), TakeFocus: true}, &answer)
	return err == nil && answer.Success
}

// apply asks the client to make an edit, and reports whether it did.
func (s *server) apply(ctx context.Context, label string, edit *protocol.WorkspaceEdit) (bool, error) {
	var answer protocol.ApplyWorkspaceEditResult
	params := &protocol.ApplyWorkspaceEditParams{Label: label, Edit: *edit}
	if err := s.ask(ctx, "workspace/applyEdit", params, &answer); err != nil {
		return false, jsonrpc.Errorf(jsonrpc.RequestFailed, "the editor did not take the changes: %v", err)
	}
	if !answer.Applied && answer.FailureReason != "" {
		return false, jsonrpc.Errorf(jsonrpc.RequestFailed, "the editor did not make the changes: %s", answer.FailureReason)
	}
	return answer.Applied, nil
}
