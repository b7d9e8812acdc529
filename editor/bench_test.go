package editor_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/editor/lsptest"
)

// BenchmarkEdit measures what the user waits for, of letgo and of gopls: from a
// key stroke to the findings of the new text, which includes the delay that a
// server leaves for the next key stroke, and from the request for code actions
// to the answer. Between edits it pauses for a second. It also tells how long the
// server's process works for each edit, which says more on a busy machine, and
// the memory that it takes right after the last edit and some seconds later. It
// types into net/http of the standard library and into a package of 140,000 lines
// that it writes, or into the file that the environment variable LETGO_BENCH
// names. For figures worth comparing:
//
//	go test ./editor -run '^$' -bench Edit -benchtime 40x
func BenchmarkEdit(b *testing.B) {
	files := map[string]func(*testing.B) string{
		"net-http":  func(*testing.B) string { return filepath.Join(runtime.GOROOT(), "src/net/http/server.go") },
		"generated": generated,
	}
	if file := os.Getenv("LETGO_BENCH"); file != "" {
		files = map[string]func(*testing.B) string{filepath.Base(filepath.Dir(file)): func(*testing.B) string { return file }}
	}
	letgo := filepath.Join(b.TempDir(), "letgo")
	if out, err := exec.Command("go", "build", "-o", letgo, "../cmd/letgo").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b.Run(name+"/letgo", func(b *testing.B) { benchmarkServer(b, files[name](b), "letgo", letgo, "lsp") })
		b.Run(name+"/gopls", func(b *testing.B) {
			gopls := lsptest.Program(b, "gopls", "go install golang.org/x/tools/gopls@"+lsptest.Gopls)
			benchmarkServer(b, files[name](b), "assign", gopls)
		})
	}
}

// pause is how long the user looks at the answer before typing on. Both servers
// go on working for a while after it.
const pause = time.Second

// atRest is how long after the last edit memory is measured once more.
const atRest = 8 * time.Second

// spare has one finding for each server: of letgo's, and of gopls' analyser
// "assign". It ends the file, and moves with every edit.
const spare = `
type spare struct { mu sync.Mutex; n int; c chan int }
func (s *spare) get() int { s.mu.Lock(); defer s.mu.Unlock(); return s.n }
func (s *spare) wait() { s.mu.Lock(); s.n += <-s.c; s.n++; s.mu.Unlock() }
func (s *spare) set(x int) { x = x }
`

// benchmarkServer types into a file, and waits for the diagnostic of the given
// source in the line to which the edit has moved it.
func benchmarkServer(b *testing.B, file, source string, command ...string) {
	text := read(b, file)
	c, pid := process(b, command...)
	c.Initialize(moduleOf(file), lsptest.Full())
	c.Open(file, text+spare)
	last := strings.Count(text+spare, "\n") - 1
	end := lsptest.PositionOf(text, len(text))
	moved := func(line int) func([]lsptest.Diagnostic) bool {
		return func(list []lsptest.Diagnostic) bool {
			return slices.ContainsFunc(list, func(d lsptest.Diagnostic) bool {
				return d.Source == source && line-d.Range.Start.Line <= 1 && d.Range.Start.Line <= line
			})
		}
	}
	c.DiagnosedUntil(file, 1, moved(last))
	time.Sleep(time.Second)
	var finding, action []time.Duration
	worked := processorTime(pid)
	version := 1
	for b.Loop() {
		version++
		t := time.Now()
		c.Edit(file, version, lsptest.Point(end), fmt.Sprintf("\n// %d\n", version))
		diags := c.DiagnosedUntil(file, version, moved(last+2*(version-1)))
		finding = append(finding, time.Since(t))
		at := diags[version%len(diags)].Range
		t = time.Now()
		if _, err := c.Actions(file, at); err != nil {
			b.Fatal(err)
		}
		action = append(action, time.Since(t))
		time.Sleep(pause)
	}
	b.ReportMetric(0, "ns/op")
	report := func(name string, list []time.Duration) {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-ms")
		b.ReportMetric(float64(list[(len(list)-1)*95/100].Microseconds())/1000, name+"-p95-ms")
	}
	report("finding", finding)
	report("action", action)
	b.ReportMetric(float64((processorTime(pid)-worked).Milliseconds())/float64(version-1), "cpu-ms/edit")
	b.ReportMetric(memory(b, pid), "MB")
	time.Sleep(atRest)
	b.ReportMetric(memory(b, pid), "MB-at-rest")
}

// processorTime returns how long a process has worked, on Linux.
func processorTime(pid int) time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // a tick, see proc(5)
}

// process starts a server as a process of its own.
func process(b *testing.B, command ...string) (*lsptest.Client, int) {
	b.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	if os.Getenv("LETGO_DEBUG") != "" {
		cmd.Args = append(cmd.Args, "-debug")
		cmd.Stderr = os.Stderr
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return lsptest.New(b, out, in), cmd.Process.Pid
}

// memory returns the resident memory of a process, in MB.
func memory(b *testing.B, pid int) float64 {
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		b.Fatal(err)
	}
	kb, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1024
}

// moduleOf returns the directory that an editor would have open.
func moduleOf(file string) string {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
	}
}

// generated writes a module with one package of 140,000 lines, and returns the
// name of one of its files.
func generated(b *testing.B) string {
	files := make(map[string]string)
	for i := range 100 {
		var s strings.Builder
		s.WriteString("package big\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"sync\"\n)\n")
		fmt.Fprintf(&s, "\ntype store%d struct {\n\tmu sync.Mutex\n\titems map[string]int\n\tbase string\n}\n", i)
		for j := range 87 {
			fmt.Fprintf(&s, `
func (s *store%[1]d) get%[2]d(name string) (int, error) {
	s.mu.Lock()
	n, ok := s.items[name]
	s.mu.Unlock()
	if ok {
		return n, nil
	}
	resp, err := http.Get(fmt.Sprintf("%%s/%%s/%%d", s.base, name, %[2]d))
	if err != nil {
		return 0, err
	}
	return s.get%[3]d(resp.Status)
}
`, i, j, (j+1)%87)
		}
		files[fmt.Sprintf("f%d.go", i)] = s.String()
	}
	return filepath.Join(module(b, files), "f50.go")
}
