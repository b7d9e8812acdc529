package tree

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"sync"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"

	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// An Editor applies scripts to one file. It never changes the file, and every
// script starts from the file as parsed. It is safe for concurrent use.
//
// The cost of a script depends on the size of its declaration only: the rest of
// the file is neither decorated nor printed.
type Editor struct {
	fset *token.FileSet
	file *ast.File
	src  []byte
	tok  *token.File

	mu   sync.Mutex
	runs map[ast.Decl]*run
}

// A run is the declarations that must be printed together to edit one of them.
// It is usually that declaration alone, but gofmt aligns the bodies of one-line
// functions on adjacent lines, so those form one run.
type run struct {
	file       *ast.File // holds only the declarations of the run
	index      int       // of the declaration to edit in the run
	start, end int       // byte range of the run in the file

	clean snapshot // the run after a round trip through dst, unedited
	err   error    // why the declaration cannot be edited
}

// A snapshot is a printed run and the byte ranges of its declarations.
type snapshot struct {
	text  []byte
	decls []region
}

// A region is a byte range.
type region struct{ start, end int }

func (s snapshot) of(r region) []byte { return s.text[r.start:r.end] }

// all returns the bytes from the first declaration to the last one.
func (s snapshot) all() []byte { return s.text[s.decls[0].start:s.decls[len(s.decls)-1].end] }

// NewEditor returns an Editor for file, which was parsed from src into fset
// with [parser.ParseComments]. src must have LF line endings and no byte order
// mark. The Editor doesn't modify its arguments, and nothing else may modify
// them while the Editor is in use.
func NewEditor(fset *token.FileSet, file *ast.File, src []byte) *Editor {
	return &Editor{fset: fset, file: file, src: src, tok: fset.File(file.FileStart), runs: make(map[ast.Decl]*run)}
}

// Apply applies one script. It is [NewEditor] followed by [Editor.Apply].
func Apply(fset *token.FileSet, file *ast.File, src []byte, s Script) ([]textedit.Edit, error) {
	return NewEditor(fset, file, src).Apply(s)
}

// Check returns nil if decl can be edited, or else an [*UnsupportedError].
func (e *Editor) Check(decl ast.Decl) error { return e.runOf(decl).err }

// runOf returns the run that contains a declaration.
func (e *Editor) runOf(decl ast.Decl) *run {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.runs[decl]
	if r == nil {
		r = e.newRun(decl)
		e.runs[decl] = r
	}
	return r
}

func (e *Editor) newRun(decl ast.Decl) *run {
	i := slices.Index(e.file.Decls, decl)
	if err := e.usable(decl, i); err != nil {
		return &run{err: err}
	}
	first, last := e.aligned(i)
	r := e.print(i, first, last)
	if first < last && (r.err != nil || !bytes.Equal(e.src[r.start:r.end], r.clean.all())) {
		r = e.print(i, i, i) // the round trip would change the others
	}
	if r.err == nil {
		r.err = e.check(decl, r)
	}
	return r
}

// usable returns an error if the file can't be edited at all or doesn't contain
// the declaration.
func (e *Editor) usable(decl ast.Decl, i int) error {
	switch {
	case e.tok == nil || e.tok.Size() != len(e.src):
		return e.unsupported(e.file, "the text is not the one that was parsed")
	case bytes.Contains(e.src, []byte("\r")):
		return e.unsupported(e.file, "the file contains carriage returns")
	case bytes.HasPrefix(e.src, []byte("\ufeff")):
		return e.unsupported(e.file, "the file begins with a byte order mark")
	case i < 0:
		return e.unsupported(e.file, "the declaration is not one of the file")
	}
	if _, ok := decl.(*ast.BadDecl); ok {
		return e.unsupported(decl, "syntax error")
	}
	return nil
}

// print makes the run of declarations first to last, for editing declaration i.
func (e *Editor) print(i, first, last int) *run {
	decls := e.file.Decls[first : last+1]
	r := &run{index: i - first, start: e.offset(decls[0].Pos()), end: e.offset(decls[len(decls)-1].End())}
	at := decls[0].Pos() - token.Pos(len(head))
	r.file = &ast.File{Package: at, Name: &ast.Ident{NamePos: at + token.Pos(len("package ")), Name: "p"}, Decls: decls}
	for _, g := range e.file.Comments {
		if decls[0].Pos() <= g.Pos() && g.Pos() < decls[len(decls)-1].End() {
			r.file.Comments = append(r.file.Comments, g)
		}
	}
	df, _, err := e.decorate(r)
	if err == nil {
		r.clean.text, _, err = render(df)
	}
	if err == nil {
		r.clean.decls, _, err = e.regions(r, r.clean.text)
	}
	if err != nil {
		r.err = e.unsupported(e.file.Decls[i], "%v", err)
	}
	return r
}

// head precedes the declarations of a run. Every file has at least this much
// before its first declaration.
const head = "package p\n"

// check returns an error unless a round trip through dst leaves the declaration
// unchanged or as gofmt prints it.
func (e *Editor) check(decl ast.Decl, r *run) error {
	was, is := e.src[e.offset(decl.Pos()):e.offset(decl.End())], r.clean.of(r.clean.decls[r.index])
	if bytes.Equal(was, is) {
		return nil
	}
	text, err := format.Source(slices.Concat([]byte(head), e.src[r.start:r.end]))
	if err != nil {
		return e.unsupported(decl, "syntax error: %v", err)
	}
	decls, _, err := e.regions(r, text)
	if err != nil {
		return e.unsupported(decl, "%v", err)
	}
	if gofmt := (snapshot{text, decls}); bytes.Equal(gofmt.of(decls[r.index]), is) {
		return nil
	}
	return e.unsupported(decl, "its comments or line ends cannot be kept exactly (%s)", firstDifference(was, is))
}

func firstDifference(a, b []byte) string {
	la, lb := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(la), len(lb)) {
		if !bytes.Equal(la[i], lb[i]) {
			return fmt.Sprintf("%q would become %q", la[i], lb[i])
		}
	}
	return "the number of lines would change"
}

func (e *Editor) unsupported(n ast.Node, msg string, args ...any) error {
	return &UnsupportedError{Pos: e.fset.Position(n.Pos()), Reason: fmt.Sprintf(msg, args...)}
}

// offset returns the byte offset of p, ignoring //line directives.
func (e *Editor) offset(p token.Pos) int { return e.tok.Offset(p) }

// decorate returns a fresh decorated copy of a run. It uses its own file set,
// in which the file has the same positions but holds only the run, because dst
// goes through all of a file. It leaves out //line directives, which would move
// the line ends that dst looks for.
func (e *Editor) decorate(r *run) (df *dst.File, nodes map[ast.Node]dst.Node, err error) {
	defer catch(&err)
	lines := []int{0, len(head)}
	for _, at := range e.tok.Lines() {
		if r.start < at && at < r.end {
			lines = append(lines, at-r.start+len(head))
		}
	}
	fset := token.NewFileSet()
	if !fset.AddFile(e.tok.Name(), int(r.file.Package), r.end-r.start+len(head)).SetLines(lines) {
		return nil, nil, fmt.Errorf("the file's lines are not known")
	}
	d := decorator.NewDecorator(fset)
	df, err = d.DecorateFile(r.file)
	return df, d.Dst.Nodes, err
}

// render converts a decorated file back to an ordinary syntax tree and prints
// it as gofmt does. It returns both.
func render(df *dst.File) (text []byte, file *ast.File, err error) {
	defer catch(&err)
	r := decorator.NewRestorer()
	file, err = r.RestoreFile(df)
	if err != nil {
		return nil, nil, err
	}
	var buf bytes.Buffer
	if err := format.Node(&buf, r.Fset, file); err != nil {
		return nil, nil, err
	}
	return buf.Bytes(), file, nil
}

// catch turns a panic into an error. dst panics on syntax it can't represent,
// such as a comment where it has no place for one.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("dst: %v", r)
	}
}

// regions parses a printed version of a run and returns where its declarations
// are. It fails if their number has changed.
func (e *Editor) regions(r *run, text []byte) ([]region, *ast.File, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, e.tok.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, fmt.Errorf("the result does not parse: %w", err)
	}
	if len(f.Decls) != len(r.file.Decls) {
		return nil, nil, fmt.Errorf("the result has %d declarations instead of %d", len(f.Decls), len(r.file.Decls))
	}
	var out []region
	tok := fset.File(f.FileStart)
	for _, d := range f.Decls {
		out = append(out, region{tok.Offset(d.Pos()), tok.Offset(d.End())})
	}
	return out, f, nil
}

// Range returns the byte range of the file that a script on decl may change.
// It is decl without its doc comment, or if decl is one of several one-line
// functions whose bodies gofmt aligns, all of them.
func (e *Editor) Range(decl ast.Decl) (start, end int, err error) {
	r := e.runOf(decl)
	return r.start, r.end, r.err
}

// aligned returns the first and the last declaration of the run of one-line
// functions on consecutive lines that contains declaration i.
func (e *Editor) aligned(i int) (first, last int) {
	line := func(p token.Pos) int { return e.tok.PositionFor(p, false).Line }
	oneLine := func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Body != nil && line(f.Pos()) == line(f.End())
	}
	decls := e.file.Decls
	first, last = i, i
	if !oneLine(decls[i]) {
		return i, i
	}
	for first > 0 && oneLine(decls[first-1]) && line(decls[first-1].Pos())+1 == line(decls[first].Pos()) {
		first--
	}
	for last+1 < len(decls) && oneLine(decls[last+1]) && line(decls[last].Pos())+1 == line(decls[last+1].Pos()) {
		last++
	}
	return first, last
}

// Apply applies a script and returns the edits to the file, in order. Each edit
// replaces whole lines. Edits stay within [Editor.Range] of the declaration,
// extended to whole lines. A script without operations has none.
//
// The error is an [*UnsupportedError], [*OpError] or [*CommentError].
func (e *Editor) Apply(s Script) ([]textedit.Edit, error) {
	r := e.runOf(s.Decl)
	if r.err != nil || len(s.Ops) == 0 {
		return nil, r.err
	}
	body, err := e.splice(s, r)
	if err != nil {
		return nil, err
	}
	start, end := bytes.LastIndexByte(e.src[:r.start], '\n')+1, len(e.src)
	if i := bytes.IndexByte(e.src[r.end:], '\n'); i >= 0 {
		end = r.end + i + 1
	}
	edits := textedit.Lines(e.src[start:end], slices.Concat(e.src[start:r.start], body, e.src[r.end:end]))
	for i := range edits {
		edits[i].Start += start
		edits[i].End += start
	}
	return edits, nil
}

// splice applies a script and returns the new text of the run.
func (e *Editor) splice(s Script, r *run) ([]byte, error) {
	df, nodes, err := e.decorate(r)
	if err != nil {
		return nil, e.unsupported(s.Decl, "%v", err)
	}
	before := CommentsOf(r.file, s.Decl.Pos(), s.Decl.End())
	ed := newEdit(e.fset, s.Decl, df.Decls[r.index], nodes)
	if err := ed.carryOut(s.Ops, before); err != nil {
		return nil, err
	}
	text, want, err := render(df)
	if err != nil {
		return nil, e.unsupported(s.Decl, "the result cannot be printed: %v", err)
	}
	decls, got, err := e.regions(r, text)
	if err != nil {
		return nil, e.unsupported(s.Decl, "%v", err)
	}
	if d := difference(want.Decls[r.index], got.Decls[r.index]); d != "" {
		return nil, e.unsupported(s.Decl, "the result does not parse to what was meant: %s", d)
	}
	if err := e.verify(s.Decl, before, got, decls[r.index]); err != nil {
		return nil, err
	}
	return snapshot{text, decls}.all(), nil
}

// verify checks that a changed declaration in a printed run still has all its
// comments.
func (e *Editor) verify(decl ast.Decl, before []string, got *ast.File, at region) error {
	after := CommentsOf(got, got.FileStart+token.Pos(at.start), got.FileStart+token.Pos(at.end))
	if lost := LostComments(before, after); len(lost) > 0 {
		return &CommentError{Pos: e.fset.Position(decl.Pos()), Comment: lost[0]}
	}
	return nil
}
