package safety

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRules compares the rules of the conditions with the refusals in the source, both ways, and checks
// its order. A refusal whose condition is a variable stands for all conditions that
// have a rule of its name.
func TestRules(t *testing.T) {
	used := refusedBelow(t, "..")
	listed := make(map[string]bool)
	for _, r := range allRules() {
		condition, name, _ := strings.Cut(r.Name, "/")
		if listed[r.Name] = true; !used[r.Name] && !used["/"+name] {
			t.Errorf("no refusal has the rule %s", r.Name)
		}
		if Condition(condition).Order() < 0 {
			t.Errorf("%s: no such condition", r.Name)
		}
		if r.Advice != "" && !strings.HasSuffix(r.Advice, ".") {
			t.Errorf("%s: the advice is no sentence", r.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		known := listed[name] || slices.ContainsFunc(allRules(), func(r Rule) bool { return name[0] == '/' && strings.HasSuffix(r.Name, name) })
		if !known && name != "/unanswered" {
			t.Errorf("no condition has the rule %s", name)
		}
	}
	if !slices.IsSortedFunc(allRules(), func(a, b Rule) int {
		x, y := Condition(a.Name[:strings.Index(a.Name, "/")]), Condition(b.Name[:strings.Index(b.Name, "/")])
		return cmp.Or(cmp.Compare(x.Order(), y.Order()), cmp.Compare(a.Name, b.Name))
	}) {
		t.Error("the rules are not sorted by condition and name")
	}
}

// allRules lists the rules of all conditions.
func allRules() []Rule {
	var out []Rule
	for _, c := range Conditions() {
		out = append(out, c.Rules()...)
	}
	return out
}

// refusedBelow lists the rules of the calls of Refuse in the sources of a directory and
// those below it: "S3/tested-before", or "/tested-before" where the condition is a
// variable.
func refusedBelow(t *testing.T, dir string) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && lastName(c.Fun) == "Refuse" {
				out[ruleOf(t, name, c)] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ruleOf(t *testing.T, file string, c *ast.CallExpr) string {
	t.Helper()
	lit, ok := c.Args[1].(*ast.BasicLit)
	if !ok {
		t.Fatalf("%s: a rule that is no constant", file)
	}
	rule, err := strconv.Unquote(lit.Value)
	if err != nil {
		t.Fatal(err)
	}
	if c := lastName(c.Args[0]); Condition(c).Order() >= 0 {
		return c + "/" + rule
	}
	return "/" + rule
}

// lastName returns the name in an identifier or a selector.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
