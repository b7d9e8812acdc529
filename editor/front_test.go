package editor_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
)

// inFront starts a server in front of the fake gopls, on a module with the file
// p.go, and returns a client and what initialize gave.
func inFront(t *testing.T, capabilities map[string]any, options any) (*lsptest.Client, string, map[string]any, <-chan int) {
	t.Helper()
	dir := module(t, map[string]string{"p.go": source})
	t.Setenv(fakeVariable, "1")
	c, status := start(t, editor.Options{Gopls: []string{os.Args[0]}, Stderr: os.Stderr})
	var result struct{ Capabilities map[string]any }
	params := map[string]any{"processId": os.Getpid(), "rootUri": lsptest.URI(dir), "capabilities": capabilities, "initializationOptions": options}
	if err := c.Call("initialize", params, &result); err != nil {
		t.Fatal(err)
	}
	c.Notify("initialized", map[string]any{})
	return c, filepath.Join(dir, "p.go"), result.Capabilities, status
}

// heard returns what the fake gopls has got.
func heard(t *testing.T, c *lsptest.Client) []string {
	t.Helper()
	var list []string
	if err := c.Call("fake/heard", nil, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestFrontMerges looks at what comes from both servers.
func TestFrontMerges(t *testing.T) {
	c, file, caps, status := inFront(t, lsptest.Full(), map[string]any{"fake": 1, "letgo": map[string]any{"tests": true}})
	text, _ := json.Marshal(caps)
	for _, want := range []string{`"hoverProvider":true`, `"source.fake"`, `"source.fixAll.letgo"`, `"quickfix"`, `"resolveProvider":true`, `"fake.do"`, `"letgo.diff"`} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("the capabilities have %s %d times: %s", want, strings.Count(string(text), want), text)
		}
	}
	if got := c.Other("fake/options"); len(got) != 1 || string(got[0].Params) != `{"fake":1}` {
		t.Errorf("options of gopls: %s", got)
	}

	c.Open(file, source)
	if d := c.Diagnosed(file, 1); len(d) != 1 || d[0].Source != "letgo" {
		t.Fatalf("letgo alone: %v", d)
	}
	at := c.Diagnosed(file, 1)[0].Range
	publish(c, file, 1, lsptest.Position{Line: 2})
	both := c.DiagnosedUntil(file, 1, func(d []lsptest.Diagnostic) bool { return len(d) == 2 })
	if both[0].Source != "fake" || both[1].Source != "letgo" || len(both[1].RelatedInformation) == 0 {
		t.Errorf("both: %v", both)
	}

	actions, err := c.Actions(file, at)
	if err != nil || len(actions) < 3 || actions[0].Title != "fake" {
		t.Fatalf("%v, %v", actions, err)
	}
	var resolved lsptest.Action
	if err := c.Call("codeAction/resolve", actions[0], &resolved); err != nil || resolved.Title != "fake" || resolved.Edit != nil {
		t.Errorf("gopls' action resolved: %+v, %v", resolved, err)
	}
	i := slices.IndexFunc(actions, func(a lsptest.Action) bool { return a.Kind == "quickfix" && a.Title != "fake" })
	if i < 0 {
		t.Fatalf("no action of letgo's in %+v", actions)
	}
	if edit, err := c.Resolve(actions[i]); err != nil || !strings.Contains(lsptest.Apply(source, edit.Edits()[file]), "time.Sleep") {
		t.Errorf("letgo's action resolved: %v, %v", edit, err)
	}
	var explained string
	if err := c.Command("letgo.explain", map[string]any{"uri": lsptest.URI(file), "line": at.Start.Line + 1}, &explained); err != nil || explained != "explained p.go" {
		t.Errorf("%q, %v", explained, err)
	}
	var echo struct{ Command string }
	if err := c.Command("fake.do", 1, &echo); err != nil || echo.Command != "fake.do" {
		t.Errorf("%v, %v", echo, err)
	}

	if err := c.Call("shutdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.Notify("exit", nil)
	if got := <-status; got != 0 {
		t.Errorf("exit status %d", got)
	}
	if got := c.Messages("gopls"); len(got) > 0 {
		t.Errorf("at a quiet end: %q", got)
	}
}

// publish lets the fake gopls publish one diagnostic.
func publish(c *lsptest.Client, file string, version int, at lsptest.Position) {
	c.Notify("fake/publish", map[string]any{"uri": lsptest.URI(file), "version": version, "diagnostics": []any{
		map[string]any{"range": lsptest.Point(at), "message": "fake", "source": "fake"},
	}})
}

// TestFrontMoves changes the text above a diagnostic of each server, and has
// the other one publish: what was published before has moved.
func TestFrontMoves(t *testing.T) {
	c, file, _, _ := inFront(t, lsptest.Full(), nil)
	c.Open(file, source)
	line := c.Diagnosed(file, 1)[0].Range.Start.Line
	c.Edit(file, 2, lsptest.Range{}, "// one\nx")        // does not compile: letgo says nothing
	c.Edit(file, 3, lsptest.Range{}, "// two\n// three") // in the same line
	publish(c, file, 2, lsptest.Position{Line: 1, Character: 0})
	got := c.DiagnosedUntil(file, 2, func(d []lsptest.Diagnostic) bool { return len(d) == 2 })
	if got[1].Range.Start.Line != line+2 {
		t.Errorf("letgo's diagnostic stands in line %d, want %d", got[1].Range.Start.Line, line+2)
	}
	c.Edit(file, 4, lsptest.Range{End: lsptest.Position{Line: 2, Character: 1}}, "")
	got = c.DiagnosedUntil(file, 4, func(d []lsptest.Diagnostic) bool { return len(d) == 2 })
	if want := (lsptest.Position{}); got[0].Range.Start != want || got[1].Range.Start.Line != line {
		t.Errorf("when all is as it was: %v", got)
	}
}

// TestFrontOrder sends much at once and looks at what arrives, and in which
// order.
func TestFrontOrder(t *testing.T) {
	c, file, _, _ := inFront(t, lsptest.Full(), nil)
	c.Open(file, source)
	const n = 500
	var want []string
	var ids []string
	for i := range n {
		c.Edit(file, i+2, lsptest.Range{}, "//\n")
		want = append(want, "textDocument/didChange ")
		id := c.Start("textDocument/hover", map[string]any{"n": i})
		want = append(want, "textDocument/hover "+id)
		ids = append(ids, id)
		if i%50 == 0 {
			id := c.Start("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": lsptest.URI(file)}, "range": lsptest.Range{}, "context": map[string]any{"diagnostics": []any{}}})
			want = append(want, "textDocument/codeAction "+id)
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if a := c.Wait(id); a.Err != nil {
			t.Fatal(a.Err)
		}
	}
	got := slices.DeleteFunc(heard(t, c), func(s string) bool { return !strings.HasPrefix(s, "textDocument/") || strings.Contains(s, "didOpen") })
	if !slices.Equal(got, want) {
		t.Errorf("gopls has heard %d messages of %d, or in another order", len(got), len(want))
	}
	before, after, changed := c.Other("fake/before"), c.Other("fake/after"), c.Other("fake/changed")
	if len(before) != n || len(after) != n || len(changed) != n {
		t.Fatalf("%d, %d and %d messages of %d", len(before), len(after), len(changed), n)
	}
	var all []string // of what gopls said, in the order in which it came
	for _, m := range c.Said() {
		switch {
		case strings.HasPrefix(m.Method, "fake/before"):
			all = append(all, "before "+string(m.Params))
		case strings.HasPrefix(m.Method, "fake/after"):
			all = append(all, "after "+string(m.Params))
		case m.Method == "" && strings.Contains(string(m.Result), `"n":`):
			all = append(all, "answer "+string(m.ID))
		}
	}
	for i := 0; i < len(all); i += 3 {
		id := strings.TrimPrefix(all[i], "before ")
		if all[i+1] != "answer "+id || all[i+2] != "after "+id {
			t.Fatalf("in another order: %q", all[i:i+3])
		}
	}
	if asked := c.Other("fake/ask"); len(asked) != 5 {
		t.Errorf("gopls asked 5 times, the client was asked %d times", len(asked))
	}
	answers := 0
	for _, h := range heard(t, c) {
		for id := 1; id <= 5; id++ {
			if h == fmt.Sprintf(" %d", id) {
				answers++
			}
		}
	}
	if answers != 5 {
		t.Errorf("gopls has got %d answers of 5", answers)
	}
}

// TestFrontDeath lets gopls end in the midst of work, in three ways.
func TestFrontDeath(t *testing.T) {
	for _, end := range []string{"fake/die", "fake/garbage", "exit status 0"} {
		t.Run(strings.TrimPrefix(end, "fake/"), func(t *testing.T) {
			c, file, _, _ := inFront(t, lsptest.Full(), nil)
			c.Open(file, source)
			publish(c, file, 1, lsptest.Position{})
			c.DiagnosedUntil(file, 1, func(d []lsptest.Diagnostic) bool { return len(d) == 2 })
			stalled := c.Start("fake/stall", nil)
			if end == "exit status 0" {
				c.Notify("fake/quit", nil)
			} else {
				c.Notify(end, nil)
			}
			c.Shown("letgo goes on alone")
			if a := c.Wait(stalled); a.Err == nil || !strings.Contains(a.Err.Message, "gopls has ended") {
				t.Errorf("a request that gopls had: %s %v", a.Result, a.Err)
			}
			if err := c.Call("textDocument/hover", map[string]any{}, nil); code(err) != -32803 {
				t.Errorf("a request for gopls: %v", err)
			}
			d := c.DiagnosedUntil(file, 1, func(d []lsptest.Diagnostic) bool { return len(d) == 1 })
			if d[0].Source != "letgo" {
				t.Errorf("diagnostics: %v", d)
			}
			actions, err := c.Actions(file, d[0].Range, "refactor")
			if err != nil || len(actions) == 0 {
				t.Fatalf("%v, %v", actions, err)
			}
			if edit, err := c.Resolve(actions[0]); err != nil || edit == nil {
				t.Errorf("%v, %v", edit, err)
			}
			c.Edit(file, 2, lsptest.Range{}, "//\n")
			if d := c.Diagnosed(file, 2); len(d) != 1 {
				t.Errorf("diagnostics after a change: %v", d)
			}
			if err := c.Call("shutdown", nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFrontWithout starts where there is no gopls.
func TestFrontWithout(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, status := start(t, editor.Options{Gopls: []string{"no-such-gopls"}})
	c.Initialize(dir, lsptest.Full())
	c.Shown("go install golang.org/x/tools/gopls@latest; letgo goes on alone")
	c.Open(file, source)
	if d := c.Diagnosed(file, 1); len(d) != 1 {
		t.Errorf("diagnostics: %v", d)
	}
	c.Close()
	if got := <-status; got != 1 {
		t.Errorf("exit status %d", got)
	}
}

// TestFrontOfGopls uses the real gopls: both find something in the same file,
// both offer something, and what each offers can be carried out.
func TestFrontOfGopls(t *testing.T) {
	longtest.Skip(t, "starts gopls")
	gopls := lsptest.Program(t, "gopls", "go install golang.org/x/tools/gopls@"+lsptest.Gopls)
	dir := module(t, map[string]string{"p.go": source})
	t.Setenv("GOPLSCACHE", t.TempDir())
	file := filepath.Join(dir, "p.go")
	c, status := start(t, editor.Options{Gopls: []string{gopls}, Stderr: os.Stderr})
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	from := func(list []lsptest.Diagnostic, source string) int {
		return slices.IndexFunc(list, func(d lsptest.Diagnostic) bool { return d.Source == source })
	}
	c.DiagnosedUntil(file, 1, func(d []lsptest.Diagnostic) bool { return from(d, "letgo") >= 0 })
	c.Edit(file, 2, lsptest.Point(lsptest.PositionOf(source, len(source))), "\nfunc spare() { x := 1 }\n")
	c.DiagnosedUntil(file, 2, func(d []lsptest.Diagnostic) bool { return from(d, "compiler") >= 0 && from(d, "letgo") >= 0 })
	c.Change(file, 3, source)
	list := c.DiagnosedUntil(file, 3, func(d []lsptest.Diagnostic) bool { return from(d, "compiler") < 0 && from(d, "letgo") >= 0 })
	actions, err := c.Actions(file, list[from(list, "letgo")].Range)
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]int)
	for _, a := range actions {
		kinds[a.Kind]++
		if a.Kind == "quickfix" && a.Data != nil {
			if edit, err := c.Resolve(a); err != nil || edit == nil || len(edit.Edits()[file]) == 0 {
				t.Errorf("%v, %v", edit, err)
			}
		}
	}
	if kinds["source.doc"] == 0 || kinds["quickfix"] == 0 {
		t.Errorf("kinds of actions: %v", kinds)
	}
	var symbols []struct{ Name string }
	if err := c.Call("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": lsptest.URI(file)}}, &symbols); err != nil || len(symbols) == 0 {
		t.Errorf("symbols: %v, %v", symbols, err)
	}
	if err := c.Call("shutdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.Notify("exit", nil)
	if got := <-status; got != 0 {
		t.Errorf("exit status %d", got)
	}
}
