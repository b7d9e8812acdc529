package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"
	"time"
)

// A report is all that comes out, as results.json has it. Times are in
// milliseconds.
type report struct {
	Go      string            `json:"go"`
	System  string            `json:"system"`
	CPUs    int               `json:"cpus"`
	Took    string            `json:"took"`
	Servers map[string]string `json:"servers"` // name to what it is
	Checks  []*checked        `json:"checks"`
	Loads   []*measured       `json:"loads"`
}

// A measured is what one load did to the servers.
type measured struct {
	Load    load       `json:"load"`
	Floor   *figures   `json:"floor"` // the validation service itself, with no server in between
	Figures []*figures `json:"figures"`
}

func newReport(vs []*variant) *report {
	r := &report{
		Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		Servers: make(map[string]string),
	}
	for _, v := range vs {
		r.Servers[v.name] = v.doc
	}
	return r
}

// of returns the figures of a server, or nil.
func (m *measured) of(server string) *figures {
	for _, f := range m.Figures {
		if f.Server == server {
			return f
		}
	}
	return nil
}

// delay is the median of the validation's delay itself, in milliseconds.
func (m *measured) delay() float64 { return ms(m.Load.Delay.quantiles(50)[0]) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// write writes results.json and the plot to a directory, and the tables.
func (r *report) write(dir string, w io.Writer) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "results.json"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s %s, %d CPUs, %s\n", r.Go, r.System, r.CPUs, r.Took)
	if len(r.Checks) > 0 {
		r.printChecks(w)
	}
	var open []*measured
	for _, m := range r.Loads {
		if m.Load.Rate > 0 {
			open = append(open, m)
			continue
		}
		printLoads(w, fmt.Sprintf("Closed loop, %d clients (%s)", m.Load.Clients, m.Load.Name), []*measured{m})
	}
	printLoads(w, "Open loops", open)
	r.printClaims(w)
	fmt.Fprintf(w, "\n%s\n", filepath.Join(dir, "results.json"))
	if len(r.Loads) > 2 {
		name := filepath.Join(dir, "latency.png")
		if err := r.plot(name); err != nil {
			return err
		}
		fmt.Fprintln(w, name)
	}
	return nil
}

// columns begins a table whose columns are set apart by tabs.
func columns(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

func (r *report) printChecks(w io.Writer) {
	race := " (without the race detector)"
	if r.Checks[0].Race {
		race = " under the race detector"
	}
	fmt.Fprintf(w, "\nRight answers%s; the validation hangs\n\n", race)
	t := columns(w)
	fmt.Fprint(t, "server\tas a sequential run\tlinearizable\twaiters gone after deadline\treads answered while hung\tproblems\t\n")
	for _, c := range r.Checks {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d of %d\t%d of %d\t%d\t\n",
			c.Server, c.Answers, c.History, c.Gone, c.Waiters, c.Answered, c.HungReads, len(c.Problems))
	}
	t.Flush()
	for _, c := range r.Checks {
		for _, p := range c.Problems {
			fmt.Fprintf(w, "\n%s: %s\n", c.Server, p)
		}
	}
}

// printLoads prints two tables of several loads of one kind: how long it took, and
// what it took.
func printLoads(w io.Writer, title string, all []*measured) {
	if len(all) == 0 {
		return
	}
	l := all[0].Load
	fmt.Fprintf(w, "\n%s: %s; %s keys, %.0f %% reads, validation %s; times in ms\n\n", title, l.Doc, l.Keys, 100*l.Reads, l.Delay)
	t := columns(w)
	fmt.Fprintf(t, "%s\treq/s\twrite p50\tp90\tp99\tp99.9\tread p50\tp99\tp50/delay\tp50/floor\tp50/context-lock\treq/s ratio\t\n", all[0].head())
	for _, m := range all {
		for _, f := range append([]*figures{m.Floor}, m.Figures...) {
			fmt.Fprintf(t, "%s\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t", m.row(f), f.Throughput, f.Writes.P50, f.Writes.P90, f.Writes.P99, f.Writes.P999)
			if f != m.Floor && l.Reads > 0 {
				fmt.Fprintf(t, "%.1f\t%.1f", f.Reads.P50, f.Reads.P99)
			} else {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprintf(t, "\t%.2f\t%.2f\t", f.Writes.P50/m.delay(), f.Writes.P50/m.Floor.Writes.P50)
			if held := m.of("context-lock"); held != nil && f != m.Floor {
				fmt.Fprintf(t, "%.3f\t%.1f\t\n", f.Writes.P50/held.Writes.P50, f.Throughput/held.Throughput)
			} else {
				fmt.Fprint(t, "\t\t\n")
			}
		}
	}
	t.Flush()
	fmt.Fprintln(w)
	t = columns(w)
	fmt.Fprintf(t, "%s\terrors\ttimeouts\tgoroutines\tlock wait/request\tCPU/request\tCPUs idle\t\n", all[0].head())
	for _, m := range all {
		for _, f := range m.Figures {
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%.2f\t%.2f\t%s\t\n", m.row(f), f.Errors, f.Timeouts+f.Shed, f.Goroutines, f.LockWait, f.CPU, f.idle())
		}
	}
	t.Flush()
}

// head and row are the first columns of a table.
func (m *measured) head() string {
	if m.Load.Rate > 0 {
		return "rate\tserver"
	}
	return "server"
}

func (m *measured) row(f *figures) string {
	if m.Load.Rate > 0 {
		return fmt.Sprintf("%v\t%s", m.Load.Rate, f.Server)
	}
	return f.Server
}

// idle is the share of idle processor time in words.
func (f *figures) idle() string {
	if f.Idle < 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*f.Idle)
}

// A claim is one of the figures that the case stands for.
type claim struct {
	what    string
	value   float64
	atMost  bool
	limit   float64
	percent bool
}

func (c claim) reached() bool {
	if c.atMost {
		return c.value <= c.limit
	}
	return c.value >= c.limit
}

// claims compares letgo with the delay itself, and with context-lock, at the
// closed loop with distinct keys.
func (r *report) claims() []claim {
	for _, m := range r.Loads {
		own, held := m.of("letgo"), m.of("context-lock")
		if m.Load.Name != "distinct" || own == nil || held == nil {
			continue
		}
		return []claim{
			{"p50 of letgo is %.2f times the delay of the validation", own.Writes.P50 / m.delay(), true, 1.2, false},
			{"p50 of letgo is %.2f times the floor, which has the same load and no server", own.Writes.P50 / m.Floor.Writes.P50, true, 1.2, false},
			{"p50 of letgo is %.1f %% lower than that of context-lock", 100 * (1 - own.Writes.P50/held.Writes.P50), false, 90, true},
			{"throughput of letgo is %.1f times that of context-lock", own.Throughput / held.Throughput, false, 20, false},
		}
	}
	return nil
}

func (r *report) printClaims(w io.Writer) {
	for i, c := range r.claims() {
		if i == 0 {
			fmt.Fprintln(w)
		}
		sign, verdict, unit := "at least", "reached", ""
		if c.atMost {
			sign = "at most"
		}
		if c.percent {
			unit = " %"
		}
		if !c.reached() {
			verdict = "not reached" + r.why()
		}
		fmt.Fprintf(w, "%s (aim: %s %v%s): %s\n", fmt.Sprintf(c.what, c.value), sign, c.limit, unit, verdict)
	}
}

// why says what may have kept letgo from a figure.
func (r *report) why() string {
	f := r.Loads[0].of("letgo")
	if f.Idle < 0 || f.Idle > 0.15 {
		return " (-profile writes where the time goes)"
	}
	return fmt.Sprintf(": the %d CPUs were idle for %.0f %% of the time, and a request takes %.2f ms of them in the server alone (-profile writes where they go)",
		r.CPUs, 100*f.Idle, f.CPU)
}
