package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A HelperSite is a function that is only called with the lock held, and waits:
// the function from inside, and every section that calls it.
type HelperSite struct {
	*Site   // of the helper: its whole body is under the lock
	Callers []*helperCaller
	lock    string // the calls that take and release the lock, as the helper spells them
	unlock  string
}

// A helperCaller is one call of the helper in a section.
type helperCaller struct {
	*Site
	call      *ast.CallExpr
	pre, post []ast.Stmt      // what runs under the lock before and after the call
	tests     []ast.Expr      // the conditions under which the call is made
	assign    *ast.AssignStmt // that has the call on its right side, or nil
}

// NewHelperSite looks at the function through which all waits of a section are
// reached: S14.
func (s *Site) NewHelperSite() (*HelperSite, *Refusal) {
	u, refusal := s.helper()
	if refusal != nil {
		return nil, refusal
	}
	calls, ok := s.Program.CallersHolding(u, s.Section.LockVar())
	if !ok {
		return nil, Refuse(S14, "other-callers", u.Decl.Pos(), "%s may also have callers that do not hold %s", u.Name(), s.Section.Lock)
	}
	h := &HelperSite{}
	for _, c := range calls {
		caller, refusal := s.newCaller(c)
		if refusal != nil {
			return nil, refusal
		}
		h.Callers = append(h.Callers, caller)
		lock, unlock, refusal := h.spell(u, caller)
		if refusal != nil {
			return nil, refusal
		}
		if h.lock != "" && h.lock != lock {
			return nil, Refuse(S14, "lock-mode", c.Call.Pos(), "some callers of %s hold the read lock, others the write lock", u.Name())
		}
		h.lock, h.unlock = lock, unlock
	}
	h.Site = s.inside(u, h)
	return h, nil
}

// helper returns the function that all waits of the section are reached through.
func (s *Site) helper() (*patterns.Unit, *Refusal) {
	var helper *patterns.Unit
	for _, o := range s.Finding.Ops {
		c, ok := o.Node.(*ast.CallExpr)
		if !ok || len(o.Path) == 0 || o.Deferred {
			return nil, Inapplicable(o.Pos(), "the section itself waits here, not a function that it calls")
		}
		callees, known := s.Program.Callees(s.Unit, c)
		if !known || len(callees) != 1 || callees[0].Decl == nil || callees[0].Pkg != s.Pkg {
			return nil, Inapplicable(o.Pos(), "no function of this package is called here that could release the lock itself")
		}
		if helper != nil && callees[0] != helper {
			return nil, Refuse(S15, "several-functions", o.Pos(), "the section waits in several functions")
		}
		helper = callees[0]
	}
	if helper.File.Fixed != "" {
		return nil, Inapplicable(s.Lock.Pos(), "the file of %s is never rewritten: %s", helper.Name(), helper.File.Fixed)
	}
	return helper, nil
}

// newCaller lays out a section that calls the helper.
func (s *Site) newCaller(c patterns.Call) (*helperCaller, *Refusal) {
	section := s.Program.SectionAround(c.Unit, s.Section.LockVar(), c.Call)
	if section == nil {
		return nil, Refuse(S14, "caller-without-lock", c.Call.Pos(), "this caller does not take %s itself", s.Section.Lock)
	}
	site, refusal := NewSite(s.Program, &patterns.Finding{Section: section, Ops: []*patterns.Op{{Node: c.Call}}})
	if refusal != nil {
		return nil, Refuse(S14, "caller-form", c.Call.Pos(), "the section that makes this call cannot be analyzed: %s", refusal.Reason)
	}
	for _, o := range section.Others {
		if o.Inner {
			return nil, Refuse(S13, "lock-order", o.Pos, "%s is taken while %s is held, and may be held when that is taken again", o.Lock, section.Lock)
		}
	}
	h := &helperCaller{Site: site, call: c.Call}
	return h, h.surround()
}

// surround finds what the section does before and after the call.
func (h *helperCaller) surround() *Refusal {
	var node ast.Node = h.call
	for node != nil && !slices.ContainsFunc(h.Body, func(st ast.Stmt) bool { return ast.Node(st) == node }) {
		parent := h.parents[node]
		st, isStmt := node.(ast.Stmt)
		if list := listIn(parent); isStmt && list != nil {
			i := slices.Index(list, st)
			h.pre, h.post = append(slices.Clone(list[:i]), h.pre...), append(h.post, list[i+1:]...)
		}
		h.head(parent, node)
		switch parent.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt, *ast.LabeledStmt, *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return Refuse(S14, "caller-loop", h.call.Pos(), "the call is in a loop, a select or a function literal of its section, which would go on with what it read before")
		}
		node = parent
	}
	i := h.indexOf(h.call)
	if i < 0 {
		return Refuse(S14, "caller-form", h.call.Pos(), "the call is not among the statements of its section")
	}
	h.pre, h.post = append(slices.Clone(h.Body[:i]), h.pre...), append(h.post, h.Body[i+1:]...)
	return nil
}

// head notes what a statement does around a part of it, in which the call
// stands: it assigns its results, it tests them, or it makes the call depend on
// a test.
func (h *helperCaller) head(parent, part ast.Node) {
	branches := func(list ...ast.Stmt) {
		for _, st := range list {
			if st != nil {
				h.post = append(h.post, st)
			}
		}
	}
	switch p := parent.(type) {
	case *ast.AssignStmt:
		h.assign = p
	case *ast.IfStmt:
		if part == ast.Node(p.Body) || part == ast.Node(p.Else) {
			h.tests = append(h.tests, p.Cond)
		} else {
			branches(p.Body, p.Else)
		}
	case *ast.SwitchStmt:
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if p.Tag != nil {
			h.tests = append(h.tests, p.Tag)
		}
	case *ast.TypeSwitchStmt:
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if st, ok := p.Assign.(*ast.ExprStmt); ok {
			h.tests = append(h.tests, st.X)
		} else if st, ok := p.Assign.(*ast.AssignStmt); ok {
			h.tests = append(h.tests, st.Rhs...)
		}
	case *ast.BlockStmt:
		if sw, ok := h.parents[p].(*ast.SwitchStmt); ok && sw.Tag == nil {
			for _, c := range p.List {
				h.tests = append(h.tests, c.(*ast.CaseClause).List...)
			}
		}
	}
}

// listIn returns the statement list of a node.
func listIn(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// spell returns the calls that take and release the lock as the helper can write
// them: the caller's, with the helper's receiver in the place of what the
// caller calls it on.
func (h *HelperSite) spell(u *patterns.Unit, c *helperCaller) (lock, unlock string, refusal *Refusal) {
	sel, ok := ast.Unparen(c.Section.Acquire.Fun).(*ast.SelectorExpr)
	if !ok || c.Section.Wrapper {
		return "", "", Refuse(S14, "caller-form", c.Section.Pos(), "%s takes the lock through a function of its own", c.Unit.Name())
	}
	mutex := types.ExprString(sel.X)
	if !c.Section.Lock.Global() {
		on, ok := ast.Unparen(c.call.Fun).(*ast.SelectorExpr)
		recv := u.Obj.Signature().Recv()
		if !ok || recv == nil || recv.Name() == "" || recv.Name() == "_" {
			return "", "", Refuse(S14, "no-receiver", c.call.Pos(), "%s has no receiver through which it could release the lock", u.Name())
		}
		if _, ptr := recv.Type().(*types.Pointer); !ptr || u.Assigned(recv, u.Body.List) {
			return "", "", Refuse(S14, "other-receiver", u.Decl.Pos(), "the receiver of %s is not the caller's", u.Name())
		}
		rest, ok := strings.CutPrefix(mutex, types.ExprString(on.X))
		p, isPath := patterns.PathOf(c.Info, on.X)
		if !ok || !isPath || rest != "" && rest[0] != '.' || p.Root != c.Section.Lock.Root {
			return "", "", Refuse(S14, "other-receiver", c.call.Pos(), "it is not clear that the lock belongs to the object that %s is called on", u.Name())
		}
		mutex = recv.Name() + rest
	}
	return mutex + "." + c.Section.Mode.Acquire() + "()", mutex + "." + c.Section.Mode.Release() + "()", nil
}

// inside is the helper as a site: its body is under the lock from end to end.
func (s *Site) inside(u *patterns.Unit, h *HelperSite) *Site {
	lock := s.Section.Lock
	if !lock.Global() {
		c := h.Callers[0]
		on := c.call.Fun.(*ast.SelectorExpr).X
		p, _ := patterns.PathOf(c.Info, on)
		lock = patterns.Path{Root: u.Obj.Signature().Recv(), Fields: c.Section.Lock.Fields[len(p.Fields):]}
	}
	section := &patterns.Section{Unit: u, Lock: lock, Mode: s.Section.Mode, Acquire: s.Section.Acquire, Releases: s.Section.Releases}
	site := bareSite(s.Program, &patterns.Finding{Section: section, Ops: s.Program.OpsOf(u), Verdict: s.Finding.Verdict})
	site.List, site.Body, site.imports = u.Body.List, u.Body.List, s.imports
	site.Lock = &ast.ExprStmt{X: &ast.Ident{NamePos: u.Body.Lbrace + 1}} // for its position
	return site
}

// ProveLockOrder is S13: no lock that the helper has taken under the callers'
// lock may still be held when that is taken again after the window.
func (h *HelperSite) ProveLockOrder(window []ast.Stmt) *Refusal {
	for _, p := range h.Unit.MayHoldAt(window[0]) {
		return Refuse(S13, "lock-order", window[0].Pos(), "%s may be held here and was taken while %s was held; it would still be held when that is taken again", p, h.Section.Lock)
	}
	return nil
}

// Deferred reports whether a caller releases the lock by defer: then a panic
// during the window must find it held.
func (h *HelperSite) Deferred() bool {
	return slices.ContainsFunc(h.Callers, func(c *helperCaller) bool { return c.Defer != nil })
}

// ProveCallers is S14: no caller relies on the lock being held throughout the
// call. It adds what has to be asked to the window's obligations.
func (h *HelperSite) ProveCallers(w *Window) *Refusal {
	for _, c := range h.Callers {
		if t := c.beside(); t != nil {
			return Refuse(S14, "caller-uses-guarded", c.call.Pos(), "the statement of this call also uses %s, which %s guards: %s", t.name(), c.Section.Lock, t.why)
		}
		cw := c.window()
		if e := c.throughOld(cw); e != nil {
			return Refuse(S3, "caller-read-before", e.Pos(), "in %s, which calls %s, %s is reached through something read before the call and assigned after it", c.Unit.Name(), h.Unit.Name(), types.ExprString(e))
		}
		for _, check := range []func() *Refusal{cw.proveStale, cw.proveUpdates, cw.proveHalfDone} {
			if r := check(); r != nil {
				r.Reason = "in " + c.Unit.Name() + ", which calls " + h.Unit.Name() + ": " + r.Reason
				return r
			}
		}
		for _, t := range c.tests {
			if cw.depends(t) {
				cw.assume(S3, t.Pos(), "The state tested at %s can change before the call is over. May the call still be made then?", cw.line(t.Pos()))
			}
		}
		for _, o := range cw.obligations {
			if o.Status == Assumed {
				w.assume(o.Condition, o.Pos, "In the caller %s: %s", c.Unit.Name(), o.Text)
			}
		}
	}
	w.proved(S14, "every caller was looked at: none uses after the call what it has read before")
	return nil
}

// window is the call as a window of the caller's section: its arguments and the
// tests around it come before, what its results are assigned to after it.
func (c *helperCaller) window() *Window {
	w := c.NewWindow(c.pre, nil, c.post)
	for _, e := range slices.Concat(c.call.Args, c.tests) {
		w.pre.add(c.touches(e))
	}
	if c.assign == nil {
		return w
	}
	for _, t := range c.touches(c.assign).touches {
		if t.via == nil && t.access.Node.End() <= c.assign.TokPos {
			w.post.touches = append(w.post.touches, t)
		}
	}
	return w
}

// throughOld returns a target of the call's results that is reached through a
// variable that was set from guarded state before the call, or nil.
func (c *helperCaller) throughOld(w *Window) ast.Expr {
	if c.assign == nil {
		return nil
	}
	for _, l := range c.assign.Lhs {
		if _, plain := ast.Unparen(l).(*ast.Ident); plain {
			continue
		}
		for v, from := range w.derived {
			if len(from) > 0 && mentions(w.Info, l, v) {
				return l
			}
		}
	}
	return nil
}

// beside returns what the statement of the call uses of guarded state apart from
// the arguments and a plain target: it may be read before the call or after it.
func (c *helperCaller) beside() *touch {
	var node ast.Node = c.call
	for {
		parent := c.parents[node]
		if parent == nil {
			return nil
		}
		if list := c.others(parent, node); len(list) > 0 {
			if t := c.touches(list...).guarded(); t != nil {
				return t
			}
		}
		if _, isStmt := parent.(ast.Stmt); isStmt {
			return nil
		}
		node = parent
	}
}

// others lists the parts of an expression or statement beside the one given.
func (c *helperCaller) others(parent, part ast.Node) []ast.Node {
	var out []ast.Node
	switch p := parent.(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if !plainTarget(l) || p.Tok != token.ASSIGN && p.Tok != token.DEFINE {
				out = append(out, l)
			}
		}
		for _, r := range p.Rhs {
			if ast.Node(r) != part {
				out = append(out, r)
			}
		}
	case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		// [helperCaller.head] has its parts.
	default:
		ast.Inspect(parent, func(n ast.Node) bool {
			if n != nil && n != parent && n != part {
				out = append(out, n)
			}
			return n == parent
		})
	}
	return out
}

// plainTarget reports whether assigning to an expression reads nothing but a
// chain of fields: no element, and nothing behind a pointer that is not a field's
// own.
func plainTarget(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return plainTarget(e.X)
	}
	return false
}

// OpenWindow are the operations that release the lock for the statements of the
// window and take it again after them. Where a caller releases it by defer, a
// panic must find it held: the window is a literal that takes it by defer.
func (h *HelperSite) OpenWindow(w *Window, xs []Extraction, lift *Lift) ([]tree.Op, *Refusal) {
	st := w.Stmts[0]
	w.proved(S12, "%s", map[bool]string{
		true:  "a caller releases the lock by defer, so it is taken again by defer",
		false: "no caller releases the lock by defer",
	}[h.Deferred()])
	if lift != nil {
		return h.openLift(w, xs, lift)
	}
	ops := w.ExtractOps(xs, st)
	_, isReturn := st.(*ast.ReturnStmt)
	if isReturn { // a deferred Lock is the first call that runs then
		code := h.unlock + "\ndefer " + h.lock
		return append(ops, tree.InsertBefore{Stmt: st, Code: code, Space: tree.Space{After: tree.None}}), nil
	}
	if !h.Deferred() {
		return append(ops,
			tree.InsertBefore{Stmt: st, Code: h.unlock, Space: tree.Space{After: tree.None}},
			tree.InsertAfter{Stmt: w.Stmts[len(w.Stmts)-1], Code: h.lock, Space: tree.Space{Before: tree.None}}), nil
	}
	rhs := valueOf(st)
	if rhs == nil || len(w.Stmts) > 1 {
		if slices.ContainsFunc(w.Stmts, func(st ast.Stmt) bool { return jumpsOut(st, false, false) || declares(st) }) {
			return nil, Refuse(S12, "retake-on-panic", st.Pos(), "the lock must be retaken if the call panics, and this statement cannot go into a function literal")
		}
		code := "func() {\n" + h.unlock + "\ndefer " + h.lock + "\n" + tree.Body + "\n}()"
		return append(ops, tree.Wrap{First: st, Last: w.Stmts[len(w.Stmts)-1], Code: code}), nil
	}
	code, refusal := h.literal(rhs, h.sourceWith(rhs, xs))
	ops = ops[:min(len(ops), 1)] // the uses are in the code
	return append(ops, tree.ReplaceExpr{Expr: rhs, Code: code}), refusal
}

// openLift opens the window for the part of a statement that waits.
func (h *HelperSite) openLift(w *Window, xs []Extraction, lift *Lift) ([]tree.Op, *Refusal) {
	ops := w.ExtractOps(xs, lift.of)
	if !h.Deferred() {
		ops = append(ops, tree.InsertBefore{Stmt: lift.of, Code: h.unlock, Space: tree.Space{After: tree.None}})
		ops = append(ops, lift.Before(xs)...)
		ops = append(ops, tree.InsertBefore{Stmt: lift.of, Code: h.lock, Space: tree.Space{Before: tree.None}})
		return append(ops, lift.After()...), nil
	}
	part := lift.init
	if lift.commit != nil {
		part = lift.commit
	}
	rhs := valueOf(part)
	if rhs == nil {
		return nil, Refuse(S12, "retake-on-panic", part.Pos(), "the lock must be retaken if the call panics, and this statement cannot go into a function literal")
	}
	code, refusal := h.literal(rhs, h.sourceWith(rhs, xs))
	if refusal != nil {
		return nil, refusal
	}
	if lift.commit == nil {
		ops = append(ops[:min(len(ops), 1)], lift.Before(xs)...)
		return append(ops, tree.ReplaceExpr{Expr: rhs, Code: code}), nil
	}
	lift.code = code
	return append(append(ops, lift.Before(xs)...), lift.After()...), nil
}

// literal is a function literal, called in place, that computes the value
// without the lock.
func (h *HelperSite) literal(value ast.Expr, code string) (string, *Refusal) {
	result, ok := h.resultText(value)
	if !ok {
		return "", Refuse(S12, "retake-on-panic", value.Pos(), "the lock must be retaken if the call panics, and this file cannot name the type of the result")
	}
	return "func() " + result + " {\n" + h.unlock + "\ndefer " + h.lock + "\nreturn " + code + "\n}()", nil
}

// valueOf returns the only value that a statement computes, or nil.
func valueOf(st ast.Stmt) ast.Expr {
	switch st := st.(type) {
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 && (st.Tok == token.DEFINE || st.Tok == token.ASSIGN) {
			return st.Rhs[0]
		}
	case *ast.ReturnStmt:
		if len(st.Results) == 1 {
			return st.Results[0]
		}
	}
	return nil
}

func declares(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.DeclStmt:
		return true
	case *ast.AssignStmt:
		return st.Tok == token.DEFINE
	}
	return false
}

// resultText spells the type of an expression as the result of a function.
func (s *Site) resultText(e ast.Expr) (string, bool) {
	t := s.Info.TypeOf(e)
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return s.typeText(t)
	}
	var texts []string
	for i := range tuple.Len() {
		text, ok := s.typeText(tuple.At(i).Type())
		if !ok {
			return "", false
		}
		texts = append(texts, text)
	}
	return "(" + strings.Join(texts, ", ") + ")", true
}
