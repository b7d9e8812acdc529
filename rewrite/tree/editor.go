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

// An Editor carries out scripts on one file. It may be used by several
// goroutines at once, and any number of times: it never changes the file, and
// every script starts from the file as it was parsed.
type Editor struct {
	fset *token.FileSet
	file *ast.File
	src  []byte
	tok  *token.File

	once  sync.Once
	clean snapshot // the file decorated, restored and printed without an edit
	gofmt snapshot // the file as gofmt prints it; empty if src is clean
	err   error    // why no declaration can be edited
}

// A snapshot is a printed file and where its top-level declarations are.
type snapshot struct {
	text  []byte
	decls []region // in the order of ast.File.Decls
}

// A region is a range of bytes.
type region struct{ start, end int }

func (s snapshot) of(r region) []byte { return s.text[r.start:r.end] }

// NewEditor returns an Editor for file, which was parsed from src into fset
// with [parser.ParseComments]. The bytes src must have LF line ends and no
// byte order mark. None of the three is modified, and they must not be
// modified while the Editor is in use.
func NewEditor(fset *token.FileSet, file *ast.File, src []byte) *Editor {
	return &Editor{fset: fset, file: file, src: src, tok: fset.File(file.FileStart)}
}

// Apply carries out one script: it is [NewEditor] and [Editor.Apply].
func Apply(fset *token.FileSet, file *ast.File, src []byte, s Script) ([]textedit.Edit, error) {
	return NewEditor(fset, file, src).Apply(s)
}

// Check reports whether decl can be edited: nil, or an [*UnsupportedError].
func (e *Editor) Check(decl ast.Decl) error {
	_, err := e.check(decl)
	return err
}

// check returns the index of decl in the file.
func (e *Editor) check(decl ast.Decl) (int, error) {
	e.once.Do(func() { e.err = e.prepare() })
	if e.err != nil {
		return 0, e.err
	}
	i := slices.Index(e.file.Decls, decl)
	if i < 0 {
		return 0, e.unsupported(e.file, "the declaration is not one of the file")
	}
	if _, ok := decl.(*ast.BadDecl); ok {
		return 0, e.unsupported(decl, "syntax error")
	}
	was, is := e.src[e.offset(decl.Pos()):e.offset(decl.End())], e.clean.of(e.clean.decls[i])
	if bytes.Equal(was, is) || e.gofmt.text != nil && bytes.Equal(e.gofmt.of(e.gofmt.decls[i]), is) {
		return i, nil
	}
	return 0, e.unsupported(decl, "its comments or line ends cannot be kept exactly (%s)", firstDifference(was, is))
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

// offset is independent of //line directives.
func (e *Editor) offset(p token.Pos) int { return e.tok.Offset(p) }

// prepare makes the snapshots.
func (e *Editor) prepare() error {
	switch {
	case e.tok == nil || e.tok.Size() != len(e.src):
		return e.unsupported(e.file, "the text is not the one that was parsed")
	case bytes.Contains(e.src, []byte("\r")):
		return e.unsupported(e.file, "the file contains carriage returns")
	case bytes.HasPrefix(e.src, []byte("\ufeff")):
		return e.unsupported(e.file, "the file begins with a byte order mark")
	}
	df, _, err := e.decorate()
	if err != nil {
		return e.unsupported(e.file, "%v", err)
	}
	if e.clean.text, _, err = render(df); err != nil {
		return e.unsupported(e.file, "%v", err)
	}
	if e.clean.decls, _, err = e.regions(e.clean.text); err != nil {
		return e.unsupported(e.file, "%v", err)
	}
	if bytes.Equal(e.clean.text, e.src) {
		return nil
	}
	if e.gofmt.text, err = format.Source(e.src); err != nil {
		return e.unsupported(e.file, "syntax error: %v", err)
	}
	if e.gofmt.decls, _, err = e.regions(e.gofmt.text); err != nil {
		return e.unsupported(e.file, "%v", err)
	}
	return nil
}

// decorate returns a fresh decorated copy of the file. The file set that it
// uses is a private one, which has the same positions but leaves //line
// directives out: those would move the line ends that the library looks for.
func (e *Editor) decorate() (df *dst.File, nodes map[ast.Node]dst.Node, err error) {
	defer catch(&err)
	fset := token.NewFileSet()
	if !fset.AddFile(e.tok.Name(), e.tok.Base(), e.tok.Size()).SetLines(e.tok.Lines()) {
		return nil, nil, fmt.Errorf("the file's lines are not known")
	}
	d := decorator.NewDecorator(fset)
	df, err = d.DecorateFile(e.file)
	return df, d.Dst.Nodes, err
}

// render restores a decorated file and prints it as gofmt does. It also
// returns the restored syntax.
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

// catch turns a panic of the library into an error. It panics on syntax that
// it was not made for, such as a comment where it has no place for one.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("dst: %v", r)
	}
}

// regions parses a printed version of the file and returns where its
// declarations are. They must be as many as before.
func (e *Editor) regions(text []byte) ([]region, *ast.File, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, e.tok.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, fmt.Errorf("the result does not parse: %w", err)
	}
	if len(f.Decls) != len(e.file.Decls) {
		return nil, nil, fmt.Errorf("the result has %d declarations instead of %d", len(f.Decls), len(e.file.Decls))
	}
	var out []region
	tok := fset.File(f.FileStart)
	for _, d := range f.Decls {
		out = append(out, region{tok.Offset(d.Pos()), tok.Offset(d.End())})
	}
	return out, f, nil
}

// Range returns the bytes of the file that a script on decl may change: from
// the keyword func to the closing brace. If decl is a function on one line
// among others, gofmt aligns their bodies, and the range is all of them.
func (e *Editor) Range(decl ast.Decl) (start, end int, err error) {
	i, err := e.check(decl)
	if err != nil {
		return 0, 0, err
	}
	i, j := e.aligned(i)
	return e.offset(e.file.Decls[i].Pos()), e.offset(e.file.Decls[j].End()), nil
}

// aligned returns the first and the last declaration of the run of one-line
// functions on consecutive lines that contains declaration i. The run is i
// alone if its text is not as gofmt prints it.
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
	was := e.src[e.offset(decls[first].Pos()):e.offset(decls[last].End())]
	is := e.clean.text[e.clean.decls[first].start:e.clean.decls[last].end]
	if !bytes.Equal(was, is) {
		return i, i
	}
	return first, last
}

// Apply carries out a script and returns the edits to the bytes of the file,
// whole lines each and in order. They lie within [Editor.Range] of the
// declaration, widened to whole lines. Without operations there are none.
//
// The error is an [*UnsupportedError], [*OpError] or [*CommentError].
func (e *Editor) Apply(s Script) ([]textedit.Edit, error) {
	i, err := e.check(s.Decl)
	if err != nil || len(s.Ops) == 0 {
		return nil, err
	}
	out, err := e.splice(s, i)
	if err != nil {
		return nil, err
	}
	return textedit.Lines(e.src, out), nil
}

// splice carries out a script on declaration i and returns the file with the
// new text of that declaration.
func (e *Editor) splice(s Script, i int) ([]byte, error) {
	df, nodes, err := e.decorate()
	if err != nil {
		return nil, e.unsupported(s.Decl, "%v", err)
	}
	before := CommentsOf(e.file, s.Decl.Pos(), s.Decl.End())
	ed := newEdit(e.fset, s.Decl, df.Decls[i], nodes)
	if err := ed.carryOut(s.Ops, before); err != nil {
		return nil, err
	}
	text, want, err := render(df)
	if err != nil {
		return nil, e.unsupported(s.Decl, "the result cannot be printed: %v", err)
	}
	regions, got, err := e.regions(text)
	if err != nil {
		return nil, e.unsupported(s.Decl, "%v", err)
	}
	if d := difference(want.Decls[i], got.Decls[i]); d != "" {
		return nil, e.unsupported(s.Decl, "the result does not parse to what was meant: %s", d)
	}
	first, last := e.aligned(i)
	start, end := e.offset(e.file.Decls[first].Pos()), e.offset(e.file.Decls[last].End())
	body := text[regions[first].start:regions[last].end]
	if e.gofmt.text != nil && first == last {
		body = alone(body)
	}
	out := slices.Concat(e.src[:start], body, e.src[end:])
	return out, e.verify(s.Decl, i, out, before)
}

// alone formats a declaration by itself. In a file that was not formatted, the
// printer may have aligned it with neighbours that stay as they are.
func alone(decl []byte) []byte {
	const head = "package p\n\n"
	out, err := format.Source(append([]byte(head), decl...))
	if err != nil {
		return decl
	}
	return bytes.TrimSpace(bytes.TrimPrefix(out, []byte(head)))
}

// verify checks the changed file: it parses, and the declaration still has
// every comment.
func (e *Editor) verify(decl ast.Decl, i int, out []byte, before []string) error {
	regions, f, err := e.regions(out)
	if err != nil {
		return e.unsupported(decl, "%v", err)
	}
	from := f.FileStart + token.Pos(regions[i].start)
	to := f.FileStart + token.Pos(regions[i].end)
	if lost := LostComments(before, CommentsOf(f, from, to)); len(lost) > 0 {
		return &CommentError{Pos: e.fset.Position(decl.Pos()), Comment: lost[0]}
	}
	return nil
}
