// Command letbench compares what letgo costs with what go vet, staticcheck,
// nilaway and golangci-lint cost on the same modules in the same run, and prints
// the table of its README: CPU time and wall time, with the ratio to the first
// tool, and memory.
//
//	letbench [-runs 3] [-cold] [-letgo PROGRAM] [-timeout 20m] DIR...
//
// DIR is a module that compiles, or the word std for the standard library. Each
// tool runs three times a round: with nothing in its cache (first), again (same),
// and after a change of one package (changed). What the modules import is
// compiled before, unless -cold says that the build cache is to be empty in each
// first run, too: as on a fresh checkout, with the modules downloaded. letgo is
// built from the checkout that letbench runs in. Another tool that is not installed
// is left out, and named on standard error. The modules are copied without their
// history; nothing in DIR is changed.
//
// What each run takes is on standard error as it ends, and the table on standard
// output. Figures there are medians over the rounds, each over its own column. The memory is
// that of the largest process of a first run. A tool that fails on a module has
// no figures there; the reason is on standard error, and the exit status is 1.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	runs := flag.Int("runs", 3, "take the median of so many `rounds`")
	cold := flag.Bool("cold", false, "begin each round with an empty build cache, too")
	letgo := flag.String("letgo", "", "measure this `program` instead of the letgo of this module")
	timeout := flag.Duration("timeout", 20*time.Minute, "a run that takes longer counts as failed")
	flag.Parse()
	if flag.NArg() == 0 || *runs < 1 {
		fmt.Fprintln(os.Stderr, "letbench: name the directories of modules to measure on, or std, and at least one round")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{runs: *runs, timeout: *timeout, cold: *cold}
	program, remove, err := letgoProgram(ctx, *letgo)
	if err != nil {
		fmt.Fprintf(os.Stderr, "letbench: %v\n", err)
		os.Exit(1)
	}
	status := b.run(ctx, program, flag.Args())
	remove()
	os.Exit(status)
}

// run measures on all modules and returns the exit status.
func (b *bench) run(ctx context.Context, letgo string, args []string) int {
	var missing []tool
	b.tools, missing = installed(allTools(letgo))
	for _, t := range missing {
		fmt.Fprintf(os.Stderr, "letbench: %s is left out: there is no program %s on PATH. To install it: %s\n", t.name, t.program, t.install)
	}
	if len(b.tools) == 0 || b.tools[0].name != letgoName {
		return 1
	}
	fmt.Print(tableHead)
	for _, arg := range args {
		if err := b.module(ctx, arg); err != nil {
			fmt.Fprintf(os.Stderr, "letbench: %s: %v\n", arg, err)
			return 1
		}
	}
	fmt.Printf("\nMedians of %d. %s %s/%s, %d CPUs; %s.\n", b.runs, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), versions(b.tools))
	if b.failed {
		return 1
	}
	return 0
}

// letgoProgram returns the program to measure: the one that is named or, if none is,
// one built from the module that the working directory is in. What it returns second
// removes that again.
func letgoProgram(ctx context.Context, name string) (program string, remove func(), err error) {
	if name != "" {
		return name, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "letbench-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	program = filepath.Join(dir, "letgo")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/letgo-dev/letgo/cmd/letgo").CombinedOutput()
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("building letgo: %w; run letbench in a checkout, or name a program with -letgo\n%s", err, out)
	}
	return program, remove, nil
}

// A bench is one run of the program.
type bench struct {
	runs    int
	timeout time.Duration
	cold    bool // nothing is compiled before a round
	tools   []tool
	failed  bool // some tool on some module
}

// phases are the runs of a round.
var phases = []string{"first", "same", "changed"}

// costs has what the runs of one tool on a module have cost, by phase. It is nil
// where the tool has failed.
type costs map[string][]cost

// module measures all tools on a copy of a module and prints its rows.
func (b *bench) module(ctx context.Context, arg string) error {
	work, err := os.MkdirTemp("", "letbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	m, err := newModule(ctx, arg, filepath.Join(work, "module"), b.cold)
	if err != nil {
		return err
	}
	all := make([]costs, len(b.tools))
	for i := range all {
		all[i] = make(costs)
	}
	for round := range b.runs {
		for i, t := range b.tools {
			if all[i] == nil {
				continue
			}
			cache := filepath.Join(work, fmt.Sprintf("cache-%d-%d", i, round))
			err := b.round(ctx, m, t, cache, all[i])
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "letbench: %s: %v\n", arg, err)
				all[i], b.failed = nil, true
			}
			if err := os.RemoveAll(cache); err != nil {
				return err
			}
		}
	}
	fmt.Print(rows(m, b.tools, all))
	return nil
}

// round runs a tool in all phases, with a cache of its own.
func (b *bench) round(ctx context.Context, m *module, t tool, cache string, all costs) error {
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return err
	}
	if b.cold {
		defer func(env []string) { m.env = env }(m.env)
		m.env = append(slices.Clip(m.env), "GOCACHE="+filepath.Join(cache, "go-build"))
	} else {
		// The tools that read no export data leave what was changed for them
		// uncompiled: the next one must not pay for that.
		m.build(ctx)
	}
	for _, phase := range phases {
		if phase == "changed" {
			if err := m.change(); err != nil {
				return err
			}
		}
		ctx, cancel := context.WithTimeout(ctx, b.timeout)
		c, err := measure(ctx, t, m, cache)
		cancel()
		if err != nil {
			return fmt.Errorf("%s, %s run: %w", t.name, phase, err)
		}
		fmt.Fprintf(os.Stderr, "letbench: %s, %s, %s: %.2f s CPU, %.2f s wall, %.0f MB\n", m.name, t.name, phase, c.cpu, c.wall, c.mem)
		all[phase] = append(all[phase], c)
	}
	return nil
}

const tableHead = "| module | tool | first: CPU s | wall s | same: CPU s | wall s | changed: CPU s | wall s | MB |\n" +
	"|---|---|---|---|---|---|---|---|---|\n"

// rows returns the part of the table for a module. Figures in parentheses are multiples
// of those of the first tool.
func rows(m *module, tools []tool, all []costs) string {
	var b strings.Builder
	cpu := func(c cost) float64 { return c.cpu }
	wall := func(c cost) float64 { return c.wall }
	mem := func(c cost) float64 { return c.mem }
	for i, t := range tools {
		fmt.Fprintf(&b, "| %s | %s |", m, t.name)
		for _, phase := range phases {
			for _, of := range []func(cost) float64{cpu, wall} {
				fmt.Fprintf(&b, " %s |", cell("%.2f", i, all, phase, of))
			}
		}
		fmt.Fprintf(&b, " %s |\n", cell("%.0f", i, all, phases[0], mem))
	}
	return b.String()
}

// cell returns the median of a figure, with its ratio to that of the first tool.
func cell(format string, i int, all []costs, phase string, of func(cost) float64) string {
	if all[i] == nil {
		return "failed"
	}
	value := median(all[i][phase], of)
	text := fmt.Sprintf(format, value)
	if i == 0 || all[0] == nil {
		return text
	}
	return fmt.Sprintf("%s (%.1f×)", text, value/median(all[0][phase], of))
}

// median returns the median of a figure: of two in the middle, their mean.
func median(cs []cost, of func(cost) float64) float64 {
	values := make([]float64, 0, len(cs))
	for _, c := range cs {
		values = append(values, of(c))
	}
	slices.SortFunc(values, cmp.Compare[float64])
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
