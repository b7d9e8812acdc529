package shapes_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// tooLong is how long a package of a few dozen lines may take.
const tooLong = 20 * time.Second

// seeds is how many programs are tried where nobody fuzzes.
const seeds = 300

// FuzzSources rewrites mutations of the cases, with statements removed, duplicated, moved
// and wrapped. Nothing may crash or run forever, and two runs must rewrite in the same way.
func FuzzSources(f *testing.F) {
	longtest.Skip(f, "loads all cases")
	packages := loadCases(f, readCases(f), nil)
	names := slices.Sorted(maps.Keys(packages))
	r := rand.New(rand.NewPCG(1, 2))
	for range seeds {
		edits := make([]byte, 3+3*r.IntN(4))
		for i := range edits {
			edits[i] = byte(r.Uint32())
		}
		f.Add(uint16(r.Uint32()), edits)
	}
	f.Fuzz(func(t *testing.T, which uint16, edits []byte) {
		name := names[int(which)%len(names)]
		p := packages[name]
		file := p.Files[slices.IndexFunc(p.Files, func(f *patterns.File) bool { return filepath.Base(f.Name) == "p.go" })]
		text, ok := mutate(file.Content, edits)
		if !ok {
			return
		}
		q, err := p.WithContents(map[string][]byte{file.Name: text})
		if err != nil {
			return // it does not compile
		}
		timer := time.AfterFunc(tooLong, func() { panic("it takes too long:\n" + string(text)) })
		defer timer.Stop()
		r := rewrite.Fix(analyse.NewProgram([]*patterns.Package{q}, nil), q, limits(shapes.All()...))
		again := rewrite.Fix(analyse.NewProgram([]*patterns.Package{q}, nil), q, limits(shapes.All()...))
		if !sameRun(r, again) {
			t.Errorf("%s: two runs differ for\n%s", name, text)
		}
	})
}

// mutate applies edits, of three bytes each, to the statements of a file. It reports false
// if the text is no longer valid Go.
func mutate(text []byte, edits []byte) ([]byte, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, parser.SkipObjectResolution) // without comments, which would end up anywhere
	if err != nil {
		return nil, false
	}
	for ; len(edits) >= 3; edits = edits[3:] {
		var lists []*[]ast.Stmt
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BlockStmt:
				lists = append(lists, &n.List)
			case *ast.CaseClause:
				lists = append(lists, &n.Body)
			case *ast.CommClause:
				lists = append(lists, &n.Body)
			}
			return true
		})
		lists = slices.DeleteFunc(lists, func(l *[]ast.Stmt) bool { return len(*l) == 0 })
		if len(lists) == 0 {
			break
		}
		from, to := lists[int(edits[1])%len(lists)], lists[int(edits[2])%len(lists)]
		edit(edits[0], from, to, int(edits[2])/len(lists)+int(edits[0])/8)
	}
	var out bytes.Buffer
	if format.Node(&out, fset, file) != nil {
		return nil, false
	}
	// Duplicated or moved nodes have positions that do not fit.
	if _, err := parser.ParseFile(token.NewFileSet(), "p.go", out.Bytes(), 0); err != nil {
		return nil, false
	}
	return out.Bytes(), true
}

// edit changes a list of statements at an index.
func edit(op byte, from, to *[]ast.Stmt, index int) {
	i := index % len(*from)
	st := (*from)[i]
	if within(to, st) {
		to = from
	}
	block := func(list ...ast.Stmt) *ast.BlockStmt { return &ast.BlockStmt{List: list} }
	call := func(list ...ast.Stmt) *ast.CallExpr {
		return &ast.CallExpr{Fun: &ast.FuncLit{Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: block(list...)}}
	}
	isTrue := &ast.BinaryExpr{X: ast.NewIdent("true"), Op: token.LOR, Y: ast.NewIdent("false")}
	switch op % 8 {
	case 0:
		*from = slices.Delete(slices.Clone(*from), i, i+1)
	case 1:
		*to = slices.Insert(slices.Clone(*to), index%(len(*to)+1), st)
	case 2:
		*from = slices.Delete(slices.Clone(*from), i, i+1)
		*to = slices.Insert(slices.Clone(*to), min(index, len(*to)), st)
	case 3:
		(*from)[i] = &ast.IfStmt{Cond: isTrue, Body: block(st)}
	case 4:
		(*from)[i] = &ast.ForStmt{Cond: isTrue, Body: block(st)}
	case 5:
		(*from)[i] = &ast.ExprStmt{X: call(st)}
	case 6:
		(*from)[i] = &ast.DeferStmt{Call: call(st)}
	case 7:
		if d, ok := st.(*ast.DeferStmt); ok {
			(*from)[i] = &ast.ExprStmt{X: d.Call}
		} else if e, ok := st.(*ast.ExprStmt); ok {
			if c, ok := e.X.(*ast.CallExpr); ok {
				(*from)[i] = &ast.DeferStmt{Call: c}
			}
		}
	}
}

// within reports whether a list is one in a statement, which cannot be put into itself.
func within(list *[]ast.Stmt, st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			found = found || &n.List == list
		case *ast.CaseClause:
			found = found || &n.Body == list
		case *ast.CommClause:
			found = found || &n.Body == list
		}
		return !found
	})
	return found
}
