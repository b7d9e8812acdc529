package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// LookAgain is the comment above the repeated code.
const LookAgain = "// Look again: the lock was not held meanwhile."

// NewRecheck finds what must be repeated between the window and post. It refuses if something
// that a decision depends on, or that is used later, cannot be repeated. [Recheck.Check] decides
// whether it means the same after the window.
func NewRecheck(s *site.Site, pre, window, post []ast.Stmt) (*Recheck, *safety.Refusal) {
	r := &Recheck{Site: s, reads: make(map[*types.Var]bool), inits: make(map[ast.Stmt]*ast.AssignStmt)}
	derived := behaviour.Derived(s, pre)
	r.Derived = derived
	w := &Window{Site: s, Derived: derived}
	for _, st := range pre {
		if w.GuardedExit([]ast.Stmt{st}) == nil {
			continue
		}
		if r.tookNothing(st, pre, post) {
			r.Passed = append(r.Passed, st)
			continue
		}
		if !r.repeatable(st) {
			return nil, safety.Refuse(safety.S3, "tested-before", st.Pos(), "the section continues only after testing guarded state here, in a way that cannot simply be repeated after the wait")
		}
		r.Tests = append(r.Tests, st)
	}
	for range pre { // a read may need what an earlier read sets
		for _, st := range pre {
			if vars, ok := r.isRead(st, derived); ok && !r.keeps(vars, pre) && slices.ContainsFunc(vars, func(v *types.Var) bool { return r.needs(v, post, pre) }) {
				for _, v := range vars {
					r.reads[v] = true
				}
			}
		}
	}
	for _, st := range pre {
		vars, isRead := r.isRead(st, derived)
		if slices.Contains(r.Tests, st) || isRead && slices.ContainsFunc(vars, func(v *types.Var) bool { return r.reads[v] }) {
			r.Steps = append(r.Steps, st)
		}
	}
	if len(r.Tests) == 0 {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the section tests no guarded state before the wait")
	}
	r.findCounted(pre)
	r.findParts(pre, window, post)
	r.findIdentities(window, post, derived)
	r.mergeReads(post, window)
	return r, nil
}

// mergeReads turns a read of variables that only one test uses into the init statement of that
// test.
func (r *Recheck) mergeReads(post, window []ast.Stmt) {
	for _, st := range slices.Clone(r.Steps) {
		as, ok := st.(*ast.AssignStmt)
		if !ok || r.keepsIdentity(st) {
			continue
		}
		var users []ast.Stmt
		for _, l := range as.Lhs {
			v := syntax.VarOf(r.Site.Info, l.(*ast.Ident))
			for _, other := range slices.Concat(r.Steps, post) {
				if v == nil || other == st || !syntax.Mentions(r.Site.Info, other, v) || slices.Contains(users, other) {
					continue
				}
				if slices.Contains(post, other) && Reassigned(r.Site, v, window) {
					continue
				}
				users = append(users, other)
			}
		}
		if len(users) != 1 {
			continue
		}
		test, ok := users[0].(*ast.IfStmt)
		if !ok || test.Init != nil || !slices.Contains(r.Tests, users[0]) || test.Pos() < st.Pos() {
			continue
		}
		r.inits[test] = as
		r.Steps = slices.DeleteFunc(r.Steps, func(o ast.Stmt) bool { return o == st })
		for _, l := range as.Lhs {
			delete(r.reads, syntax.VarOf(r.Site.Info, l.(*ast.Ident)))
		}
	}
}

// isRead reports whether a statement only reads guarded state into local variables, and returns
// these.
func (r *Recheck) isRead(st ast.Stmt, derived map[*types.Var][]*site.Touch) ([]*types.Var, bool) {
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
		v, ok := r.Site.Info.ObjectOf(id).(*types.Var)
		if !ok || v.IsField() || v.Parent() == r.Site.Pkg.Types.Scope() {
			return nil, false
		}
		vars = append(vars, v)
		guarded = guarded || len(derived[v]) > 0
	}
	return vars, guarded
}

// needs reports whether a variable must be read again, because the code under the lock after the
// window uses it, or a repeated step.
func (r *Recheck) needs(v *types.Var, post, pre []ast.Stmt) bool {
	for _, st := range post {
		if syntax.Mentions(r.Site.Info, st, v) {
			return true
		}
	}
	for _, t := range r.Tests {
		if syntax.Mentions(r.Site.Info, t, v) {
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
			if !ok || !r.reads[syntax.VarOf(r.Site.Info, id)] {
				continue
			}
			if syntax.Mentions(r.Site.Info, as.Rhs[min(i, len(as.Rhs)-1)], v) {
				return true
			}
		}
	}
	return false
}

// Check refuses if the steps would mean something else after the window, and records what must
// be closed if a test drops it.
func (r *Recheck) Check(pre, window []ast.Stmt, lift *extract.Lift) *safety.Refusal {
	for _, st := range r.Steps {
		refusal := syntax.First(st, func(id *ast.Ident) *safety.Refusal {
			v, ok := r.Site.Info.Uses[id].(*types.Var)
			if !ok || v.IsField() || r.reads[v] || r.sets(st, v) {
				return nil
			}
			if !r.keeps([]*types.Var{v}, pre) && r.assignedBefore(v, st, pre) || r.changes(v, window) {
				return safety.Refuse(safety.S3, "test-changes", id.Pos(), "this test uses %s, which is assigned before the test would be repeated", v.Name())
			}
			return nil
		})
		if refusal != nil {
			return refusal
		}
	}
	if id := r.usedBeforeRead(); id != nil {
		return safety.Refuse(safety.S3, "test-changes", id.Pos(), "%s is used here and read from guarded state afterwards, so repeating both would use the new value", id.Name)
	}
	for _, t := range behaviour.Touches(r.Site, OnTheWay(r.Site, pre)...).List {
		if t.Class == site.GuardedUse && t.Access.Kind.Changes() && r.testedBefore(t) && !r.CountedBelow(t) && !r.Dropped(t.Access.Pos()) {
			return safety.Refuse(safety.S3, "test-changes", t.Access.Pos(), "the section itself changes %s, so the test cannot simply be repeated", t.Name())
		}
	}
	if at, v := r.changesFlag(slices.Concat(pre, window)); at != nil {
		return safety.Refuse(safety.S3, "test-changes", at.Pos(), "the section itself changes %s, so the test cannot simply be repeated", v.Name())
	}
	if refusal := r.setApart(pre, window); refusal != nil {
		return refusal
	}
	for _, t := range r.Tests {
		if w := r.hides(t, window); w != nil {
			return safety.Refuse(safety.S3, "shadowed", t.Pos(), "%s is another variable after the wait", w.Name())
		}
		if v := r.namedResult(t, slices.Concat(pre, window)); v != nil {
			return safety.Refuse(safety.S3, "test-changes", syntax.ReturnsIn([]ast.Stmt{t})[0].Pos(), "this return gives back %s, which is assigned before the test would be repeated", v.Name())
		}
	}
	r.findProducts(window, lift)
	if r.checkBegun(window); r.leaks != nil {
		return r.leaks
	}
	return r.checkIdentities()
}

// setApart refuses if a variable that is read again also gets its value from code that is not
// repeated, so that the test would look at something else than it did:
//
//	least := -1
//	for i, b := range s.backends {
//		if least < 0 || b.load < s.backends[least].load {
//			least = i
//		}
//	}
//	if least < 0 { return errNone } // least = -1 alone would always return
func (r *Recheck) setApart(pre, window []ast.Stmt) *safety.Refusal {
	var again []*types.Var
	merged := slices.Collect(maps.Values(r.inits))
	for _, st := range pre {
		if as, ok := st.(*ast.AssignStmt); ok && (slices.Contains(r.Steps, st) || slices.Contains(merged, as)) {
			for _, l := range as.Lhs {
				again = append(again, syntax.VarOf(r.Site.Info, l.(*ast.Ident)))
			}
			continue
		}
		for _, v := range again {
			if v != nil && !slices.Contains(r.Tests, st) && r.changes(v, []ast.Stmt{st}) {
				return safety.Refuse(safety.S3, "tested-before", st.Pos(), "%s, which a test looks at, also gets a value here, which cannot simply be repeated after the wait", v.Name())
			}
		}
	}
	for _, v := range again {
		if v != nil && (r.Site.Unit.Addressed(v) || r.Site.Unit.Captured(v) && (r.reads[v] || r.Site.Unit.DefinedOnce(v) == nil) || r.reads[v] && r.changes(v, window)) {
			return safety.Refuse(safety.S3, "assigned-meanwhile", window[0].Pos(), "%s is read before the wait and assigned during it", v.Name())
		}
	}
	return nil
}

// changesFlag returns a place where the statements change a flag that is read again, or nil.
func (r *Recheck) changesFlag(list []ast.Stmt) (at ast.Node, of *types.Var) {
	tested := make(map[*types.Var]bool)
	for _, st := range r.Steps {
		for _, v := range behaviour.FlagsIn(r.Site, st) {
			tested[v] = true
		}
	}
	for _, as := range r.inits {
		for _, v := range behaviour.FlagsIn(r.Site, as) {
			tested[v] = true
		}
	}
	for _, st := range list {
		behaviour.EachAtomic(r.Site, st, func(_ *patterns.Unit, n ast.Expr, v *types.Var, change bool) {
			if change && tested[v] && at == nil {
				at, of = n, v
			}
		})
	}
	return at, of
}

// usedBeforeRead returns a use, in the repeated steps, of a variable that is read again only
// after it or by the same statement, or nil. The use would see a different value than the first
// time.
func (r *Recheck) usedBeforeRead() *ast.Ident {
	again := make(map[*types.Var]bool)
	var found *ast.Ident
	use := func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			if v := syntax.VarOf(r.Site.Info, id); r.reads[v] && !again[v] {
				found = id
			}
		}
		return found == nil
	}
	for _, st := range r.Steps {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			ast.Inspect(st, use)
			continue
		}
		for _, e := range as.Rhs {
			ast.Inspect(e, use)
		}
		for _, l := range as.Lhs {
			again[syntax.VarOf(r.Site.Info, l.(*ast.Ident))] = true
		}
	}
	return found
}

// namedResult returns a named result that the statements assign and that a bare return in the
// test would return, or nil.
func (r *Recheck) namedResult(test ast.Stmt, list []ast.Stmt) *types.Var {
	if !syntax.ReturnsUnnamed(test) {
		return nil
	}
	for v := range r.Site.Unit.Results().Variables() {
		if !r.reads[v] && r.changes(v, list) {
			return v
		}
	}
	return nil
}

// Reaches returns how many of the window's statements can run before the reads are repeated: the
// next one changes a variable that would be read again.
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

// hides returns a variable that the window declares under a name that the test uses for another
// object, or nil.
func (r *Recheck) hides(test ast.Stmt, window []ast.Stmt) types.Object {
	declared := declaredIn(r.Site, slices.DeleteFunc(slices.Clone(window), func(st ast.Stmt) bool {
		_, assigns := st.(*ast.AssignStmt)
		_, declares := st.(*ast.DeclStmt)
		return !assigns && !declares
	}))
	var found types.Object
	ast.Inspect(test, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			obj := r.Site.Info.Uses[id]
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

// TestsAgain reports whether a repeated step reads the variable in order to decide something or
// to return it.
func (r *Recheck) TestsAgain(v *types.Var) bool {
	return r != nil && r.readByStep(v, func(ast.Stmt) bool { return true })
}

// testedBefore reports whether a step that is repeated reads what a touch changes, and its first
// run may come before the change. After the change, both runs see what the section has made of it.
func (r *Recheck) testedBefore(t *site.Touch) bool {
	return r.readByStep(t.Access.Var, func(step ast.Stmt) bool {
		if t.Via != nil || len(statements.LoopsAround(r.Site.Unit.Body, step.Pos())) > 0 {
			return true
		}
		return step.Pos() <= t.Access.Pos()
	})
}

// readByStep reports whether one of the repeated steps that is accepts reads a variable in order
// to decide something or to return it.
func (r *Recheck) readByStep(v *types.Var, is func(ast.Stmt) bool) bool {
	var nodes []ast.Node
	for _, st := range r.Steps {
		if !is(st) {
			continue
		}
		nodes = append(nodes, readsOf(st)...)
		if as := r.inits[st]; as != nil {
			nodes = append(nodes, as)
		}
	}
	return slices.ContainsFunc(nodes, func(n ast.Node) bool {
		return slices.ContainsFunc(behaviour.Touches(r.Site, n).List, func(t *site.Touch) bool { return t.Access.Var == v })
	})
}

// Rereads reports whether the variable is read again after the window.
func (r *Recheck) Rereads(v *types.Var) bool { return r != nil && r.reads[v] }
