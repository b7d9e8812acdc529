package verify

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// writtenNames are the predeclared names that new code may use. The type checker prints type
// names without knowing what shadows them.
var writtenNames = []string{"nil", "true", "false", "append", "len", "make", "new", "clear", "delete", "close", "panic", "recover",
	"any", "bool", "byte", "error", "float64", "int", "int64", "rune", "string", "uint64"}

// checkNames looks for predeclared names in new code that mean something else there: the program
// may redeclare nil, append, len and the like.
func (v *Verified) checkNames() string {
	before, after := make(map[string]int), make(map[string]int)
	for _, d := range v.changedFuncs() {
		countRedeclared(v.Plan.Finding.Section.Unit.Pkg, d, before)
		for _, e := range v.versions(d) {
			countRedeclared(v.Package, e, after)
		}
	}
	for _, name := range sortedStrings(after) {
		if after[name] > before[name] {
			return fmt.Sprintf("the new code would use %s, which the program declares as something else", name)
		}
	}
	return ""
}

// countRedeclared counts the uses in a function of predeclared names that the program
// redeclares.
func countRedeclared(p *patterns.Package, d *ast.FuncDecl, n map[string]int) {
	ast.Inspect(d, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		if !ok || !slices.Contains(writtenNames, id.Name) {
			return true
		}
		switch obj := p.Info.Uses[id].(type) {
		case nil:
		case *types.Var:
			if !obj.IsField() {
				n[id.Name]++
			}
		case *types.Func:
			if obj.Signature().Recv() == nil {
				n[id.Name]++
			}
		case *types.Const, *types.TypeName:
			if obj.Parent() != types.Universe {
				n[id.Name]++
			}
		}
		return true
	})
}
