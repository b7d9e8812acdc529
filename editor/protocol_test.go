package editor_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
)

// code returns the code of an error of JSON-RPC, or 0.
func code(err error) int {
	if e, ok := errors.AsType[*lsptest.Error](err); ok {
		return e.Code
	}
	return 0
}

func wantCode(t *testing.T, what string, err error, want int) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("%s: %v, want code %d", what, err, want)
	}
}

// TestStates asks for things at the wrong time.
func TestStates(t *testing.T) {
	c, status := start(t, editor.Options{})
	c.Notify("textDocument/didOpen", map[string]any{}) // is dropped
	wantCode(t, "a request before initialize", c.Call("textDocument/codeAction", map[string]any{}, nil), -32002)
	c.Initialize("", map[string]any{})
	wantCode(t, "a second initialize", c.Call("initialize", map[string]any{"processId": nil, "capabilities": map[string]any{}}, nil), -32600)
	if err := c.Call("shutdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a request after shutdown", c.Call("textDocument/codeAction", map[string]any{}, nil), -32600)
	wantCode(t, "a second shutdown", c.Call("shutdown", nil, nil), -32600)
	c.Notify("exit", nil)
	if got := <-status; got != 0 {
		t.Errorf("exit status %d after shutdown and exit", got)
	}
}

// TestGarbage sends what no client should send. The server answers what can be
// answered, and goes on.
func TestGarbage(t *testing.T) {
	c, _ := start(t, editor.Options{})
	c.Initialize("", map[string]any{})
	for _, raw := range []string{
		`{`, ``, `nonsense`, `[]`, `{}`, `[1,2]`, `null`, `"x"`, "\xff\xfe",
		`{"jsonrpc":"1.0","id":900,"method":"shutdown"}`,
		`{"jsonrpc":"2.0","id":{},"method":"shutdown"}`,
		`{"jsonrpc":"2.0","id":901,"method":7}`,
		`{"jsonrpc":"2.0","id":902,"method":"textDocument/codeAction","params":7}`,
		`{"jsonrpc":"2.0","id":903,"method":"textDocument/codeAction","params":{"range":[]}}`,
		`{"jsonrpc":"2.0","id":904,"method":"textDocument/codeAction"}`,
		`{"jsonrpc":"2.0","id":905,"method":"codeAction/resolve","params":{"title":"x","data":7}}`,
		`{"jsonrpc":"2.0","id":906,"method":"workspace/executeCommand","params":{"command":"rm","arguments":[]}}`,
		`{"jsonrpc":"2.0","id":907,"method":"workspace/executeCommand","params":{"command":"letgo.explain","arguments":[7]}}`,
		`{"jsonrpc":"2.0","id":908,"result":null}`,
		`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///nowhere.go","version":2},"contentChanges":[{"text":""}]}}`,
		`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:1","languageId":"go","version":1,"text":""}}}`,
		`{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"::","version":1}}}`,
		`{"jsonrpc":"2.0","method":"$/unknown","params":{}}`,
		`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"none"}}`,
	} {
		c.Raw(raw)
	}
	for id, want := range map[string]int{
		"900": -32600, "901": -32600, "902": -32600, "903": -32602, "905": -32602, "906": -32602, "907": -32602,
	} {
		if a := c.Wait(id); a.Err == nil || a.Err.Code != want {
			t.Errorf("request %s: %v %s, want code %d", id, a.Err, a.Result, want)
		}
	}
	if a := c.Wait("904"); a.Err != nil || string(a.Result) != "[]" {
		t.Errorf("code actions of no file: %v %s", a.Err, a.Result)
	}
	wantCode(t, "an unknown method", c.Call("textDocument/hover", map[string]any{}, nil), -32601)
}

// TestFraming sends headers that make no sense: the connection ends, and
// nothing else happens.
func TestFraming(t *testing.T) {
	for _, header := range []string{
		"nonsense\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
		"Content-Length: 999999999999\r\n\r\n", "\r\n\r\n", "Content-Length: 10\r\n\r\n{", strings.Repeat("x", 10000),
	} {
		c, status := start(t, editor.Options{})
		c.Initialize("", map[string]any{})
		c.Bytes(header)
		c.Close()
		if got := <-status; got != 1 {
			t.Errorf("after the header %.40q: exit status %d", header, got)
		}
	}
	c, _ := start(t, editor.Options{})
	body := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`
	c.Bytes("content-length: " + "107" + "\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n" + body)
	if a := c.Wait("1"); a.Err != nil {
		t.Errorf("another spelling of the header: %v", a.Err)
	}
}

// TestKilled closes the connection in the midst of work.
func TestKilled(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	c, status := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(filepath.Join(dir, "p.go"), source)
	c.Start("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": lsptest.URI(filepath.Join(dir, "p.go"))}})
	c.Close()
	if got := <-status; got != 1 {
		t.Errorf("exit status %d", got)
	}
}

// TestExitAlone says exit without shutdown.
func TestExitAlone(t *testing.T) {
	c, status := start(t, editor.Options{})
	c.Notify("exit", nil)
	if got := <-status; got != 1 {
		t.Errorf("exit status %d", got)
	}
}

// TestModified changes the text between an action and the choice of it, and
// while the choice is being worked out.
func TestModified(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, _ := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	at := lsptest.Point(lsptest.At(source, "time.Sleep", 0))
	actions, err := c.Actions(file, at, "quickfix")
	if err != nil || len(actions) == 0 {
		t.Fatalf("%v, %v", actions, err)
	}
	c.Change(file, 2, "// moved\n"+source)
	_, err = c.Resolve(actions[0])
	wantCode(t, "an action of an older text", err, -32801)

	for version := 3; version < 23; version++ {
		at.Start.Line = 0
		list, err := c.Actions(file, lsptest.Range{End: lsptest.Position{Line: 100}}, "quickfix")
		if err != nil || len(list) == 0 {
			t.Fatalf("%v, %v", list, err)
		}
		id := c.Start("codeAction/resolve", list[0])
		c.Change(file, version, strings.Repeat("// moved\n", version)+source)
		a := c.Wait(id)
		if a.Err != nil && a.Err.Code != -32801 {
			t.Errorf("version %d: %v", version, a.Err)
		}
		if a.Err == nil && !strings.Contains(string(a.Result), `"version":`+strings.TrimSpace(itoa(version-1))) {
			t.Errorf("version %d: the edit is not one of version %d: %s", version, version-1, a.Result)
		}
	}
}

// TestCancel cancels a request that waits for the packages to be loaded.
func TestCancel(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, _ := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	id := c.Start("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": lsptest.URI(file)}, "range": lsptest.Range{}, "context": map[string]any{"diagnostics": []any{}},
	})
	c.Raw(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":` + id + `}}`)
	if a := c.Wait(id); a.Err == nil || a.Err.Code != -32800 {
		t.Errorf("cancelled: %v %s", a.Err, a.Result)
	}
	if diags := c.Diagnosed(file, 1); len(diags) != 1 {
		t.Errorf("diagnostics after a cancelled request: %v", diags)
	}
}
