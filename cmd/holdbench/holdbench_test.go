package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/pprof/profile"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// TestServers builds the four servers, checks that they are right, and puts
// every kind of load on them for a moment. It looks at no time.
func TestServers(t *testing.T) {
	longtest.Skip(t, "builds servers")
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted")
	}
	ctx := t.Context()
	root, err := moduleRoot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	log := logf(t)
	b := &builder{root: root, dir: t.TempDir(), log: log}
	vs, err := b.build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	broken := breakServer(t, b)
	o, err := parseOptions([]string{"-o", t.TempDir(), "-clients", "8", "-delay", "fixed=2ms", "-length", "200ms", "-hang", "500ms", "-rates", "50,200", "-profile"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	r := newReport(vs)
	if err := r.check(ctx, b, vs, o, log); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		for _, p := range c.Problems {
			t.Errorf("%s: %s", c.Server, p)
		}
		if c.Answers != 480 || c.History < 480 || c.HungReads == 0 || c.Waiters == 0 {
			t.Errorf("%s: not everything is checked: %+v", c.Server, c)
		}
	}
	k := &checker{clients: 4, ops: 20, seed: o.seed}
	if err := k.reference(ctx, vs[0]); err != nil {
		t.Fatal(err)
	}
	bad := &checked{Server: "letgo"}
	log("checking a broken one")
	k.check(ctx, broken, bad)
	// That no order of the requests explains the answers shows only if clients
	// happen to meet; TestModel holds that it is noticed.
	for _, want := range []string{"differ", "after a client has gone: the cache is not whole", "after a panic in the validation client: the cache is not whole"} {
		if !strings.Contains(strings.Join(bad.Problems, "\n"), want) {
			t.Errorf("a server that stores what is not validated passes: no %q in %q", want, bad.Problems)
		}
	}
	if err := r.measure(ctx, vs, o, log); err != nil {
		t.Fatal(err)
	}
	checkReport(t, r, o)
	held, all := delayOfPut(t, o, "held")
	if held < all/10*9 {
		t.Errorf("%v of %v mutex delay is of the handler that holds the lock, want more than 90 %%", held, all)
	}
	if letgo, _ := delayOfPut(t, o, "letgo"); letgo > held/5 {
		t.Errorf("%v of mutex delay is of the handler that letgo has rewritten, and it was %v", letgo, held)
	}
}

// delayOfPut returns the mutex delay under the first load, and how much of it the
// handler's sections have caused.
func delayOfPut(t *testing.T, o *options, server string) (put, all time.Duration) {
	t.Helper()
	f, err := os.Open(filepath.Join(o.out, server+"-distinct.mutex.pprof"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	prof, err := profile.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range prof.Sample {
		delay := time.Duration(s.Value[1])
		all += delay
		if stack := frames(s); len(stack) > 1 && stack[1] == "main.(*Server).put" {
			put += delay
		}
	}
	return put, all
}

// logf says when something happens.
func logf(t *testing.T) func(string, ...any) {
	begin := time.Now()
	return func(format string, args ...any) {
		t.Logf("%.1fs %s", time.Since(begin).Seconds(), fmt.Sprintf(format, args...))
	}
}

// breakServer builds a server that overwrites an item before it is validated.
func breakServer(t *testing.T, b *builder) *variant {
	t.Helper()
	dir := filepath.Join(b.dir, "broken")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(b.dir, "letgo"))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "server.go")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const line = "\ts.stats.Attempts++"
	if !bytes.Contains(text, []byte(line)) {
		t.Fatalf("no line %q in %s", line, name)
	}
	text = bytes.Replace(text, []byte(line), []byte("\tif _, ok := s.items[item.ID]; ok {\n\t\ts.items[item.ID] = item\n\t}\n"+line), 1)
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	v := &variant{name: "broken", checkBin: filepath.Join(b.dir, "broken.server")}
	if err := b.command(t.Context(), dir, "go", "build", "-ldflags=-w", "-o", v.checkBin, "."); err != nil {
		t.Fatal(err)
	}
	return v
}

// checkReport checks that the figures of every server under every load are there,
// and that all the outputs have them.
func checkReport(t *testing.T, r *report, o *options) {
	// A busy machine may answer nothing within so short a time under one load.
	for _, v := range variants {
		var writes, reads int64
		var wait float64
		for _, m := range r.Loads {
			f := m.of(v.name)
			if f == nil {
				if m.Load.Rate == 0 {
					t.Errorf("%s: no figures of %s", m.Load.Name, v.name)
				}
				continue
			}
			writes, reads, wait = writes+f.Writes.Count, reads+f.Reads.Count, wait+f.LockWait
			if f.Writes.P999 < f.Writes.P50 || f.Reads.Count > 0 && m.Load.Reads == 0 || f.Wrong != 0 {
				t.Errorf("%s: figures of %s: %+v", m.Load.Name, v.name, f)
			}
		}
		if writes == 0 || reads == 0 || wait == 0 && holds(v.name) {
			t.Errorf("%s: %d writes, %d reads, %v ms of waiting for the lock", v.name, writes, reads, wait)
		}
	}
	var out bytes.Buffer
	if err := r.write(o.out, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Closed loop, 8 clients (distinct)", "Open loops", "letgo", "times that of context-lock"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	data, err := os.ReadFile(filepath.Join(o.out, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var again report
	if err := json.Unmarshal(data, &again); err != nil || len(again.Loads) != len(r.Loads) || again.Loads[0].Load.Delay != o.delay {
		t.Errorf("results.json: %v\n%s", err, data)
	}
	f, err := os.Open(filepath.Join(o.out, "latency.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.DecodeConfig(f); err != nil || img.Width < 1000 {
		t.Errorf("latency.png: %v %+v", err, img)
	}
}

func TestDelay(t *testing.T) {
	for _, text := range []string{
		"fixed=10ms", "lognormal=10ms/0.5", "fixed=0s,errors=100%", "lognormal=1s/0.25,stragglers=2s@1%,errors=2.5%",
	} {
		var d delay
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != text {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "10ms", "fixed", "fixed=-1s", "lognormal=10ms", "lognormal=1s/NaN", "errors=2", "errors=101%", "stragglers=1s"} {
		var d delay
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, d)
		}
	}
	d := delay{median: 10 * time.Millisecond, sigma: 0.5, straggler: time.Second, straggle: 0.02, errors: 0.1}
	q := d.quantiles(50, 84, 97, 99.5)
	if ms(q[0]) < 9.9 || ms(q[0]) > 10.3 || ms(q[1]) < 16 || ms(q[1]) > 17.5 || q[2] > 100*time.Millisecond || q[3] != time.Second {
		t.Errorf("quantiles: %v", q)
	}
	fails := 0
	for i := range uint64(10_000) {
		wait, failed := d.draw(i)
		if again, _ := d.draw(i); again != wait {
			t.Fatalf("%d: %v and %v", i, wait, again)
		}
		if failed {
			fails++
		}
	}
	if fails < 900 || fails > 1100 {
		t.Errorf("%d of 10000 fail", fails)
	}
}

// TestModel checks that histories are told apart that no order of the requests
// explains.
func TestModel(t *testing.T) {
	put := func(price int) op { return op{http.MethodPut, item{ID: "a", Name: nameFine, Price: price}} }
	get, del := op{http.MethodGet, item{ID: "a"}}, op{http.MethodDelete, item{ID: "a"}}
	created, changed, gone, missing := outcome{status: 201}, outcome{status: 200}, outcome{status: 204}, outcome{status: 404}
	got := func(price int) outcome {
		return outcome{status: 200, body: fmt.Sprintf(`{"id":"a","name":"fine","price":%d}`, price)}
	}
	lost := outcome{err: fmt.Errorf("no answer")}
	type event struct {
		op        op
		out       outcome
		from, end int64
	}
	for _, test := range []struct {
		name    string
		history []event
		ok      bool
	}{
		{"one after the other", []event{{put(1), created, 0, 1}, {get, got(1), 2, 3}, {del, gone, 4, 5}, {get, missing, 6, 7}}, true},
		{"created twice", []event{{put(1), created, 0, 1}, {put(2), created, 2, 3}}, false},
		{"created twice at once", []event{{put(1), created, 0, 3}, {put(2), created, 0, 3}}, false},
		{"lost update", []event{{put(1), created, 0, 1}, {put(2), changed, 2, 3}, {get, got(1), 4, 5}}, false},
		{"either of two", []event{{put(1), created, 0, 1}, {put(2), changed, 2, 5}, {put(3), changed, 2, 5}, {get, got(2), 6, 7}}, true},
		{"back again", []event{{put(1), created, 0, 1}, {put(2), changed, 2, 9}, {get, got(2), 3, 4}, {get, got(1), 5, 6}}, false},
		{"no answer, stored later", []event{{put(1), created, 0, 1}, {put(2), lost, 2, 99}, {get, got(1), 3, 4}, {get, got(2), 5, 6}}, true},
		{"no answer, never stored", []event{{put(1), created, 0, 1}, {put(2), lost, 2, 99}, {get, got(1), 3, 4}}, true},
		{"from nowhere", []event{{put(1), created, 0, 1}, {get, got(7), 3, 4}}, false},
		{"deleted twice", []event{{put(1), created, 0, 1}, {del, gone, 2, 3}, {del, gone, 4, 5}}, false},
	} {
		var history []porcupine.Operation
		for i, e := range test.history {
			history = append(history, porcupine.Operation{ClientId: i, Input: e.op, Call: e.from, Output: e.out, Return: e.end})
		}
		if got := porcupine.CheckOperations(itemModel.ToModel(), history); got != test.ok {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, args := range [][]string{
		{"x"}, {"-clients", "0"}, {"-reads", "1"}, {"-rates", "0"}, {"-rates", "a"}, {"-delay", "10ms"}, {"-length", "1ms"}, {"-hang", "0s"},
	} {
		if _, err := parseOptions(args, new(bytes.Buffer)); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	o, err := parseOptions([]string{"-rates", "10, 20"}, os.Stderr)
	if err != nil || o.rates.String() != "10 20" || len(o.openLoads()) != 2 {
		t.Errorf("%v %v", o, err)
	}
}
