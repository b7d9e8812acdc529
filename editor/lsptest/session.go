package lsptest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
)

// A Position is a line, and UTF-16 code units in it.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A Range is a stretch of a text.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A TextEdit replaces a range of a text.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
	Snippet *struct{ Value string }
}

// A WorkspaceEdit changes files.
type WorkspaceEdit struct {
	Changes         map[string][]TextEdit `json:"changes"`
	DocumentChanges []struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version *int   `json:"version"`
		} `json:"textDocument"`
		Edits []TextEdit `json:"edits"`
	} `json:"documentChanges"`
}

// An Action is a code action.
type Action struct {
	Title       string                   `json:"title"`
	Kind        string                   `json:"kind"`
	Diagnostics []Diagnostic             `json:"diagnostics,omitempty"`
	IsPreferred bool                     `json:"isPreferred,omitempty"`
	Disabled    *struct{ Reason string } `json:"disabled,omitempty"`
	Edit        *WorkspaceEdit           `json:"edit,omitempty"`
	Command     *struct {
		Command   string `json:"command"`
		Arguments []any  `json:"arguments"`
	} `json:"command,omitempty"`
	Data any `json:"data,omitempty"`
}

// Full is the capabilities of a client that supports everything.
func Full() map[string]any {
	return map[string]any{
		"workspace": map[string]any{
			"configuration": true, "applyEdit": true,
			"workspaceEdit": map[string]any{"documentChanges": true, "changeAnnotationSupport": map[string]any{}, "resourceOperations": []string{"create"}},
		},
		"window": map[string]any{"workDoneProgress": true, "showDocument": map[string]any{"support": true}},
		"textDocument": map[string]any{
			"publishDiagnostics": map[string]any{"relatedInformation": true, "codeDescriptionSupport": true},
			"codeAction": map[string]any{
				"dataSupport": true, "disabledSupport": true, "isPreferredSupport": true,
				"resolveSupport":           map[string]any{"properties": []string{"edit"}},
				"codeActionLiteralSupport": map[string]any{"codeActionKind": map[string]any{"valueSet": []string{"quickfix"}}},
			},
		},
	}
}

// Initialize begins a session with a folder open, or with none if it is "".
func (c *Client) Initialize(folder string, capabilities map[string]any) {
	c.T.Helper()
	params := map[string]any{"processId": os.Getpid(), "rootUri": nil, "capabilities": capabilities}
	if folder != "" {
		params["rootUri"] = URI(folder)
		params["workspaceFolders"] = []any{map[string]any{"uri": URI(folder), "name": filepath.Base(folder)}}
	}
	if err := c.Call("initialize", params, nil); err != nil {
		c.T.Fatal(err)
	}
	c.Notify("initialized", map[string]any{})
}

// Open opens a file with a text.
func (c *Client) Open(path, text string) {
	c.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": URI(path), "languageId": "go", "version": 1, "text": text,
	}})
}

// Change replaces the text of a file.
func (c *Client) Change(path string, version int, text string) {
	c.change(path, version, map[string]any{"text": text})
}

// Edit replaces a range of the text of a file.
func (c *Client) Edit(path string, version int, r Range, text string) {
	c.change(path, version, map[string]any{"range": r, "text": text})
}

func (c *Client) change(path string, version int, change map[string]any) {
	c.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": URI(path), "version": version},
		"contentChanges": []any{change},
	})
}

// Save tells the server that a file was saved.
func (c *Client) Save(path string) {
	c.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": URI(path)}})
}

// CloseFile closes a file.
func (c *Client) CloseFile(path string) {
	c.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": URI(path)}})
}

// Diagnosed waits for the diagnostics of a version of a file, or of a later one.
func (c *Client) Diagnosed(path string, version int) []Diagnostic {
	c.T.Helper()
	return c.DiagnosedUntil(path, version, func([]Diagnostic) bool { return true })
}

// DiagnosedUntil waits for diagnostics until they are as wanted.
func (c *Client) DiagnosedUntil(path string, version int, good func([]Diagnostic) bool) []Diagnostic {
	c.T.Helper()
	var out []Diagnostic
	c.until("diagnostics of "+path, func() bool {
		d, ok := c.diagnostics[URI(path)]
		out = d.Diagnostics
		return ok && (d.Version == nil || *d.Version >= version) && good(out)
	})
	return out
}

// Shown waits for a message to the user that contains a text.
func (c *Client) Shown(part string) string {
	c.T.Helper()
	found := ""
	c.until("message with "+part, func() bool {
		for _, m := range c.shown {
			if strings.Contains(m, part) {
				found = m
			}
		}
		return found != ""
	})
	return found
}

// ShownDocument waits for a document that the server asks to show, and returns the path
// of its file.
func (c *Client) ShownDocument() string {
	c.T.Helper()
	found := ""
	c.until("document shown", func() bool {
		if len(c.documents) > 0 {
			found = strings.TrimPrefix(c.documents[len(c.documents)-1], "file://")
		}
		return found != ""
	})
	return found
}

// Asked returns the edit that the server last asked the client to apply, or nil.
func (c *Client) Asked() *WorkspaceEdit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.edits) == 0 {
		return nil
	}
	return &c.edits[len(c.edits)-1]
}

// AskedFor waits for the server to ask the client to apply an edit.
func (c *Client) AskedFor() *WorkspaceEdit {
	c.T.Helper()
	c.until("edit to apply", func() bool { return len(c.edits) > 0 })
	return c.Asked()
}

// Command calls a command of the server.
func (c *Client) Command(name string, argument, result any) error {
	c.T.Helper()
	return c.Call("workspace/executeCommand", map[string]any{"command": name, "arguments": []any{argument}}, result)
}

// Ended waits for the server to end the connection.
func (c *Client) Ended() {
	c.T.Helper()
	done := false
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed {
		c.changed.Wait()
		done = c.closed
	}
	_ = done
}

// Messages returns the messages to the user that contain a text.
func (c *Client) Messages(part string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.shown), func(m string) bool { return !strings.Contains(m, part) })
}

// Said returns all messages of the server, in the order in which they came.
func (c *Client) Said() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said)
}

// Other returns the messages of the server with the given method.
func (c *Client) Other(method string) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.other), func(m Message) bool { return m.Method != method })
}

// Actions asks for the code actions of a range; only may be nil.
func (c *Client) Actions(path string, r Range, only ...string) ([]Action, error) {
	c.T.Helper()
	context := map[string]any{"diagnostics": []any{}}
	if len(only) > 0 {
		context["only"] = only
	}
	var out []Action
	err := c.Call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": URI(path)}, "range": r, "context": context,
	}, &out)
	return out, err
}

// Resolve returns the edit of an action. If the action asks questions first, they are
// answered by Choose.
func (c *Client) Resolve(a Action) (*WorkspaceEdit, error) {
	c.T.Helper()
	if a.Edit != nil {
		return a.Edit, nil
	}
	if a.Command != nil {
		return c.reviewed(a.Command.Command, a.Command.Arguments[0])
	}
	var out Action
	if err := c.Call("codeAction/resolve", a, &out); err != nil {
		return nil, err
	}
	return out.Edit, nil
}

// reviewed calls a command that asks the user and then asks the client to apply an edit,
// and returns that. The error is what the server says instead.
func (c *Client) reviewed(command string, argument any) (*WorkspaceEdit, error) {
	c.T.Helper()
	const failed = "nothing was changed: "
	c.mu.Lock()
	edits, shown := len(c.edits), len(c.shown)
	c.mu.Unlock()
	if err := c.Command(command, argument, nil); err != nil {
		return nil, err
	}
	var said []string
	c.until("edit to apply", func() bool {
		said = slices.DeleteFunc(slices.Clone(c.shown[shown:]), func(m string) bool { return !strings.Contains(m, failed) })
		return len(c.edits) > edits || len(said) > 0
	})
	if len(said) > 0 {
		return nil, &Error{Code: -32803, Message: said[0]}
	}
	return c.Asked(), nil
}

// Edits returns the edits of a workspace edit by the path of the file.
func (e *WorkspaceEdit) Edits() map[string][]TextEdit {
	out := make(map[string][]TextEdit)
	for u, edits := range e.Changes {
		out[strings.TrimPrefix(u, "file://")] = edits
	}
	for _, d := range e.DocumentChanges {
		path := strings.TrimPrefix(d.TextDocument.URI, "file://")
		out[path] = append(out[path], d.Edits...)
	}
	return out
}

// Apply applies edits to a text, as an editor does.
func Apply(text string, edits []TextEdit) string {
	type span struct {
		start, end int
		text       string
	}
	var spans []span
	for _, e := range edits {
		spans = append(spans, span{Offset(text, e.Range.Start), Offset(text, e.Range.End), e.NewText})
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.start])
		b.WriteString(s.text)
		at = s.end
	}
	return b.String() + text[at:]
}

// Offset returns the byte offset of a position.
func Offset(text string, p Position) int {
	at := 0
	for range p.Line {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	left := p.Character
	for i, r := range text[at:] {
		if left <= 0 || r == '\n' {
			return at + i
		}
		left -= utf16.RuneLen(r)
	}
	return len(text)
}

// At returns the position of the nth occurrence, from 0, of a string in a text.
func At(text, part string, n int) Position {
	at := 0
	for {
		i := strings.Index(text[at:], part)
		if i < 0 {
			panic("no " + part)
		}
		if n == 0 {
			return PositionOf(text, at+i)
		}
		n--
		at += i + len(part)
	}
}

// PositionOf returns the position of a byte offset.
func PositionOf(text string, offset int) Position {
	before := text[:offset]
	line := strings.Count(before, "\n")
	rest := before[strings.LastIndexByte(before, '\n')+1:]
	return Position{line, len(utf16.Encode([]rune(rest)))}
}

// Point returns the empty range at a position.
func Point(p Position) Range { return Range{p, p} }
