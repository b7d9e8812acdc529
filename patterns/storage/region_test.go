package storage_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// TestRegions reads the programs of testdata/regions. In them, meet(a, b) says that the two
// values may lead to the same storage, apart(a, b) that they do not. A comment "// reads 0
// recv" lists the operands of the last call on its line that the call only reads; "//
// reads" that there are none.
func TestRegions(t *testing.T) {
	eachProgram(t, "testdata/regions/*.txtar", func(t *testing.T, src string) {
		checkRegions(t, src+"\nfunc meet(a, b any)  {}\nfunc apart(a, b any) {}\n")
	})
}

func checkRegions(t *testing.T, src string) {
	fset, files, m := modelOf(t, src)
	line := func(n ast.Node) int { return fset.Position(n.Pos()).Line }
	last := make(map[int]*ast.CallExpr)
	asserts := 0
	ast.Inspect(files[0], func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if id, ok := c.Fun.(*ast.Ident); ok && (id.Name == "meet" || id.Name == "apart") {
			asserts++
			s := m.ScopeOf(c, func(*ast.CallExpr) bool { return false })
			if got := s.Leads(c.Args[0]).Meets(s.Leads(c.Args[1])); got != (id.Name == "meet") {
				t.Errorf("line %d: the two meet: %v, want %s", line(c), got, id.Name)
			}
			return false
		}
		last[line(c)] = c
		return true
	})
	for i, text := range strings.Split(src, "\n") {
		_, want, ok := strings.Cut(text, "// reads")
		if c := last[i+1]; ok && c != nil {
			asserts++
			if got := readsOf(m, c); !slices.Equal(got, strings.Fields(want)) {
				t.Errorf("line %d: it only reads %v, want%s\n\t%s", i+1, got, want, text)
			}
		}
	}
	if asserts == 0 {
		t.Fatal("the program asserts nothing")
	}
}

// readsOf names the operands that a call only reads.
func readsOf(m *ownership.Model, c *ast.CallExpr) []string {
	var out []string
	for _, o := range m.Operands(c) {
		if m.OnlyReads(c, o) {
			name := map[int]string{storage.Receiver: "recv", storage.Function: "func"}[o.N]
			if name == "" {
				name = fmt.Sprint(o.N)
			}
			out = append(out, name)
		}
	}
	return out
}
