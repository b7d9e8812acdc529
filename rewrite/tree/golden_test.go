package tree

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/letgo-dev/letgo/rewrite/textedit"
)

var update = flag.Bool("update", false, "rewrite the results in testdata")

// TestGolden runs testdata/*.txtar. Such a file has these sections:
//
//	script   the script, in the language of [parseScript]
//	in.go    the file to apply it to
//	out.go   what that file becomes, or
//	error    the error, one line
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) < 60 {
		t.Fatalf("found %d test cases, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runGolden(t, path)
		})
	}
}

func runGolden(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string][]byte{}
	for _, f := range a.Files {
		if _, ok := sections[f.Name]; ok {
			t.Fatalf("section %s is there twice", f.Name)
		}
		switch f.Name {
		case "script", "in.go", "out.go", "error":
			sections[f.Name] = f.Data
		default:
			t.Fatalf("unknown section %s", f.Name)
		}
	}
	got, name := carryOut(t, string(sections["script"]), sections["in.go"])
	if *update {
		a.Files = append(a.Files[:2], txtar.File{Name: name, Data: got})
		if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, ok := sections[name]; !ok {
		t.Errorf("got an unexpected %s:\n%s", name, got)
	} else if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(sections) != 3 {
		t.Errorf("there are %d sections, want script, in.go and one of out.go and error", len(sections))
	}
}

// carryOut applies a script and returns the result as a section.
func carryOut(t *testing.T, text string, src []byte) (data []byte, section string) {
	p, err := parse("in.go", src)
	if err != nil {
		t.Fatal(err)
	}
	print := deepPrint(p.file)
	s, err := parseScript(p, text)
	if err != nil {
		t.Fatal(err)
	}
	e := NewEditor(p.fset, p.file, p.src)
	edits, err := e.Apply(s)
	if deepPrint(p.file) != print {
		t.Errorf("the script changed the parsed file")
	}
	if err != nil {
		checkErrorType(t, err)
		return []byte(err.Error() + "\n"), "error"
	}
	out, err := textedit.Apply(src, edits)
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, p, e, s, out)
	return out, "out.go"
}

func checkErrorType(t *testing.T, err error) {
	t.Helper()
	var u *UnsupportedError
	var o *OpError
	var c *CommentError
	if !errors.As(err, &u) && !errors.As(err, &o) && !errors.As(err, &c) {
		t.Errorf("the error is a %T", err)
	}
}

// checkResult checks what must hold for every result: it is formatted if the
// input was, no comment is lost, and nothing outside the range has changed.
func checkResult(t *testing.T, p *parsed, e *Editor, s Script, out []byte) {
	t.Helper()
	q, err := parse("out.go", out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if was, err := format.Source(p.src); err == nil && bytes.Equal(was, p.src) {
		if is, _ := format.Source(out); !bytes.Equal(is, out) {
			t.Errorf("the result is not formatted:\n%s", out)
		}
	}
	before := CommentsOf(p.file, p.file.FileStart, p.file.FileEnd)
	after := CommentsOf(q.file, q.file.FileStart, q.file.FileEnd)
	if lost := LostComments(before, after); len(lost) > 0 {
		t.Errorf("lost the comments %q", lost)
	}
	start, end, err := e.Range(s.Decl)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, p.src[:start]) || !bytes.HasSuffix(out, p.src[end:]) {
		t.Errorf("bytes outside of [%d,%d) are changed", start, end)
	}
}

// parseScript parses a script:
//
//	in NAME                    the declaration: F, T.M, or a variable
//	insert-before STMT [under] [SPACE]
//	insert-after STMT [SPACE]
//	remove STMT [GAP]
//	move-before STMT... to STMT [SPACE]
//	move-after STMT... to STMT [SPACE]
//	replace-expr EXPR
//	replace STMT
//	wrap STMT STMT [SPACE]
//	key-to-value STMT
//	call-for-defer STMT
//	defer-for-call STMT
//
// A line that begins with a tab is code of the operation above it. STMT is
// `text` for the first statement that begins with this text, or `text`#N for
// the Nth. EXPR is the same but gives the whole expression. SPACE is
// space=BEFORE,AFTER and GAP is gap=SPACING.
func parseScript(p *parsed, text string) (Script, error) {
	var s Script
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		var code []string
		for i+1 < len(lines) && (strings.HasPrefix(lines[i+1], "\t") || lines[i+1] == "") {
			i++
			code = append(code, strings.TrimPrefix(lines[i], "\t"))
		}
		if name, ok := strings.CutPrefix(line, "in "); ok {
			if s.Decl = p.decl(name); s.Decl == nil {
				return s, fmt.Errorf("no declaration %s", name)
			}
			continue
		}
		op, err := parseOp(p, s.Decl, line, strings.Join(code, "\n"))
		if err != nil {
			return s, fmt.Errorf("%s: %w", line, err)
		}
		s.Ops = append(s.Ops, op)
	}
	return s, nil
}

// decl finds a declaration by name.
func (p *parsed) decl(name string) ast.Decl {
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			full := d.Name.Name
			if d.Recv != nil {
				t := string(p.text(d.Recv.List[0].Type))
				t, _, _ = strings.Cut(strings.TrimPrefix(t, "*"), "[")
				full = t + "." + full
			}
			if full == name {
				return d
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && v.Names[0].Name == name {
					return d
				}
			}
		}
	}
	return nil
}

func (p *parsed) text(n ast.Node) []byte {
	f := p.fset.File(p.file.FileStart)
	return p.src[f.Offset(n.Pos()):f.Offset(n.End())]
}

// An opLine holds the operands of one operation.
type opLine struct {
	nodes []ast.Node // those before the word "to"
	to    ast.Node
	space Space
	gap   Spacing
	under bool
}

func parseOp(p *parsed, decl ast.Decl, line, code string) (Op, error) {
	verb, rest, _ := strings.Cut(line, " ")
	o, err := parseOperands(p, decl, rest, verb == "replace-expr")
	if err != nil {
		return nil, err
	}
	want := map[string]int{"wrap": 2, "move-before": len(o.nodes), "move-after": len(o.nodes)}
	if n, ok := want[verb]; len(o.nodes) == 0 || ok && n != len(o.nodes) || !ok && len(o.nodes) != 1 {
		return nil, fmt.Errorf("%d operands", len(o.nodes))
	}
	var stmts []ast.Stmt
	for _, n := range o.nodes {
		if s, ok := n.(ast.Stmt); ok {
			stmts = append(stmts, s)
		}
	}
	to, _ := o.to.(ast.Stmt)
	switch verb {
	case "insert-before":
		return InsertBefore{stmts[0], code, o.space, o.under}, nil
	case "insert-after":
		return InsertAfter{stmts[0], code, o.space}, nil
	case "remove":
		return Remove{stmts[0], o.gap}, nil
	case "move-before":
		return MoveBefore{stmts, to, o.space}, nil
	case "move-after":
		return MoveAfter{stmts, to, o.space}, nil
	case "replace-expr":
		return ReplaceExpr{o.nodes[0].(ast.Expr), code}, nil
	case "replace":
		return ReplaceStmt{stmts[0], code}, nil
	case "wrap":
		return Wrap{stmts[0], stmts[1], code, o.space}, nil
	case "key-to-value":
		return KeyToValue{o.nodes[0].(*ast.RangeStmt)}, nil
	case "call-for-defer":
		return DeferToCall{o.nodes[0].(*ast.DeferStmt)}, nil
	case "defer-for-call":
		return CallToDefer{o.nodes[0].(*ast.ExprStmt)}, nil
	}
	return nil, fmt.Errorf("unknown operation %s", verb)
}

func parseOperands(p *parsed, decl ast.Decl, rest string, expr bool) (o opLine, err error) {
	spacings := map[string]Spacing{"auto": Auto, "none": None, "blank": Blank}
	to := false
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] == '`' {
			var n ast.Node
			if n, rest, err = parseNode(p, decl, rest, expr); err != nil {
				return o, err
			}
			if to {
				o.to = n
			} else {
				o.nodes = append(o.nodes, n)
			}
			continue
		}
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		key, value, _ := strings.Cut(word, "=")
		before, after, _ := strings.Cut(value, ",")
		switch key {
		case "to":
			to = true
		case "under":
			o.under = true
		case "space":
			o.space = Space{spacings[before], spacings[after]}
		case "gap":
			o.gap = spacings[value]
		default:
			return o, fmt.Errorf("unknown word %s", word)
		}
	}
	return o, nil
}

// parseNode finds the node that the first operand in s names. It also returns
// the rest of s.
func parseNode(p *parsed, decl ast.Decl, s string, expr bool) (n ast.Node, rest string, err error) {
	text, rest, _ := strings.Cut(s[1:], "`")
	nth := 1
	if num, ok := strings.CutPrefix(rest, "#"); ok {
		num, rest, _ = strings.Cut(num, " ")
		if nth, err = strconv.Atoi(num); err != nil {
			return nil, "", err
		}
	}
	var found ast.Node
	ast.Inspect(decl, func(n ast.Node) bool {
		if n == nil || nth == 0 {
			return false
		}
		_, isExpr := n.(ast.Expr)
		_, isStmt := n.(ast.Stmt)
		src := string(p.text(n))
		if expr && isExpr && src == text || !expr && isStmt && strings.HasPrefix(src, text) {
			if nth--; nth == 0 {
				found = n
			}
		}
		return true
	})
	if found == nil {
		return nil, "", fmt.Errorf("%s not found", text)
	}
	return found, rest, nil
}

// deepPrint prints a syntax tree in full, except for scopes, which are maps and
// print in random order.
func deepPrint(f *ast.File) string {
	var b strings.Builder
	noScope := func(name string, v reflect.Value) bool { return name != "Scope" }
	if err := ast.Fprint(&b, nil, f, noScope); err != nil {
		panic(err)
	}
	return b.String()
}
