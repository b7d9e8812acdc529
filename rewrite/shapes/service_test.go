package shapes_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

const (
	serviceDir    = "../../testdata/service"
	serviceGolden = "../../testdata/service.golden.diff"

	// soon bounds how long anything that must happen may take.
	soon = 5 * time.Second
	// late is when the client and the validation service give up, so that a
	// failing test ends.
	late = 20 * time.Second
	// stall is how long a request must stay without an answer to count as
	// stalled.
	stall = 300 * time.Millisecond
)

// TestService rewrites the worked example, builds it as it was and as it
// becomes, and talks to both programs: they give the same answers, but only
// the rewritten one still answers while a validation is in flight.
func TestService(t *testing.T) {
	longtest.Skip(t, "builds two programs")
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted")
	}
	dirs := rewriteService(t)
	service := newValidation(t)
	var seen []serviceRun
	for i, dir := range dirs {
		bin := buildService(t, dir)
		name, stalls := "before", true
		if i == 1 {
			name, stalls = "after", false
		}
		t.Run(name, func(t *testing.T) {
			p := startService(t, bin, service.URL)
			var r serviceRun
			events := p.subscribe()
			r.answers = p.sequence()
			r.events = p.receive(events, 4) // one for each change in sequence
			r.answers = append(r.answers, p.stalled(service, stalls)...)
			p.hammer()
			r.answers = append(r.answers, p.do("GET", "/items", ""), p.do("GET", "/stats", ""))
			p.stop()
			r.log = p.logged()
			seen = append(seen, r)
		})
	}
	if len(seen) < 2 {
		return // a run has failed
	}
	before, after := seen[0], seen[1]
	compareLines(t, "answers", before.answers, after.answers)
	compareLines(t, "events", before.events, after.events)
	compareLines(t, "log", before.log, after.log)
}

// A serviceRun is what can be seen of one program.
type serviceRun struct {
	answers []string // one for each request: the request, the status, the body
	events  []string // sent to a subscriber
	log     []string // lines of the log file, sorted
}

func compareLines(t *testing.T, what string, before, after []string) {
	t.Helper()
	for i := range max(len(before), len(after)) {
		b, a := "nothing", "nothing"
		if i < len(before) {
			b = before[i]
		}
		if i < len(after) {
			a = after[i]
		}
		if a != b {
			t.Errorf("%s differ at %d:\nbefore: %s\nafter:  %s", what, i, b, a)
			return
		}
	}
	if len(before) == 0 {
		t.Errorf("no %s", what)
	}
}

// rewriteService copies the example twice, rewrites the second copy, and
// compares the diff with the golden one.
func rewriteService(t *testing.T) (dirs [2]string) {
	for i := range dirs {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, os.DirFS(serviceDir)); err != nil {
			t.Fatal(err)
		}
		dirs[i] = dir
	}
	res, err := load.Load(load.Config{Dir: dirs[0], Env: serviceEnv()}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Fatal(p)
	}
	var files []textedit.File
	put := false
	x := analyse.NewProgram(res.Packages, nil)
	for _, pkg := range res.Packages {
		r := rewrite.Fix(x, pkg, rewrite.Limits{Shapes: shapes.All(), MinGrade: safety.Review})
		for _, e := range r.Entries {
			t.Logf("%s: %s", e.Finding.Position(), e.Finding.Message())
			for _, refusal := range e.Refusals {
				t.Logf("\t%s refused: %v", refusal.Shape, refusal)
			}
			if d := e.Finding.Section.Unit.Decl; d != nil && d.Name.Name == "put" && e.Applied != nil {
				put = true
			}
		}
		for _, c := range r.Changes {
			rel, err := filepath.Rel(dirs[0], c.File.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dirs[1], rel), c.Content(), 0o644); err != nil {
				t.Fatal(err)
			}
			files = append(files, textedit.File{Path: filepath.ToSlash(rel), Old: c.File.Content, New: c.Content()})
		}
	}
	if !put {
		t.Fatal("put, which holds its lock during a validation, is not rewritten")
	}
	diff, err := textedit.Unified(files, 3)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(serviceGolden, diff, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(serviceGolden)
	if err != nil {
		t.Fatal(err)
	}
	if string(diff) != string(want) {
		t.Errorf("the diff is not that of %s (-update rewrites it):\n%s", serviceGolden, diff)
	}
	return dirs
}

// serviceEnv keeps the go command from seeing a workspace around the copies.
func serviceEnv() []string { return append(os.Environ(), "GOWORK=off") }

// buildService builds the program in dir, with the race detector if there is
// one here.
func buildService(t *testing.T, dir string) string {
	bin := filepath.Join(t.TempDir(), "service")
	build := func(flags ...string) ([]byte, error) {
		args := append([]string{"build", "-o", bin}, flags...)
		cmd := exec.CommandContext(t.Context(), "go", append(args, ".")...)
		cmd.Dir, cmd.Env = dir, serviceEnv()
		return cmd.CombinedOutput()
	}
	if _, err := build("-race"); err == nil {
		return bin
	}
	out, err := build()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Log("built without the race detector")
	return bin
}

// A validation is the external service. What it answers depends on the name of
// the item; an item called "held" is kept waiting until the test lets it go.
type validation struct {
	*httptest.Server
	entered, release chan struct{}
}

func newValidation(t *testing.T) *validation {
	v := &validation{entered: make(chan struct{}), release: make(chan struct{})}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var item struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&item); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		switch item.Name {
		case "rejected":
			io.WriteString(w, `{"ok": false, "reason": "out of fashion"}`)
		case "broken":
			http.Error(w, "broken", http.StatusInternalServerError)
		case "garbled":
			io.WriteString(w, "no JSON")
		case "held":
			for _, c := range []chan struct{}{v.entered, v.release} {
				select {
				case c <- struct{}{}:
				case <-r.Context().Done():
				case <-time.After(late):
				}
			}
			fallthrough
		default:
			io.WriteString(w, `{"ok": true}`)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

// A serviceProcess is a running program.
type serviceProcess struct {
	t       *testing.T
	client  *http.Client
	cmd     *exec.Cmd
	url     string
	logFile string
	exited  chan error // receives the result of Wait once

	mu     sync.Mutex
	stderr strings.Builder
}

func startService(t *testing.T, bin, validator string) *serviceProcess {
	p := &serviceProcess{
		t:       t,
		client:  &http.Client{Timeout: late, Transport: &http.Transport{}},
		logFile: filepath.Join(t.TempDir(), "items.log"),
		exited:  make(chan error, 1),
	}
	p.cmd = exec.CommandContext(t.Context(), bin,
		"-addr", "127.0.0.1:0", "-validator", validator, "-timeout", "1m", "-log", p.logFile)
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() }) // in case the test fails before stop
	listening := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.stderr, lines.Text())
			p.mu.Unlock()
			if _, addr, ok := strings.Cut(lines.Text(), "listening on "); ok {
				listening <- addr
			}
		}
		p.exited <- p.cmd.Wait()
	}()
	select {
	case addr := <-listening:
		p.url = "http://" + addr
	case err := <-p.exited:
		t.Fatalf("the program ends: %v\n%s", err, p.messages())
	case <-time.After(late):
		t.Fatalf("the program does not listen\n%s", p.messages())
	}
	return p
}

// messages returns what the program has written to its standard error.
func (p *serviceProcess) messages() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// do sends a request and describes the answer. It may be called from any
// goroutine.
func (p *serviceProcess) do(method, path, body string) string {
	req, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return ""
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
		return ""
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
	}
	return fmt.Sprintf("%s %s %s: %d %s", method, path, body, resp.StatusCode, data)
}

// subscribe returns the lines of the event stream.
func (p *serviceProcess) subscribe() <-chan string {
	resp, err := (&http.Client{Transport: p.client.Transport}).Get(p.url + "/events")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { resp.Body.Close() })
	lines := make(chan string, 10_000) // more than ever come
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if s.Text() != "" {
				lines <- s.Text()
			}
		}
	}()
	return lines
}

// receive takes n events.
func (p *serviceProcess) receive(events <-chan string, n int) []string {
	var out []string
	for range n {
		select {
		case e, ok := <-events:
			if !ok {
				p.t.Fatalf("the events end after %d of %d", len(out), n)
			}
			out = append(out, e)
		case <-time.After(soon):
			p.t.Fatalf("only %d of %d events come", len(out), n)
		}
	}
	return out
}

// sequence sends one request after the other, and checks the statuses.
func (p *serviceProcess) sequence() []string {
	var out []string
	for _, r := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/items/a", `{"name": "apple", "price": 3}`, http.StatusCreated},
		{"PUT", "/items/a", `{"name": "apple", "price": 4}`, http.StatusOK},
		{"PUT", "/items/b", `{"name": "bread", "tags": ["x", "y"]}`, http.StatusCreated},
		{"GET", "/items/a", "", http.StatusOK},
		{"GET", "/items/z", "", http.StatusNotFound},
		{"PUT", "/items/a", `{"name": "rejected"}`, http.StatusUnprocessableEntity},
		{"PUT", "/items/c", `{"name": "rejected"}`, http.StatusUnprocessableEntity},
		{"PUT", "/items/d", `{"name": "broken"}`, http.StatusBadGateway},
		{"PUT", "/items/e", `{"name": "garbled"}`, http.StatusBadGateway},
		{"PUT", "/items/f", `{"name": `, http.StatusBadRequest},
		{"GET", "/items", "", http.StatusOK},
		{"DELETE", "/items/b", "", http.StatusNoContent},
		{"DELETE", "/items/b", "", http.StatusNotFound},
		{"GET", "/items", "", http.StatusOK},
		{"GET", "/stats", "", http.StatusOK},
		{"DELETE", "/stats", "", http.StatusNoContent},
		{"GET", "/stats", "", http.StatusOK},
	} {
		answer := p.do(r.method, r.path, r.body)
		if want := fmt.Sprintf("%s %s %s: %d ", r.method, r.path, r.body, r.status); !strings.HasPrefix(answer, want) {
			p.t.Errorf("%s\nwant %s", answer, want)
		}
		out = append(out, answer)
	}
	return out
}

// stalled reads an item while the validation of another one is in flight, and
// checks whether the answer has to wait for it.
func (p *serviceProcess) stalled(v *validation, stalls bool) []string {
	put, got := make(chan string, 1), make(chan string, 1)
	go func() { put <- p.do("PUT", "/items/h", `{"name": "held"}`) }()
	select {
	case <-v.entered:
	case a := <-put:
		p.t.Fatalf("no validation is seen, but there is an answer: %s", a)
	}
	go func() { got <- p.do("GET", "/items/a", "") }()
	limit := soon
	if stalls {
		limit = stall
	}
	select {
	case a := <-got:
		got <- a
		if stalls {
			p.t.Error("the read is answered while a validation is in flight: the example shows nothing")
		}
	case <-time.After(limit):
		if !stalls {
			p.t.Error("the read still waits for the validation in flight")
		}
	}
	select {
	case <-v.release:
	case <-time.After(soon):
		p.t.Error("the validation service has given up")
	}
	return []string{<-got, <-put} // both arrive, or the client times out
}

// hammer sends requests from several goroutines at once. They keep to items of
// their own, so that the outcome is always the same.
func (p *serviceProcess) hammer() {
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := range 8 {
				path := fmt.Sprintf("/items/%d-%d", g, i)
				name := []string{"fine", "fine", "rejected", "broken"}[i%4]
				p.do("PUT", path, fmt.Sprintf(`{"name": %q, "price": %d}`, name, i))
				p.do("GET", path, "")
				p.do("GET", "/items", "")
				p.do("GET", "/stats", "")
				if i%4 == 1 {
					p.do("DELETE", path, "")
				}
			}
		})
	}
	wg.Wait()
}

// stop interrupts the program and waits for its end.
func (p *serviceProcess) stop() {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		if err != nil {
			p.t.Errorf("the program ends with %v", err)
		}
	case <-time.After(late):
		p.t.Fatalf("the program does not end\n%s", p.messages())
	}
	messages := p.messages()
	if strings.Contains(messages, "DATA RACE") || strings.Contains(messages, "panic") || !strings.Contains(messages, "shutting down") {
		p.t.Errorf("the program says:\n%s", messages)
	}
}

// logged returns the lines of the program's log file, sorted.
func (p *serviceProcess) logged() []string {
	data, err := os.ReadFile(p.logFile)
	if err != nil {
		p.t.Fatal(err)
	}
	return slices.Sorted(strings.Lines(string(data)))
}
