package verify

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// A Verified is a plan that was applied to a copy and found good.
type Verified struct {
	Plan    *plan.Plan
	Changes []Change // sorted by file name

	// Package is the changed package, and Program has it in place of the old one. Both are nil
	// after [All], because a package with everything known about it is large.
	Program *patterns.Program
	Package *patterns.Package
}

// forget removes the files that only the changed package has from the file set.
func forget(p, q *patterns.Package) {
	for i, f := range q.Files {
		if f.Syntax != p.Files[i].Syntax {
			q.Fset.RemoveFile(q.Fset.File(f.Syntax.FileStart))
		}
	}
}

// A Change is the change of one file.
type Change struct {
	File  *patterns.File  // as it was
	Edits []textedit.Edit // trimmed to the lines that change
}

// Content returns the new text of the file, with LF line endings.
func (c Change) Content() []byte {
	text, err := textedit.Apply(c.File.Content, c.Edits)
	if err != nil {
		panic("verify: " + err.Error()) // they were applied when the change was made
	}
	return text
}

// contentsOf returns the new contents of the changed Go files by name.
func contentsOf(changes []Change) map[string][]byte {
	contents := make(map[string][]byte)
	for _, c := range changes {
		if c.File.Syntax != nil {
			contents[c.File.Name] = c.Content()
		}
	}
	return contents
}

// A Draft is a plan that was applied to a copy of its package and type-checks, but has not been
// compared with the original yet.
type Draft struct {
	Plan    *plan.Plan
	Changes []Change          // sorted by file name
	Package *patterns.Package // the changed package

	edits   map[*patterns.File][]textedit.Edit // except for imports
	regions map[*patterns.File][]region        // contain the edits in functions and imports
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

// versions lists the declarations in the changed package of a function that the plan changes.
func (v *Verified) versions(d *ast.FuncDecl) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, u := range v.Program.UnitsOf(v.Package, d) {
		if u.Lit == nil {
			out = append(out, u.Decl)
		}
	}
	return out
}

// sortedStrings returns the sorted keys of a map.
func sortedStrings(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
