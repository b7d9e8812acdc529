package editor_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/proftest"
)

// session opens a file of a new module in a new server.
func session(t *testing.T, files map[string]string, name string, capabilities map[string]any) (*lsptest.Client, string) {
	t.Helper()
	dir := module(t, files)
	c, _ := start(t, editor.Options{})
	c.Initialize(dir, capabilities)
	file := filepath.Join(dir, name)
	c.Open(file, files[name])
	return c, file
}

func none(d []lsptest.Diagnostic) bool { return len(d) == 0 }
func some(d []lsptest.Diagnostic) bool { return len(d) > 0 }

// TestTyping breaks the code, and puts it and the finding right.
func TestTyping(t *testing.T) {
	c, file := session(t, map[string]string{"p.go": source}, "p.go", lsptest.Full())
	if len(c.Diagnosed(file, 1)) != 1 {
		t.Fatal("the finding is not there")
	}
	c.Change(file, 2, source+"func broken(")
	time.Sleep(300 * time.Millisecond)
	if d := c.Diagnosed(file, 1); len(d) != 1 {
		t.Errorf("with broken code: %v", d)
	}
	if a, err := c.Actions(file, lsptest.Range{End: lsptest.Position{Line: 100}}); err != nil || len(a) != 0 {
		t.Errorf("actions with broken code: %v, %v", a, err)
	}
	c.Change(file, 3, strings.Replace(source, "time.Sleep(time.Second)", "_ = time.Second", 1))
	if d := c.Diagnosed(file, 3); len(d) != 0 {
		t.Errorf("put right: %v", d)
	}
	c.Change(file, 4, source)
	if d := c.Diagnosed(file, 4); len(d) != 1 {
		t.Errorf("wrong again: %v", d)
	}
	c.CloseFile(file)
	c.DiagnosedUntil(file, 0, none)
}

// TestLineEnds carries a rewrite out in texts of every form.
func TestLineEnds(t *testing.T) {
	wide := strings.Replace(source, "\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\tb.n++", "\t/* 漢 😀 */ b.mu.Lock() // 😀\n\tdefer b.mu.Unlock()\n\tb.n++", 1)
	var plain string
	for _, test := range []struct {
		name string
		form func(string) string
	}{
		{"LF", func(s string) string { return s }},
		{"CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
		{"mark", func(s string) string { return "\ufeff" + s }},
		{"no end", func(s string) string { return strings.TrimRight(s, "\n") }},
	} {
		text := test.form(wide)
		c, file := session(t, map[string]string{"p.go": text}, "p.go", lsptest.Full())
		d := c.Diagnosed(file, 1)
		at := lsptest.At(text, "b.mu.Lock()", 0)
		if len(d) != 1 || d[0].Range.Start != at || d[0].Range.End.Character != at.Character+len("b.mu.Lock()") {
			t.Fatalf("%s: %v, want it at %v", test.name, d, at)
		}
		actions, err := c.Actions(file, d[0].Range, "quickfix")
		if err != nil || len(actions) != 1 {
			t.Fatalf("%s: %v, %v", test.name, actions, err)
		}
		edit, err := c.Resolve(actions[0])
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		edits := edit.Edits()[file]
		if len(edits) != 1 || edits[0].Range.Start.Line < at.Line-1 || edits[0].Range.End.Line > at.Line+6 {
			t.Errorf("%s: the edit reaches too far: %v", test.name, edits)
		}
		got := lsptest.Apply(text, edits)
		if test.name == "LF" {
			plain = got
		}
		if got != test.form(plain) {
			t.Errorf("%s: got\n%q\nwant\n%q", test.name, got, test.form(plain))
		}
	}
}

// TestOtherPackage changes a package that another one calls: when it is saved,
// the other one's finding comes, and goes.
func TestOtherPackage(t *testing.T) {
	quiet := "package q\n\nfunc Do() {}\n"
	caller := strings.Replace(source, "time.Sleep(time.Second)", "q.Do()", 1)
	caller = strings.Replace(caller, "\"time\"", "\"example.com/m/q\"", 1)
	files := map[string]string{"q/q.go": quiet, "p.go": caller}
	c, file := session(t, files, "p.go", lsptest.Full())
	if d := c.Diagnosed(file, 1); len(d) != 0 {
		t.Fatalf("at first: %v", d)
	}
	other := filepath.Join(filepath.Dir(file), "q/q.go")
	c.Open(other, quiet)
	c.Change(other, 2, "package q\n\nimport \"time\"\n\nfunc Do() { time.Sleep(1) }\n\nfunc New() {}\n")
	c.Diagnosed(other, 2)
	c.Save(other)
	d := c.DiagnosedUntil(file, 1, some)
	if info := d[0].RelatedInformation; len(info) != 2 || !strings.HasSuffix(info[1].Location.URI, "q/q.go") {
		t.Errorf("related information: %+v", info)
	}
	c.Change(file, 2, strings.Replace(caller, "q.Do()", "q.Do(); q.New()", 1))
	c.Diagnosed(file, 2)
	c.Change(other, 3, quiet+"\nfunc New() {}\n")
	c.Diagnosed(other, 3)
	c.Save(other)
	c.DiagnosedUntil(file, 2, none)
}

// TestBrokenOnDisk opens a package that does not compile on disk and puts it
// right without saving.
func TestBrokenOnDisk(t *testing.T) {
	c, file := session(t, map[string]string{"p.go": source + "func broken(", "q/q.go": "package q\n"}, "p.go", lsptest.Full())
	c.Change(file, 2, source)
	c.DiagnosedUntil(file, 2, some)
}

// TestFiles opens files that come and go.
func TestFiles(t *testing.T) {
	c, file := session(t, map[string]string{"p.go": source}, "p.go", lsptest.Full())
	c.Diagnosed(file, 1)
	more := strings.NewReplacer("Box", "Bag").Replace(source)
	second := filepath.Join(filepath.Dir(file), "second.go")
	write(t, second, more)
	c.Open(second, more)
	if d := c.DiagnosedUntil(second, 1, some); len(d) != 1 {
		t.Errorf("a new file: %v", d)
	}
	c.CloseFile(second)
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	c.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": lsptest.URI(second), "type": 3}}})
	c.Change(file, 2, source+more[strings.Index(more, "type Bag"):]) // what was in the other file
	if d := c.DiagnosedUntil(file, 2, func(d []lsptest.Diagnostic) bool { return len(d) == 2 }); len(d) != 2 {
		t.Errorf("after the file was deleted: %v", d)
	}
}

// TestPlaces opens files wherever they may be.
func TestPlaces(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":   "", // replaced below
		"a/go.mod": "module a.example\n\ngo 1.26\n", "a/p.go": source,
		"b/go.mod": "module b.example\n\ngo 1.26\n\nrequire a.example v0.0.0\n", "b/p.go": strings.Replace(source, "\"sync\"", "\"sync\"\n\n\t_ \"a.example\"", 1),
		"c/go.mod": "module c.example\n\ngo 1.26\n", "c/p.go": source,
		"go.work":      "go 1.26\n\nuse (\n\t./a\n\t./b\n)\n",
		"alone/one.go": strings.Replace(source, "package p", "package main", 1) + "\nfunc main() {}\n",
		"alone/two.go": strings.Replace(source, "package p", "package main", 1) + "\nfunc main() {}\n",
	})
	os.Remove(filepath.Join(dir, "go.mod"))
	for _, folders := range [][]string{nil, {"a", "b"}} {
		c, _ := start(t, editor.Options{})
		var list []any
		for _, f := range folders {
			list = append(list, map[string]any{"uri": lsptest.URI(filepath.Join(dir, f)), "name": f})
		}
		params := map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}, "workspaceFolders": list}
		if err := c.Call("initialize", params, nil); err != nil {
			t.Fatal(err)
		}
		c.Notify("initialized", map[string]any{})
		for _, name := range []string{"a/p.go", "b/p.go", "c/p.go", "alone/one.go", "alone/two.go"} {
			file := filepath.Join(dir, name)
			c.Open(file, read(t, file))
			if d := c.Diagnosed(file, 1); len(d) != 1 {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

// TestNoGo has no go command.
func TestNoGo(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	t.Setenv("PATH", t.TempDir())
	c, _ := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(filepath.Join(dir, "p.go"), source)
	c.Shown("the go command was not found in PATH")
	if a, err := c.Actions(filepath.Join(dir, "p.go"), lsptest.Range{}); err != nil || len(a) > 0 {
		t.Errorf("actions without go: %v, %v", a, err)
	}
}

// TestSettings sets what a project file may say.
func TestSettings(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, _ := start(t, editor.Options{})
	c.Settings = map[string]any{"categories": map[string]any{"sleep": "off"}}
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	c.DiagnosedUntil(file, 1, none)
	for _, set := range []struct {
		value map[string]any
		good  func([]lsptest.Diagnostic) bool
	}{
		{map[string]any{"categories": nil}, some},
		{map[string]any{"skip": []string{"p.go"}}, none},
		{map[string]any{"skip": []string{}}, some},
		{map[string]any{"table": "time.Sleep never - safe only a nap\n"}, none},
		{map[string]any{"table": []string{}}, some},
		{map[string]any{"table": []string{"# two lines", "time.Sleep never - safe only a nap"}}, none},
		{map[string]any{"tests": true, "tags": "x"}, some},
	} {
		c.Settings = set.value
		c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
		c.DiagnosedUntil(file, 1, set.good)
	}
	c.Settings = map[string]any{"categories": map[string]any{"nap": "off"}}
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	c.Shown("nap")
}

// TestProfile names a profile in the settings: the finding shows its delay, also while
// code before it changes.
func TestProfile(t *testing.T) {
	data, err := proftest.Encode("1.8s 3204\n  sync.(*Mutex).Unlock mutex.go:65 64\n  example.com/m.(*Box).Wait p.go:18 13\n" +
		"1.2s 4\n  sync.(*Mutex).Unlock mutex.go:65 64\n  example.com/other.F f.go:14 11\n")
	if err != nil {
		t.Fatal(err)
	}
	dir := module(t, map[string]string{"p.go": source, "mutex.prof": string(data)})
	file := filepath.Join(dir, "p.go")
	c, _ := start(t, editor.Options{})
	c.Settings = map[string]any{"profile": "mutex.prof"}
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	delayed := func(list []lsptest.Diagnostic) bool {
		return len(list) == 1 && strings.HasSuffix(list[0].Message, ": 1.8 s of 3 s of all mutex delay, 3,204 waits, p99 not known from a mutex profile")
	}
	c.DiagnosedUntil(file, 1, delayed)
	c.Change(file, 2, strings.Replace(source, "\n\n", "\n\n// More.\n\n", 1))
	c.DiagnosedUntil(file, 2, delayed)
	for _, set := range []struct {
		value any
		good  func([]lsptest.Diagnostic) bool
	}{
		{nil, some}, {[]string{"mutex.prof"}, delayed}, {"", some},
	} {
		c.Settings = map[string]any{"profile": set.value}
		c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
		c.DiagnosedUntil(file, 2, set.good)
	}
	c.Settings = map[string]any{"profile": "p.go"}
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	c.Shown("reading the profile p.go of the settings: it is neither a profile nor a trace")
}

// TestHold puts the directive in, and then a reason.
func TestHold(t *testing.T) {
	c, file := session(t, map[string]string{"p.go": source}, "p.go", lsptest.Full())
	d := c.Diagnosed(file, 1)
	actions, err := c.Actions(file, d[0].Range, "letgo.hold")
	if err != nil || len(actions) != 1 {
		t.Fatalf("%v, %v", actions, err)
	}
	edit, err := c.Resolve(actions[0])
	if err != nil {
		t.Fatal(err)
	}
	text := lsptest.Apply(source, edit.Edits()[file])
	if !strings.Contains(text, "\n\t//letgo:hold\n\tb.mu.Lock()") {
		t.Errorf("got\n%s", text)
	}
	c.Change(file, 2, text)
	if d := c.Diagnosed(file, 2); len(d) != 1 || d[0].Code != "directive" || !strings.Contains(d[0].Message, "reason") {
		t.Errorf("without a reason: %v", d)
	}
	c.Change(file, 3, strings.Replace(text, "hold", "hold it is a test", 1))
	if d := c.Diagnosed(file, 3); len(d) != 0 {
		t.Errorf("with a reason: %v", d)
	}
	if a, err := c.Actions(file, d[0].Range, "letgo.hold"); err != nil || len(a) > 0 {
		t.Errorf("held already: %v, %v", a, err)
	}
}

// TestExplain opens the explanation in the two ways.
func TestExplain(t *testing.T) {
	for _, able := range []bool{true, false} {
		capabilities := lsptest.Full()
		capabilities["window"] = map[string]any{"showDocument": map[string]any{"support": able}}
		c, file := session(t, map[string]string{"p.go": source}, "p.go", capabilities)
		actions, err := c.Actions(file, lsptest.Point(lsptest.At(source, "return b.n", 0)), "letgo.explain")
		if err != nil || len(actions) != 1 {
			t.Fatalf("%v, %v", actions, err)
		}
		var text string
		params := map[string]any{"command": actions[0].Command.Command, "arguments": actions[0].Command.Arguments}
		if err := c.Call("workspace/executeCommand", params, &text); err != nil || text != "explained p.go" {
			t.Errorf("%q, %v", text, err)
		}
		if !able {
			c.Shown("explained p.go")
		} else if got := read(t, c.ShownDocument()); got != text {
			t.Errorf("the document shown has %q", got)
		}
	}
}

// TestKinds asks for certain kinds of actions, and as clients do on their own.
func TestKinds(t *testing.T) {
	c, file := session(t, map[string]string{"p.go": source}, "p.go", lsptest.Full())
	at := c.Diagnosed(file, 1)[0].Range
	for only, want := range map[string]string{
		"quickfix": "quickfix", "refactor": "refactor.rewrite.letgo.", "refactor.rewrite.letgo.sink": "refactor.rewrite.letgo.sink",
		"source": "source.fixAll.letgo", "source.fixAll": "source.fixAll.letgo", "source.fixAll.letgo": "source.fixAll.letgo",
	} {
		actions, err := c.Actions(file, at, only)
		if err != nil || len(actions) == 0 {
			t.Errorf("%s: %v, %v", only, actions, err)
		}
		for _, a := range actions {
			if !strings.HasPrefix(a.Kind, want) {
				t.Errorf("%s: an action of kind %s", only, a.Kind)
			}
		}
	}
	all, err := c.Actions(file, at)
	if err != nil {
		t.Fatal(err)
	}
	titles := make(map[string]bool)
	for _, a := range all {
		if titles[a.Title] {
			t.Errorf("the menu has %q twice", a.Title)
		}
		titles[a.Title] = true
	}
	if len(all) < 3 {
		t.Errorf("the whole menu is %+v", all)
	}
	if a, err := c.Actions(file, at, "refactor.extract"); err != nil || len(a) > 0 {
		t.Errorf("refactor.extract: %v, %v", a, err)
	}
	var automatic []lsptest.Action
	err = c.Call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": lsptest.URI(file)}, "range": at,
		"context": map[string]any{"diagnostics": []any{}, "triggerKind": 2},
	}, &automatic)
	if err != nil || len(automatic) != 1 || automatic[0].Kind != "quickfix" || !automatic[0].IsPreferred || len(automatic[0].Diagnostics) != 1 {
		t.Errorf("on its own: %+v, %v", automatic, err)
	}
}

// hoist returns the action that releases the lock of the first finding of a file.
func hoist(t *testing.T, c *lsptest.Client, file string) lsptest.Action {
	t.Helper()
	at := c.Diagnosed(file, 1)[0].Range
	actions, err := c.Actions(file, at, "refactor.rewrite.letgo.hoist")
	if err != nil || len(actions) != 1 {
		t.Fatalf("%v, %v", actions, err)
	}
	return actions[0]
}

// TestAsksFirst chooses a rewrite with questions, alone and through the server in front
// of gopls: the questions and the diff are there before anything changes, and without a
// yes nothing does, whatever the client says that it can do with edits.
func TestAsksFirst(t *testing.T) {
	able := func(documents, apply bool) map[string]any {
		return map[string]any{
			"workspace": map[string]any{
				"applyEdit":     apply,
				"workspaceEdit": map[string]any{"documentChanges": true, "changeAnnotationSupport": map[string]any{}},
			},
			"window": map[string]any{"showDocument": map[string]any{"support": documents}},
		}
	}
	for _, test := range []struct {
		name             string
		documents, apply bool // what the client can do
		answer           string
		changes          bool // the user types before the answer
		want             string
	}{
		{"yes", false, true, "Apply", false, "applied"},
		{"yes, with a document", true, true, "Apply", false, "applied"},
		{"no", true, true, "Cancel", false, ""},
		{"no answer", true, true, "", false, ""},
		{"too late", false, true, "Apply", true, "nothing was changed: the text has changed meanwhile"},
		{"cannot be edited", true, false, "Apply", false, "nothing was changed: this editor does not let a server apply edits"},
	} {
		for _, opts := range []editor.Options{{}, {Gopls: []string{"there-is-no-gopls"}, Stderr: io.Discard}} {
			t.Run(fmt.Sprintf("%s/%d", test.name, len(opts.Gopls)), func(t *testing.T) {
				dir := module(t, map[string]string{"p.go": source})
				file := filepath.Join(dir, "p.go")
				c, _ := start(t, opts)
				asked := make(chan string, 1)
				c.Choose = func(message string) string {
					if c.Asked() != nil {
						t.Error("it is changed before the answer")
					}
					if test.changes {
						c.Change(file, 2, "// new\n"+source)
					}
					asked <- message
					return test.answer
				}
				c.Initialize(dir, able(test.documents, test.apply))
				c.Open(file, source)
				a := hoist(t, c, file)
				if a.Edit != nil || a.Data != nil || a.Command == nil || a.Command.Command != "letgo.review" || !strings.Contains(a.Title, "question") {
					t.Fatalf("the action is %+v", a)
				}
				if err := c.Command("letgo.review", a.Command.Arguments[0], nil); err != nil {
					t.Fatal(err)
				}
				text := ""
				if test.apply {
					text = <-asked
				}
				if test.documents {
					shown, err := os.ReadFile(c.ShownDocument())
					if err != nil {
						t.Fatal(err)
					}
					text = string(shown)
					head, _, _ := strings.Cut(text, "--- a/p.go")
					for line := range strings.Lines(head) {
						if len(line) > 81 {
							t.Errorf("a question is not wrapped: %s", line)
						}
					}
				}
				if !strings.Contains(text, "[S") && !strings.Contains(text, "S1") || !strings.Contains(text, "--- a/p.go") {
					t.Errorf("the questions and the diff are not there: %s", text)
				}
				checkOutcome(t, c, file, test.want)
			})
		}
	}
}

// checkOutcome waits for an edit or for a message, or for neither.
func checkOutcome(t *testing.T, c *lsptest.Client, file, want string) {
	t.Helper()
	switch want {
	case "applied":
		edits := c.AskedFor().Edits()[file]
		if after := lsptest.Apply(source, edits); after == source || checker()(after) != nil {
			t.Errorf("after it: %s", after)
		}
		return
	case "":
		time.Sleep(50 * time.Millisecond)
	default:
		c.Shown(want)
	}
	if c.Asked() != nil {
		t.Error("it was changed without a yes")
	}
}
