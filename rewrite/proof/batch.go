package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

// A Case is a program with its variants, the original first.
type Case struct {
	*programs.Program
	Variants []Variant
}

// A Difference is one way in which a variant behaves differently from the
// original. See the package in testdata/world.
type Difference struct {
	Program       int
	Variant       string
	Kind          string // "sequence", "held", "steer", "race", or "crash"
	Before, After string
}

// Counts says how much was run.
type Counts struct{ Programs, Variants, Sequences, Panics, Ops, Steered, Windows, Serial, Excused, Met int }

func (c *Counts) add(o Counts) {
	c.Programs += o.Programs
	c.Variants += o.Variants
	c.Sequences += o.Sequences
	c.Panics += o.Panics
	c.Ops += o.Ops
	c.Steered += o.Steered
	c.Windows += o.Windows
	c.Serial += o.Serial
	c.Excused += o.Excused
	c.Met += o.Met
}

// run compiles all cases into one program and runs them in a mode, "seq" or
// "race". If a case crashes the process, run reports it and continues with the
// cases after it.
func (t *toolchain) run(mode string, cases []*Case) ([]Difference, Counts, error) {
	var counts Counts
	dir, err := os.MkdirTemp(t.dir, "batch")
	if err != nil {
		return nil, counts, err
	}
	defer os.RemoveAll(dir)
	program, err := t.build(dir, packagesOf(cases))
	if err != nil {
		return nil, counts, err
	}
	var all []Difference
	for len(cases) > 0 {
		r, err := execute(program, mode, cases)
		if err != nil {
			return all, counts, err
		}
		all = append(all, r.found...)
		counts.add(r.counts)
		if r.code == 0 {
			break
		}
		at := slices.IndexFunc(cases, func(c *Case) bool { return c.ID == r.last })
		if at < 0 {
			return all, counts, fmt.Errorf("%s %s: exit status %d\n%s", filepath.Base(program), mode, r.code, r.messages)
		}
		if kind := exitKinds[r.code]; kind != "" {
			all = append(all, Difference{Program: r.last, Variant: r.variant, Kind: kind, After: r.messages})
		}
		cases = cases[at+1:]
	}
	return all, counts, nil
}

// exitKinds says what an exit status of the compiled programs means. Any other
// status means that nothing more could be learned from the case that ran.
var exitKinds = map[int]string{1: "crash", 2: "crash"}

// packagesOf returns the files of the packages that hold the cases' variants, by
// import path. Cases for an old language version go into a separate package.
func packagesOf(cases []*Case) map[string]map[string][]byte {
	packages := make(map[string]map[string][]byte)
	values := make(map[string][]byte)
	for _, c := range cases {
		path := "proof/p"
		if c.Old == programs.OldModule {
			path += "_" + programs.OldModule
		}
		if packages[path] == nil {
			packages[path] = make(map[string][]byte)
		}
		for k := range c.Variants {
			file, value := c.compiled(k)
			packages[path][fmt.Sprintf("p%d_v%d.go", c.ID, k)] = file
			values[path] = fmt.Appendf(values[path], "\t%s,\n", value)
		}
	}
	for path, list := range values {
		packages[path]["programs.go"] = fmt.Appendf(nil, "package p\n\nimport \"proof/world\"\n\nfunc init() { world.Register(programs) }\n\nvar programs = []world.Code{\n%s}\n", list)
	}
	return packages
}

// A result is the output of one process.
type result struct {
	found    []Difference
	counts   Counts
	last     int    // the last program that was started
	variant  string // the last variant of it that was started, if known
	code     int    // exit status
	messages string
}

// execute runs the given cases, which are part of a compiled program.
func execute(program, mode string, cases []*Case) (result, error) {
	var in, out, errs bytes.Buffer
	for _, c := range cases {
		in.Write(c.describe())
	}
	cmd := exec.Command(program, mode)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=0 exitcode=0 atexit_sleep_ms=0")
	r := result{last: -1}
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.code, err = exit.ExitCode(), nil
		r.messages = errs.String()
		r.messages = r.messages[:min(len(r.messages), 6000)]
	}
	for line := range strings.Lines(out.String()) {
		if err == nil {
			err = r.parse(line)
		}
	}
	reports := raceReports(errs.String())
	for i, d := range r.found {
		if d.Kind == "race" && d.After == "" {
			r.found[i].After = reports[fmt.Sprintf("%d %s", d.Program, d.Variant)]
		}
	}
	return r, err
}

// raceReports splits the messages of a process into reports by program and
// variant. The reports about a variant precede a line that names it.
func raceReports(messages string) map[string]string {
	reports := make(map[string]string)
	from := 0
	for at := 0; at < len(messages); {
		line, _, _ := strings.Cut(messages[at:], "\n")
		next := min(at+len(line)+1, len(messages))
		if who, ok := strings.CutPrefix(line, "races of "); ok {
			reports[who] = messages[from:min(at, from+6000)]
			from = next
		}
		at = next
	}
	return reports
}

// parse reads one line of output.
func (r *result) parse(line string) error {
	switch {
	case strings.HasPrefix(line, "@"):
		r.variant = ""
		_, err := fmt.Sscanf(line, "@%d", &r.last)
		return err
	case strings.HasPrefix(line, "variant "):
		r.variant = strings.TrimSpace(strings.TrimPrefix(line, "variant "))
	case strings.HasPrefix(line, "{\"Program\""):
		var d Difference
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			return err
		}
		r.found = append(r.found, d)
	case strings.HasPrefix(line, "{"):
		var c Counts
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return err
		}
		r.counts.add(c)
	}
	return nil
}

// compiled returns the Go file to compile for the k-th variant, and the
// world.Code value for the variant. If calls may wait for each other, the file
// uses the package in testdata/sync, so that waits can be observed.
func (c *Case) compiled(k int) (file, value []byte) {
	v := c.Variants[k]
	source, own := v.Source, ""
	switch {
	case v.delta != nil:
		source = v.delta.source
	case k > 0:
		own = fmt.Sprintf("v%d_", k)
	}
	name := func(f string) string {
		if v.delta != nil && v.delta.renamed[f] {
			return f + deltaMark
		}
		return f
	}
	constructor, recv := "New"+programs.Mark, "(*T"+programs.Mark+")."
	if c.Glue.Global {
		constructor, recv = "Reset"+programs.Mark, ""
	}
	var funcs, vars []string
	for _, f := range c.Callable() {
		funcs = append(funcs, recv+name(f))
	}
	for _, f := range c.Glue.Vars {
		vars = append(vars, "&"+f)
	}
	text := fmt.Sprintf("{Program: %d, Variant: %d, New: %s, Funcs: []any{%s}, Vars: []any{%s}}", c.ID, k, name(constructor), programs.Join(funcs), programs.Join(vars))
	number := func(code []byte) []byte {
		return bytes.ReplaceAll(programs.Number(code, c.ID, own), []byte(deltaMark), fmt.Appendf(nil, "v%d", k))
	}
	if c.Glue.Parks {
		source = bytes.Replace(source, []byte(`"sync"`), []byte(`"proof/sync"`), 1)
	}
	return number(source), number([]byte(text))
}
