package tree

import (
	"bytes"
	"errors"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dave/dst"

	"github.com/letgo-dev/letgo/rewrite/textedit"
)

const sample = `package p

// f does it.
func f() {
	// Above.
	a() // trailing
	b()
}

func g() {}
`

func mustParse(t *testing.T, src string) *parsed {
	t.Helper()
	p, err := parse("in.go", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// body returns the statements of a function.
func (p *parsed) body(name string) []ast.Stmt {
	return p.decl(name).(*ast.FuncDecl).Body.List
}

func TestUnsupported(t *testing.T) {
	other := mustParse(t, sample)
	tests := []struct {
		name string
		edit func(e *Editor) *Editor
		decl func(p *parsed) ast.Decl
		want string
	}{
		{
			"text of another file",
			func(e *Editor) *Editor { return NewEditor(e.fset, e.file, e.src[1:]) }, nil,
			"in.go:1:1: cannot edit: the text is not the one that was parsed",
		},
		{
			"another declaration", nil,
			func(*parsed) ast.Decl { return other.decl("f") },
			"in.go:1:1: cannot edit: the declaration is not one of the file",
		},
		{
			"carriage returns",
			func(e *Editor) *Editor {
				p := mustParse(t, strings.ReplaceAll(sample, "\n", "\r\n"))
				return NewEditor(p.fset, p.file, p.src)
			}, nil,
			"in.go:1:1: cannot edit: the file contains carriage returns",
		},
		{
			"byte order mark",
			func(e *Editor) *Editor {
				p := mustParse(t, "\ufeff"+sample)
				return NewEditor(p.fset, p.file, p.src)
			}, nil,
			"in.go:1:4: cannot edit: the file begins with a byte order mark",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, sample)
			e := NewEditor(p.fset, p.file, p.src)
			decl := p.decl("f")
			if tt.edit != nil {
				e = tt.edit(e)
			}
			if tt.decl != nil {
				decl = tt.decl(p)
			}
			err := e.Check(decl)
			var u *UnsupportedError
			if !errors.As(err, &u) || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if _, err2 := e.Apply(Script{Decl: decl}); err2 == nil || err2.Error() != err.Error() {
				t.Errorf("Apply says %v and Check %v", err2, err)
			}
		})
	}
}

// TestSyntaxError checks that a declaration with a syntax error is refused, even
// though the parser returns one.
func TestSyntaxError(t *testing.T) {
	p, err := parse("in.go", []byte(sample+"\nfunc h( {\n"))
	if err == nil {
		t.Fatal("no syntax error")
	}
	var u *UnsupportedError
	if err := NewEditor(p.fset, p.file, p.src).Check(p.decl("h")); !errors.As(err, &u) {
		t.Errorf("error %v", err)
	}
}

func TestBadNodes(t *testing.T) {
	p := mustParse(t, sample)
	f, g := p.decl("f"), p.decl("g")
	list := p.body("f")
	tests := []struct {
		decl ast.Decl
		op   Op
		want string
	}{
		{f, Remove{}, "operation 1 (remove nothing): a node is missing"},
		{f, DeferToCall{}, "operation 1 (call instead of defer nothing): a node is missing"},
		{f, CallToDefer{}, "operation 1 (defer instead of call nothing): a node is missing"},
		{f, MoveBefore{To: list[0]}, "operation 1 (move  before 6:2): no statements to move"},
		{f, MoveAfter{Stmts: list[:1]}, "operation 1 (move 6:2 after nothing): a node is missing"},
		{g, Remove{Stmt: list[0]}, "operation 1 (remove 6:2): the *ast.ExprStmt at in.go:6:2 is not part of the declaration"},
		{f, Remove{Stmt: &ast.EmptyStmt{}}, "operation 1 (remove 0:0): the *ast.EmptyStmt at - is not part of the declaration"},
	}
	for _, tt := range tests {
		_, err := Apply(p.fset, p.file, p.src, Script{tt.decl, []Op{tt.op}})
		var o *OpError
		if !errors.As(err, &o) || err.Error() != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}

func TestCommentError(t *testing.T) {
	p := mustParse(t, sample)
	e := NewEditor(p.fset, p.file, p.src)
	before := CommentsOf(p.file, p.decl("f").Pos(), p.decl("f").End())
	if want := []string{"// Above.", "// trailing"}; !slices.Equal(before, want) {
		t.Errorf("comments %q, want %q", before, want)
	}
	// The comment is still in the file, but in another function.
	out := strings.Replace(sample, " // trailing", "", 1)
	out = strings.Replace(out, "func g() {", "func g() { // trailing\n", 1)
	after := func(text string) error {
		decls, got, err := e.regions(&run{file: p.file}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return e.verify(p.decl("f"), before, got, decls[0])
	}
	err := after(out)
	var c *CommentError
	if !errors.As(err, &c) || err.Error() != `in.go:4:1: the edit would lose the comment "// trailing"` {
		t.Errorf("error %v", err)
	}
	if err := after(sample); err != nil {
		t.Error(err)
	}
}

func TestLostComments(t *testing.T) {
	got := LostComments([]string{"a", "b", "a", "c"}, []string{"c", "a", "x"})
	if want := []string{"b", "a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestString(t *testing.T) {
	p := mustParse(t, strings.Replace(sample, "b()", "defer b()", 1))
	list := p.body("f")
	s := Script{p.decl("f"), []Op{
		InsertBefore{list[0], "x()", Space{Blank, Auto}, true},
		InsertAfter{Stmt: list[0], Code: "x()"},
		Remove{list[0], None},
		MoveBefore{Stmts: list[:1], To: list[1]},
		MoveAfter{Stmts: list, To: list[1]},
		ReplaceExpr{list[0].(*ast.ExprStmt).X, "y"},
		ReplaceStmt{list[0], "y()"},
		Wrap{First: list[0], Last: list[1], Code: "{\n__BODY__\n}"},
		DeferToCall{list[1].(*ast.DeferStmt)},
		CallToDefer{list[0].(*ast.ExprStmt)},
	}}
	const want = `edit func f at in.go:4:1
	insert before 6:2: "x()", space blank auto, under its comments
	insert after 6:2: "x()"
	remove 6:2, gap none
	move 6:2 before 7:2
	move 6:2 7:2 after 7:2
	replace expression 6:2 by "y"
	replace 6:2 by "y()"
	wrap 6:2 to 7:2 in "{\n__BODY__\n}"
	call instead of defer 7:2
	defer instead of call 6:2
`
	if got := s.String(p.fset); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A rawOp changes the decorated copy in ways that no real operation does.
type rawOp func(e *edit)

func (rawOp) String(*token.FileSet) string { return "raw" }
func (o rawOp) apply(e *edit) error        { o(e); return nil }

// TestLastChecks tests the checks that keep a buggy operation from damaging the
// user's file.
func TestLastChecks(t *testing.T) {
	p := mustParse(t, sample)
	stmt := p.body("f")[1].(*ast.ExprStmt)
	fun := stmt.X.(*ast.CallExpr).Fun
	tests := []struct {
		name string
		op   rawOp
		want string
	}{
		{
			"not what was meant", func(e *edit) { e.nodes[fun].(*dst.Ident).Name = "b(c).d" },
			"in.go:4:1: cannot edit: the result does not parse to what was meant: SelectorExpr instead of Ident b(c).d",
		},
		{
			"syntax error", func(e *edit) { e.nodes[fun].(*dst.Ident).Name = "b c" },
			"in.go:4:1: cannot edit: the result does not parse",
		},
		{
			"another declaration", func(e *edit) { e.nodes[fun].(*dst.Ident).Name = "}\nvar x = f" },
			"in.go:4:1: cannot edit: the result",
		},
		{
			"a node twice", func(e *edit) {
				b := e.decl.(*dst.FuncDecl).Body
				b.List = append(b.List[:1:1], b.List...)
			},
			"in.go:4:1: cannot edit: the result cannot be printed: dst: ",
		},
		{
			"a panic", func(e *edit) { panic("no such thing") },
			"in.go:4:1: cannot edit: dst: no such thing",
		},
		{
			"a comment lost", func(e *edit) { e.nodes[p.body("f")[0]].Decorations().Start = nil },
			`in.go:4:1: the edit would lose the comment "// Above."`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edits, err := Apply(p.fset, p.file, p.src, Script{p.decl("f"), []Op{tt.op}})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || edits != nil {
				t.Errorf("edits %v, error %v, want %s", edits, err, tt.want)
			}
		})
	}
}

// TestConcurrent uses one Editor from several goroutines, for the race detector.
func TestConcurrent(t *testing.T) {
	p := mustParse(t, sample)
	e := NewEditor(p.fset, p.file, p.src)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			edits, err := e.Apply(Script{p.decl("f"), []Op{Remove{Stmt: p.body("f")[0]}}})
			if err != nil {
				t.Error(err)
				return
			}
			want := []textedit.Edit{{Start: 47, End: 64, New: "\t// trailing\n"}}
			if !slices.Equal(edits, want) {
				t.Errorf("edits %v, want %v", edits, want)
			}
		})
	}
	wg.Wait()
}

// TestCarriageReturns edits a file with CR LF line endings the way a caller has
// to: convert to LF, edit, convert back.
func TestCarriageReturns(t *testing.T) {
	disk := strings.ReplaceAll(sample, "\n", "\r\n")
	p := mustParse(t, strings.ReplaceAll(disk, "\r\n", "\n"))
	out := mustApply(t, p, Script{p.decl("f"), []Op{Remove{Stmt: p.body("f")[1]}}})
	got := bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
	if want := strings.Replace(disk, "\tb()\r\n", "", 1); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDifference(t *testing.T) {
	const head = "package p\nfunc f() {\n"
	tests := []struct {
		a, b string
		same bool
	}{
		{"x = (a) // c", "x = a", true},
		{"x = 0XFF;;", "x = 0xff", true},
		{"x = a*b + c", "x = a * (b + c)", false},
		{"x = a - b", "x = a + b", false},
		{"x = a", "x := a", false},
		{"x = `A`", "x = `a`", false},
		{"f(a...)", "f(a)", false},
		{"if x { a() }; b()", "if x { a(); b() }", false},
		{"x = s[a:]", "x = s[:a]", false},
		{"var c <-chan int", "var c chan int", false},
		{"type t = int", "type t int", false},
		{"a(); b()", "a()", false},
		{"a()", "a(); b()", false},
		{"for ; x; {}", "for x {}", true},
		{"for ; x; x++ {}", "for x {}", false},
	}
	for _, tt := range tests {
		a, b := mustParse(t, head+tt.a+"\n}\n"), mustParse(t, head+tt.b+"\n}\n")
		if d := difference(a.decl("f"), b.decl("f")); (d == "") != tt.same {
			t.Errorf("%s and %s: %q", tt.a, tt.b, d)
		}
	}
}

func TestSplitEnd(t *testing.T) {
	tests := []struct {
		in, line, below dst.Decorations
		gap             dst.SpaceType
	}{
		{nil, nil, nil, dst.None},
		{dst.Decorations{"// t"}, dst.Decorations{"// t"}, nil, dst.None},
		{dst.Decorations{"/* x */", "// t", "// b"}, dst.Decorations{"/* x */", "// t"}, dst.Decorations{"// b"}, dst.NewLine},
		{dst.Decorations{"// t", "\n", "// b"}, dst.Decorations{"// t"}, dst.Decorations{"// b"}, dst.EmptyLine},
		{dst.Decorations{"\n", "// b", "\n", "// c"}, nil, dst.Decorations{"// b", "\n", "// c"}, dst.NewLine},
		{dst.Decorations{"\n", "\n", "/* b */"}, nil, dst.Decorations{"/* b */"}, dst.EmptyLine},
	}
	for _, tt := range tests {
		line, below, gap := splitEnd(tt.in)
		if !slices.Equal(line, tt.line) || !slices.Equal(below, tt.below) || gap != tt.gap {
			t.Errorf("%q: got %q, %q, %v", tt.in, line, below, gap)
		}
		if back := joinEnd(line, below, gap); !slices.Equal(back, tt.in) {
			t.Errorf("%q: joined %q", tt.in, back)
		}
	}
}
