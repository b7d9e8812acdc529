package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/blocking"
)

const whole = `# What letgo shall know of this project.
table: |
  # The shop's own client.
  example.com/shop.Ask        rpc   write unknown asks the shop
  (*net/http.Client).Do       never -     safe    is replaced in this project

categories:
  log: on
  disk: off
skip:
  - internal/gen
  - .../mock_*.go
  - ./cmd/*/main.go
`

func TestParse(t *testing.T) {
	f, err := Parse(Name, []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	f.Dir = filepath.FromSlash("/m")
	if e, ok := f.Table.Entry("example.com/shop.Ask"); !ok || e.Category != "rpc" || e.Line != 4 {
		t.Errorf("entry %+v, %v", e, ok)
	}
	if !f.Table.Never("(*net/http.Client).Do") {
		t.Error("the second line of the table is missing")
	}
	categories := f.Categories()
	for name, want := range map[string]bool{"log": true, "disk": false, "http": true, "lock": false} {
		if slices.Contains(categories, name) != want {
			t.Errorf("category %s is on: %v, want %v", name, !want, want)
		}
	}
	for name, want := range map[string]bool{
		"/m/internal/gen":          true,
		"/m/internal/gen/a/b.go":   true,
		"/m/internal/general/b.go": false,
		"/m/x/internal/gen/b.go":   false,
		"/m/mock_a.go":             true,
		"/m/x/y/mock_a.go":         true,
		"/m/x/y/mock_a.txt":        false,
		"/m/cmd/x/main.go":         true,
		"/m/cmd/main.go":           false,
		"/m/cmd/x/y/main.go":       false,
		"/other/mock_a.go":         false,
	} {
		if f.Skips(filepath.FromSlash(name)) != want {
			t.Errorf("skips %s: %v, want %v", name, !want, want)
		}
	}
}

// Nothing is said by a file that is not there, empty, or all comments.
func TestParseNothing(t *testing.T) {
	var none *File
	files := []*File{none}
	for _, content := range []string{"", "# Nothing yet.\n", "---\n", "table:\ncategories:\nskip:\n", "{}", "skip: []\ntable: |\n"} {
		f, err := Parse(Name, []byte(content))
		if err != nil {
			t.Fatalf("%q: %v", content, err)
		}
		files = append(files, f)
	}
	for _, f := range files {
		if f.Categories() != nil || f.Skips("/a") {
			t.Errorf("%+v says something", f)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct{ content, want string }{
		{"tables: |\n", `f:1:1: unknown key "tables": the keys are table, categories, skip`},
		{"skip: [a]\nskip: [b]\n", "f:2:1: skip appears twice: it is already on line 1"},
		{"- skip\n", "f:1:1: want a mapping with the keys table, categories, skip"},
		{"text", "f:1:1: want a mapping with the keys table, categories, skip"},
		{"? [table]\n: x\n", `f:1:3: unknown key "": the keys are table, categories, skip`},
		{"skip: [a\n", "f:2:1: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence)"},
		{"skip:\n\t- a\n", "f:2:1: not valid YAML: found character that cannot start any token (while scanning for the next token)"},
		{"skip: []\n---\nskip: []\n", "f:2:1: a second document begins here: a project file has only one"},
		{"skip: []\n---\nskip: [\n", "f:4:1: not valid YAML: did not find expected node content (while parsing a flow node)"},
		{"skip: *x\n", "f:1:7: not valid YAML: unknown anchor 'x' referenced"},
		{"skip: []\nx: \xff\n", "f:2:1: this line is not valid UTF-8"},

		{"table: x\n", `f:1:8: want the lines of the table as a literal block: put them, indented, below "table: |"`},
		{"table: >\n  a.B db read safe asks\n", `f:1:8: want the lines of the table as a literal block: put them, indented, below "table: |"`},
		{"table: |\n\n  a.B db read safe asks\n    a.C\tbd read safe asks\n", `f:4:9: unknown category "bd"`},
		{"table: |2\n    a.B db\n  a b\n", "f:2:11: effect is \"\": want read, write or wait\n" +
			"f:2:11: safety is \"\": want safe, unsafe or unknown\n" +
			"f:2:11: the phrase that says why it waits is missing\n" +
			"f:3:3: a is not a function as go/types prints it, such as net/http.Get"},
		{"table: |\r\n  a.B db read safe\r\n", "f:2:19: the phrase that says why it waits is missing"},
		{"skip: [..]\ntable: |\n  a.B db read safe\n", "f:1:8: the path leads out of this file's directory\nf:3:19: the phrase that says why it waits is missing"},

		{"categories: [log]\n", "f:1:13: want a mapping with the keys " + strings.Join(categories(), ", ")},
		{"categories:\n  logs: on\n", `f:2:3: unknown key "logs": the keys are ` + strings.Join(categories(), ", ")},
		{"categories:\n  log: yes\n", `f:2:8: log is "yes": want on or off`},
		{"categories:\n  log: [on]\n", `f:2:8: log is "": want on or off`},
		{"categories: {log: on, log: off}\n", "f:1:23: log appears twice: it is already on line 1"},

		{"skip: a\n", "f:1:7: want a list of paths"},
		{"skip:\n  - a: b\n", "f:2:5: want a path"},
		{"skip:\n  - /a\n", "f:2:5: the path is absolute: want one relative to the directory of this file"},
		{"skip:\n  - a/../b\n", "f:2:5: the path leads out of this file's directory"},
		{"skip:\n  - a//b\n", "f:2:5: the path has an empty element"},
		{"skip:\n  - .\n", "f:2:5: a path is missing: to leave out everything, do not run letgo"},
		{"skip:\n  - \"a/[b\"\n", "f:2:5: bad pattern [b: see go doc path.Match"},
	} {
		_, err := Parse("f", []byte(test.content))
		if err == nil {
			t.Errorf("%q: no mistake, want %s", test.content, test.want)
		} else if err.Error() != test.want {
			t.Errorf("%q: got\n%v\nwant\n%s", test.content, err, test.want)
		}
	}
}

func categories() []string {
	var names []string
	for _, c := range blocking.Categories() {
		names = append(names, c.Name)
	}
	return names
}

// FuzzParse checks that no file makes the parser crash, and that every mistake
// has a place.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("table: |\n  x\n \n")
	f.Add("a: &a [*a]\nskip: *a\n")
	f.Add("table: &t |\n  a.B db read safe asks\ncategories: *t\n")
	f.Fuzz(func(t *testing.T, content string) {
		_, err := Parse("f", []byte(content))
		if err == nil {
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "f:") {
				t.Errorf("%q has no place", line)
			}
		}
	})
}

// FuzzBaseline checks that no text makes the parser of baselines crash, that every
// mistake has a place, and that what is read is written the same.
func FuzzBaseline(f *testing.F) {
	f.Add("# a comment\nexample.com/p\tF\tmu\tnet\tnet.Dial\tp.go\nexample.com/p\tF\tmu\tnet\tnet.Dial\tp.go\t#2\n")
	f.Add("a\tb\n\r\n\x00\t\t\t\t\t\t\t")
	f.Fuzz(func(t *testing.T, content string) {
		b, err := ParseBaseline("f", []byte(content))
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "f:") {
					t.Errorf("%q has no place", line)
				}
			}
			return
		}
		for _, e := range b.entries {
			if _, err := ParseBaseline("f", []byte(e.String()+"\n")); err != nil {
				t.Errorf("%q cannot be read again: %v", e, err)
			}
		}
	})
}

// FuzzAddLine checks that a line can be added to every project file that can be read,
// and that it is read then.
func FuzzAddLine(f *testing.F) {
	const line = "example.com/p.F net read safe it is"
	f.Add(whole)
	f.Add("table: |\n  x.A db read safe of a")
	f.Add("table: x.A db read safe of a\nskip: [a]\n")
	f.Add("{}\n")
	f.Add("---\r\nskip:\r\n- a\r\n...\r\n")
	f.Fuzz(func(t *testing.T, content string) {
		old, err := Parse("f", []byte(content))
		if err != nil {
			return
		}
		text, err := AddLine("f", []byte(content), line)
		if err != nil {
			return // it says so
		}
		now, err := Parse("f", text)
		if err != nil {
			t.Fatalf("with the line it is\n%s\nwhich is wrong: %v", text, err)
		}
		if len(now.skip) != len(old.skip) || !strings.Contains(string(text), line) {
			t.Errorf("with the line it is\n%s", text)
		}
	})
}

func TestSet(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("a/b/go", "")
	write("a/"+Name, "table: |\n  x.A db read safe of a\n  x.B db read safe of a\n")
	write("a/c/"+Name, "table: |\n  x.B net read safe of c\n")
	write("bad/"+Name, "no: such\n")
	s := Set{Display: filepath.Base}
	for _, test := range []struct{ dir, root, want string }{
		{"a", "a", "a"}, {"a/b", "a", "a"}, {"a/b", "a/b", ""}, {"a/c", "a", "a/c"}, {"a/b", "", ""}, {"a", "", "a"}, {"none", "none", ""},
	} {
		f, err := s.For(filepath.Join(root, test.dir), filepath.Join(root, test.root))
		if test.root == "" {
			f, err = s.For(filepath.Join(root, test.dir), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, want := f, test.want; (got == nil) != (want == "") || got != nil && got.Dir != filepath.Join(root, want) {
			t.Errorf("for %s in module %q: %+v, want that of %s", test.dir, test.root, got, test.want)
		}
	}
	table := s.Table(blocking.DefaultTable())
	for name, want := range map[string]string{"x.A": "of a", "x.B": "of c", "os.Remove": "changes a directory"} {
		if e, ok := table.Entry(name); !ok || !strings.HasPrefix(e.Why, want) {
			t.Errorf("%s: %+v, want %s", name, e, want)
		}
	}
	if _, err := s.For(filepath.Join(root, "bad"), ""); err == nil || !strings.HasPrefix(err.Error(), Name+":1:1: ") {
		t.Errorf("bad file: %v", err)
	}
	only := Set{Only: filepath.Join(root, "a/c", Name)}
	if f, err := only.For(filepath.Join(root, "a"), ""); err != nil || f.Dir != filepath.Join(root, "a/c") {
		t.Errorf("Only: %+v, %v", f, err)
	}
	only.Only += "x"
	if _, err := only.For(root, ""); err == nil || !strings.Contains(err.Error(), "reading the project file") {
		t.Errorf("missing file: %v", err)
	}
}
