package editor_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
)

var rudeFor = flag.Duration("rude", 2*time.Second, "how long TestRudeClients goes on")

// TestRudeClients talks to servers, alone and in front of gopls, as no client
// should: messages at random, some of them broken, without waiting for answers, and
// a client that goes away at any moment. Every server has to end by itself, and no
// file may change. A panic in a server ends the test.
func TestRudeClients(t *testing.T) {
	files := map[string]string{"p.go": source, "q/q.go": strings.Replace(source, "package p", "package q", 1)}
	dir := module(t, files)
	begin := time.Now()
	n := 0
	for ; n < 3 || time.Since(begin) < *rudeFor; n++ {
		rudeClient(t, dir, rand.New(rand.NewPCG(uint64(n), 1)))
	}
	for name, text := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s has changed: %v\n%s", name, err, got)
		}
	}
	t.Logf("%d clients in %v", n, time.Since(begin).Round(time.Second))
}

// rudeClient is one client, from its first message to the end of the server.
func rudeClient(t *testing.T, dir string, rnd *rand.Rand) {
	t.Helper()
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	opts := editor.Options{Delay: time.Millisecond, Stderr: io.Discard}
	if rnd.IntN(4) == 0 {
		opts.Gopls = []string{"there-is-no-gopls"}
	}
	status := make(chan int, 1)
	var everything sync.WaitGroup
	everything.Go(func() {
		status <- editor.Serve(t.Context(), toServer, fromServer, opts)
		fromServer.Close()
		toServer.Close()
	})
	everything.Go(func() { answerRudely(toClient, fromClient, rand.New(rand.NewPCG(rnd.Uint64(), 2))) })
	r := &rude{Rand: rnd, dir: dir}
	io.WriteString(fromClient, r.hello())
	for range rnd.IntN(60) {
		io.WriteString(fromClient, r.message())
		if rnd.IntN(8) == 0 {
			time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
		}
	}
	fromClient.Close()
	select {
	case <-status:
	case <-time.After(30 * time.Second):
		stacks := make([]byte, 1<<20)
		t.Fatalf("the server does not end\n%s", stacks[:runtime.Stack(stacks, true)])
	}
	everything.Wait()
}

// answerRudely reads what the server says, answers its requests or does not, and
// stops reading at any moment.
func answerRudely(in *io.PipeReader, out io.Writer, rnd *rand.Rand) {
	buf := make([]byte, 4096)
	for id := 1; ; id++ {
		if _, err := in.Read(buf); err != nil || rnd.IntN(200) == 0 {
			in.CloseWithError(io.ErrClosedPipe)
			return
		}
		switch rnd.IntN(10) {
		case 0:
			io.WriteString(out, framed(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":null}`, rnd.IntN(id)+1)))
		case 1:
			io.WriteString(out, framed(fmt.Sprintf(`{"jsonrpc":"2.0","id":"letgo:%d","error":{"code":1,"message":""}}`, rnd.IntN(id)+1)))
		}
	}
}

func framed(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// A rude makes messages.
type rude struct {
	*rand.Rand
	dir     string
	version int
	id      int
}

func (r *rude) hello() string {
	if r.IntN(10) == 0 {
		return ""
	}
	return framed(fmt.Sprintf(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"processId":null,"rootUri":%q,"capabilities":{"workspace":{"configuration":true,"workspaceEdit":{"documentChanges":true}},"window":{"workDoneProgress":true,"showDocument":{"support":true}},"textDocument":{"codeAction":{"dataSupport":true,"resolveSupport":{"properties":["edit"]}}}}}}`, lsptest.URI(r.dir))) +
		framed(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
}

// message returns the next message, now and then a broken one.
func (r *rude) message() string {
	body := r.body()
	switch r.IntN(40) {
	case 0:
		return framed(body[:r.IntN(len(body)+1)])
	case 1:
		at := r.IntN(len(body))
		return framed(body[:at] + string(rune(r.IntN(128))) + body[at+1:])
	case 2:
		return framed(body)[:r.IntN(len(body))] // what follows is in the wrong place
	case 3:
		return framed("[" + body + "]")
	}
	return framed(body)
}

func (r *rude) body() string {
	file := lsptest.URI(filepath.Join(r.dir, []string{"p.go", "q/q.go", "none.go", "go.mod"}[min(r.IntN(6), 3)]))
	r.version++
	r.id++
	at := fmt.Sprintf(`{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}}`, r.IntN(30), r.IntN(9), r.IntN(30), r.IntN(9))
	note := func(method, params string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params)
	}
	call := func(method, params string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, r.id, method, params)
	}
	doc := fmt.Sprintf(`{"uri":%q,"version":%d}`, file, r.version)
	switch r.IntN(14) {
	case 0, 1:
		return note("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"go","version":%d,"text":%q}}`, file, r.version, source))
	case 2, 3, 4:
		return note("textDocument/didChange", fmt.Sprintf(`{"textDocument":%s,"contentChanges":[{"range":%s,"text":%q}]}`, doc, at, pieces[r.IntN(len(pieces))]))
	case 5:
		return note("textDocument/didSave", fmt.Sprintf(`{"textDocument":%s}`, doc))
	case 6:
		return note("textDocument/didClose", fmt.Sprintf(`{"textDocument":%s}`, doc))
	case 7, 8:
		return call("textDocument/codeAction", fmt.Sprintf(`{"textDocument":%s,"range":%s,"context":{"diagnostics":[]}}`, doc, at))
	case 9:
		data := fmt.Sprintf(`{"uri":%q,"version":%d,"kind":"quickfix","at":%d,"shape":"hoist"}`, file, r.IntN(r.version+1), r.IntN(300))
		return call("codeAction/resolve", fmt.Sprintf(`{"title":"x","data":%s}`, data))
	case 10:
		command := []string{"letgo.diff", "letgo.apply", "letgo.explain", "letgo.review", "none"}[r.IntN(5)]
		return call("workspace/executeCommand", fmt.Sprintf(`{"command":%q,"arguments":[{"uri":%q,"line":%d}]}`, command, file, r.IntN(30)))
	case 11:
		return note("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, r.IntN(r.id+1)))
	case 12:
		method := []string{"workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders", "textDocument/hover", "$/x"}[r.IntN(5)]
		return note(method, fmt.Sprintf(`{"settings":{"letgo":{}},"changes":[{"uri":%q,"type":%d}],"event":{"added":[],"removed":[]}}`, file, 1+r.IntN(3)))
	}
	return []string{call("shutdown", "null"), note("exit", "null"), `{}`, `null`, note("initialized", "{}")}[r.IntN(5)]
}
