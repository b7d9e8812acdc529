package shapes_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// A kernel is one of the known bugs that come with Go: the core of a deadlock that was
// found and fixed in a well-known project. The set is GoKer, of "GoBench: A Benchmark Suite
// of Real-World Go Concurrency Bugs"; the tests of the runtime use it for the profile of
// leaked goroutines.
type kernel struct {
	name  string // of the file
	entry string // the function that runs it
	fn    string // the function whose section is the bug, as patterns.Unit names it
	lock  bool   // the wait is for a lock, so its category is requested

	// slow is a line, outside of that function, after which the kernel is made to
	// sleep when it runs, before and after: without that the bug hardly ever shows.
	slow string

	// What letgo has to do with it; neither says: it has to be found.
	repair bool
	refuse safety.Condition
	shape  string // the shape that must say so; "": any
}

// kernels are those of the set in which a mutex is held while its holder blocks
// on something other than that mutex.
var kernels = []kernel{
	{name: "cockroach1055", entry: "Cockroach1055", fn: "(*Stopper_cockroach1055).Stop", slow: "\tif atomic.LoadInt32(&s.draining) == 0 {\n", repair: true},
	{name: "etcd6873", entry: "Etcd6873", fn: "(*watchBroadcasts_etcd6873).stop", repair: true},
	{name: "etcd7492", entry: "Etcd7492", fn: "(*tokenSimple_etcd7492).assignSimpleTokenToUser"},
	{name: "etcd7902", entry: "Etcd7902", fn: "doRounds_etcd7902.func1"},
	{name: "grpc1460", entry: "Grpc1460", fn: "(*http2Client_grpc1460).keepalive"},
	{name: "hugo3251", entry: "Hugo3251", fn: "(*remoteLock_hugo3251).URLLock", lock: true, repair: true},
	{name: "istio16224", entry: "Istio16224", fn: "Istio16224.func2.func1", repair: true},
	{name: "istio17860", entry: "Istio17860", fn: "(*agent_istio17860).Restart"},
	{name: "kubernetes10182", entry: "Kubernetes10182", fn: "(*statusManager_kubernetes10182).SetPodStatus"},
	{name: "kubernetes11298", entry: "Kubernetes11298", fn: "(*notifier_kubernetes11298).serviceLoop"},
	{name: "kubernetes1321", entry: "Kubernetes1321", fn: "(*Mux_kubernetes1321).distribute", refuse: safety.S7, shape: "snapshot"},
	{name: "kubernetes26980", entry: "Kubernetes26980", fn: "(*processorListener_kubernetes26980).pop", repair: true},
	{name: "kubernetes58107", entry: "Kubernetes58107", fn: "(*ResourceQuotaController_kubernetes58107).worker.func1", repair: true},
	{name: "kubernetes6632", entry: "Kubernetes6632", fn: "(*idleAwareFramer_kubernetes6632).WriteFrame", refuse: safety.S7},
	{name: "moby28462", entry: "Moby28462", fn: "(*Daemon_moby28462).StateChanged"},
	{name: "moby4951", entry: "Moby4951", fn: "(*DeviceSet_moby4951).DeleteDevice", lock: true, refuse: safety.S13},
	{name: "serving2137", entry: "Serving2137", fn: "(*Breaker_serving2137).concurrentRequest", refuse: safety.S11},
}

// TestKernels looks for the known bugs that come with Go, and repairs them. The report on
// each is pinned for one release, as in [TestStd]; what must be said about some is checked
// for every release. Those that are rewritten run before and after if long tests are
// wanted: no goroutine may be stuck at a lock afterwards.
func TestKernels(t *testing.T) {
	sources := readKernels(t)
	files := make(map[string][]byte)
	for _, k := range kernels {
		files[k.name+"/"+k.name+".go"] = sources[k.name]
		files[k.name+"/main.go"] = []byte(kernelMain)
	}
	packages := loadModule(t, files)
	after := make(map[string][]byte)
	var said bytes.Buffer
	for _, k := range kernels {
		t.Run(k.name, func(t *testing.T) {
			r := k.rewrite(packages[k.name])
			fmt.Fprintf(&said, "%s\n%s\n", k.name, kernelReport(packages[k.name], r))
			k.check(t, packages[k.name], r)
			for _, c := range r.Changes {
				after[k.name] = c.Content()
			}
		})
	}
	pinKernels(t, said.Bytes())
	t.Run("run", func(t *testing.T) {
		longtest.Skip(t, "builds and runs programs")
		runKernels(t, sources, after)
	})
}

// readKernels reads the kernels from where Go is installed.
func readKernels(t *testing.T) map[string][]byte {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "src", "runtime", "testdata", "testgoroutineleakprofile", "goker")
	sources := make(map[string][]byte)
	for _, k := range kernels {
		data, err := os.ReadFile(filepath.Join(dir, k.name+".go"))
		if err != nil {
			t.Skipf("the kernels that come with Go are not there: %v", err)
		}
		sources[k.name] = data
	}
	return sources
}

// rewrite carries out the best plan for every finding of the kernel.
func (k kernel) rewrite(p *patterns.Package) *rewrite.Result {
	l := limits(shapes.All()...)
	for _, c := range blocking.Categories() {
		if c.Default || k.lock && c.Name == "lock" {
			l.Categories = append(l.Categories, c.Name)
		}
	}
	return rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, l)
}

// check compares what letgo says of the bug with what it has to say.
func (k kernel) check(t *testing.T, p *patterns.Package, r *rewrite.Result) {
	found, refused := false, false
	for _, e := range r.Entries {
		for _, v := range e.Plans {
			checkObligations(t, v.Plan)
		}
		if e.Finding.Section.Unit.Name() != k.fn {
			continue
		}
		found = true
		refused = refused || slices.ContainsFunc(e.Refusals, func(f *safety.Refusal) bool {
			return f.Condition == k.refuse && (k.shape == "" || k.shape == f.Shape)
		})
		switch {
		case k.repair && e.Applied == nil:
			t.Errorf("it is not repaired\n%s", report(p, r))
		case k.refuse != "" && len(e.Plans) > 0:
			t.Errorf("it is not refused for %s\n%s", k.refuse, report(p, r))
		}
	}
	if _, there := shapes.Named(k.shape); k.refuse != "" && !refused && (k.shape == "" || there) {
		t.Errorf("it is not refused for %s\n%s", k.refuse, report(p, r))
	}
	if !found {
		t.Errorf("the section of %s is not found\n%s", k.fn, report(p, r))
	}
}

// kernelReport is [report] with the function, the verdict and the operations of
// each finding, and the shape that was carried out; refusals only of what no
// shape repairs.
func kernelReport(p *patterns.Package, r *rewrite.Result) []byte {
	var b bytes.Buffer
	for _, e := range r.Entries {
		f := e.Finding
		fmt.Fprintf(&b, "%d %s %s: %s\n", f.Position().Line, f.Section.Unit.Name(), f.Verdict.Judgement, f.Message())
		for _, v := range e.Plans {
			fmt.Fprintf(&b, "\t%s %s", v.Plan.Shape, v.Plan.Grade())
			if v.Plan == e.Applied || e.Applied != nil && v.Plan.Shape == e.Applied.Shape {
				b.WriteString(" applied")
			}
			for _, o := range v.Plan.Assumptions() {
				fmt.Fprintf(&b, "\n\t\t%s %s", o.Condition, o.Text)
			}
			b.WriteByte('\n')
		}
		said := make(map[string]bool)
		for _, f := range e.Refusals {
			if len(e.Plans) > 0 || f.Condition == "" || said[f.Error()] {
				continue // what the other shapes say adds nothing
			}
			said[f.Error()] = true
			fmt.Fprintf(&b, "\trefused: %s\n", f.Error())
		}
	}
	return b.Bytes()
}

// pinKernels compares the report on all kernels with the golden file of this release.
func pinKernels(t *testing.T, got []byte) {
	t.Helper()
	release, _, _ := strings.Cut(runtime.Version(), " ")
	golden := filepath.Join("..", "..", "testdata", "corpus", "kernels-"+release+".txt")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Logf("nothing is pinned for %s; go test ./rewrite/shapes -run TestKernels -update does that", release)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("what is said of the kernels has changed; if that is meant, run with -update.\ngot:\n%s\nwant:\n%s", got, want)
	}
}

// kernelMain runs one kernel and prints how many goroutines are stuck in the
// end, by what they wait for. It waits until nothing moves any more, or for four
// seconds: then what has not moved for the last half second counts. The kernels
// ask for a profile that is an experiment, and may panic where it is not there.
const kernelMain = `package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

var kernels = make(map[string]func())

func register(name string, f func()) { kernels[name] = f }

func main() {
	devNull, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	out := os.Stdout
	os.Stdout = devNull // where the profile goes
	func() {
		defer func() { _ = recover() }()
		kernels[os.Args[1]]()
	}()
	for range 8 { // until nothing moves
		if len(still()) == len(states()) {
			break
		}
	}
	locks, others := 0, 0
	for _, state := range still() {
		if strings.Contains(state, "Mutex") {
			locks++
		} else {
			others++
		}
	}
	fmt.Fprintf(out, "locks %d others %d\n", locks, others)
}

// still lists the goroutines that wait at the same place for half a second.
func still() map[string]string {
	was := states()
	time.Sleep(500 * time.Millisecond)
	now := states()
	for id, state := range was {
		if now[id] != state || state == "" {
			delete(was, id)
		}
	}
	return was
}

// states lists all goroutines but the main one, with what they wait for, if they
// wait.
func states() map[string]string {
	buf := make([]byte, 64<<20)
	buf = buf[:runtime.Stack(buf, true)]
	out := make(map[string]string)
	for i, g := range strings.Split(string(buf), "\n\n") {
		head, _, _ := strings.Cut(g, "\n")
		id, state, _ := strings.Cut(head, " [")
		state = strings.TrimSuffix(state, "]:")
		state, _, _ = strings.Cut(state, ",")
		switch {
		case i == 0:
		case state == "running" || state == "runnable" || state == "sleep":
			out[id] = ""
		default:
			out[id] = state
		}
	}
	return out
}
`

// runKernels runs the kernels that are rewritten, before and after. Whether a
// bug shows is a matter of luck: so before, a few runs are made until it does,
// and that none does is only noted. Afterwards no run may be stuck at a lock.
func runKernels(t *testing.T, sources, after map[string][]byte) {
	t.Helper()
	if len(after) == 0 {
		return
	}
	dir := t.TempDir()
	files := map[string][]byte{"go.mod": []byte("module kernels\n\ngo 1.26\n")}
	for _, part := range []string{"before", "after"} {
		files[part+"/all/main.go"] = []byte(kernelMain)
		for name, data := range sources {
			if part == "after" && after[name] != nil {
				data = after[name]
			}
			files[part+"/all/"+name+".go"] = data
		}
		for _, k := range kernels {
			name := part + "/all/" + k.name + ".go"
			if n := bytes.Count(files[name], []byte(k.slow)); k.slow != "" && n != 1 {
				t.Fatalf("%s has %q %d times", k.name, k.slow, n)
			}
			if k.slow != "" {
				files[name] = bytes.Replace(files[name], []byte(k.slow), []byte(k.slow+"\t\ttime.Sleep(time.Millisecond)\n"), 1)
			}
		}
	}
	writeFiles(t, dir, files)
	for _, part := range []string{"before", "after"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", part+exe()), "./"+part+"/all")
		cmd.Dir, cmd.Env = dir, goEnv()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", part, err, out)
		}
	}
	for _, k := range kernels {
		if after[k.name] == nil {
			continue
		}
		t.Run(k.name+"/run", func(t *testing.T) {
			t.Parallel()
			before := runKernel(t, filepath.Join(dir, "bin", "before"+exe()), k.entry, 3, func(r stuck) bool { return r.locks > 0 })
			now := runKernel(t, filepath.Join(dir, "bin", "after"+exe()), k.entry, 1, func(r stuck) bool { return r.locks > 0 })
			t.Logf("stuck before: %v; after: %v", before, now)
			if now.locks > 0 {
				t.Errorf("%d goroutines are stuck at a lock\n%s", now.locks, after[k.name])
			}
		})
	}
}

// stuck counts the goroutines that never proceed.
type stuck struct{ locks, others int }

func (s stuck) String() string { return fmt.Sprintf("%d at a lock, %d elsewhere", s.locks, s.others) }

// runKernel runs a kernel up to n times, until what it is stuck at is as asked
// for, and returns the last count.
func runKernel(t *testing.T, program, entry string, n int, until func(stuck) bool) stuck {
	t.Helper()
	var s stuck
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		out, err := exec.CommandContext(ctx, program, entry).Output()
		cancel()
		if err != nil {
			t.Fatalf("%s: %v\n%s", entry, err, out)
		}
		if _, err := fmt.Sscanf(string(out), "locks %d others %d", &s.locks, &s.others); err != nil {
			t.Fatalf("%s prints %q: %v", entry, out, err)
		}
		if until(s) {
			break
		}
	}
	return s
}
