package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A fakeRunner has tests that fail with certain rewrites. Which rewrites are made it
// sees by the names of the files.
type fakeRunner struct {
	tests []fakeTest
	runs  int
	rand  *rand.Rand
}

// A fakeTest fails if all of these rewrites are made, and then in some of the runs.
type fakeTest struct {
	with  []string
	often float64
	race  bool // only with -race
}

func (r *fakeRunner) nothing() bool            { return false }
func (r *fakeRunner) withRace() (bool, string) { return true, "" }
func (r *fakeRunner) close()                   {}

func (r *fakeRunner) patience(time.Duration) int { return 10 }

func (r *fakeRunner) run(ctx context.Context, files map[string][]byte, req request) (*outcome, error) {
	r.runs++
	out := &outcome{}
	for i, test := range r.tests {
		f := Failure{Package: "p", Test: fmt.Sprint("Test", i)}
		if req.only != nil && !slices.Contains(names(req.only), f.Name()) || test.race && !req.race {
			continue
		}
		made := !slices.ContainsFunc(test.with, func(w string) bool { return files[w] == nil })
		for range max(req.times, 1) {
			if made && r.rand.Float64() < test.often && !out.has(f) {
				out.failed = append(out.failed, f)
			}
		}
	}
	return out, nil
}

func names(list []Failure) []string {
	var out []string
	for _, f := range list {
		out = append(out, f.Name())
	}
	return out
}

// tryFake runs a trial of n rewrites.
func tryFake(t *testing.T, r *fakeRunner, n int) *Report {
	t.Helper()
	tr := &trial{run: r, report: &Report{Results: make([]Result, n)}, fails: make(map[string]bool), repeat: make(map[string]bool)}
	tr.Config = Config{
		Places: make([]Place, n), Say: func(string) {},
		Build: func(set []int) (map[string][]byte, error) {
			files := make(map[string][]byte)
			for _, i := range set {
				files[fmt.Sprint(i)] = []byte{'x'}
			}
			return files, nil
		},
	}
	if err := tr.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tr.report
}

// blame lists the rewrites that a report takes out, with the test.
func blame(r *Report) string {
	var out []string
	for i, res := range r.Results {
		if res.Failure != nil {
			out = append(out, fmt.Sprintf("%d %s", i, res.Failure.Test))
			if res.Failure.Race {
				out[len(out)-1] += " race"
			}
		}
	}
	return strings.Join(out, ", ")
}

func TestSearch(t *testing.T) {
	always := func(with ...string) fakeTest { return fakeTest{with: with, often: 1} }
	for _, test := range []struct {
		name          string
		n             int
		tests         []fakeTest
		blame         string
		before, flaky string
		most          int // runs
	}{
		{"none", 8, nil, "", "", "", 3},
		{"one", 8, []fakeTest{always("5")}, "5 Test0", "", "", 16},
		{"two tests of one", 8, []fakeTest{always("5"), always("5")}, "5 Test0", "", "", 16},
		{"two", 8, []fakeTest{always("2"), always("7")}, "2 Test0, 7 Test1", "", "", 25},
		{"a pair", 8, []fakeTest{always("1", "6")}, "6 Test0", "", "", 20},
		{"all", 4, []fakeTest{always("0"), always("1"), always("2"), always("3")}, "0 Test0, 1 Test1, 2 Test2, 3 Test3", "", "", 30},
		{"before", 4, []fakeTest{always(), always("3")}, "3 Test1", "p.Test0", "", 20},
		{"race", 4, []fakeTest{{with: []string{"2"}, often: 1, race: true}}, "2 Test0 race", "", "", 20},
		{"race before", 4, []fakeTest{{often: 1, race: true}}, "", "p.Test0", "", 10},
		{"now and then because of one", 4, []fakeTest{{with: []string{"2"}, often: 0.8}}, "2 Test0", "", "", 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &fakeRunner{tests: test.tests, rand: rand.New(rand.NewPCG(1, 2))}
			report := tryFake(t, r, test.n)
			if got := blame(report); got != test.blame {
				t.Errorf("to blame: %s, want %s", got, test.blame)
			}
			if got := strings.Join(names(report.Before), " "); got != test.before {
				t.Errorf("failed before: %s, want %s", got, test.before)
			}
			if got := strings.Join(names(report.Flaky), " "); got != test.flaky {
				t.Errorf("flaky: %s, want %s", got, test.flaky)
			}
			if r.runs > test.most || r.runs != report.Runs {
				t.Errorf("%d runs, at most %d; %d reported", r.runs, test.most, report.Runs)
			}
		})
	}
}

// TestFlaky checks that a test that fails now and then whatever is rewritten is held
// against nobody, and is named once it has been seen to fail.
func TestFlaky(t *testing.T) {
	seen := 0
	for seed := range uint64(200) {
		r := &fakeRunner{tests: []fakeTest{{often: 0.5}, {with: []string{"3"}, often: 1}}, rand: rand.New(rand.NewPCG(seed, 0))}
		report := tryFake(t, r, 6)
		if got := blame(report); got != "3 Test1" {
			t.Fatalf("seed %d: to blame: %s", seed, got)
		}
		seen += len(report.Flaky) + len(report.Before)
	}
	if seen < 150 {
		t.Errorf("named in %d of 200 trials", seen)
	}
}

// TestSearchRandom checks for random faults that nothing fails with what is left, and
// that something does with each one that was taken out.
func TestSearchRandom(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		n := 1 + rnd.IntN(12)
		r := &fakeRunner{rand: rnd}
		for range rnd.IntN(4) {
			test := fakeTest{often: 1, race: rnd.IntN(3) == 0}
			for range 1 + rnd.IntN(3) {
				test.with = append(test.with, fmt.Sprint(rnd.IntN(n)))
			}
			r.tests = append(r.tests, test)
		}
		report := tryFake(t, r, n)
		fails := func(set []int) bool {
			files := make(map[string][]byte)
			for _, i := range set {
				files[fmt.Sprint(i)] = []byte{'x'}
			}
			out, _ := r.run(t.Context(), files, request{race: true})
			return len(out.failed) > 0
		}
		if fails(report.Good()) {
			t.Fatalf("seed %d: %v fails", seed, report.Good())
		}
		for i, res := range report.Results {
			if res.Failure != nil && !fails(join(report.Good(), []int{i})) && len(names(report.Before)) == 0 {
				// With one other that was taken out, too, then.
				if !slices.ContainsFunc(r.tests, func(ft fakeTest) bool { return len(ft.with) > 1 && slices.Contains(ft.with, fmt.Sprint(i)) }) {
					t.Fatalf("seed %d: %d was taken out for nothing", seed, i)
				}
			}
		}
	}
}

func TestParseCommand(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"go test ./...", "test [] [] [./...] []"},
		{"go test -run 'Test(A|B)' -v ./a ./b -count 1 -args -x", "test [] [-run Test(A|B) -v -count 1] [./a ./b] [-args -x]"},
		{`GORACE=halt_on_error=1 go test -race "./..."`, "test [GORACE=halt_on_error=1] [-race] [./...] []"},
		{"go vet ./...", "vet [] [] [./...] []"},
		{"go test ./... && make", ""},
		{"go test ./$dir", ""},
		{"make test", ""},
		{"go run ./check", ""},
		{"go", ""},
		{"go test 'a", ""},
	} {
		c, err := parseCommand(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		got := ""
		if c.verb != "" {
			got = fmt.Sprint(c.verb, " ", c.env, " ", c.flags, " ", c.packages, " ", c.rest)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.text, got, test.want)
		}
	}
	for _, text := range []string{"", " ", "go test -overlay=x.json ./...", "go test -overlay x.json"} {
		if _, err := parseCommand(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestFailuresIn(t *testing.T) {
	const text = `=== RUN   TestA
--- FAIL: TestA (0.00s)
    --- FAIL: TestA/sub (0.00s)
        a_test.go:3: wrong
    --- PASS: TestA/good (0.00s)
FAIL
FAIL	example.com/a	0.004s
ok  	example.com/b	0.002s
--- FAIL: TestC (1.00s)
panic: oh
--- FAIL: TestD (0.00s)
    d_test.go:5: 
        	Error Trace:	/src/c/d_test.go:5
        	            				/src/c/help_test.go:70
        	Error:      	Not equal: 
        	            	expected: 2
        	            	actual  : 3
        	Test:       	TestD
FAIL	example.com/c	1.004s
FAIL
make: *** [Makefile:2: test] Error 1
`
	want := "[example.com/a.TestA/sub: a_test.go:3: wrong example.com/c.TestC: panic: oh example.com/c.TestD: d_test.go:5: Not equal: expected: 2 actual : 3]"
	if got := fmt.Sprint(failuresIn(text)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := failuresIn("make: *** [Makefile:2: test] Error 1\n"); len(got) != 0 {
		t.Error(got)
	}
}

// TestRead checks what is read of go test -json: here the process ended in one of two
// tests that ran.
func TestRead(t *testing.T) {
	const text = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pause","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Output":"panic: test timed out after 1s\n"}
{"Action":"run","Package":"p","Test":"TestB/sub"}
{"Action":"fail","Package":"p","Test":"TestZ"}
{"Action":"fail","Package":"p","Elapsed":1.5}
{"Action":"run","Package":"a","Test":"TestC"}
{"Action":"output","Package":"a","Test":"TestC","Output":"    c_test.go:1: \n"}
{"Action":"output","Package":"a","Test":"TestC","Output":"        \tError Trace:\t/src/c_test.go:1\n"}
{"Action":"output","Package":"a","Test":"TestC","Output":"        \tError:      \tno\n"}
{"Action":"fail","Package":"a","Test":"TestC","Elapsed":0}
{"Action":"fail","Package":"a","Elapsed":0.5}
{"ImportPath":"b [b.test]","Action":"build-output","Output":"# b [b.test]\n"}
{"ImportPath":"b [b.test]","Action":"build-output","Output":"b/x.go:1: undefined: y\n"}
{"ImportPath":"b [b.test]","Action":"build-fail"}
{"Action":"fail","Package":"b","Elapsed":0,"FailedBuild":"b [b.test]"}
`
	var out outcome
	out.read([]byte(text))
	want := "[a.TestC: c_test.go:1: no b: b/x.go:1: undefined: y p.TestZ p.TestB/sub: panic: test timed out after 1s]"
	if got := fmt.Sprint(out.failed); got != want || out.slowest.Seconds() != 1.5 {
		t.Errorf("%s %v, want %s", got, out.slowest, want)
	}
}

func TestCopyTree(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"a.go": "a", "sub/b": "b", ".git/config": "c", "sub/.git": "gitdir: x"} {
		file := filepath.Join(from, name)
		os.MkdirAll(filepath.Dir(file), 0o777)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(from, "sub/b"), 0o500)
	os.Symlink("a.go", filepath.Join(from, "link"))
	if err := copyTree(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	filepath.WalkDir(to, func(name string, d os.DirEntry, err error) error {
		if !d.IsDir() {
			text, _ := os.ReadFile(name)
			got[strings.TrimPrefix(name, to)] = string(text)
		}
		return err
	})
	if want := "map[/a.go:a /link:a /sub/b:b]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	c := &copyRunner{root: from, copied: to, changed: make(map[string][]byte)}
	state := func() string {
		a, _ := os.ReadFile(filepath.Join(to, "a.go"))
		n, err := os.ReadFile(filepath.Join(to, "new"))
		return fmt.Sprintf("%s %s %v", a, n, err == nil)
	}
	for _, test := range []struct {
		files map[string][]byte
		want  string
	}{
		{map[string][]byte{filepath.Join(from, "a.go"): []byte("x"), filepath.Join(from, "new"): []byte("n")}, "x n true"},
		{map[string][]byte{filepath.Join(from, "a.go"): []byte("y")}, "y  false"},
		{nil, "a  false"},
	} {
		if err := c.put(test.files); err != nil || state() != test.want {
			t.Errorf("%s, want %s (%v)", state(), test.want, err)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(from, "a.go")); string(text) != "a" {
		t.Error("the original was changed")
	}
}
