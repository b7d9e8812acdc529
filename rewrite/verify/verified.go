package verify

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// A Verified is a plan that was carried out on a copy and found good.
type Verified struct {
	Plan    *plan.Plan
	Changes []Change          // sorted by file name
	Program *patterns.Program // with the changed package in place of the old one
	Package *patterns.Package // the changed package
}

// A Change is the new content of one file.
type Change struct {
	File    *patterns.File  // as it was
	Content []byte          // as it becomes, with LF line ends
	Edits   []textedit.Edit // what turns the one into the other, trimmed to the lines that change
}

// A Draft is a plan carried out on a copy of its package that type-checks, and
// is not compared with the original yet.
type Draft struct {
	Plan    *plan.Plan
	Changes []Change          // sorted by file name
	Package *patterns.Package // the changed package
}

// changedFuncs lists the functions that the plan changes.
func (v *Verified) changedFuncs() []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, script := range v.Plan.Scripts() {
		if d, ok := script.Decl.(*ast.FuncDecl); ok {
			out = append(out, d)
		}
	}
	return out
}

// sameDecl reports whether two declarations, before and after a change, are of
// the same function.
func sameDecl(a, b *ast.FuncDecl) bool {
	if a == nil || b == nil || a.Name.Name != b.Name.Name || (a.Recv == nil) != (b.Recv == nil) {
		return false
	}
	return a.Recv == nil || types.ExprString(a.Recv.List[0].Type) == types.ExprString(b.Recv.List[0].Type)
}

// sortedStrings lists the keys of a map in order.
func sortedStrings(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// opsAt counts the operations of the findings with a key.
func opsAt(x *patterns.Program, p *patterns.Package, opts patterns.Options, key string) int {
	n := 0
	for _, f := range x.FindIn(p, opts) {
		if f.Key() == key {
			n += len(f.Ops)
		}
	}
	return n
}
