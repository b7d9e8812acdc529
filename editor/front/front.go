// Package front combines letgo and gopls into one language server.
package front

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/build"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
)

// A front stands between one client and two servers, letgo and gopls, and makes
// one server of them, for clients that run only one.
//
// What the client says goes to gopls as it is, and what gopls says to the
// client, but for what both have to do with. Each message is routed as a whole
// before the next one is looked at, and sending never waits, so no message
// passes another on its way from one end to another.
type front struct {
	client, letgo, gopls *jsonrpc.Channel

	mu      sync.Mutex // held while a message is routed
	gone    bool       // gopls has ended, or was never there
	ending  bool       // the client has said exit, or has gone
	pending map[string]*request
	shown   map[string]*shown // diagnostics by path
}

// The two servers, as indexes.
const (
	fromGopls = iota
	fromLetgo
)

// A request is one of the client that is not answered yet.
type request struct {
	message
	waits   [2]bool     // for whom
	answers [2]*message // of those who have answered
}

// A message is one of JSON-RPC.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
	raw    []byte
}

func parseMessage(raw []byte) (*message, error) {
	m := &message{raw: raw}
	err := json.Unmarshal(raw, m)
	if string(m.ID) == "null" {
		m.ID = nil
	}
	if string(m.Error) == "null" {
		m.Error = nil
	}
	return m, err
}

// key makes the ID of a request comparable.
func (m *message) key() string {
	var s string
	if json.Unmarshal(m.ID, &s) == nil {
		return "s" + s
	}
	return "n" + string(m.ID)
}

// compose writes a message with the given members.
func compose(members ...any) []byte {
	all := map[string]any{"jsonrpc": "2.0"}
	for i := 0; i < len(members); i += 2 {
		all[members[i].(string)] = members[i+1]
	}
	return compact(all)
}

// Serve serves the client on the other end of in and out as one server, with gopls,
// which the command starts, and with serve. What gopls logs goes to log.
func Serve(ctx context.Context, in io.Reader, out io.Writer, command []string, log io.Writer, serve func(context.Context, io.Reader, io.Writer) int) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	toLetgo, letgoIn := io.Pipe()
	letgoOut, fromServer := io.Pipe()
	p := &front{
		client: jsonrpc.NewChannel(in, out), letgo: jsonrpc.NewChannel(letgoOut, letgoIn),
		pending: make(map[string]*request), shown: make(map[string]*shown),
	}
	gopls, err := p.startGopls(ctx, command, log)
	if err != nil {
		p.goplsGone(err)
	}
	status := make(chan int, 1)
	go func() {
		status <- serve(ctx, toLetgo, fromServer)
		fromServer.Close()
	}()
	go func() {
		p.readFrom(p.client, p.fromClient)
		p.end()
		p.letgo.Close()
		<-p.letgo.Done()
		letgoIn.Close()
	}()
	p.readFrom(p.letgo, func(raw []byte) { p.fromServer(fromLetgo, raw) })
	p.end()
	if gopls != nil {
		p.gopls.Close()
		gopls.wait(stop)
	}
	p.client.Close()
	toLetgo.Close()
	select { // a client that reads nothing any more must not keep the server
	case <-p.client.Done():
	case <-time.After(time.Second):
	}
	return <-status
}

// A process is that of gopls.
type process struct {
	done chan struct{} // closed when it has ended
}

// wait gives gopls some time to end by itself.
func (g *process) wait(kill func()) {
	select {
	case <-g.done:
	case <-time.After(2 * time.Second):
		kill()
		<-g.done
	}
}

// startGopls starts gopls, and the reading of what it says. The end of its
// output is the end of it.
func (p *front) startGopls(ctx context.Context, command []string, log io.Writer) (*process, error) {
	path, err := findGopls(command[0])
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, command[1:]...)
	cmd.Stderr, cmd.WaitDelay = log, time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("gopls could not be started: %w", err)
	}
	p.gopls = jsonrpc.NewChannel(stdout, stdin)
	go func() {
		<-p.gopls.Done()
		stdin.Close()
	}()
	g := &process{make(chan struct{})}
	go func() {
		defer close(g.done)
		p.readFrom(p.gopls, func(raw []byte) { p.fromServer(fromGopls, raw) })
		go io.Copy(io.Discard, stdout) // output that is not a message must not keep it from ending
		p.gopls.Close()
		err := cmd.Wait()
		p.goplsGone(fmt.Errorf("gopls has ended (%s)", cmp.Or(errorText(err), "exit status 0")))
	}()
	return g, nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// findGopls looks for gopls in PATH and where "go install" puts it.
func findGopls(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil || filepath.Base(name) != name {
		return path, err
	}
	dirs := []string{os.Getenv("GOBIN")}
	for _, dir := range filepath.SplitList(build.Default.GOPATH) {
		dirs = append(dirs, filepath.Join(dir, "bin"))
	}
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, name)); dir != "" && err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s in PATH; install it with: go install golang.org/x/tools/gopls@latest", name)
}

// readFrom routes what comes from one end, one message after the other.
func (p *front) readFrom(c *jsonrpc.Channel, take func([]byte)) {
	for {
		raw, err := c.Recv()
		if err != nil {
			return
		}
		p.mu.Lock()
		take(raw)
		p.mu.Unlock()
	}
}

// end says that what ends from now on does so rightly.
func (p *front) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ending = true
	if p.gopls != nil {
		p.gopls.Close()
	}
}

// toGopls sends a message to gopls if it is there.
func (p *front) toGopls(raw []byte) {
	if !p.gone {
		p.gopls.Send(raw)
	}
}

// ownID begins the IDs of letgo's own requests to the client, which could else
// be those of gopls. What follows is the ID.
const ownID = "letgo:"

// fromClient routes a message of the client.
func (p *front) fromClient(raw []byte) {
	m, err := parseMessage(raw)
	switch {
	case err != nil: // letgo says what is wrong with it
		p.letgo.Send(raw)
	case m.Method == "":
		p.response(m)
	case m.ID != nil:
		p.request(m)
	default:
		p.notification(m)
	}
}

// response routes the answer of the client to whoever has asked.
func (p *front) response(m *message) {
	id, own := strings.CutPrefix(m.key(), "s"+ownID)
	switch {
	case !own:
		p.toGopls(m.raw)
	case m.Error != nil:
		p.letgo.Send(compose("id", json.RawMessage(id), "error", m.Error))
	default:
		p.letgo.Send(compose("id", json.RawMessage(id), "result", m.Result))
	}
}

// notification routes what the client tells: all of it to both.
func (p *front) notification(m *message) {
	switch m.Method {
	case "textDocument/didChange":
		p.changed(m.Params)
	case "textDocument/didOpen":
		p.opened(m.Params)
	case "exit":
		p.ending = true
	case "window/workDoneProgress/cancel":
		var params struct{ Token any }
		json.Unmarshal(m.Params, &params)
		if token, _ := params.Token.(string); !strings.HasPrefix(token, "letgo-") {
			p.toGopls(m.raw) // letgo's own cannot be cancelled
		}
		return
	}
	p.letgo.Send(m.raw)
	p.toGopls(m.raw)
}

// request routes a request of the client. Most are for gopls alone.
func (p *front) request(m *message) {
	gopls, letgo := m.raw, []byte(nil)
	switch m.Method {
	case "initialize":
		gopls, letgo = splitOptions(m)
	case "textDocument/codeAction", "shutdown":
		letgo = m.raw
	case "codeAction/resolve":
		if own := unmarked(m.Params); own != nil {
			gopls, letgo = nil, compose("id", m.ID, "method", m.Method, "params", own)
		}
	case "workspace/executeCommand":
		var params struct{ Command string }
		json.Unmarshal(m.Params, &params)
		if strings.HasPrefix(params.Command, "letgo.") {
			gopls, letgo = nil, m.raw
		}
	}
	if p.gone {
		gopls = nil
	}
	r := &request{message: *m, waits: [2]bool{gopls != nil, letgo != nil}}
	if gopls == nil && letgo == nil {
		p.client.Send(compose("id", m.ID, "error", goneError))
		return
	}
	p.pending[m.key()] = r
	if letgo != nil {
		p.letgo.Send(letgo)
	}
	if gopls != nil {
		p.gopls.Send(gopls)
	}
}

// goneError is the answer to requests for gopls when that has ended.
var goneError = map[string]any{"code": jsonrpc.RequestFailed, "message": "gopls has ended; restart the language server"}

// fromServer routes a message of one of the servers.
func (p *front) fromServer(who int, raw []byte) {
	m, err := parseMessage(raw)
	switch {
	case err != nil:
		p.client.Send(raw)
	case m.Method == "":
		p.answer(who, m)
	case m.Method == "textDocument/publishDiagnostics":
		p.diagnostics(who, m)
	case m.ID != nil && who == fromLetgo:
		members := []any{"id", ownID + string(m.ID), "method", m.Method}
		if m.Params != nil {
			members = append(members, "params", m.Params)
		}
		p.client.Send(compose(members...))
	default:
		p.client.Send(raw)
	}
}

// answer takes the answer of one server, and answers the client when all have
// come.
func (p *front) answer(who int, m *message) {
	r := p.pending[m.key()]
	if r == nil || !r.waits[who] {
		p.client.Send(m.raw)
		return
	}
	r.waits[who], r.answers[who] = false, m
	p.settle(r)
}

// settle answers a request if nobody is waited for any more.
func (p *front) settle(r *request) {
	if r.waits[fromGopls] || r.waits[fromLetgo] {
		return
	}
	delete(p.pending, r.key())
	gopls, letgo := r.answers[fromGopls], r.answers[fromLetgo]
	switch {
	case gopls == nil && letgo == nil:
		p.client.Send(compose("id", r.ID, "error", goneError))
	case r.Method == "textDocument/codeAction":
		p.client.Send(mergeActions(r.ID, gopls, letgo))
	case gopls == nil:
		p.client.Send(letgo.raw)
	case letgo == nil, gopls.Error != nil:
		p.client.Send(gopls.raw)
	case r.Method == "initialize":
		p.client.Send(mergeInitialize(r.ID, gopls, letgo))
	default:
		p.client.Send(gopls.raw)
	}
}

// goplsGone goes on without gopls: what it has not answered is answered, what
// it has published is taken back, and the user is told.
func (p *front) goplsGone(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	for _, key := range slices.Sorted(maps.Keys(p.pending)) {
		if r := p.pending[key]; r.waits[fromGopls] {
			r.waits[fromGopls] = false
			p.settle(r)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(p.shown)) {
		if s := p.shown[path]; len(s.lists[fromGopls]) > 0 {
			s.lists[fromGopls] = nil
			p.client.Send(s.merged(nil))
		}
	}
	if !p.ending {
		text := fmt.Sprintf("letgo: %v; letgo goes on alone", why)
		p.client.Send(compose("method", "window/showMessage", "params", map[string]any{"type": 1, "message": text}))
	}
}
