package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Figures are what is measured of one server under one load.
type figures struct {
	Server     string  `json:"server"`
	Throughput float64 `json:"throughput"` // right answers a second
	Writes     spread  `json:"writes"`     // ms
	Reads      spread  `json:"reads"`      // ms
	Errors     int     `json:"errors"`     // validations that failed
	Timeouts   int     `json:"timeouts"`   // no answer by the deadline
	Shed       int     `json:"shed"`       // not even sent
	Wrong      int     `json:"wrong"`      // answers that are not right
	Goroutines int     `json:"goroutines"` // the most that were seen
	// LockWait is how long requests waited for Server.mu on average, in
	// milliseconds, by the mutex profile (context-lock: the block profile).
	LockWait float64 `json:"lockWait"`
	// CPU is what a request took of the server's processor time, in milliseconds.
	CPU float64 `json:"cpu"`
	// Idle is the share of the time that the processors of the machine had
	// nothing to do: with none, it is they that are measured. -1 if not known.
	Idle float64 `json:"idle"`
	// Curve is the latency of writes by percentile.
	Curve []point `json:"curve,omitempty"`
}

// answered is the number of the requests that got a right answer.
func (f *figures) answered() int64 {
	return f.Writes.Count + f.Reads.Count - int64(f.Timeouts+f.Shed+f.Wrong)
}

// measure runs one server under one load, in a process of its own.
func measure(ctx context.Context, v *variant, l load, profiles string) (*figures, error) {
	service, err := newValidation(l.Delay)
	if err != nil {
		return nil, err
	}
	defer service.close()
	p, err := start(ctx, v.bin, service.url())
	if err != nil {
		return nil, err
	}
	defer p.kill()
	if err := preload(ctx, p, service, l); err != nil {
		return nil, err
	}
	before, err := p.lockWait(ctx)
	if err != nil {
		return nil, err
	}
	watch := watchGoroutines(ctx, p)
	save := saveProfile(ctx, p, profiles, v.name+"-"+l.Name, l.Warmup+l.Length)
	idle := watchIdle()
	rec, length := l.run(ctx, p.do, service)
	f := figuresOf(v.name, rec, length)
	f.Idle, f.Goroutines = idle(), watch()
	if err := save(); err != nil {
		return nil, err
	}
	if err := saveWaits(ctx, p, profiles, v.name+"-"+l.Name); err != nil {
		return nil, err
	}
	after, err := p.lockWait(ctx)
	if err != nil {
		return nil, err
	}
	p.kill()
	// These have the warm-up in them; so has this, nearly.
	requests := float64(f.Writes.Count+f.Reads.Count-int64(f.Shed)) * (l.Warmup + l.Length).Seconds() / l.Length.Seconds()
	f.LockWait = ms(after-before) / max(1, requests)
	f.CPU = ms(p.cmd.ProcessState.UserTime()+p.cmd.ProcessState.SystemTime()) / max(1, requests)
	if rec.wrong > 0 {
		return f, fmt.Errorf("%s: %d answers are not right, the first of them: %s", v.name, rec.wrong, rec.first)
	}
	return f, ctx.Err()
}

// measureFloor puts the load on the validation service itself, as if nothing
// stood before it: no server can be faster.
func measureFloor(ctx context.Context, l load) (*figures, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU())) // the server's are free
	service, err := newValidation(l.Delay)
	if err != nil {
		return nil, err
	}
	defer service.close()
	c := newClient(service.addr)
	defer c.close()
	idle := watchIdle()
	rec, length := l.run(ctx, c.ask, service)
	f := figuresOf("floor", rec, length)
	f.Idle = idle()
	if rec.wrong > 0 {
		return nil, fmt.Errorf("the validation service gives a wrong answer: %s", rec.first)
	}
	return f, ctx.Err()
}

func figuresOf(server string, rec *record, length time.Duration) *figures {
	f := &figures{
		Server: server, Writes: spreadOf(rec.writes), Reads: spreadOf(rec.reads),
		Errors: rec.errors, Timeouts: rec.timeout, Shed: rec.shed, Wrong: rec.wrong,
		Curve: curve(rec.writes),
	}
	f.Throughput = float64(f.answered()) / length.Seconds()
	return f
}

// preload stores the keys that the load draws from.
func preload(ctx context.Context, p *process, v *validation, l load) error {
	if l.Reads == 0 {
		return nil
	}
	v.fast.Store(true)
	defer v.fast.Store(false)
	for i := range sharedKeys {
		o := op{http.MethodPut, item{ID: fmt.Sprintf("key-%d", i), Name: nameFine, Price: -i}}
		if out := p.within(ctx, patience, o); out.status != http.StatusCreated {
			return fmt.Errorf("storing what is to be read: %s: %d %s %w", o, out.status, out.body, out.err)
		}
	}
	return nil
}

// watchGoroutines counts the goroutines of a server now and then, until the
// function is called that it returns, which gives the most that there were.
func watchGoroutines(ctx context.Context, p *process) func() int {
	ctx, cancel := context.WithCancel(ctx)
	result := make(chan int)
	go func() {
		most := 0
		for sleep(ctx, 300*time.Millisecond) == nil {
			if n, err := p.goroutines(ctx); err == nil {
				most = max(most, n)
			}
		}
		result <- most
	}()
	return func() int {
		cancel()
		return <-result
	}
}

// watchIdle returns a function that gives the share of the time since that the
// processors were idle, or -1 where the system does not tell.
func watchIdle() func() float64 {
	idle, total, ok := processorTime()
	return func() float64 {
		idle2, total2, ok2 := processorTime()
		if !ok || !ok2 || total2 <= total {
			return -1
		}
		return (idle2 - idle) / (total2 - total)
	}
}

// processorTime reads how long all processors were idle, and how long in all, as
// Linux tells it.
func processorTime() (idle, total float64, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(first)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, false
	}
	for i, f := range fields[1:9] { // the last two are part of the first two
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, 0, false
		}
		total += x
		if i == 3 || i == 4 { // idle, or waiting for a disk
			idle += x
		}
	}
	return idle, total, true
}

// saveProfile takes the CPU profile of a server if a directory for it is given.
func saveProfile(ctx context.Context, p *process, dir, name string, length time.Duration) func() error {
	if dir == "" {
		return func() error { return nil }
	}
	result := make(chan error, 1)
	go func() {
		result <- copyProfile(ctx, p, fmt.Sprintf("profile?seconds=%d", max(1, int(length.Seconds()))), filepath.Join(dir, name+".pprof"))
	}()
	return func() error { return <-result }
}

// saveWaits writes what goroutines of a server have waited so far, if a directory for it
// is given.
func saveWaits(ctx context.Context, p *process, dir, name string) error {
	if dir == "" {
		return nil
	}
	for _, kind := range []string{"mutex", "block"} {
		if err := copyProfile(ctx, p, kind, filepath.Join(dir, name+"."+kind+".pprof")); err != nil {
			return err
		}
	}
	return nil
}

// copyProfile fetches a profile of a server and writes it to a file.
func copyProfile(ctx context.Context, p *process, what, file string) error {
	prof, err := p.profile(ctx, what)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := prof.Write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
