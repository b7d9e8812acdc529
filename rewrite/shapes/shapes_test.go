package shapes_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/shapes/helper"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
	"golang.org/x/tools/txtar"
)

const casesDir = "../../testdata/rewrite"

// exampleName is the file that holds what surrounds a shape's example.
const exampleName = "example"

// A shapeCase is one file testdata/rewrite/SHAPE/CASE.txtar.
type shapeCase struct {
	path    string
	shape   string
	name    string
	archive *txtar.Archive
	want    []byte // the want section, or nil
	diff    []byte // the diff section, or nil
	bug     string // why the tool does not give what stands in want
}

// TestShapes runs testdata/rewrite/SHAPE/CASE.txtar. The comment on top says
// what the case shows and why. Its sections:
//
//	NAME.go  a source file; all of them are one package
//	want     what the shape says to each finding, as [report] writes it
//	diff     what carrying the shape's plans out changes, if there are any
//	bug      why the tool does not give what stands in want and diff. Such a
//	         case fails, -update leaves it alone, and when it passes the section
//	         has to go
//
// The flag -update rewrites want and diff.
func TestShapes(t *testing.T) {
	cases := readCases(t)
	packages := loadCases(t, cases, nil)
	for _, c := range cases {
		if c.name == exampleName {
			continue
		}
		t.Run(c.shape+"/"+c.name, func(t *testing.T) {
			p := packages[c.shape+"/"+c.name]
			if p == nil {
				t.Fatal("the package was not loaded")
			}
			c.run(t, p)
		})
	}
}

// readCases reads all cases and checks their form.
func readCases(t testing.TB) []*shapeCase {
	t.Helper()
	var cases []*shapeCase
	entries, err := os.ReadDir(casesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := shapes.Named(e.Name()); !ok || !e.IsDir() {
			t.Fatalf("%s/%s is not a directory with the name of a shape", casesDir, e.Name())
		}
	}
	for _, s := range shapes.All() {
		files, err := os.ReadDir(filepath.Join(casesDir, s.Name))
		if err != nil || len(files) < 2 {
			t.Fatalf("the shape %s has %d cases, %v", s.Name, len(files), err)
		}
		for _, f := range files {
			c, err := readShapeCase(s.Name, filepath.Join(casesDir, s.Name, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func readShapeCase(shape, path string) (*shapeCase, error) {
	name, ok := strings.CutSuffix(filepath.Base(path), ".txtar")
	if !ok {
		return nil, fmt.Errorf("%s: not a case", path)
	}
	a, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	c := &shapeCase{path: path, shape: shape, name: name, archive: a}
	if len(bytes.TrimSpace(a.Comment)) == 0 {
		return nil, fmt.Errorf("%s: no comment says what the case shows", path)
	}
	seen := make(map[string]bool)
	for _, f := range a.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s: section %s is there twice", path, f.Name)
		}
		seen[f.Name] = true
		switch {
		case filepath.Ext(f.Name) == ".go" && filepath.Base(f.Name) == f.Name:
		case f.Name == "want":
			c.want = f.Data
		case f.Name == "diff":
			c.diff = f.Data
		case f.Name == "bug":
			c.bug = strings.TrimSpace(string(f.Data))
		default:
			return nil, fmt.Errorf("%s: unknown section %s", path, f.Name)
		}
	}
	switch {
	case !seen["p.go"]:
		return nil, fmt.Errorf("%s: no section p.go", path)
	case name == exampleName && len(a.Files) != 1:
		return nil, fmt.Errorf("%s: an example has the section p.go only", path)
	case name != exampleName && !*update && len(c.want) == 0:
		return nil, fmt.Errorf("%s: no section want", path)
	case c.bug != "" && len(c.want) == 0:
		return nil, fmt.Errorf("%s: a bug without a section want", path)
	}
	return c, nil
}

// loadCases loads every case as one package of one module, with the text in
// extra appended to its p.go, and returns the packages by SHAPE/CASE.
func loadCases(t testing.TB, cases []*shapeCase, extra map[string]string) map[string]*patterns.Package {
	t.Helper()
	files := make(map[string][]byte)
	for _, c := range cases {
		if c.name == exampleName && extra == nil {
			continue
		}
		for _, f := range c.archive.Files {
			if filepath.Ext(f.Name) == ".go" {
				files[c.shape+"/"+c.name+"/"+f.Name] = f.Data
			}
		}
	}
	for name, text := range extra {
		files[name+"/p.go"] = append(slices.Clone(files[name+"/p.go"]), text...)
	}
	return loadModule(t, files)
}

// caseModule is the go.mod of the cases. It requires nothing: what a rewrite
// imports must be added.
const caseModule = "module cases\n\ngo 1.26.0\n"

// loadModule writes files into the module "cases" in a new directory, loads all
// of its packages, and returns them by the name of their directory.
func loadModule(t testing.TB, files map[string][]byte) map[string]*patterns.Package {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = []byte(caseModule)
	writeFiles(t, dir, files)
	res, err := load.Load(load.Config{Dir: dir, Env: goEnv()}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Errorf("%v", p)
	}
	packages := make(map[string]*patterns.Package)
	for _, p := range res.Packages {
		packages[strings.TrimPrefix(p.Path, "cases/")] = p
	}
	return packages
}

// goEnv keeps the settings of whoever runs the tests, and the network, out.
func goEnv() []string {
	return append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local", "GO111MODULE=")
}

func writeFiles(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// limits let a run carry out whatever the shapes plan.
func limits(list ...shapes.Shape) rewrite.Limits {
	l := rewrite.Limits{Shapes: list, MinGrade: safety.Review, Deliberate: true}
	if len(list) == 1 {
		l.Requested = []string{list[0].Name}
	}
	return l
}

func (c *shapeCase) run(t *testing.T, p *patterns.Package) {
	shape, _ := shapes.Named(c.shape)
	x := analyse.NewProgram([]*patterns.Package{p}, nil)
	for _, f := range p.Files {
		if formatted, err := format.Source(f.Content); err != nil || !bytes.Equal(formatted, f.Content) {
			t.Errorf("%s is not as gofmt prints it", filepath.Base(f.Name))
		}
	}
	before := deepPrint(p)
	r := rewrite.Fix(x, p, limits(shape))
	if deepPrint(p) != before {
		t.Error("the run changed the syntax trees that it was given")
	}
	if len(r.Entries) == 0 {
		t.Fatal("nothing was found: the case asserts nothing")
	}
	want, diff := report(p, r), diffOf(t, r)
	checkRun(t, p, r, shape)
	same := bytes.Equal(want, c.want) && bytes.Equal(diff, c.diff)
	if *update && (same || c.bug == "") {
		c.write(t, want, diff)
		return
	}
	switch {
	case !same && c.bug != "":
		t.Errorf("known bug: %s\ngot\n%s%s", c.bug, want, diff)
	case !same:
		t.Errorf("got\n%s%s\nwant\n%s%s\n%s", want, diff, c.want, c.diff, numbered(p))
	case c.bug != "" && !*update:
		t.Error("the bug is gone: remove the section, or run with -update")
	}
}

// write replaces the sections want and diff, and drops a bug section.
func (c *shapeCase) write(t *testing.T, want, diff []byte) {
	a := *c.archive
	a.Files = slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool { return filepath.Ext(f.Name) != ".go" })
	a.Files = append(a.Files, txtar.File{Name: "want", Data: want})
	if len(diff) > 0 {
		a.Files = append(a.Files, txtar.File{Name: "diff", Data: diff})
	}
	if err := os.WriteFile(c.path, txtar.Format(&a), 0o666); err != nil {
		t.Fatal(err)
	}
}

// report writes what the shape says to each finding of a package:
//
//	12 safe                       line 12 takes the lock; all conditions are proved
//	12 review                     the conditions on the lines below are assumed,
//	S8 the call passes on ...     one a line
//	12 refused S3 14 the section  the shape does not apply; "-" for no condition
//
// A line is preceded by the file, "q.go:12", if that is not p.go.
func report(p *patterns.Package, r *rewrite.Result) []byte {
	line := func(pos token.Pos) string {
		at := p.Fset.Position(pos)
		if name := filepath.Base(at.Filename); name != "p.go" {
			return name + ":" + strconv.Itoa(at.Line)
		}
		return strconv.Itoa(at.Line)
	}
	var b bytes.Buffer
	for _, e := range r.Entries {
		fmt.Fprintf(&b, "%s ", line(e.Finding.Section.Pos()))
		for _, v := range e.Plans {
			fmt.Fprintf(&b, "%s\n", v.Plan.Grade())
			for _, o := range v.Plan.Assumptions() {
				fmt.Fprintf(&b, "%s %s\n", o.Condition, o.Text)
			}
		}
		for _, f := range e.Refusals {
			fmt.Fprintf(&b, "refused %s %s %s\n", cmp.Or(string(f.Condition), "-"), line(f.Pos), f.Reason)
		}
	}
	return b.Bytes()
}

// diffOf returns the changes of Go files as a unified diff.
func diffOf(t *testing.T, r *rewrite.Result) []byte {
	t.Helper()
	var files []textedit.File
	for _, c := range goChanges(r) {
		files = append(files, textedit.File{Path: filepath.Base(c.File.Name), Old: c.File.Content, New: c.Content()})
	}
	diff, err := textedit.Unified(files, 3)
	if err != nil {
		t.Fatal(err)
	}
	return diff
}

// goChanges lists the changes of a run except those of go.mod and go.sum.
func goChanges(r *rewrite.Result) []verify.Change {
	return slices.DeleteFunc(slices.Clone(r.Changes), func(c verify.Change) bool { return c.File.Syntax == nil })
}

// checkRun checks what must hold for every run, whatever it found.
func checkRun(t *testing.T, p *patterns.Package, r *rewrite.Result, shape shapes.Shape) {
	t.Helper()
	changed := make(map[string]bool)
	for _, e := range r.Entries {
		if len(e.Plans)+len(e.Refusals) != 1 {
			t.Errorf("%s: %d plans and %d refusals of one shape", e.Finding.Position(), len(e.Plans), len(e.Refusals))
		}
		for _, v := range e.Plans {
			checkObligations(t, v.Plan)
			for _, script := range append(v.Plan.Others, v.Plan.Script) {
				changed[script.Decl.(*ast.FuncDecl).Name.Name] = true
			}
		}
		if len(e.Plans) > 0 && e.Applied == nil {
			t.Errorf("%s: the plan was not carried out", e.Finding.Position())
		}
	}
	if planned := len(changed) > 0; planned != (len(r.Changes) > 0) {
		t.Errorf("planned: %v, but %d files changed", planned, len(r.Changes))
	}
	if len(r.Changes) == 0 {
		return
	}
	contents := make(map[string][]byte)
	for _, c := range goChanges(r) {
		checkFile(t, c.File.Content, c.Content(), changed, outlineOf(r))
		contents[c.File.Name] = c.Content()
	}
	p, err := p.WithContents(contents)
	if err != nil {
		t.Errorf("the result does not type-check: %v", err)
		return
	}
	again := rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, limits(shape))
	if len(again.Changes) > 0 {
		t.Errorf("a second run changes more:\n%s", diffOf(t, again))
	}
}

// checkObligations checks that a plan passes over no condition in silence.
func checkObligations(t *testing.T, p *plan.Plan) {
	t.Helper()
	for _, c := range safety.Conditions() {
		if !slices.ContainsFunc(p.Obligations, func(o safety.Obligation) bool { return o.Answers(c) }) {
			t.Errorf("%s says nothing of %s (%s)", p.Shape, c, c.Title())
		}
	}
	for _, o := range p.Obligations {
		if o.Text == "" || o.Status != safety.Proved && o.Status != safety.Assumed {
			t.Errorf("%s: incomplete obligation %+v", p.Shape, o)
		}
		if o.Status == safety.Assumed && !o.Pos.IsValid() {
			t.Errorf("%s: %s is assumed but has no position", p.Shape, o.Condition)
		}
	}
}

// An outline is what the plans of a run change outside of functions: the lines
// that they add, and those that they take away.
type outline struct{ added, dropped []string }

func outlineOf(r *rewrite.Result) outline {
	var l outline
	for _, e := range r.Entries {
		if e.Applied == nil {
			continue
		}
		for _, o := range e.Applied.Outside {
			text, start, end := o.File.Content, o.Edit.Start, o.Edit.End
			for start > 0 && text[start-1] != '\n' {
				start--
			}
			for end < len(text) && text[end] != '\n' {
				end++
			}
			l.dropped = append(l.dropped, spacedLines(string(text[start:end]))...)
			changed := string(text[start:o.Edit.Start]) + o.Edit.New + string(text[o.Edit.End:end])
			l.added = append(l.added, spacedLines(changed)...)
		}
	}
	return l
}

// spacedLines splits a text into its lines that are not empty, with one space
// wherever there are several.
func spacedLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// checkFile compares a file before and after: comments, format, and every byte
// outside of the functions that were to change. Imports may be added. Where plans
// change something outside of functions, the other lines must be the same.
func checkFile(t *testing.T, before, after []byte, changed map[string]bool, plans outline) {
	t.Helper()
	added := func(c string) bool {
		return c == move.LookAgain || strings.HasSuffix(c, helper.TakesAgain) || strings.HasPrefix(c, "// serializes ") && strings.Contains(strings.Join(plans.added, "\n"), c)
	}
	if a, b := comments(before), slices.DeleteFunc(comments(after), added); !slices.Equal(a, b) {
		t.Errorf("the comments are\n\t%q\nand were\n\t%q", b, a)
	}
	if formatted, err := format.Source(after); err != nil || !bytes.Equal(formatted, after) {
		t.Errorf("the result is not as gofmt prints it: %v\n%s", err, after)
	}
	a, b := outside(t, before, changed), outside(t, after, changed)
	if len(plans.added) > 0 {
		a, b = spacedLines(strings.Join(a, "\n")), spacedLines(strings.Join(b, "\n"))
		all := a
		a = slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(plans.dropped, line) && !slices.Contains(b, line) })
		b = slices.DeleteFunc(b, func(line string) bool { return slices.Contains(plans.added, line) && !slices.Contains(all, line) })
	}
	if !slices.Equal(a, b) {
		t.Errorf("something outside of %v changed:\n%q\nand was\n%q", changed, b, a)
	}
	had, has := imports(t, before), imports(t, after)
	for _, i := range had {
		if !slices.Contains(has, i) && !slices.Contains(plans.dropped, i) {
			t.Errorf("the import %s is gone", i)
		}
	}
}

// imports lists the imports of a file.
func imports(t *testing.T, src []byte) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		name := ""
		if i.Name != nil {
			name = i.Name.Name + " "
		}
		out = append(out, name+i.Path.Value)
	}
	return out
}

// comments returns the comments of a file, sorted.
func comments(src []byte) []string {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(src)), src, nil, scanner.ScanComments)
	var out []string
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			slices.Sort(out)
			return out
		case token.COMMENT:
			out = append(out, strings.Join(strings.Fields(lit), " "))
		}
	}
}

// outside returns the stretches of a file between the functions that were to
// change, without its imports.
func outside(t *testing.T, src []byte, changed map[string]bool) []string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	at := fset.Position(f.Name.End()).Offset
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.IMPORT && !bytes.Contains(src[d.Pos()-1:d.End()-1], []byte(`"C"`)) {
			at = fset.Position(d.End()).Offset
			continue
		}
		if d, ok := d.(*ast.FuncDecl); ok && changed[d.Name.Name] {
			out = append(out, string(src[at:fset.Position(d.Pos()).Offset]))
			at = fset.Position(d.End()).Offset
		}
	}
	return append([]string{strings.TrimSpace(string(src[:fset.Position(f.Name.End()).Offset]))}, append(out, string(src[at:]))...)
}

// deepPrint prints the syntax trees of a package with everything in them.
func deepPrint(p *patterns.Package) string {
	var b strings.Builder
	for _, f := range p.Files {
		ast.Fprint(&b, nil, f.Syntax, nil)
	}
	return b.String()
}

// numbered returns the source with line numbers, to read a report against.
func numbered(p *patterns.Package) string {
	var b strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&b, "%s\n", filepath.Base(f.Name))
		for i, l := range strings.Split(strings.TrimSuffix(string(f.Content), "\n"), "\n") {
			fmt.Fprintf(&b, "%4d  %s\n", i+1, l)
		}
	}
	return b.String()
}

// TestExamples runs the example in the documentation of every shape: with the
// declarations of testdata/rewrite/SHAPE/example.txtar around it, what stands
// below "before" must become exactly what stands below "after".
func TestExamples(t *testing.T) {
	examples := readExamples(t)
	cases := slices.DeleteFunc(readCases(t), func(c *shapeCase) bool { return c.name != exampleName })
	extra := make(map[string]string)
	for _, c := range cases {
		extra[c.shape+"/"+exampleName] = "\n" + examples[c.shape].before
	}
	packages := loadCases(t, cases, extra)
	for _, s := range shapes.All() {
		t.Run(s.Name, func(t *testing.T) {
			ex, p := examples[s.Name], packages[s.Name+"/"+exampleName]
			if ex.before == "" || ex.after == "" {
				t.Fatal("the documentation of the shape has no example")
			}
			if p == nil {
				t.Fatalf("there is no %s.txtar", exampleName)
			}
			r := rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, limits(s))
			changes := goChanges(r)
			if len(changes) != 1 {
				t.Fatalf("%d files changed\n%s", len(changes), report(p, r))
			}
			names := make(map[string]bool)
			for _, d := range p.Files[0].Syntax.Decls[len(p.Files[0].Syntax.Decls)-strings.Count("\n"+ex.before, "\nfunc "):] {
				names[d.(*ast.FuncDecl).Name.Name] = true
			}
			got := functions(t, changes[0].Content(), names)
			if got != ex.after {
				t.Errorf("the example becomes\n%s\nand its documentation says\n%s", got, ex.after)
			}
			checkRun(t, p, r, s)
		})
	}
}

// functions returns the text of the named functions.
func functions(t *testing.T, src []byte, names map[string]bool) string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && names[d.Name.Name] {
			out = append(out, string(src[fset.Position(d.Pos()).Offset:fset.Position(d.End()).Offset])+"\n")
		}
	}
	return strings.Join(out, "\n")
}

// An example is what the documentation of a shape shows.
type example struct{ before, after string }

// readExamples extracts the examples from the documentation of the variables
// of this package that hold a shape, by the name of the shape.
func readExamples(t *testing.T) map[string]example {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	examples := make(map[string]example)
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			d, ok := d.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR || len(d.Specs) != 1 {
				continue
			}
			if name, ok := shapeName(d.Specs[0].(*ast.ValueSpec)); ok {
				examples[name] = exampleIn(d.Doc.Text())
			}
		}
	}
	return examples
}

// shapeName returns the name of the shape that a variable is set to.
func shapeName(spec *ast.ValueSpec) (string, bool) {
	if len(spec.Values) != 1 {
		return "", false
	}
	lit, ok := spec.Values[0].(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	if typ := types.ExprString(lit.Type); typ[strings.LastIndex(typ, ".")+1:] != "Shape" {
		return "", false
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Name" {
			name, err := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
			return name, err == nil
		}
	}
	return "", false
}

// exampleIn finds the code blocks of a documentation text that begin with the
// lines "// before" and "// after".
func exampleIn(text string) example {
	var ex example
	for _, b := range new(comment.Parser).Parse(text).Content {
		code, ok := b.(*comment.Code)
		if !ok {
			continue
		}
		// Blocks with nothing but an empty line in between are one.
		before, after, _ := strings.Cut(code.Text, "// after\n")
		if s, ok := strings.CutPrefix(before, "// before\n"); ok {
			ex.before = strings.TrimRight(s, "\n") + "\n"
		}
		if after != "" {
			ex.after = after
		}
	}
	return ex
}
