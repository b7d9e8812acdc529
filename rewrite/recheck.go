package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A Recheck is what a section looked at before the wait and must look at again
// once it holds the lock: reads of guarded state into local variables, and tests
// that leave the function. With all of it repeated, what comes after the wait
// runs as if the section had begun at the second Lock, with the wait's result at
// hand.
type Recheck struct {
	s        *Site
	steps    []ast.Stmt // reads and tests, in source order
	tests    []ast.Stmt
	reads    map[*types.Var]bool          // variables that are read again
	inits    map[ast.Stmt]*ast.AssignStmt // the read of a test, where nothing else needs it
	derived  map[*types.Var][]*touch      // what comes from guarded state before the window
	counted  map[ast.Stmt]bool            // what a test counts, and the section has counted as something else by then
	product  []product                    // what the window makes and a test may drop, if it must be closed
	doubts   []Obligation                 // about what is dropped
	leaks    *Refusal                     // S5: a test would drop what cannot be closed
	explicit bool                         // the second Lock has no deferred release
	same     []*identity                  // what must be the same object after the wait
}

// LookAgain is the comment above what is repeated.
const LookAgain = "// Look again: the lock was not held meanwhile."

// newRecheck finds what must be repeated between the window and post. It refuses
// if something that decides, or is used later, cannot be repeated; whether it
// means the same after the window is for [Recheck.Check].
func (s *Site) newRecheck(pre, window, post []ast.Stmt) (*Recheck, *Refusal) {
	r := &Recheck{s: s, reads: make(map[*types.Var]bool), inits: make(map[ast.Stmt]*ast.AssignStmt)}
	derived := s.derived(pre)
	r.derived = derived
	w := &Window{Site: s, derived: derived}
	for _, st := range pre {
		if w.guardedExit([]ast.Stmt{st}) == nil {
			continue
		}
		if !r.repeatable(st) {
			return nil, Refuse(S3, "tested-before", st.Pos(), "the section continues only after testing guarded state here, in a way that cannot simply be repeated after the wait")
		}
		r.tests = append(r.tests, st)
	}
	for range pre { // what a read needs, a read before it may set
		for _, st := range pre {
			if vars, ok := r.isRead(st, derived); ok && slices.ContainsFunc(vars, func(v *types.Var) bool { return r.needs(v, post, pre) }) {
				for _, v := range vars {
					r.reads[v] = true
				}
			}
		}
	}
	for _, st := range pre {
		vars, isRead := r.isRead(st, derived)
		if slices.Contains(r.tests, st) || isRead && slices.ContainsFunc(vars, func(v *types.Var) bool { return r.reads[v] }) {
			r.steps = append(r.steps, st)
		}
	}
	if len(r.tests) == 0 {
		return nil, Inapplicable(s.Lock.Pos(), "the section tests no guarded state before the wait")
	}
	r.findCounted(pre)
	r.findIdentities(window, post, derived)
	r.mergeReads(post, window)
	return r, nil
}

// mergeReads makes the read of a variable that only one test uses the init
// statement of that test.
func (r *Recheck) mergeReads(post, window []ast.Stmt) {
	for _, st := range slices.Clone(r.steps) {
		as, ok := st.(*ast.AssignStmt)
		if !ok || r.keepsIdentity(st) {
			continue
		}
		var users []ast.Stmt
		for _, l := range as.Lhs {
			v := varOf(r.s.Info, l.(*ast.Ident))
			for _, other := range slices.Concat(r.steps, post) {
				if v == nil || other == st || !mentions(r.s.Info, other, v) || slices.Contains(users, other) {
					continue
				}
				if slices.Contains(post, other) && r.s.reassigned(v, window) {
					continue
				}
				users = append(users, other)
			}
		}
		if len(users) != 1 {
			continue
		}
		test, ok := users[0].(*ast.IfStmt)
		if !ok || test.Init != nil || !slices.Contains(r.tests, users[0]) || test.Pos() < st.Pos() {
			continue
		}
		r.inits[test] = as
		r.steps = slices.DeleteFunc(r.steps, func(o ast.Stmt) bool { return o == st })
		for _, l := range as.Lhs {
			delete(r.reads, varOf(r.s.Info, l.(*ast.Ident)))
		}
	}
}

// reassigned reports whether one of the statements itself gives the variable a
// new value.
func (s *Site) reassigned(v *types.Var, list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && (as.Tok == token.ASSIGN || as.Tok == token.DEFINE) && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
			id, ok := l.(*ast.Ident)
			return ok && varOf(s.Info, id) == v
		})
	})
}

// isRead reports whether a statement reads guarded state into local variables
// and does nothing else.
func (r *Recheck) isRead(st ast.Stmt, derived map[*types.Var][]*touch) ([]*types.Var, bool) {
	as, ok := st.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE && as.Tok != token.ASSIGN || slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return !r.pure(e) }) {
		return nil, false
	}
	var vars []*types.Var
	guarded := false
	for _, l := range as.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return nil, false
		}
		if id.Name == "_" {
			continue
		}
		v, ok := r.s.Info.ObjectOf(id).(*types.Var)
		if !ok || v.IsField() || v.Parent() == r.s.Pkg.Types.Scope() {
			return nil, false
		}
		vars = append(vars, v)
		guarded = guarded || len(derived[v]) > 0
	}
	return vars, guarded
}

// needs reports whether a variable must be read again: something under the lock
// after the window uses it, or a step that is repeated.
func (r *Recheck) needs(v *types.Var, post, pre []ast.Stmt) bool {
	for _, st := range post {
		if mentions(r.s.Info, st, v) {
			return true
		}
	}
	for _, t := range r.tests {
		if mentions(r.s.Info, t, v) {
			return true
		}
	}
	for _, st := range pre {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for i, l := range as.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok || !r.reads[varOf(r.s.Info, id)] {
				continue
			}
			if mentions(r.s.Info, as.Rhs[min(i, len(as.Rhs)-1)], v) {
				return true
			}
		}
	}
	return false
}

// varOf returns the variable that a name is of, or nil.
func varOf(info *types.Info, id *ast.Ident) *types.Var {
	v, _ := info.ObjectOf(id).(*types.Var)
	return v
}

// Check refuses if the steps would not mean the same after the window, and notes
// what has to be closed if a test drops it.
func (r *Recheck) Check(pre, window []ast.Stmt, lift *Lift) *Refusal {
	for _, st := range r.steps {
		var refusal *Refusal
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || refusal != nil {
				return refusal == nil
			}
			v, ok := r.s.Info.Uses[id].(*types.Var)
			if !ok || v.IsField() || r.reads[v] || r.sets(st, v) {
				return true
			}
			if r.assignedBefore(v, st, pre) || r.changes(v, window) {
				refusal = Refuse(S3, "test-changes", id.Pos(), "this test uses %s, which is assigned before the test would be repeated", v.Name())
			}
			return true
		})
		if refusal != nil {
			return refusal
		}
	}
	if id := r.usedBeforeRead(); id != nil {
		return Refuse(S3, "test-changes", id.Pos(), "%s is used here and read from guarded state afterwards, so repeating both would use the new value", id.Name)
	}
	for _, t := range r.s.touches(r.s.onTheWay(pre)...).touches {
		if t.class == guardedUse && t.access.Kind.Changes() && r.testsAgain(t.access.Var) && !r.countedBelow(t) {
			return Refuse(S3, "test-changes", t.access.Pos(), "the section itself changes %s, so the test cannot simply be repeated", t.name())
		}
	}
	if at, v := r.changesTested(slices.Concat(pre, window)); at != nil {
		return Refuse(S3, "test-changes", at.Pos(), "the section itself changes %s, so the test cannot simply be repeated", v.Name())
	}
	for v := range r.reads {
		if r.changes(v, window) || r.s.Unit.Captured(v) || r.s.Unit.Addressed(v) {
			return Refuse(S3, "assigned-meanwhile", window[0].Pos(), "%s is read before the wait and assigned during it", v.Name())
		}
	}
	for _, t := range r.tests {
		if w := r.hides(t, window); w != nil {
			return Refuse(S3, "shadowed", t.Pos(), "%s is another variable after the wait", w.Name())
		}
		if v := r.namedResult(t, slices.Concat(pre, window)); v != nil {
			return Refuse(S3, "test-changes", returnsIn([]ast.Stmt{t})[0].Pos(), "this return gives back %s, which is assigned before the test would be repeated", v.Name())
		}
	}
	if r.findProducts(window, lift); r.leaks != nil {
		return r.leaks
	}
	return r.checkIdentities()
}

// changesTested returns where statements change a flag that is read again, or nil.
func (r *Recheck) changesTested(list []ast.Stmt) (at ast.Node, of *types.Var) {
	tested := make(map[*types.Var]bool)
	for _, st := range r.steps {
		for _, v := range r.s.flagsIn(st) {
			tested[v] = true
		}
	}
	for _, as := range r.inits {
		for _, v := range r.s.flagsIn(as) {
			tested[v] = true
		}
	}
	for _, st := range list {
		r.s.eachAtomic(st, func(_ *patterns.Unit, n ast.Expr, v *types.Var, change bool) {
			if change && tested[v] && at == nil {
				at, of = n, v
			}
		})
	}
	return at, of
}

// usedBeforeRead returns a use, in what is repeated, of a variable that is read
// again only after it or by the same statement; nil if there is none. The use
// would not see what it saw the first time.
func (r *Recheck) usedBeforeRead() *ast.Ident {
	again := make(map[*types.Var]bool)
	var found *ast.Ident
	use := func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			if v := varOf(r.s.Info, id); r.reads[v] && !again[v] {
				found = id
			}
		}
		return found == nil
	}
	for _, st := range r.steps {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			ast.Inspect(st, use)
			continue
		}
		for _, e := range as.Rhs {
			ast.Inspect(e, use)
		}
		for _, l := range as.Lhs {
			again[varOf(r.s.Info, l.(*ast.Ident))] = true
		}
	}
	return found
}

// namedResult returns a named result that a test would return without naming it,
// and that the statements assign; nil if there is none.
func (r *Recheck) namedResult(test ast.Stmt, list []ast.Stmt) *types.Var {
	if !returnsUnnamed(test) {
		return nil
	}
	for v := range r.s.Unit.Results().Variables() {
		if !r.reads[v] && r.changes(v, list) {
			return v
		}
	}
	return nil
}

// Reaches returns how many of the window's statements can run before what is
// read again: the next one changes a variable that would be read anew.
func (r *Recheck) Reaches(window []ast.Stmt) int {
	for i, st := range window {
		for v := range r.reads {
			if r.changes(v, []ast.Stmt{st}) {
				return i
			}
		}
	}
	return len(window)
}

// changes reports whether statements assign the variable or a part of it.
func (r *Recheck) changes(v *types.Var, list []ast.Stmt) bool {
	found := r.s.Unit.Assigned(v, list)
	target := func(e ast.Expr) {
		if id, ok := rootIdent(e); ok && varOf(r.s.Info, id) == v {
			found = true
		}
	}
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					target(l)
				}
			case *ast.IncDecStmt:
				target(n.X)
			}
			return !found
		})
	}
	return found
}

// sets reports whether the test itself sets the variable.
func (r *Recheck) sets(st ast.Stmt, v *types.Var) bool {
	if r.inits[st] == nil {
		return false
	}
	return slices.ContainsFunc(r.inits[st].Lhs, func(l ast.Expr) bool { return varOf(r.s.Info, l.(*ast.Ident)) == v })
}

// hides returns a variable that the window declares under a name that the test
// uses for another one.
func (r *Recheck) hides(test ast.Stmt, window []ast.Stmt) types.Object {
	declared := make(map[string]types.Object)
	for _, st := range window {
		if as, ok := st.(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
			for _, l := range as.Lhs {
				if id, ok := l.(*ast.Ident); ok && r.s.Info.Defs[id] != nil {
					declared[id.Name] = r.s.Info.Defs[id]
				}
			}
		}
		if d, ok := st.(*ast.DeclStmt); ok {
			for _, spec := range d.Decl.(*ast.GenDecl).Specs {
				if vs, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range vs.Names {
						declared[id.Name] = r.s.Info.Defs[id]
					}
				}
			}
		}
	}
	var found types.Object
	ast.Inspect(test, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			obj := r.s.Info.Uses[id]
			v, isVar := obj.(*types.Var)
			if isVar && r.sets(test, v) {
				return true
			}
			if d := declared[id.Name]; d != nil && obj != nil && obj != d && !(isVar && v.IsField()) && !(test.Pos() <= obj.Pos() && obj.Pos() < test.End()) {
				found = d
			}
		}
		return found == nil
	})
	return found
}

// testsAgain reports whether a repeated step reads the variable to decide, or to
// return it.
func (r *Recheck) testsAgain(v *types.Var) bool {
	if r == nil {
		return false
	}
	var nodes []ast.Node
	for _, st := range r.steps {
		nodes = append(nodes, readsOf(st)...)
	}
	for _, t := range r.tests {
		if as := r.inits[t]; as != nil {
			nodes = append(nodes, as)
		}
	}
	return slices.ContainsFunc(nodes, func(n ast.Node) bool {
		return slices.ContainsFunc(r.s.touches(n).touches, func(t *touch) bool { return t.access.Var == v })
	})
}

// rereads reports whether the variable is read again after the window.
func (r *Recheck) rereads(v *types.Var) bool { return r != nil && r.reads[v] }
