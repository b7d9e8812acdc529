package load

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"a/b", "a/b", true},
		{"a/b", "a/bc", false},
		{"a/...", "a", true},
		{"a/...", "a/b/c", true},
		{"a/...", "ab", false},
		{"a...", "ab", true},
		{"...", "anything/at/all", true},
		{".../c", "a/b/c", true},
		{".../c", "c", false},
		{"a/.../c", "a/b/c", true},
		{"a/.../c", "a/b/d", false},
		{"a/.../c/...", "a/b/c", true},
		{"a/.../c/...", "a/b/c/d", true},
		{"net...", "net", true},
	}
	for _, test := range tests {
		if got := matches(test.pattern, test.name); got != test.want {
			t.Errorf("matches(%q, %q) = %v", test.pattern, test.name, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	tests := [][2]string{
		{"", ""},
		{"one", "one"},
		{"one\n", "one"},
		{"not enough arguments in call to f\n\thave ()\n\twant (int)", "not enough arguments in call to f; have (); want (int)"},
		{"no package; to add it:\n\tgo get x", "no package; to add it: go get x"},
		{"One.\n\nTwo.\n", "One. Two."},
	}
	for _, test := range tests {
		if got := oneLine(test[0]); got != test[1] {
			t.Errorf("oneLine(%q) = %q, want %q", test[0], got, test[1])
		}
	}
}

func TestShorten(t *testing.T) {
	tests := [][2]string{
		{"in /d/e/f.go", "in f.go"},
		{"in /d/e", "in ."},
		{"in /d/e: no", "in .: no"},
		{"/d/e/f.go:1:2 and (/d/e/g.go)", "f.go:1:2 and (g.go)"},
		{"/x/d/e/f.go", "/x/d/e/f.go"},
		{"/d/ef/f.go", "/d/ef/f.go"},
		{"/d/e.go", "/d/e.go"},
		{"nothing", "nothing"},
	}
	for _, test := range tests {
		msg := filepath.FromSlash(test[0])
		if got := shorten(filepath.FromSlash("/d/e"), msg); got != filepath.FromSlash(test[1]) {
			t.Errorf("shorten(%q) = %q, want %q", msg, got, test[1])
		}
	}
}

func TestProblemString(t *testing.T) {
	tests := []struct {
		problem Problem
		want    string
	}{
		{Problem{Package: "p", Reason: "skipped"}, "loading p: skipped"},
		{Problem{Package: "p", Reason: "skipped", Msg: "bad", Hint: "mend it"}, "loading p: skipped: bad; mend it"},
		{Problem{Package: "p", Reason: "skipped", Pos: "f.go:1:2", Msg: "bad", More: 1}, "loading p: skipped: f.go:1:2: bad (and 1 more error)"},
		{Problem{Package: "p", Reason: "skipped", Msg: "bad", More: 2}, "loading p: skipped: bad (and 2 more errors)"},
	}
	for _, test := range tests {
		if got := test.problem.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// TestOverlayReadsNoMore checks that with an overlay of an existing file, no other package
// is read from source, and no temporary files are left behind.
func TestOverlayReadsNoMore(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	name := filepath.Join(dir, "m.go")
	for file, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.25\n", "m.go": "package m\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text := "package m\n\nimport \"net/http\"\n\nvar X http.Handler\n"
	l, err := newLoader(Config{Dir: dir, Overlay: map[string][]byte{name: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := l.load()
	if err != nil || len(roots) != 1 || len(roots[0].Errors) > 0 {
		t.Fatal(roots, err)
	}
	if len(l.src.files) != 1 || !strings.Contains(string(l.src.files[name].content), "net/http") {
		t.Errorf("%d files were parsed, want m.go alone", len(l.src.files))
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("temporary files: %v, %v", left, err)
	}
}

// TestWaiting checks what Config.Waiting is called with.
func TestWaiting(t *testing.T) {
	var told []string
	waiting := func(what string) { told = append(told, what) }
	c := complaints{waiting: waiting}
	fmt.Fprintf(&c, "go: downloading example.com/m v1.2.3\n%sold\n", warning)
	g, err := newGoCmd(Config{Waiting: waiting})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.run("version"); err != nil {
		t.Fatal(err)
	}
	want := []string{"waiting for go to download example.com/m v1.2.3", "waiting for go env", "", "waiting for go version", ""}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if !strings.Contains(c.said.String(), "old") {
		t.Errorf("the rest was not kept: %q", &c.said)
	}
}
