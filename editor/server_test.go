package editor_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/patterns"
)

// start starts a server and returns a client of it.
func start(t testing.TB, opts editor.Options) (*lsptest.Client, <-chan int) {
	t.Helper()
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	if opts.Explain == nil {
		opts.Explain = func(_ *patterns.Program, q *patterns.Package, f *patterns.File, line int, dir string) (string, error) {
			return "explained " + filepath.Base(f.Name), nil
		}
	}
	if os.Getenv("LETGO_DEBUG") != "" {
		opts.Debug = os.Stderr
	}
	status := make(chan int, 1)
	go func() {
		status <- editor.Serve(t.Context(), struct{ io.Reader }{toServer}, fromServer, opts)
		fromServer.Close()
		toServer.Close()
	}()
	c := lsptest.New(t, toClient, fromClient)
	t.Cleanup(func() { fromClient.Close() })
	return c, status
}

// module writes files into a new directory with a go.mod.
func module(t testing.TB, files map[string]string) string {
	t.Helper()
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOTOOLCHAIN", "local")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := files["go.mod"]; !ok {
		write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source is a file with one section that waits, and whose wait can be moved out
// from under the lock safely.
const source = `package p

import (
	"sync"
	"time"
)

type Box struct {
	mu sync.Mutex
	n  int
}

func (b *Box) Wait() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	time.Sleep(time.Second)
}

func (b *Box) Get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

func (b *Box) Set(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n = n
}

func (b *Box) Add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n += n
}

func (b *Box) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n = 0
}
`

func TestSession(t *testing.T) {
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, status := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	diags := c.Diagnosed(file, 1)
	if len(diags) != 1 {
		t.Fatalf("diagnostics: %+v", diags)
	}
	d := diags[0]
	at := lsptest.At(source, "b.mu.Lock()", 0)
	want := lsptest.Range{Start: at, End: lsptest.Position{Line: at.Line, Character: at.Character + len("b.mu.Lock()")}}
	if d.Range != want || d.Source != "letgo" || d.Code != "sleep" || d.Severity < 2 || d.Severity > 3 || d.CodeDescription == nil {
		t.Errorf("diagnostic: %+v", d)
	}
	if len(d.RelatedInformation) != 1 || !strings.Contains(d.RelatedInformation[0].Message, "time.Sleep") {
		t.Errorf("related information: %+v", d.RelatedInformation)
	}
	inside := lsptest.Point(lsptest.At(source, "b.n++", 0))
	actions, err := c.Actions(file, inside)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		t.Logf("%s: %s %v", a.Kind, a.Title, a.Disabled)
	}
	edit, err := c.Resolve(actions[0])
	if err != nil {
		t.Fatal(err)
	}
	after := lsptest.Apply(source, edit.Edits()[file])
	if strings.Index(after, "time.Sleep") > strings.Index(after, "b.mu.Lock()") {
		t.Errorf("after the edit:\n%s", after)
	}
	c.Change(file, 2, after)
	if diags := c.Diagnosed(file, 2); len(diags) > 0 {
		t.Errorf("after the edit: %+v", diags)
	}
	if err := c.Call("shutdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.Notify("exit", nil)
	if got := <-status; got != 0 {
		t.Errorf("exit status %d", got)
	}
}
