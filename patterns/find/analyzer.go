package find

import (
	"fmt"
	"go/build"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
	"golang.org/x/tools/go/analysis"
)

// AnalyzerName is the name under which go vet and other drivers know letgo.
const AnalyzerName = "letgo"

const analyzerDoc = `find mutexes that are held while waiting for something else

The letgo analyzer reports critical sections that enclose a blocking operation:
a request, a query, a channel, a file. It leaves out those that look held on
purpose. Where a rewrite is proved to keep what the code does, it is the
suggested fix of the diagnostic.`

const analyzerURL = "https://pkg.go.dev/github.com/letgo-dev/letgo"

// A Setup is what a project file says about a package. The zero value says nothing.
type Setup struct {
	Table      *blocking.Table   // nil: [blocking.DefaultTable]
	Categories []string          // to report; nil: those that are on by default
	Skips      func(string) bool // whether a file is to be left alone; nil: none
}

// A Suggestion is a rewrite of a finding, as edits of the files of its package.
type Suggestion struct {
	Title string
	Edits []FileEdit
}

// A FileEdit replaces a part of a file's content.
type FileEdit struct {
	File       *patterns.File
	Start, End int
	New        string
}

// Hooks connect the analyzer with what this package must not import: the project file
// and the rewrites. Each may be nil.
type Hooks struct {
	Setup func(*patterns.Package) (Setup, error)
	// Suggest returns at most one rewrite for each finding. All of them can be
	// carried out together.
	Suggest func(*patterns.Program, *patterns.Package, []string) map[*finding.Finding]Suggestion
}

// packageFacts is what the drivers of go/analysis keep for a package: the facts
// of the package, and of those of its modules that it depends on.
type packageFacts struct{ Data []byte }

// AFact implements [analysis.Fact].
func (*packageFacts) AFact() {}

func (f *packageFacts) String() string { return fmt.Sprintf("%d bytes of facts", len(f.Data)) }

// NewAnalyzer returns the analyzer for go/analysis drivers: golangci-lint, Bazel's
// nogo, and those of golang.org/x/tools. It has the same findings as the command.
func NewAnalyzer(h Hooks) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name: AnalyzerName, Doc: analyzerDoc, URL: analyzerURL,
		FactTypes: []analysis.Fact{new(packageFacts)},
	}
	// Not "all", as in the command: singlechecker has a flag of that name.
	all := a.Flags.Bool("deliberate", false, "also sections that look held on purpose")
	tests := a.Flags.Bool("tests", false, "also test files")
	a.Run = func(pass *analysis.Pass) (any, error) {
		r := &passRun{Pass: pass, hooks: h, all: *all, tests: *tests}
		return nil, r.run()
	}
	return a
}

// A passRun is one run of the analyzer over a package.
type passRun struct {
	*analysis.Pass
	hooks      Hooks
	all, tests bool
	files      map[*patterns.File]*token.File
}

func (r *passRun) run() error {
	if r.outside() {
		return nil // the table serves for it
	}
	p, err := r.newPackage()
	if err != nil || len(p.Files) == 0 {
		return err
	}
	var setup Setup
	if r.hooks.Setup != nil {
		if setup, err = r.hooks.Setup(p); err != nil {
			return err
		}
	}
	facts := make(map[string]*patterns.Facts)
	for _, q := range r.Pkg.Imports() {
		var f packageFacts
		if r.ImportPackageFact(q, &f) {
			if err := patterns.DecodeFacts(facts, f.Data, q.Path()); err != nil {
				return err
			}
		}
	}
	x := analyse.NewProgramOf([]*patterns.Package{p}, setup.Table, facts, !r.tests)
	if slices.Contains(setup.Categories, "lock") {
		analyse.FollowLockWaits(x)
	}
	data, err := patterns.EncodeFacts(x.AllFacts(), p.Path)
	if err != nil {
		return err
	}
	r.ExportPackageFact(&packageFacts{data})
	r.report(x, p, setup)
	return nil
}

// outside reports whether the package belongs to the standard library or to
// another module than those that are worked on. Drivers that know no modules
// leave that to the place of the files.
func (r *passRun) outside() bool {
	if m := r.Module; m != nil && m.Path != "" {
		return m.Version != ""
	}
	if len(r.Files) == 0 {
		return true
	}
	name := r.Fset.Position(r.Files[0].FileStart).Filename
	std := filepath.Join(build.Default.GOROOT, "src") + string(filepath.Separator)
	return strings.HasPrefix(name, std)
}

// newPackage makes the package of the pass, without its test files unless they
// are asked for.
func (r *passRun) newPackage() (*patterns.Package, error) {
	path, _, _ := strings.Cut(r.Pkg.Path(), " [")
	p := &patterns.Package{
		ID: path, Path: path, Name: r.Pkg.Name(), Fset: r.Fset, Types: r.Pkg, Info: r.TypesInfo, Sizes: r.TypesSizes,
		Importer: importedBy{r.Pkg},
	}
	if r.Module != nil {
		p.Module = r.Module.Path
		if v := r.Module.GoVersion; v != "" && !strings.HasPrefix(v, "go") {
			p.GoVersion = "go" + v
		}
	}
	readFile := r.ReadFile
	if readFile == nil { // Bazel's nogo has none
		readFile = os.ReadFile
	}
	r.files = make(map[*patterns.File]*token.File)
	for _, tree := range r.Files {
		name := r.Fset.PositionFor(tree.FileStart, false).Filename
		if !r.tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		f := &patterns.File{Name: name, Syntax: tree, Content: content, Fixed: fixedInPass(tree, content)}
		p.Files = append(p.Files, f)
		p.Dir = filepath.Dir(name)
		r.files[f] = r.Fset.File(tree.FileStart)
	}
	p.LeftOut = patterns.NewLeftOut(func() []patterns.LeftOutFile { return r.leftOut(p, readFile) })
	return p, nil
}

// leftOut lists the files of the package that the pass does not look at: those that
// the driver leaves out, and its tests.
func (r *passRun) leftOut(p *patterns.Package, readFile func(string) ([]byte, error)) []patterns.LeftOutFile {
	names := slices.Clone(r.IgnoredFiles)
	for _, tree := range r.Files {
		names = append(names, r.Fset.PositionFor(tree.FileStart, false).Filename)
	}
	var files []patterns.LeftOutFile
	for _, name := range names {
		if !patterns.IsLeftOutName(name) || slices.ContainsFunc(p.Files, func(f *patterns.File) bool { return f.Name == name }) {
			continue
		}
		if content, err := readFile(name); err == nil {
			files = append(files, patterns.LeftOutFile{Name: name, Content: content})
		}
	}
	return files
}

// report reports the findings of the package and the mistakes in its directives.
func (r *passRun) report(x *patterns.Program, p *patterns.Package, setup Setup) {
	skips := func(name string) bool { return setup.Skips != nil && setup.Skips(name) }
	var suggested map[*finding.Finding]Suggestion
	found := In(x, p, waits.Options{Categories: setup.Categories})
	if r.hooks.Suggest != nil {
		suggested = r.hooks.Suggest(x, p, setup.Categories)
	}
	fixes := make(map[token.Pos]Suggestion)
	for f, s := range suggested {
		fixes[f.Section.Pos()] = s
	}
	for _, f := range found {
		if skips(f.Section.Unit.File.Name) || !r.all && !f.Shown() {
			continue
		}
		d := analysis.Diagnostic{Pos: f.Section.Pos(), End: f.Section.Acquire.End(), Category: f.Main().Category, Message: f.Message()}
		for _, o := range f.Ops {
			d.Related = append(d.Related, analysis.RelatedInformation{
				Pos: o.Pos(), End: o.Node.End(), Message: fmt.Sprintf("waits here: %s (%s)", o.Describe(), o.Category),
			})
		}
		if s, ok := fixes[f.Section.Pos()]; ok {
			d.SuggestedFixes = []analysis.SuggestedFix{r.fix(s)}
		}
		r.Report(d)
	}
	for _, m := range verdict.DirectiveMistakes(x, p) {
		if !skips(m.Pos.Filename) {
			r.Report(analysis.Diagnostic{Pos: r.pos(m.Pos), Category: "directive", Message: m.Msg})
		}
	}
}

// pos returns the position in the pass of a place in a file.
func (r *passRun) pos(at token.Position) token.Pos {
	for f, t := range r.files {
		if f.Name == at.Filename && at.Offset <= t.Size() {
			return t.Pos(at.Offset)
		}
	}
	return r.Files[0].Package
}

func (r *passRun) fix(s Suggestion) analysis.SuggestedFix {
	fix := analysis.SuggestedFix{Message: s.Title}
	for _, e := range s.Edits {
		t := r.files[e.File]
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: t.Pos(e.Start), End: t.Pos(e.End), NewText: []byte(e.New)})
	}
	return fix
}
