// Command holdbench measures what it costs to hold a lock while waiting for
// something else: it builds four servers from the worked example of this
// repository (testdata/service), whose handler updates a shared map while it asks
// an external validation service, checks that all four are right, and puts the
// same load on each.
//
//	held          as it is written
//	context-lock  rewritten by letgo -shape=context-lock
//	offload       the operation handed to a bounded pool, which holds the lock
//	letgo         rewritten by letgo
//
// See README.md for what comes out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	opts, err := parseOptions(os.Args[1:], os.Stderr)
	if err == flag.ErrHelp {
		return
	}
	if err == nil {
		// Leave the server half of the machine, and collect garbage rarely.
		runtime.GOMAXPROCS(max(1, runtime.NumCPU()/2))
		debug.SetGCPercent(800)
		err = run(ctx, opts, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "holdbench: %v\n", err)
		os.Exit(1)
	}
}

// options are what can be set on the command line.
type options struct {
	out      string
	clients  int
	delay    delay
	mixed    delay
	open     delay
	length   time.Duration
	rates    rateList
	reads    float64
	deadline time.Duration
	hang     time.Duration
	seed     uint64
	noCheck  bool
	noLoad   bool
	profiles bool
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("holdbench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.out, "o", filepath.Join(os.TempDir(), "holdbench"), "write results.json and latency.png to this `directory`")
	fs.IntVar(&o.clients, "clients", 64, "`number` of clients of the closed loops")
	fs.TextVar(&o.delay, "delay", delay{median: 10 * time.Millisecond}, "`delay` of the validation in the closed loop with distinct keys")
	fs.TextVar(&o.mixed, "mixed-delay", delay{median: 10 * time.Millisecond, straggler: 200 * time.Millisecond, straggle: 0.01, errors: 0.01},
		"`delay` in the closed loop with shared keys")
	fs.TextVar(&o.open, "open-delay", delay{median: 10 * time.Millisecond, sigma: 0.5}, "`delay` in the open loops")
	fs.DurationVar(&o.length, "length", 2*time.Second, "`time` that each server is measured for under each load")
	o.rates = rateList{50, 100, 200, 400, 1000, 2000}
	fs.Var(&o.rates, "rates", "requests a second in the open loops, a `list`")
	fs.Float64Var(&o.reads, "reads", 0.5, "`share` of reads in the mixed and open loops")
	fs.DurationVar(&o.deadline, "deadline", time.Second, "`time` after which a client of the mixed and open loops gives up")
	fs.DurationVar(&o.hang, "hang", 30*time.Second, "`time` for which the validation service hangs")
	fs.Uint64Var(&o.seed, "seed", 1, "`seed` of everything that is drawn")
	fs.BoolVar(&o.noCheck, "nocheck", false, "measure only")
	fs.BoolVar(&o.noLoad, "noload", false, "check only")
	fs.BoolVar(&o.profiles, "profile", false, "write profiles of every server under every load, too: NAME-LOAD.pprof of the CPU, NAME-LOAD.mutex.pprof and NAME-LOAD.block.pprof of waiting")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case fs.NArg() > 0:
		return nil, fmt.Errorf("holdbench takes no arguments, but flags: see holdbench -help")
	case o.clients < 1 || o.clients > maxOutstanding:
		return nil, fmt.Errorf("-clients must be between 1 and %d", maxOutstanding)
	case o.length < time.Second/10 || o.deadline <= 0 || o.hang <= 0:
		return nil, fmt.Errorf("-length must be at least 100ms, -deadline and -hang more than 0")
	case !(o.reads >= 0 && o.reads < 1):
		return nil, fmt.Errorf("-reads must be at least 0 and less than 1")
	}
	return o, nil
}

// A rateList is a list of rates, as a flag.
type rateList []float64

func (r *rateList) String() string { return strings.Trim(fmt.Sprint([]float64(*r)), "[]") }

func (r *rateList) Set(text string) error {
	var out rateList
	for f := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil || !(x > 0 && x <= 1e6) {
			return fmt.Errorf("%q is no rate", f)
		}
		out = append(out, x)
	}
	*r = out
	return nil
}

// closedLoads are those with a fixed number of clients.
func (o *options) closedLoads() []load {
	return []load{
		{
			Name: "distinct", Doc: "every client writes items of its own", Clients: o.clients, Keys: "distinct",
			Delay: o.delay, Length: o.length, Warmup: o.length / 2, Deadline: patience, Seed: o.seed,
		}, {
			Name: "mixed", Doc: "reads and writes of shared items, a few of them popular", Clients: o.clients, Keys: "zipf", Reads: o.reads,
			Delay: o.mixed, Length: o.length, Warmup: o.length / 2, Deadline: o.deadline, Seed: o.seed,
		},
	}
}

// openLoads are those with a fixed rate.
func (o *options) openLoads() []load {
	var out []load
	for _, rate := range o.rates {
		out = append(out, load{
			Name: fmt.Sprintf("open-%v", rate), Doc: "reads and writes of shared items at a fixed rate", Rate: rate, Keys: "uniform", Reads: o.reads,
			Delay: o.open, Length: o.length, Warmup: o.length / 6, Deadline: o.deadline, Seed: o.seed,
		})
	}
	return out
}

// run does everything.
func run(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	begin := time.Now()
	log := func(format string, args ...any) {
		fmt.Fprintf(stderr, "%5.1fs  %s\n", time.Since(begin).Seconds(), fmt.Sprintf(format, args...))
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "holdbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	b := &builder{root: root, dir: dir, log: log}
	log("building")
	vs, err := b.build(ctx)
	if err != nil {
		return err
	}
	r := newReport(vs)
	if !o.noCheck {
		if err := r.check(ctx, b, vs, o, log); err != nil {
			return err
		}
	}
	if !o.noLoad {
		if err := r.measure(ctx, vs, o, log); err != nil {
			return err
		}
	}
	r.Took = time.Since(begin).Round(time.Second).String()
	if err := r.write(o.out, stdout); err != nil {
		return err
	}
	if failed(r.Checks) {
		return fmt.Errorf("not all servers are right")
	}
	return nil
}

// check runs the checks of all servers at once: most of the time they wait. The
// race detector is built in while a validation hangs.
func (r *report) check(ctx context.Context, b *builder, vs []*variant, o *options, log func(string, ...any)) error {
	log("checking: a validation that hangs for %v", o.hang)
	k := &checker{clients: 12, ops: 40, hang: o.hang, seed: o.seed}
	var wg sync.WaitGroup
	for _, v := range vs {
		c := &checked{Server: v.name}
		r.Checks = append(r.Checks, c)
		wg.Go(func() {
			if err := k.hanging(ctx, v, c); err != nil {
				c.problem("%v", err)
			}
		})
	}
	log("building with the race detector")
	race := b.race(ctx, vs)
	defer wg.Wait()
	if err := k.reference(ctx, vs[0]); err != nil {
		return err
	}
	log("checking answers, cancellation and panics")
	for i, v := range vs {
		r.Checks[i].Race = race
		wg.Go(func() { k.check(ctx, v, r.Checks[i]) })
	}
	wg.Wait()
	return ctx.Err()
}

// measure puts every load on every server, in turns, so that whatever else the
// machine does falls on all of them.
func (r *report) measure(ctx context.Context, vs []*variant, o *options, log func(string, ...any)) error {
	profiles := ""
	if o.profiles {
		profiles = o.out
	}
	saturated := make(map[string]bool)
	for _, l := range append(o.closedLoads(), o.openLoads()...) {
		log("measuring: %s", l.Name)
		floor, err := measureFloor(ctx, l)
		if err != nil {
			return err
		}
		if l.Rate > 0 {
			floor.Curve = nil
		}
		m := &measured{Load: l, Floor: floor}
		r.Loads = append(r.Loads, m)
		for _, v := range vs {
			if saturated[v.name] {
				continue // it is no better at a higher rate
			}
			f, err := measure(ctx, v, l, profiles)
			if err != nil {
				return err
			}
			if l.Rate > 0 {
				f.Curve = nil // results.json would be all curves
			}
			m.Figures = append(m.Figures, f)
			saturated[v.name] = l.Rate > 0 && float64(f.Timeouts+f.Shed) > 0.4*float64(f.Writes.Count+f.Reads.Count)
		}
	}
	return nil
}
