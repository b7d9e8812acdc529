package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/load/vetunit"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// This file lets the go command run letgo as its vet or fix tool: package by
// package, with the facts of what a package imports. The protocol is that of
// golang.org/x/tools/go/analysis/unitchecker. That package is not used itself:
// it wants to read the types of every dependency from what the tool wrote
// before, and to type-check each for that, where letgo answers at once.

// A unitRun is one run as a vet or fix tool.
type unitRun struct {
	*command
	fix, diff bool
	unit      *load.Unit
}

// unitFlags are those of the command that may be given to go vet and go fix.
// None of them names a file: the go command does not see when its content
// changes, and gives the findings of before.
var unitFlags = []string{"all", "category", "grade", "json", "shape", "tests"}

// asTool runs letgo as a tool of the go command if it was called as one.
func (a *command) asTool(ctx context.Context, args []string) (status int, ok bool) {
	if len(args) == 0 {
		return 0, false
	}
	name, isUnit := vetunit.Config(args)
	switch {
	case len(args) == 1 && args[0] == "-V=full":
		return a.toolVersion(), true
	case len(args) == 1 && args[0] == "-flags":
		return a.toolFlags(), true
	case isUnit:
		return a.runUnit(ctx, args[:len(args)-1], name), true
	}
	return 0, false
}

// toolVersion prints what the go command keeps results by: it takes them from
// its cache as long as this stays. The project file belongs to it, too.
func (a *command) toolVersion() int {
	name, err := os.Executable()
	if err != nil {
		return a.Fail("finding out what program this is: %v", err)
	}
	h := sha256.New()
	if err := outcome.HashFile(h, name); err != nil {
		return a.Fail("%v", err)
	}
	if dir, err := os.Getwd(); err == nil {
		if file, err := config.Find(dir, load.ModuleRoot(dir)); err == nil && file != "" {
			if err := outcome.HashFile(h, file); err != nil {
				return a.Fail("%v", err)
			}
		}
	}
	fmt.Fprintf(a.Stdout, "%s version devel letgo buildID=%02x\n", os.Args[0], h.Sum(nil))
	return app.ExitNone
}

// toolFlags tells the go command which flags letgo has for it.
func (a *command) toolFlags() int {
	type jsonFlag struct {
		Name  string
		Bool  bool
		Usage string
	}
	flags := []jsonFlag{
		{"fix", true, "apply the rewrites instead of printing findings"},
		{"diff", true, "with -fix: print a diff of the rewrites instead of applying them"},
	}
	app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
		if slices.Contains(unitFlags, f.Name) {
			b, ok := f.Value.(interface{ IsBoolFlag() bool })
			flags = append(flags, jsonFlag{f.Name, ok && b.IsBoolFlag(), f.Usage})
		}
	})
	if err := writeJSON(a.Stdout, flags); err != nil {
		return a.Fail("%v", err)
	}
	return app.ExitNone
}

// runUnit analyses the package that a file of the go command describes. Those
// for which there is nothing to do do not come here: see package early.
func (a *command) runUnit(ctx context.Context, args []string, name string) int {
	u, err := load.ReadUnit(name)
	if err != nil {
		return a.Fail("%v", err)
	}
	r := &unitRun{command: a, unit: u}
	if err := r.parse(args); err != nil {
		return a.Fail("%v", err)
	}
	if u.Stdout != "" {
		f, err := os.Create(u.Stdout)
		if err != nil {
			return a.Fail("%v", err)
		}
		defer f.Close()
		a.Stdout = f
	}
	a.Dir = u.Dir
	if root := load.ModuleRoot(u.Dir); root != "" {
		a.Dir = root
	}
	status, bad, err := outcome.Attempt(ctx, u.ID, func() int { return r.run(ctx) })
	switch {
	case err != nil:
		return a.Fail("%v", err)
	case bad != nil:
		return a.Fail("%s", *bad)
	}
	return status
}

// parse parses the flags of one call.
func (r *unitRun) parse(args []string) error {
	var raw app.RawFlags
	r.Opts = &app.Options{}
	all := app.NewFlags(r.Opts, &raw)
	fs := flag.NewFlagSet("letgo", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&r.fix, "fix", false, "")
	fs.BoolVar(&r.diff, "diff", false, "")
	for _, name := range unitFlags {
		f := all.Lookup(name)
		fs.Var(f.Value, f.Name, f.Usage)
	}
	if err := fs.Parse(args); err != nil {
		return app.FlagError(fs, err)
	}
	if r.diff && !r.fix {
		return errors.New("-diff goes with -fix")
	}
	if raw.Grade == "" { // what is applied, or offered to be, is proved
		raw.Grade = string(safety.Safe)
	}
	return r.Opts.SetLists(raw)
}

// writeVetx writes the facts of a unit.
func (a *command) writeVetx(u *load.Unit, data []byte) int {
	if u.VetxOutput == "" {
		return app.ExitNone
	}
	if err := os.WriteFile(u.VetxOutput, data, 0o666); err != nil {
		return a.Fail("writing the facts of %s: %v", u.Path(), err)
	}
	return app.ExitNone
}

// run analyses the unit.
func (r *unitRun) run(ctx context.Context) int {
	facts, err := r.unit.Facts()
	if err != nil {
		return r.Fail("%v", err)
	}
	q, err := r.unit.Load(r.Opts.Tests)
	switch {
	case err != nil && r.unit.VetxOnly:
		return app.ExitFound // the go command says itself what is wrong with it
	case err != nil:
		return r.Fail("%v", err)
	case q == nil: // test files only
		return r.writeVetx(r.unit, nil)
	}
	p := &outcome.Program{Configs: make(map[*patterns.Package]*config.File)}
	table, err := outcome.Configure(r.command.App, p, []*patterns.Package{q})
	if err != nil {
		return r.Fail("%v", err)
	}
	p.Program = analyse.NewProgramFrom([]*patterns.Package{q}, table, facts)
	if slices.Contains(outcome.Categories(r.command.App, p, q), "lock") {
		analyse.FollowLockWaits(p.Program)
	}
	if r.unit.Main() {
		data, err := patterns.EncodeFacts(p.AllFacts(), q.Path)
		if err != nil {
			return r.Fail("%v", err)
		}
		r.writeVetx(r.unit, data)
	} else {
		r.writeVetx(r.unit, nil)
	}
	if r.unit.VetxOnly {
		return app.ExitNone
	}
	if err := outcome.LeaveOut(ctx, r.command.App, p); err != nil {
		return r.Fail("%v", err)
	}
	if r.fix {
		return r.applyFixes(p, q)
	}
	return r.printDiagnostics(p, q)
}

// applyFixes writes the changed files to the archive of the go command, or
// prints their diff.
func (r *unitRun) applyFixes(p *outcome.Program, q *patterns.Package) int {
	changes := rewrite.Fix(p.Program, q, outcome.Limits(r.command.App, p, q)).Changes
	if r.diff {
		text, _, err := outcome.Diff(r.command.App, changes)
		if err != nil {
			return r.Fail("%v", err)
		}
		r.Stdout.Write(text)
		return app.ExitNone
	}
	if err := r.archive(changes); err != nil {
		return r.Fail("writing the changed files of %s: %v", q.Path, err)
	}
	return app.ExitNone
}

// archive writes changed files to the archive, or in place if there is none.
func (r *unitRun) archive(changes []verify.Change) error {
	if r.unit.FixArchive == "" {
		for _, c := range changes {
			if err := outcome.CheckWritable(c); err != nil {
				return fmt.Errorf("%s: %w", r.Rel(c.File.Name), err)
			}
			if err := outcome.Replace(c); err != nil {
				return err
			}
		}
		return nil
	}
	f, err := os.Create(r.unit.FixArchive)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	if err := z.SetComment(r.unit.ID); err != nil {
		return err
	}
	for _, c := range changes {
		w, err := z.Create(c.File.Name)
		if err != nil {
			return err
		}
		if _, err := w.Write(outcome.OnDisk(c.File, c.Content())); err != nil {
			return err
		}
	}
	return z.Close()
}

// The output of -json, as other vet tools have it: by package and analyser.
type (
	vetDiagnostic struct {
		Category string       `json:"category,omitempty"`
		Posn     string       `json:"posn"`
		End      string       `json:"end"`
		Message  string       `json:"message"`
		Fixes    []vetFix     `json:"suggested_fixes,omitempty"`
		Related  []vetRelated `json:"related,omitempty"`
	}
	vetFix struct {
		Message string    `json:"message"`
		Edits   []vetEdit `json:"edits"`
	}
	vetEdit struct {
		Filename string `json:"filename"`
		Start    int    `json:"start"`
		End      int    `json:"end"`
		New      string `json:"new"`
	}
	vetRelated struct {
		Posn    string `json:"posn"`
		End     string `json:"end"`
		Message string `json:"message"`
	}
)

// printDiagnostics prints the findings of the package and the mistakes in its
// directives: as JSON on standard output, or as text on standard error.
func (r *unitRun) printDiagnostics(p *outcome.Program, q *patterns.Package) int {
	o := &outcome.Outcome{Packages: 1}
	if r.Opts.JSON {
		o.Entries = rewrite.Fix(p.Program, q, outcome.Limits(r.command.App, p, q)).Entries
	} else {
		for _, f := range find.In(p.Program, q, waits.Options{Categories: outcome.Categories(r.command.App, p, q)}) {
			o.Entries = append(o.Entries, &rewrite.Entry{Finding: f})
		}
	}
	var out []vetDiagnostic
	for _, e := range outcome.Shown(r.command.App, o) {
		out = append(out, r.diagnostic(e))
	}
	for _, m := range verdict.DirectiveMistakes(p.Program, q) {
		if !p.Configs[q].Skips(m.Pos.Filename) {
			out = append(out, vetDiagnostic{Category: "directive", Posn: m.Pos.String(), End: m.Pos.String(), Message: m.Msg})
		}
	}
	if !r.Opts.JSON {
		for _, d := range out {
			fmt.Fprintf(r.Stderr, "%s: %s\n", d.Posn, d.Message)
		}
		return min(len(out), app.ExitFound)
	}
	if len(out) > 0 {
		if err := writeVetJSON(r.Stdout, r.unit.ID, out); err != nil {
			return r.Fail("%v", err)
		}
	}
	return app.ExitNone
}

func writeVetJSON(w io.Writer, id string, out []vetDiagnostic) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(map[string]map[string][]vetDiagnostic{id: {find.AnalyzerName: out}})
}

// diagnostic makes the diagnostic of a finding, with the rewrite that the limits
// admit.
func (r *unitRun) diagnostic(e *rewrite.Entry) vetDiagnostic {
	f := e.Finding
	u := f.Section.Unit
	d := vetDiagnostic{
		Category: f.Main().Category, Posn: f.Position().String(), End: u.Position(f.Section.Acquire.End()).String(), Message: f.Message(),
	}
	for _, n := range f.Notes() {
		d.Related = append(d.Related, vetRelated{n.At.String(), n.At.String(), n.Text})
	}
	v := e.Offered()
	if v == nil {
		return d
	}
	fix := vetFix{Message: v.Plan.Title}
	for _, c := range v.Changes {
		for _, t := range outcome.DiskEdits(c.File, textedit.Trim(c.File.Content, c.Edits)) {
			fix.Edits = append(fix.Edits, vetEdit{filepath.Clean(c.File.Name), t.Start, t.End, t.New})
		}
	}
	d.Fixes = append(d.Fixes, fix)
	return d
}
