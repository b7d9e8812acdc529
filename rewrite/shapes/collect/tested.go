package collect

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Calls in the branch of a test that still tells the same once the lock is released are made
// under that test again, on the variables that they use anyway:
//
//	dc, ok := d.m[id]
//	if ok {
//		delete(d.m, id)
//	}
//	d.mu.Unlock()
//
//	if ok {
//		dc.Close()
//	}

// testAgain turns groups that would be kept as a function into such calls.
func (c *collection) testAgain(groups []*gathering) {
	for _, g := range groups {
		if g.form == once && len(g.runs) == 1 && c.canTestAgain(g) {
			g.form = tested
		}
	}
}

// canTestAgain reports whether the test around a group is of a local variable that is not set
// again, like those that the calls use, and all of them are in scope where the calls will be.
func (c *collection) canTestAgain(g *gathering) bool {
	run := g.runs[0]
	ifs := c.testAround(run[0])
	if ifs == nil || len(ifs.Body.List) == len(run) || !c.endsBeside(run[0], ifs) {
		return false
	}
	for _, st := range ifs.Body.List {
		if st.Pos() < run[0].Stmt.Pos() && c.MayLeave(st) {
			return false
		}
	}
	ids := []*ast.Ident{ifs.Cond.(*ast.Ident)}
	for _, a := range run {
		if holdsComment(c.File, a.Stmt) || slices.ContainsFunc(a.Takes, func(e ast.Expr) bool { return syntax.IdentOf(e) != e }) {
			return false
		}
		for _, e := range a.Takes {
			ids = append(ids, e.(*ast.Ident))
		}
	}
	return !slices.ContainsFunc(ids, func(id *ast.Ident) bool { return !c.staysInScope(id, ifs) })
}

// testAround returns the if statement without an else branch in the section's list, with a plain
// variable as its test, in whose branch an action stands; or nil.
func (c *collection) testAround(a *action) *ast.IfStmt {
	block, ok := c.Parents[a.Stmt].(*ast.BlockStmt)
	if !ok {
		return nil
	}
	ifs, ok := c.Parents[block].(*ast.IfStmt)
	if !ok || ifs.Body != block || ifs.Else != nil || ifs.Init != nil || !slices.Contains(c.Body, ast.Stmt(ifs)) {
		return nil
	}
	if _, named := ifs.Cond.(*ast.Ident); !named {
		return nil
	}
	return ifs
}

// staysInScope reports whether a name in an if statement means the same local variable, with the
// same value, behind the statement.
func (c *collection) staysInScope(id *ast.Ident, ifs *ast.IfStmt) bool {
	v, ok := c.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || syntax.IsGlobal(v) || c.Unit.Captured(v) || c.Unit.Addressed(v) || syntax.Within(id, ifs.Body) && v.Pos() >= ifs.Pos() {
		return false
	}
	for _, st := range c.List {
		if st.Pos() >= ifs.Pos() && (c.Unit.Assigned(v, []ast.Stmt{st}) || c.declares(st, v.Name())) {
			return false
		}
	}
	return true
}

// declares reports whether a statement declares something of a name.
func (c *collection) declares(st ast.Stmt, name string) bool {
	return syntax.Has(st, func(id *ast.Ident) bool { return id.Name == name && c.Info.Defs[id] != nil })
}

// runTested is the code that makes the calls of such a group.
func (c *collection) runTested(g *gathering) string {
	code := "if " + c.Source(c.testAround(g.actions[0]).Cond) + " {\n"
	for _, a := range g.actions {
		code += c.Source(a.Stmt) + "\n"
	}
	return code + "}"
}

// removeTested takes the calls of such a group out of their place.
func removeTested(g *gathering) []tree.Op {
	var ops []tree.Op
	for _, a := range g.actions {
		ops = append(ops, tree.Remove{Stmt: a.Stmt})
	}
	return ops
}
