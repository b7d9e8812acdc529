package tree

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

var all = flag.Bool("all", false, "run the standard library tests over all of it, not a few packages")

// stdFiles parses every nth file of some directories of the standard library,
// in a fixed order and without testdata. An ordinary run takes only a sixth of
// those.
func stdFiles(t *testing.T, every int, dirs ...string) []*parsed {
	t.Helper()
	t.Parallel()
	if !longtest.Wanted() {
		every *= 6
	}
	src := filepath.Join(runtime.GOROOT(), "src")
	if _, err := os.Stat(src); err != nil {
		t.Skip("the standard library's source is not installed")
	}
	if *all {
		dirs = []string{"."}
	}
	var out []*parsed
	n := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(src, dir), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || !*all && path != filepath.Join(src, dir)):
				return filepath.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go"):
				return nil
			}
			if n++; n%every != 0 {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			p, err := parse(path, text)
			if err == nil {
				out = append(out, p)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// oneIn returns some, or most with -all: a test takes one in so many files.
func oneIn(some, most int) int {
	if *all {
		return most
	}
	return some
}

type parsed struct {
	fset *token.FileSet
	file *ast.File
	src  []byte
}

func (p *parsed) name() string { return p.fset.File(p.file.FileStart).Name() }

func parse(name string, src []byte) (*parsed, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	return &parsed{fset, f, src}, err
}

// TestOpenClose checks that opening and closing every statement list changes
// nothing, and that every declaration can be edited.
func TestOpenClose(t *testing.T) {
	n := 0
	for _, p := range stdFiles(t, oneIn(18, 1), "net/http", "os", "go/types", "runtime") {
		e := NewEditor(p.fset, p.file, p.src)
		for _, d := range p.file.Decls {
			n++
			if err := e.Check(d); err != nil {
				t.Error(err)
				continue
			}
			r := e.runOf(d)
			df, nodes, err := e.decorate(r)
			if err != nil {
				t.Errorf("%s: %v", p.name(), err)
				continue
			}
			ed := newEdit(p.fset, d, df.Decls[r.index], nodes)
			if err := ed.carryOut(nil, nil); err != nil {
				t.Error(err)
			}
			if text, _, err := render(df); err != nil || !bytes.Equal(text, r.clean.text) {
				t.Errorf("%s: %v %s", p.name(), err, firstDifference(r.clean.text, text))
			}
		}
	}
	t.Logf("%d declarations", n)
}

// TestEmptyScript checks that a script without operations changes nothing when
// put through all the steps, which [Editor.Apply] would skip.
func TestEmptyScript(t *testing.T) {
	for _, p := range stdFiles(t, oneIn(30, 20), "net/http", "os", "go/types", "runtime") {
		e := NewEditor(p.fset, p.file, p.src)
		for i, d := range p.file.Decls {
			if i != len(p.file.Decls)/2 {
				continue
			}
			if err := e.Check(d); err != nil {
				t.Error(err)
				continue
			}
			r := e.runOf(d)
			was := p.src[r.start:r.end]
			out, err := e.splice(Script{Decl: d}, r)
			if err != nil || !bytes.Equal(out, was) {
				t.Errorf("%s: %v %s", p.fset.Position(d.Pos()), err, firstDifference(was, out))
			}
		}
	}
}

// A randomScript makes a random script for the statement lists of a declaration.
type randomScript func(rnd *rand.Rand, lists [][]ast.Stmt) []Op

var randomScripts = map[string]randomScript{
	"insert": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		return []Op{
			InsertBefore{Stmt: oneOf(rnd, lists), Code: "// Unlock.\nx.mu.Unlock() // early", Under: rnd.IntN(2) == 0},
			InsertAfter{Stmt: oneOf(rnd, lists), Code: "x.mu.Lock()\n\nif y {\n\treturn\n}", Space: anySpace(rnd)},
		}
	},
	"remove": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		var ops []Op
		list := lists[rnd.IntN(len(lists))]
		for _, s := range list {
			if rnd.IntN(2) == 0 {
				ops = append(ops, Remove{Stmt: s, Gap: Spacing(rnd.IntN(3))})
			}
		}
		return ops
	},
	"move": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		list := lists[rnd.IntN(len(lists))]
		i := rnd.IntN(len(list))
		j := i + 1 + rnd.IntN(len(list)-i)
		to := oneOf(rnd, lists)
		for _, s := range list[i:j] {
			if s.Pos() <= to.Pos() && to.End() <= s.End() {
				return nil
			}
		}
		if rnd.IntN(2) == 0 {
			return []Op{MoveAfter{list[i:j], to, anySpace(rnd)}}
		}
		return []Op{MoveBefore{list[i:j], to, anySpace(rnd)}}
	},
	"wrap": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		list := lists[rnd.IntN(len(lists))]
		i := rnd.IntN(len(list))
		j := i + rnd.IntN(len(list)-i)
		code := "func() { // why\n\tx.mu.Lock()\n\tdefer x.mu.Unlock()\n\n\t" + Body + "\n}()"
		return []Op{Wrap{First: list[i], Last: list[j], Code: code, Space: anySpace(rnd)}}
	},
	"replace": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		s := oneOf(rnd, lists)
		var calls []ast.Expr
		ast.Inspect(s, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				calls = append(calls, c)
			}
			return true
		})
		if len(calls) == 0 {
			return []Op{ReplaceStmt{Stmt: s, Code: "v, err := f(x)\n_ = v"}}
		}
		return []Op{ReplaceExpr{Expr: calls[rnd.IntN(len(calls))], Code: "f(x)(y)"}}
	},
	"defer": func(rnd *rand.Rand, lists [][]ast.Stmt) []Op {
		var ops []Op
		for _, list := range lists {
			for _, s := range list {
				if c, ok := s.(*ast.ExprStmt); ok && len(ops) < 3 {
					if _, ok := c.X.(*ast.CallExpr); ok {
						ops = append(ops, CallToDefer{c})
					}
				}
				if d, ok := s.(*ast.DeferStmt); ok && len(ops) < 3 {
					ops = append(ops, DeferToCall{d})
				}
			}
		}
		return ops
	},
}

func oneOf(rnd *rand.Rand, lists [][]ast.Stmt) ast.Stmt {
	list := lists[rnd.IntN(len(lists))]
	return list[rnd.IntN(len(list))]
}

func anySpace(rnd *rand.Rand) Space {
	return Space{Spacing(rnd.IntN(3)), Spacing(rnd.IntN(3))}
}

// stmtLists returns the nonempty statement lists of a declaration.
func stmtLists(d ast.Decl) [][]ast.Stmt {
	var lists [][]ast.Stmt
	add := func(list []ast.Stmt) {
		if len(list) > 0 {
			if _, ok := list[0].(*ast.CaseClause); ok {
				return
			}
			if _, ok := list[0].(*ast.CommClause); ok {
				return
			}
			lists = append(lists, list)
		}
	}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			add(n.List)
		case *ast.CaseClause:
			add(n.Body)
		case *ast.CommClause:
			add(n.Body)
		}
		return true
	})
	return lists
}

// TestRandomScripts applies random scripts and checks the results with
// [checkResult].
func TestRandomScripts(t *testing.T) {
	files := stdFiles(t, oneIn(20, 10), "net/http", "os", "go/types", "sync", "bufio", "text/template", "runtime")
	for _, name := range slices.Sorted(maps.Keys(randomScripts)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(7, uint64(len(name))))
			n, refused := 0, 0
			for _, p := range files {
				if rnd.IntN(2) == 0 {
					a, b := tryScripts(t, rnd, p, randomScripts[name])
					n, refused = n+a, refused+b
				}
			}
			t.Logf("%d scripts, %d refused", n, refused)
			if n == 0 || refused > n/50 {
				t.Errorf("%d of %d scripts were refused", refused, n)
			}
		})
	}
}

// tryScripts applies a random script to a file. It returns the number of scripts
// and how many of them were refused.
func tryScripts(t *testing.T, rnd *rand.Rand, p *parsed, make randomScript) (n, refused int) {
	t.Helper()
	e := NewEditor(p.fset, p.file, p.src)
	print := deepPrint(p.file)
	for _, i := range rnd.Perm(len(p.file.Decls)) {
		lists := stmtLists(p.file.Decls[i])
		if len(lists) == 0 || n == 1 {
			continue
		}
		s := Script{p.file.Decls[i], make(rnd, lists)}
		n++
		edits, err := e.Apply(s)
		if err != nil {
			refused++
			t.Logf("%v\n%s", err, s.String(p.fset))
			continue
		}
		out, err := textedit.Apply(p.src, edits)
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, p, e, s, out)
		if t.Failed() {
			t.Fatal(s.String(p.fset))
		}
	}
	if deepPrint(p.file) != print {
		t.Errorf("%s: the parsed file was changed", p.name())
	}
	return n, refused
}

// TestDenseComments applies random scripts to files with many added comments.
// Check may refuse a declaration, but once it accepts one, nothing may go wrong.
func TestDenseComments(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 11))
	n, declined := 0, 0
	for _, p := range stdFiles(t, oneIn(6, 8), "sync", "bufio", "text/template", "encoding/csv", "container/list") {
		q, err := parse(p.name(), addComments(rnd, p))
		if err != nil {
			continue
		}
		e := NewEditor(q.fset, q.file, q.src)
		for _, i := range rnd.Perm(len(q.file.Decls)) {
			lists := stmtLists(q.file.Decls[i])
			if len(lists) == 0 {
				continue
			}
			if err := e.Check(q.file.Decls[i]); err != nil {
				declined++
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(randomScripts)) {
				s := Script{q.file.Decls[i], randomScripts[name](rnd, lists)}
				edits, err := e.Apply(s)
				if err != nil {
					t.Errorf("%v\n%s\n%s", err, s.String(q.fset), q.text(s.Decl))
					continue
				}
				n++
				if out, err := textedit.Apply(q.src, edits); err != nil {
					t.Error(err)
				} else {
					checkResult(t, q, e, s, out)
					if name != "move" && name != "replace" && !slices.Equal(numbered(t, out), numbered(t, q.src)) {
						t.Errorf("comments have changed places:\n%s\n%s", s.String(q.fset), q.text(s.Decl))
					}
				}
			}
			break
		}
	}
	t.Logf("%d scripts, %d declarations declined", n, declined)
}

// numbered returns the comments that addComments made, in source order.
func numbered(t *testing.T, src []byte) []string {
	p, err := parse("", src)
	if err != nil {
		t.Fatal(err)
	}
	all := CommentsOf(p.file, p.file.FileStart, p.file.FileEnd)
	return slices.DeleteFunc(all, func(c string) bool { return !strings.Contains(c, "// c") })
}

// addComments adds blank lines and distinct comments to a file and formats it.
func addComments(rnd *rand.Rand, p *parsed) []byte {
	var edits []textedit.Edit
	var sc scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(p.src))
	sc.Init(file, p.src, nil, 0)
	lastLine, lastEnd, n := 0, 0, 0
	comment := func() string { n++; return fmt.Sprintf("// c%d.", n) }
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		at := file.Offset(pos)
		if line := file.Line(pos); line > lastLine && lastLine > 0 && p.src[lastEnd] == '\n' {
			text := ""
			if rnd.IntN(3) == 0 {
				text = " " + comment()
			}
			for rnd.IntN(3) == 0 {
				text += []string{"\n", "\n" + comment(), "\n/* " + comment() + " */"}[rnd.IntN(3)]
			}
			if text != "" {
				edits = append(edits, textedit.Edit{Start: lastEnd, End: lastEnd, New: text})
			}
		}
		if lit == "" {
			lit = tok.String()
		}
		lastEnd = at + len(lit)
		lastLine = file.Line(pos) + strings.Count(lit, "\n")
	}
	out, err := textedit.Apply(p.src, edits)
	if err != nil {
		panic(err)
	}
	for range 3 {
		if next, err := format.Source(out); err == nil {
			out = next
		}
	}
	return out
}

// TestInsertRemove checks that removing an inserted statement restores the
// original text.
func TestInsertRemove(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 9))
	n := 0
	for _, p := range stdFiles(t, oneIn(30, 5), "net/http", "os", "go/types", "sync", "bufio", "runtime") {
		for _, i := range rnd.Perm(len(p.file.Decls)) {
			lists := stmtLists(p.file.Decls[i])
			if len(lists) == 0 {
				continue
			}
			s := oneOf(rnd, lists)
			if !p.beginsLine(s) {
				continue // statements that shared a line end up on separate lines
			}
			n++
			insertRemove(t, rnd, p, i, s)
			break
		}
	}
	t.Logf("%d scripts", n)
}

// beginsLine reports whether n is the first thing on its line.
func (p *parsed) beginsLine(n ast.Node) bool {
	before := p.src[:p.fset.File(p.file.FileStart).Offset(n.Pos())]
	return bytes.HasSuffix(bytes.TrimRight(before, "\t "), []byte("\n"))
}

func insertRemove(t *testing.T, rnd *rand.Rand, p *parsed, i int, s ast.Stmt) {
	t.Helper()
	const code = "inserted()"
	op := Op(InsertBefore{Stmt: s, Code: code})
	if rnd.IntN(2) == 0 {
		op = InsertAfter{Stmt: s, Code: code}
	}
	out := mustApply(t, p, Script{p.file.Decls[i], []Op{op}})
	q, err := parse(p.name(), out)
	if err != nil {
		t.Fatal(err)
	}
	var found ast.Stmt
	ast.Inspect(q.file.Decls[i], func(n ast.Node) bool {
		if s, ok := n.(*ast.ExprStmt); ok && string(q.text(s)) == code {
			found = s
		}
		return true
	})
	back := mustApply(t, q, Script{q.file.Decls[i], []Op{Remove{Stmt: found}}})
	if !bytes.Equal(back, p.src) {
		t.Errorf("%s: %s: %s", p.fset.Position(s.Pos()), op.String(p.fset), firstDifference(p.src, back))
	}
}

func mustApply(t *testing.T, p *parsed, s Script) []byte {
	t.Helper()
	edits, err := Apply(p.fset, p.file, p.src, s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := textedit.Apply(p.src, edits)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func BenchmarkApply(b *testing.B) {
	name := filepath.Join(runtime.GOROOT(), "src/net/http/server.go")
	src, err := os.ReadFile(name)
	if err != nil {
		b.Skip(err)
	}
	p, err := parse(name, src)
	if err != nil {
		b.Fatal(err)
	}
	e := NewEditor(p.fset, p.file, src)
	d := p.decl("Server.Shutdown")
	s := Script{d, []Op{Remove{Stmt: stmtLists(d)[0][0]}}}
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := e.Apply(s); err != nil {
			b.Fatal(err)
		}
	}
}
