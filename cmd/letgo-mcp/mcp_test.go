package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/letgo-dev/letgo/internal/sample"
)

// programs builds letgo and letgo-mcp beside each other, and returns the name of letgo.
func programs(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	cmd := exec.Command("go", "build", "-o", bin+string(filepath.Separator), ".", "../letgo")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	name := filepath.Join(bin, "letgo")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name
}

func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n", "sub/p.go": sample.Before,
		"sub/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestWait(t *testing.T) {\n\tch := make(chan int, 1)\n\tch <- 1\n\tnew(T).Wait(ch)\n}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// connect starts "letgo mcp" and connects the SDK's client to it.
func connect(t *testing.T, letgo string, args ...string) *mcp.ClientSession {
	t.Helper()
	cmd := exec.Command(letgo, append([]string{"mcp"}, args...)...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	s, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	})
	return s
}

// call calls a tool and returns its answer, and whether it is an error.
func call(t *testing.T, s *mcp.ClientSession, name string, args map[string]any) (string, bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return err.Error(), true
	}
	if len(r.Content) != 1 {
		t.Fatalf("%s: %d parts", name, len(r.Content))
	}
	text, ok := r.Content[0].(*mcp.TextContent)
	if !ok || len(text.Text) > longestAnswer+100 {
		t.Errorf("%s: %T of %d bytes", name, r.Content[0], len(text.Text))
	}
	return text.Text, r.IsError
}

func toolNames(t *testing.T, s *mcp.ClientSession) []string {
	t.Helper()
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		if reads := tool.Annotations != nil && tool.Annotations.ReadOnlyHint; reads != (tool.Name != "apply") {
			t.Errorf("%s is for reading: %v", tool.Name, reads)
		}
	}
	slices.Sort(names)
	return names
}

type args = map[string]any

// A step calls one tool.
type step struct {
	tool string
	args args
	fail bool
	want string // a regular expression
}

func run(t *testing.T, s *mcp.ClientSession, steps []step) {
	t.Helper()
	for _, st := range steps {
		text, failed := call(t, s, st.tool, st.args)
		if ok, err := regexp.MatchString("(?s)"+st.want, text); failed != st.fail || !ok || err != nil {
			t.Errorf("%s %v: failed %v, want %v, and %s in\n%s", st.tool, st.args, failed, st.fail, st.want, text)
		}
	}
}

// TestTools goes from a finding to its rewrite on disk, with a real client.
func TestTools(t *testing.T) {
	letgo, dir := programs(t), module(t)
	file := filepath.Join(dir, "sub/p.go")
	reading := []step{
		{"findings", nil, false, `^1 finding\nsub/p\.go:11 t\.mu\.Lock\(\) is held across receive from ch \(chan\) \[incidental\]; rewrite sink, 1 to check\n$`},
		{"findings", args{"packages": []string{"./sub"}, "offset": 5}, false, `^1 finding, all of which come before that offset\n$`},
		{"findings", args{"packages": []string{"-w"}}, true, `-w`},
		{"findings", args{"packages": []string{"./nowhere"}}, true, `no such directory`},
		{"explain", args{"place": "sub/p.go:13"}, false, `   11 L \tt\.mu\.Lock\(\)\n.*   13 W \tv := <-ch\n.*guards: n\n.*verdict: incidental.*rewrite sink \(review\): Take t\.mu after the wait; 1 question\n`},
		{"explain", args{"place": "sub/p.go"}, true, `not of the form FILE:LINE`},
		{"explain", args{"place": "sub/p.go:1"}, true, `in no critical section`},
		{"plan", args{"place": "sub/p.go:11"}, false, `^sink \(review\): Take t\.mu after the wait\ncheck S9: .*\n\n--- a/sub/p\.go\n`},
		{"plan", args{"place": "sub/p.go:11", "shape": "hoist"}, true, `there is no rewrite "hoist" of this section: `},
	}
	s := connect(t, letgo, "-C", dir)
	if got := toolNames(t, s); !slices.Equal(got, []string{"explain", "findings", "plan"}) {
		t.Errorf("without -w there are %q", got)
	}
	run(t, s, append(reading, step{"apply", args{"place": "sub/p.go:11", "shape": "sink", "answered": []string{"S9"}}, true, `unknown tool`}))
	if text, err := os.ReadFile(file); err != nil || string(text) != sample.Before {
		t.Errorf("the file has changed: %v\n%s", err, text)
	}

	s = connect(t, letgo, "-C", dir, "-w")
	if got := toolNames(t, s); !slices.Equal(got, []string{"apply", "explain", "findings", "plan"}) {
		t.Errorf("with -w there are %q", got)
	}
	run(t, s, []step{
		{"apply", args{"place": "sub/p.go:11", "shape": "sink"}, true, `^nothing was written: S9 is not answered: `},
		{"apply", args{"place": "sub/p.go:11", "shape": "split", "answered": []string{"S9"}}, true, `there is no rewrite "split"`},
		{"apply", args{"place": "sub/p.go:18", "shape": "sink"}, true, `there is no rewrite`},
	})
	if text, err := os.ReadFile(file); err != nil || string(text) != sample.Before {
		t.Errorf("the file has changed: %v\n%s", err, text)
	}
	run(t, s, []step{
		{"apply", args{"place": "sub/p.go:11", "shape": "sink", "answered": []string{"S9"}, "tests": true}, false, `^written: Take t\.mu after the wait in sub/p\.go\ntests: passed\n\n--- a/sub/p\.go`},
		{"findings", nil, false, `^0 findings\n$`},
	})
	want := sample.After
	if text, err := os.ReadFile(file); err != nil || string(text) != want {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestShorten(t *testing.T) {
	text := strings.Repeat("a line of an answer\n", 1000)
	got := shorten(text)
	if len(got) > longestAnswer+100 || !strings.HasSuffix(got, "answer\n... 600 more lines; letgo itself prints all\n") {
		t.Errorf("%d bytes, ends with %q", len(got), got[len(got)-60:])
	}
	if shorten("short\n") != "short\n" {
		t.Error("a short text is cut")
	}
}
