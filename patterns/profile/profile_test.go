package profile_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/letgo-dev/letgo/internal/proftest"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/locks"
	. "github.com/letgo-dev/letgo/patterns/profile"
	"github.com/letgo-dev/letgo/patterns/waits"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "update the expected output")

// TestLocate assigns the samples in testdata/profile/*.txtar to sections. Each file has a module,
// profiles as text (see package proftest), and the expected delays of its sections.
func TestLocate(t *testing.T) {
	names, err := filepath.Glob("../../testdata/profile/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := located(t, ar)
			for i, f := range ar.Files {
				if f.Name == "want" && string(f.Data) != got {
					if *update {
						ar.Files[i].Data = []byte(got)
						if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
							t.Fatal(err)
						}
						return
					}
					t.Errorf("got\n%s\nwant\n%s", got, f.Data)
				}
			}
		})
	}
}

// located returns a text with the delays of the sections of a test case.
func located(t *testing.T, ar *txtar.Archive) string {
	dir := t.TempDir()
	var profiles []*Profile
	for _, f := range ar.Files {
		name := filepath.Join(dir, f.Name)
		text, isProfile := strings.CutSuffix(f.Name, ".txt")
		data := f.Data
		if isProfile {
			var err error
			if data, err = proftest.Encode(string(f.Data)); err != nil {
				t.Fatal(text, err)
			}
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if isProfile {
			p, err := Read(name)
			if err != nil {
				t.Fatal(f.Name, err)
			}
			profiles = append(profiles, p)
		}
	}
	res, err := load.Load(load.Config{Dir: dir}, "./...")
	if err != nil || len(res.Problems) > 0 {
		t.Fatal(err, res.Problems)
	}
	x := analyse.NewProgram(res.Packages, nil)
	d := Locate(x, profiles)
	var b strings.Builder
	place := func(s *locks.Section) string {
		p := s.Position()
		return fmt.Sprintf("%s:%d %s", strings.TrimPrefix(filepath.ToSlash(p.Filename), filepath.ToSlash(dir)+"/"), p.Line, s.Lock)
	}
	found := find.All(x, waits.Options{})
	d.Attach(found)
	for _, f := range found {
		if f.Delay != nil {
			fmt.Fprintf(&b, "%s: %s\n", place(f.Section), f.Delay)
		}
	}
	for _, m := range d.Missed(x, func(*finding.Delay) bool { return true }) {
		fmt.Fprintf(&b, "not found: %s: %s\n  stack: %s\n", place(m.Section), m.Delay, m.Short())
		if m.Function != "" {
			fmt.Fprintf(&b, "  table: %s %s\n", m.Function, m.Kind)
		}
		if m.Category != "" {
			fmt.Fprintf(&b, "  off: %s\n", m.Category)
		}
	}
	fmt.Fprintf(&b, "released: elsewhere %v, gone %v, in tests %v\nlocked: elsewhere %v, gone %v, in tests %v\n",
		d.Released.Elsewhere.Time, d.Released.Gone.Time, d.Released.Tests.Time, d.Locked.Elsewhere.Time, d.Locked.Gone.Time, d.Locked.Tests.Time)
	return b.String()
}

// TestReadWrong reads files that are not profiles of waits, and checks that each error says what is
// wrong.
func TestReadWrong(t *testing.T) {
	good, err := proftest.Encode("1s 1\n  sync.(*Mutex).Unlock sync/mutex.go:65 64\n")
	if err != nil {
		t.Fatal(err)
	}
	of := func(types ...string) []byte {
		p := &profile.Profile{}
		for _, t := range types {
			p.SampleType = append(p.SampleType, &profile.ValueType{Type: t, Unit: "count"})
		}
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range MaxProfile>>20 + 1 {
		z.Write(zeros)
	}
	z.Close()
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"source", []byte("package p\n"), "neither a profile nor a trace"},
		{"text", []byte("--- mutex:\ncycles/second=1\n"), "without ?debug=1"},
		{"cpu", of("samples", "cpu"), "it is a CPU profile: want a mutex or block profile"},
		{"heap", of("alloc_space", "inuse_space"), "it is a memory profile"},
		{"goroutine", of("goroutine"), "it is a goroutine profile"},
		{"units", of("contentions", "delay"), "its delays are in count"},
		{"cut off", good[:len(good)/2], "it is damaged or not complete"},
		{"gzip of nothing", []byte{0x1f, 0x8b, 0}, "it is damaged"},
		{"bomb", bomb.Bytes(), "uncompressed"},
		{"trace", []byte("go 1.26 trace\x00\x00\x00\x01\x02\x03"), "the trace is damaged or not complete"},
		{"old trace", []byte("go 1.999 trace\x00\x00\x00"), "the trace cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(name, test.data, 0o666); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(name); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
}

// FuzzRead checks that Read does not crash on any file and that its errors are one printable line.
func FuzzRead(f *testing.F) {
	good, err := proftest.Encode("1s 1\n  sync.(*Mutex).Unlock sync/mutex.go:65 64\n")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	z, err := gzip.NewReader(bytes.NewReader(good))
	if err != nil {
		f.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add([]byte("go 1.26 trace\x00\x00\x00\x01\x02\x03"))
	f.Add([]byte("--- mutex:\n"))
	name := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(name); err != nil && strings.ContainsAny(err.Error(), "\n\x00\x1b") {
			t.Errorf("%q", err.Error())
		}
	})
}

// TestReadTrace reads a trace of goroutines that wait for a lock and a channel.
func TestReadTrace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "trace")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := trace.Start(f); err != nil {
		t.Skip(err) // go test -trace
	}
	var mu sync.Mutex
	ch := make(chan int)
	for range 3 {
		go holdLock(&mu, ch)
		go holdLock(&mu, ch)
		time.Sleep(5 * time.Millisecond) // one waits for the channel, the other for the lock
		ch <- 1
		ch <- 2
	}
	trace.Stop()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		samples []*Sample
		inner   string
	}{
		{p.Released, "sync.(*Mutex).Unlock"}, {p.Waited, "sync.(*Mutex).Lock"}, {p.Waited, "runtime.chanrecv1"},
	} {
		found := false
		for _, s := range test.samples {
			if strings.HasPrefix(s.Stack[0].Func, test.inner) && len(s.Stack) > 1 && strings.HasSuffix(s.Stack[1].Func, ".holdLock") {
				found = found || s.Time >= 3*time.Millisecond && s.Count > 0
			}
		}
		if !found {
			t.Errorf("no delay of holdLock in %s", test.inner)
			for _, s := range test.samples {
				t.Log(s.Time, s.Count, s.Stack[0].Func, s.Stack[min(1, len(s.Stack)-1)].Func)
			}
		}
	}
}

//go:noinline
func holdLock(mu *sync.Mutex, ch chan int) {
	mu.Lock()
	<-ch
	mu.Unlock()
}
