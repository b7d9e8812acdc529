package proof

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// A Variant is one version of a program: the original, or the result of one plan
// or of a whole run.
type Variant struct {
	Name    string // "before", "hoist@2" for a shape's plan for finding 2, or "all" for a run
	Shape   string
	Safe    bool
	Assumes string // the conditions that the plan assumes
	asked   string // the questions, one per line
	Clean   bool   // no findings are left
	Reorder bool   // a question asks about the order of effects
	Passes  bool   // a question asks about calls that overtake each other
	Asks    bool   // a question names the program's subject
	Named   string // the guarded variables that the questions name
	Joins   bool   // a call may wait for another one and share its result
	Turns   string // functions that take the mutex added by the plan, so only one runs at a time
	Source  []byte `json:"-"`

	delta *delta // what to compile, if less than everything
}

// joins reports whether a call may wait for another one and share its result.
func joins(source []byte) bool { return bytes.Contains(source, []byte("singleflight.Group")) }

// waitsApart reports whether a call may wait for another one in a way that is
// missed when only one call runs at a time.
func waitsApart(source []byte) bool {
	return joins(source) || bytes.Contains(source, []byte("semaphore.Weighted"))
}

// A rewriter makes variants of programs.
type rewriter struct {
	fset     *token.FileSet
	table    *blocking.Table
	importer types.Importer
	lenient  bool // a shape that panics yields no plan
}

// newRewriter returns a rewriter that imports the toolchain's export data.
func newRewriter(t *toolchain) (*rewriter, error) {
	text, err := worldFiles.ReadFile("testdata/world/table.txt")
	if err != nil {
		return nil, err
	}
	table, err := blocking.ParseTable("table.txt", strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	r := &rewriter{fset: token.NewFileSet(), table: table}
	r.importer = importer.ForCompiler(r.fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := t.exports[path]
		if !ok {
			return nil, fmt.Errorf("programs may not import %s", path)
		}
		return os.Open(file)
	})
	return r, nil
}

// check parses and type-checks a program.
func (r *rewriter) check(p *programs.Program) (*patterns.Package, error) {
	name := fmt.Sprintf("/proof/p%d.go", p.ID)
	f, err := parser.ParseFile(r.fset, name, p.Source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	info := patterns.NewInfo()
	conf := types.Config{Importer: r.importer, GoVersion: p.GoVersion()}
	pkg, err := conf.Check("proof/p", r.fset, []*ast.File{f}, info)
	if err != nil {
		return nil, err
	}
	return &patterns.Package{
		ID: "proof/p", Path: "proof/p", Name: "p", Dir: "/proof", Module: "proof", GoVersion: p.GoVersion(), Fset: r.fset,
		Files: []*patterns.File{{Name: name, Syntax: f, Content: p.Source}},
		Types: pkg, Info: info, Sizes: types.SizesFor("gc", "amd64"), Importer: r.importer,
		Require: func(string) (*patterns.Requirement, error) { return nil, nil }, // shapes can import what they need
	}, nil
}

// forget removes the program files parsed since base from the file set.
func (r *rewriter) forget(base int) {
	var old []*token.File
	r.fset.Iterate(func(f *token.File) bool {
		if f.Base() >= base && strings.HasPrefix(f.Name(), "/proof/") {
			old = append(old, f)
		}
		return true
	})
	for _, f := range old {
		r.fset.RemoveFile(f)
	}
}

// rewrite returns the original program, the result of every plan for every
// finding, and the result of a run that applies the best plan for each. It
// counts findings and refusals in stats.
func (r *rewriter) rewrite(p *programs.Program, stats *Stats) ([]Variant, error) {
	defer r.forget(r.fset.Base())
	pkg, err := r.check(p)
	if err != nil {
		return nil, fmt.Errorf("program %d: %w\n%s", p.ID, err, numbered(p.Source))
	}
	x := analyse.NewProgram([]*patterns.Package{pkg}, r.table)
	variants := []Variant{{Name: "before", Source: p.Source}}
	findings := find.In(x, pkg, waits.Options{})
	stats.program(len(findings))
	for i, f := range findings {
		e := r.examine(x, f)
		stats.entry(e)
		for _, v := range e.Plans {
			made := variantOf(p, fmt.Sprintf("%s@%d", v.Plan.Shape, i), v)
			made.delta = deltaOf(pkg, v.Package)
			if !p.Glue.Parks || !waitsApart(made.Source) {
				variants = append(variants, made)
			}
		}
	}
	if len(findings) > 1 && len(variants) > 2 {
		if v, ok := r.all(x, pkg, p); ok && !(p.Glue.Parks && waitsApart(v.Source)) {
			variants = append(variants, v)
		}
	}
	return variants, nil
}

// examine asks every shape for plans. In lenient mode it asks each separately, so
// that a panic in one does not affect the others.
func (r *rewriter) examine(x *patterns.Program, f *finding.Finding) *rewrite.Entry {
	if !r.lenient {
		return rewrite.Examine(x, f, shapes.All())
	}
	all := &rewrite.Entry{Finding: f}
	for _, s := range shapes.All() {
		func() {
			defer func() { _ = recover() }()
			e := rewrite.Examine(x, f, []shapes.Shape{s})
			all.Plans, all.Refusals = append(all.Plans, e.Plans...), append(all.Refusals, e.Refusals...)
		}()
	}
	return all
}

func variantOf(p *programs.Program, name string, v *verify.Verified) Variant {
	out := Variant{Name: name, Shape: v.Plan.Shape, Safe: v.Plan.Grade() == safety.Safe, Source: v.Changes[0].Content()}
	out.Joins, out.Turns = joins(out.Source), turns(out.Source, v.Plan.Adds)
	out.Assumes = strings.Join(assumed(v.Plan), " ")
	for _, o := range v.Plan.Assumptions() {
		out.asked += string(o.Condition) + " " + o.Text + "\n"
	}
	out.Reorder, out.Passes = reorders(v.Plan), passes(v.Plan)
	out.Asks, out.Named = asks(p, v.Plan), named(v.Plan)
	out.Clean = len(find.Keys(v.Program, v.Package, waits.Options{})) == 0
	return out
}

// turns lists the functions of a program that take the mutex added by a plan.
func turns(src []byte, added string) string {
	var names []string
	for _, f := range strings.Split(string(src), "\nfunc ")[1:] {
		if m := funcName.FindStringSubmatch(f); m != nil && added != "" && strings.Contains(f, added+".Lock()") {
			names = append(names, m[1])
		}
	}
	return strings.Join(names, " ")
}

var funcName = regexp.MustCompile(`^(?:\(.*?\) )?([\pL\d_]+)\(`)

// asks reports whether a question of the plan is about the program's subject, or
// about state that the subject is computed from.
func asks(p *programs.Program, plan *plan.Plan) bool {
	if p.About == nil {
		return false
	}
	return slices.ContainsFunc(plan.Assumptions(), func(o safety.Obligation) bool {
		switch {
		case o.Condition == safety.S1:
			return true
		case o.Answers(safety.S10), strings.Contains(o.Text, "reads the same value"), strings.Contains(o.Text, "used again at "): // other calls may use the half-done state, or the same
			named := wordSet{}
			named.add(o.Text)
			named.addMade(linesOf(plan))
			return p.About.MatchString(named.String())
		}
		return o.Condition != safety.S9 && p.About.MatchString(o.Text)
	})
}

var (
	words   = regexp.MustCompile(`\w+`)
	lineRef = regexp.MustCompile(`\blines? (\d+(?:, \d+)*)`)
	passing = regexp.MustCompile(`^([\pL\d_.]+)(?:\[[^\]]*\])?\((.*)\)$`)
	method  = regexp.MustCompile(`^([\pL\d_.]+)\.[\pL\d_]+\((.*)\)$`)
	alias   = regexp.MustCompile(`^(?:var )?([\pL\d_]+)(?: [\pL\d_]+)? :?= ([\pL\d_.]+)$`)
	element = regexp.MustCompile(`^for (?:\w+, )?([\pL\d_]+) := range ([\pL\d_.]+) \{$`)
	setter  = regexp.MustCompile(`^func \(.*?\) ([\pL\d_]+)\(.*\) \{ (.*) = .* \}$`)
	getter  = regexp.MustCompile(`^func \(.*?\) ([\pL\d_]+)\(\) .*\{ return (.*) \}$`)
)

// A wordSet is the set of names that a text mentions.
type wordSet map[string]bool

func (named wordSet) String() string { return strings.Join(sortedKeys(named), " ") }

func (named wordSet) add(text string) {
	for _, w := range words.FindAllString(text, -1) {
		named[w] = true
	}
}

// addReceiver adds the receiver of a method call that takes one of the variables, or
// what gets one of them as an element, and whatever that is an alias or an element of.
func (named wordSet) addReceiver(recv string, lines []string) {
	named.add(recv)
	for _, line := range lines {
		for _, of := range []*regexp.Regexp{alias, element} {
			if m := of.FindStringSubmatch(strings.TrimSpace(line)); m != nil && m[1] == recv {
				named.add(m[2])
			}
		}
	}
}

// addMade adds everything that the lines of a program compute from the variables
// in the set: what they assign directly, in a loop over one of them, behind a test of
// one, after a test that returns, or through a getter. It also adds what they pass to a
// function together with one of them, and what a method sets that gets one as a function
// value.
func (named wordSet) addMade(lines []string) {
	has := func(text string) bool {
		return slices.ContainsFunc(words.FindAllString(text, -1), func(w string) bool { return w != "s" && named[w] })
	}
	for n := -1; n != len(named); {
		n = len(named)
		for i, line := range lines {
			if head := strings.TrimSpace(line); (strings.HasPrefix(head, "for ") || strings.HasPrefix(head, "if ")) && strings.HasSuffix(head, "{") && has(head) {
				named.add(changedWithin(lines[i:]))
				if strings.HasPrefix(head, "if ") && leaves(lines[i:]) {
					named.add(changedAfter(lines[i:]))
				}
			}
			left, right, ok := strings.Cut(line, "= ")
			if !ok {
				left, _, ok = strings.Cut(line, "++")
			}
			root, index, _ := strings.Cut(left, "[")
			if ok && has(index+" "+right) {
				named.add(left)
				named.addReceiver(strings.TrimSpace(root), lines)
			}
			if m := method.FindStringSubmatch(strings.TrimSpace(line)); m != nil && has(m[2]) {
				named.addReceiver(m[1], lines)
				named.add(m[2])
			}
			if m := passing.FindStringSubmatch(strings.TrimSpace(line)); m != nil && has(m[2]) {
				named.add(m[2])
				named.addReceiver(m[1], lines) // raise := s.raise0; raise(s.n)
			}
			if m := setter.FindStringSubmatch(strings.TrimSpace(line)); m != nil && has(m[1]) {
				named.add(m[2])
			}
			if m := getter.FindStringSubmatch(strings.TrimSpace(line)); m != nil && has(m[1]) {
				named.add(m[2])
			}
		}
	}
}

// linesOf returns the lines of the source that a plan was made for. In a run of
// several plans, only the first is made for the original program.
func linesOf(plan *plan.Plan) []string {
	return slices.Collect(strings.Lines(string(plan.Finding.Section.Unit.File.Content)))
}

// named lists the words in the plan's questions about guarded state and in the
// lines they refer to. It adds the definitions of locals among them and everything
// that the program computes from all these.
func named(plan *plan.Plan) string {
	named := wordSet{}
	lines := linesOf(plan)
	for _, o := range plan.Assumptions() {
		if (o.Condition == safety.S9 || o.Condition == safety.S8 && !changesInOrder.MatchString(o.Text) || o.Condition == safety.S12) && !o.Answers(safety.S10) {
			continue
		}
		named.add(o.Text)
		if strings.Contains(o.Text, "find it empty") || strings.Contains(o.Text, "is now emptied before the call") {
			// Another call may now run the rest of the section on the empty value.
			named.add(changedInSection(plan, lines))
		}
		for _, n := range linesIn(o.Text) {
			if n > len(lines) {
				continue
			}
			named.add(lines[n-1])
			if strings.Contains(o.Text, "used again at ") && strings.Contains(lines[n-1], "return ") {
				// The caller goes on to use the value.
				named.add(changedInSection(plan, lines))
			}
			if strings.Contains(o.Text, "tested at ") || strings.Contains(o.Text, "used again at ") {
				named.add(changedAfter(lines[n-1:]))
			}
		}
	}
	for _, line := range lines {
		left, right, ok := strings.Cut(line, ":= ")
		if ok && slices.ContainsFunc(words.FindAllString(left, -1), func(w string) bool { return named[w] }) {
			named.add(right)
		}
	}
	named.addMade(lines)
	return named.String()
}

// changesInOrder matches the S8 questions that name what may change in another
// order than the calls are made.
var changesInOrder = regexp.MustCompile(`\bchanges? .* (?:in another order than|in different orders)|can be set in another order|gets? the result of the call`)

// passes reports whether a plan asks if two calls may change state in a different
// order from their waits.
func passes(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Assumptions(), func(o safety.Obligation) bool { return o.Answers(safety.S8) && changesInOrder.MatchString(o.Text) })
}

// linesIn lists the line numbers that a question mentions.
func linesIn(text string) []int {
	var out []int
	for _, m := range lineRef.FindAllStringSubmatch(text, -1) {
		for number := range strings.SplitSeq(m[1], ", ") {
			if n, err := strconv.Atoi(number); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

var change = regexp.MustCompile(`^(.*) [-+*]?= |^(.*)(?:\+\+|--)$|^(?:delete|clear)\((.*)\)$`)

// changedAfter returns what the rest of a function changes. lines begins with a
// test, whose result may now be different.
func changedAfter(lines []string) string {
	return changedUntil(lines, func(line string) bool { return strings.HasPrefix(line, "}") })
}

// changedInSection returns what a function changes after it acquires the lock of
// the plan's section.
func changedInSection(plan *plan.Plan, lines []string) string {
	section := plan.Finding.Section
	return changedAfter(lines[section.Unit.Pkg.Fset.Position(section.Acquire.Pos()).Line:])
}

// changedWithin returns what the loop that starts at the first line changes.
func changedWithin(lines []string) string {
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, "\t")) }
	return changedUntil(lines[1:], func(line string) bool { return indent(line) <= indent(lines[0]) && strings.TrimSpace(line) != "" })
}

func changedUntil(lines []string, end func(string) bool) string {
	var b strings.Builder
	for _, line := range lines {
		if end(line) {
			break
		}
		if m := change.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			b.WriteString(strings.Join(m[1:], " ") + " ")
		}
	}
	return b.String()
}

// leaves reports whether the block that starts at the first line ends with a
// return.
func leaves(lines []string) bool {
	end := strings.TrimSuffix(lines[0], strings.TrimLeft(lines[0], "\t")) + "}"
	for i, line := range lines[1:] {
		if strings.HasPrefix(line, end) {
			return i > 0 && strings.HasPrefix(strings.TrimSpace(lines[i]), "return")
		}
	}
	return false
}

// reorders reports whether a plan delays calls past later ones and asks about it.
// The collect shape does, when it assumes S3.
func reorders(p *plan.Plan) bool {
	return p.Shape == shapes.Collect.Name && slices.Contains(assumed(p), string(safety.S3))
}

func assumed(p *plan.Plan) []string {
	var list []string
	for _, o := range p.Assumptions() {
		for _, c := range append([]safety.Condition{o.Condition}, o.Also...) {
			if !slices.Contains(list, string(c)) {
				list = append(list, string(c))
			}
		}
	}
	return list
}

// all applies the best plan for every finding. ok is false if it applies fewer
// than two.
func (r *rewriter) all(x *patterns.Program, pkg *patterns.Package, p *programs.Program) (v Variant, ok bool) {
	if r.lenient {
		defer func() {
			if recover() != nil {
				ok = false
			}
		}()
	}
	limits := rewrite.Limits{Shapes: shapes.All(), MinGrade: safety.Review, Deliberate: true, Held: true}
	res := rewrite.Fix(x, pkg, limits)
	v = Variant{Name: "all", Shape: "all", Safe: true, Clean: len(res.Remaining(limits)) == 0}
	n, adds := 0, ""
	for _, e := range res.Entries {
		if e.Applied == nil {
			continue
		}
		n++
		v.Reorder, v.Passes = v.Reorder || reorders(e.Applied), v.Passes || passes(e.Applied)
		v.Asks, v.Named = v.Asks || asks(p, e.Applied), v.Named+" "+named(e.Applied)
		v.Safe = v.Safe && e.Applied.Grade() == safety.Safe
		adds = cmp.Or(adds, e.Applied.Adds)
		for _, c := range assumed(e.Applied) {
			if !slices.Contains(strings.Fields(v.Assumes), c) {
				v.Assumes = strings.TrimSpace(v.Assumes + " " + c)
			}
		}
	}
	if n < 2 || len(res.Changes) != 1 {
		return v, false
	}
	v.Source = res.Changes[0].Content()
	v.Joins, v.Turns, v.delta = joins(v.Source), turns(v.Source, adds), deltaOf(pkg, res.Package)
	return v, true
}

func numbered(src []byte) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		fmt.Fprintf(&b, "%3d  %s", n, line)
	}
	return b.String()
}
