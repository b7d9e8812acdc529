package textedit

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

var unifiedTests = []struct {
	name     string
	files    []File
	context  int
	want     string
	wantFail string
}{
	{name: "nothing", files: []File{{"a", []byte("x"), []byte("x")}}},
	{
		name: "one line", context: 3,
		files: []File{{"d/f.go", []byte(ten), []byte(strings.Replace(ten, "5", "five", 1))}},
		want: "--- a/d/f.go\n+++ b/d/f.go\n" +
			"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
	},
	{
		name: "two hunks, sorted files", context: 1,
		files: []File{
			{"b", []byte(ten), []byte("1\nx\n3\n4\n5\n6\n7\n8\ny\n10\n")},
			{"a", []byte("x"), []byte("x\n")},
		},
		want: "--- a/a\n+++ b/a\n" +
			"@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n" +
			"--- a/b\n+++ b/b\n" +
			"@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n" +
			"@@ -8,3 +8,3 @@\n 8\n-9\n+y\n 10\n",
	},
	{
		name: "no context", context: 0,
		files: []File{{"f", []byte("1\n2\n"), []byte("1\nx\n2\n")}},
		want:  "--- a/f\n+++ b/f\n@@ -1,0 +2,1 @@\n+x\n",
	},
	{
		name: "to empty", context: 3,
		files: []File{{"f", []byte("1\n"), nil}},
		want:  "--- a/f\n+++ b/f\n@@ -1,1 +0,0 @@\n-1\n",
	},
	{
		name: "names", context: 3,
		files: []File{
			{"with space", []byte{}, []byte("1\n")},
			{"tab\there", []byte{}, []byte("1\n")},
			{"ünï", []byte{}, []byte("1\n")},
		},
		want: "--- \"a/tab\\there\"\n+++ \"b/tab\\there\"\n@@ -0,0 +1,1 @@\n+1\n" +
			"--- a/with space\t\n+++ b/with space\t\n@@ -0,0 +1,1 @@\n+1\n" +
			"--- a/ünï\n+++ b/ünï\n@@ -0,0 +1,1 @@\n+1\n",
	},
	{
		name:  "a new file",
		files: []File{{"f", nil, []byte("1\n")}},
		want:  "--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+1\n",
	},
	{name: "twice", files: []File{{Path: "f"}, {Path: "f"}}, wantFail: "f appears twice"},
	{name: "outside", files: []File{{Path: "../f"}}, wantFail: `"../f" is not a relative path below the current directory`},
	{name: "absolute", files: []File{{Path: "/f"}}, wantFail: `"/f" is not a relative path below the current directory`},
}

func TestUnified(t *testing.T) {
	for _, tt := range unifiedTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Unified(tt.files, tt.context)
			if fmt.Sprint(err) != tt.wantFail && (err != nil || tt.wantFail != "") {
				t.Errorf("error %v, want %q", err, tt.wantFail)
			}
			if string(got) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// patchers are commands that apply a diff to the current directory.
var patchers = map[string][]string{
	"git":   {"git", "apply", "--whitespace=nowarn", "-"},
	"patch": {"patch", "-p1", "--quiet", "--force", "--no-backup-if-mismatch"},
}

// TestPatchers applies diffs with real programs, using random edits to files
// with awkward names.
func TestPatchers(t *testing.T) {
	for name, command := range patchers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("%s is not installed", command[0])
			}
			rnd := rand.New(rand.NewPCG(3, 4))
			for range 40 {
				files := randomFiles(rnd)
				diff, err := Unified(files, 1+rnd.IntN(3))
				if err != nil {
					t.Fatal(err)
				}
				applyWith(t, command, files, diff)
			}
		})
	}
}

var awkward = []string{
	"plain.go", "dir/sub/f.go", "with space.go", "dir with space/two  spaces.go",
	"ünïcödé/世界.go", "quo\"te.go", `back\slash.go`, "tab\t.go", "new\nline.go",
	"\"leading.go", " leading space.go", "trailing space ", "-dash.go", "a/a/b/b.go", "b", "bell\a.go",
	"it's.go", "$var.go", "percent%20.go", "dev/nullx", "diff --git a b.go",
}

// randomFiles returns one changed file for each awkward name.
func randomFiles(rnd *rand.Rand) []File {
	var files []File
	for _, name := range awkward {
		old, new := randomPair(rnd)
		switch rnd.IntN(12) {
		case 0:
			old = nil
		case 1:
			new = nil
		}
		files = append(files, File{name, old, new})
	}
	return files
}

func applyWith(t *testing.T, command []string, files []File, diff []byte) {
	t.Helper()
	if len(diff) == 0 {
		return
	}
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if f.Old == nil {
			continue // the diff creates it
		}
		if err := os.WriteFile(path, f.Old, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(diff)
	// Keep git from finding a parent repository or reading any configuration.
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir),
		"GIT_CONFIG_NOSYSTEM=1", "HOME="+dir, "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s\n%s", cmd, err, out, diff)
	}
	for _, f := range files {
		if f.Old == nil && len(f.New) == 0 {
			continue
		}
		got, err := os.ReadFile(filepath.Join(dir, f.Path))
		if err != nil {
			t.Errorf("%v\n%s", err, diff)
		} else if !bytes.Equal(got, f.New) {
			t.Errorf("%v: %q: got %q, want %q\n%s", cmd, f.Path, got, f.New, diff)
		}
	}
}

// TestSubdirectory applies a diff with git in a subdirectory of a repository.
func TestSubdirectory(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	top := t.TempDir()
	dir := filepath.Join(top, "sub")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f.go"), []byte(ten), 0o666); err != nil {
		t.Fatal(err)
	}
	diff, err := Unified([]File{{"f.go", []byte(ten), []byte("new\n")}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "--quiet", top}, {"apply", "-"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Stdin = bytes.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "f.go")); err != nil || string(got) != "new\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestLarge checks that diffing two large files with nothing in common is
// correct and doesn't take long.
func TestLarge(t *testing.T) {
	text := func(prefix string) []byte {
		var b bytes.Buffer
		for i := range 200_000 {
			fmt.Fprintf(&b, "%s line %d\n", prefix, i)
		}
		return b.Bytes()
	}
	old, new := text("old"), text("new")
	start := time.Now()
	diff, err := Unified([]File{{"f", old, new}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(diff, []byte("\n")); n != 400_003 {
		t.Errorf("the diff has %d lines", n)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
}

func BenchmarkUnified(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var old, new bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&old, "\tline %d\n", i%700)
		if rnd.IntN(100) != 0 {
			fmt.Fprintf(&new, "\tline %d\n", i%700)
		}
	}
	files := []File{{"f.go", old.Bytes(), new.Bytes()}}
	b.SetBytes(int64(old.Len()))
	for b.Loop() {
		if _, err := Unified(files, 3); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzChangedLines checks that ChangedLines doesn't crash on any input.
func FuzzChangedLines(f *testing.F) {
	f.Add([]byte("diff --git a/a.go b/a.go\nindex 1..2 100644\n--- a/a.go\n+++ b/a.go\n@@ -1 +1,2 @@\n-a\n+b\n+c\n"))
	f.Add([]byte("diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n"))
	f.Fuzz(func(t *testing.T, diff []byte) {
		files, err := ChangedLines(diff)
		if err != nil {
			return
		}
		for name := range files {
			if name == "" {
				t.Errorf("a file has no name")
			}
		}
	})
}
