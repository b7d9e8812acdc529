// Package lsptest is a language server client for tests. It speaks raw JSON-RPC and
// shares no code with the server, so that it sees the wire as another program would.
package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Timeout is how long a client waits for anything.
const Timeout = 120 * time.Second

// A Client is one connection to a server.
type Client struct {
	T   testing.TB
	out io.WriteCloser

	mu          sync.Mutex
	changed     *sync.Cond
	nextID      int
	answers     map[string]*Answer
	diagnostics map[string]Diagnostics // by URI
	published   map[string]int         // how often
	shown       []string               // messages to the user
	documents   []string               // URIs that the server asked to show
	edits       []WorkspaceEdit        // that the server asked to apply
	other       []Message              // everything else
	said        []Message              // everything, in the order in which it came
	closed      bool

	// Choose returns the title that the user chooses in window/showMessageRequest. By
	// default, that is Apply.
	Choose func(message string) string
	// Settings is what the client answers to workspace/configuration.
	Settings any
	// Err is what ended the connection, once it is closed.
	Err error
}

// A Message is one message of the server.
type Message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *Error          `json:"error"`
}

// An Error is an error of JSON-RPC.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// An Answer is the response to a request.
type Answer struct {
	Result json.RawMessage
	Err    *Error
}

// Diagnostics is what was published last for a file.
type Diagnostics struct {
	Version     *int         `json:"version"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// A Diagnostic is one diagnostic of a file.
type Diagnostic struct {
	Range              Range     `json:"range"`
	Severity           int       `json:"severity"`
	Code               string    `json:"code"`
	CodeDescription    *struct{} `json:"codeDescription"`
	Source             string    `json:"source"`
	Message            string    `json:"message"`
	RelatedInformation []struct {
		Location struct {
			URI   string `json:"uri"`
			Range Range  `json:"range"`
		} `json:"location"`
		Message string `json:"message"`
	} `json:"relatedInformation"`
}

// New returns a client that reads what the server writes, and the other way round.
func New(t testing.TB, in io.Reader, out io.WriteCloser) *Client {
	c := &Client{
		T: t, out: out, answers: make(map[string]*Answer),
		diagnostics: make(map[string]Diagnostics), published: make(map[string]int),
		Choose: func(string) string { return "Apply" },
	}
	c.changed = sync.NewCond(&c.mu)
	go c.read(bufio.NewReader(in))
	return c
}

// URI returns the URI of a file.
func URI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// Raw sends bytes as one message. Whoever waits for an answer notices if the server no
// longer reads.
func (c *Client) Raw(body string) {
	c.Bytes(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

// Bytes sends bytes as they are.
func (c *Client) Bytes(s string) error {
	_, err := io.WriteString(c.out, s)
	return err
}

// Close closes the connection, as if the client had been killed.
func (c *Client) Close() { c.out.Close() }

func (c *Client) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	raw, err := json.Marshal(m)
	if err != nil {
		c.T.Fatal(err)
	}
	c.Raw(string(raw))
}

// Notify sends a notification.
func (c *Client) Notify(method string, params any) {
	c.send(map[string]any{"method": method, "params": params})
}

// Start sends a request and returns its ID.
func (c *Client) Start(method string, params any) string {
	c.mu.Lock()
	c.nextID++
	id := c.nextID
	c.mu.Unlock()
	c.send(map[string]any{"id": id, "method": method, "params": params})
	return strconv.Itoa(id)
}

// Wait waits for the answer to a request.
func (c *Client) Wait(id string) *Answer {
	c.T.Helper()
	var a *Answer
	c.until("the answer to request "+id, func() bool { a = c.answers[id]; return a != nil })
	return a
}

// Call sends a request and decodes the result of the answer.
func (c *Client) Call(method string, params, result any) error {
	c.T.Helper()
	a := c.Wait(c.Start(method, params))
	if a.Err != nil {
		return a.Err
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(a.Result, result); err != nil {
		c.T.Fatalf("%s: %v in %s", method, err, a.Result)
	}
	return nil
}

// until waits for a condition, which is looked at under c.mu.
func (c *Client) until(what string, done func() bool) {
	c.T.Helper()
	late := false
	timer := time.AfterFunc(Timeout, func() {
		c.mu.Lock()
		late = true
		c.changed.Broadcast()
		c.mu.Unlock()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !done() {
		if late || c.closed {
			c.T.Fatalf("no %s (closed: %v, %v); shown: %q", what, c.closed, c.Err, c.shown)
		}
		c.changed.Wait()
	}
}

// read reads messages until the server ends.
func (c *Client) read(in *bufio.Reader) {
	for {
		batch, err := readMessages(in)
		c.mu.Lock()
		if err != nil {
			c.closed, c.Err = true, err
		}
		for _, m := range batch {
			c.take(m)
		}
		c.changed.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
		for _, m := range batch {
			if m.Method != "" && m.ID != nil {
				c.reply(m)
			}
		}
	}
}

// ReadBody reads the header of a message and returns what follows it.
func ReadBody(in *bufio.Reader) ([]byte, error) {
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(n)
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(in, body)
	return body, err
}

// readMessages reads one message, or several in one.
func readMessages(in *bufio.Reader) ([]Message, error) {
	body, err := ReadBody(in)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(string(body), "[") {
		var batch []Message
		return batch, json.Unmarshal(body, &batch)
	}
	var m Message
	err = json.Unmarshal(body, &m)
	return []Message{m}, err
}

// take files a message. The caller holds c.mu.
func (c *Client) take(m Message) {
	c.said = append(c.said, m)
	switch {
	case m.Method == "":
		c.answers[string(m.ID)] = &Answer{m.Result, m.Error}
	case m.Method == "textDocument/publishDiagnostics":
		var p struct {
			URI string `json:"uri"`
			Diagnostics
		}
		json.Unmarshal(m.Params, &p)
		c.diagnostics[p.URI] = p.Diagnostics
		c.published[p.URI]++
	case m.Method == "window/showMessage":
		var p struct{ Message string }
		json.Unmarshal(m.Params, &p)
		c.shown = append(c.shown, p.Message)
	case m.Method == "window/showDocument":
		var p struct{ URI string }
		json.Unmarshal(m.Params, &p)
		c.documents = append(c.documents, p.URI)
	case m.Method == "workspace/applyEdit":
		var p struct{ Edit WorkspaceEdit }
		json.Unmarshal(m.Params, &p)
		c.edits = append(c.edits, p.Edit)
	default:
		c.other = append(c.other, m)
	}
}

// reply answers a request of the server.
func (c *Client) reply(m Message) {
	var result any
	switch m.Method {
	case "workspace/configuration":
		result = []any{c.Settings}
	case "window/showDocument":
		result = map[string]any{"success": true}
	case "workspace/applyEdit":
		result = map[string]any{"applied": true}
	case "window/showMessageRequest":
		var p struct{ Message string }
		json.Unmarshal(m.Params, &p)
		result = map[string]any{"title": c.Choose(p.Message)}
	}
	c.send(map[string]any{"id": m.ID, "result": result})
}
