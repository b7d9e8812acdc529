package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// proveStale is S3: what was read before the window still holds where it is
// used after it.
func (w *Window) proveStale() *Refusal {
	if test := w.guardedExit(w.Pre); test != nil {
		if len(w.Post) > 0 {
			return Refuse(S3, test.Pos(), "the section goes on only after testing guarded state, which may change during the window")
		}
		w.assume(S3, test.Pos(), "guarded state was tested at %s, and may change before the call is over: may the call then still be made?", w.line(test.Pos()))
	}
	if len(w.Post) == 0 {
		if !w.has(S3) {
			w.proved(S3, "nothing is decided after the window on what was read before it")
		}
		return nil
	}
	for _, v := range sortedVars(w.derived) {
		for _, st := range w.Post {
			if !mentions(w.Info, st, v) {
				continue
			}
			if _, isReturn := st.(*ast.ReturnStmt); isReturn {
				w.assume(S3, st.Pos(), "%s was read before the window and is returned after it: may it be older than the rest?", v.Name())
				continue
			}
			return Refuse(S3, st.Pos(), "%s was read from %s before the window and is used after it", v.Name(), w.derived[v][0].access.Var.Name())
		}
	}
	if len(w.Values) > 0 {
		if t := w.post.guardedChange(); t != nil {
			w.assume(S3, w.Values[0].Uses[0].Pos(), "%s is read before the call, and %s is changed after it: if %s changes meanwhile, is that still right?", w.Values[0].Path, t.name(), w.Values[0].Path)
		}
	}
	if t := w.post.guarded(); t != nil && !w.has(S3) && len(w.guardedValues()) > 0 {
		v := w.guardedValues()[0]
		w.assume(S3, v.pos, "%s is read before the call and %s after it: may the two be of different times?", v.name, t.name())
	}
	if !w.has(S3) {
		w.proved(S3, "nothing that was read before the window is used after it")
	}
	return nil
}

func sortedVars[V any](m map[*types.Var]V) []*types.Var {
	vars := make([]*types.Var, 0, len(m))
	for v := range m {
		vars = append(vars, v)
	}
	slices.SortFunc(vars, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return vars
}

// guardedExit returns a condition on guarded state that decides whether the
// statements go on to their end, or nil.
func (w *Window) guardedExit(list []ast.Stmt) ast.Expr {
	var found ast.Expr
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			var cond ast.Expr
			switch n := n.(type) {
			case *ast.IfStmt:
				cond = n.Cond
			case *ast.SwitchStmt:
				cond = n.Tag
			case *ast.ForStmt:
				cond = n.Cond
			case *ast.RangeStmt:
				cond = n.X
			case *ast.TypeSwitchStmt:
				if e, ok := n.Assign.(*ast.ExprStmt); ok {
					cond = e.X
				}
			}
			if found == nil && leaves(n) && (cond != nil && w.depends(cond) || cond == nil && isSwitch(n)) {
				found = cond
				if found == nil {
					found = ast.NewIdent("switch")
					found.(*ast.Ident).NamePos = n.Pos()
				}
			}
			return found == nil
		})
	}
	return found
}

func isSwitch(n ast.Node) bool {
	switch n.(type) {
	case *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return true
	}
	return false
}

// leaves reports whether a compound statement contains a statement that leaves
// the section.
func leaves(n ast.Node) bool {
	switch n.(type) {
	case *ast.IfStmt, *ast.SwitchStmt, *ast.ForStmt, *ast.RangeStmt, *ast.TypeSwitchStmt:
	default:
		return false
	}
	return jumpsOut(n, false, false)
}

// jumpsOut reports whether a node contains a jump that leads out of it. A break
// or continue without a label ends at the loop, switch or select around it.
func jumpsOut(n ast.Node, inLoop, inSwitch bool) bool {
	found := false
	inspectOuter(n, func(m ast.Node) bool {
		if found {
			return false
		}
		switch m := m.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			switch {
			case m.Tok == token.GOTO || m.Label != nil:
				found = true
			case m.Tok == token.CONTINUE:
				found = !inLoop
			case m.Tok == token.BREAK:
				found = !inLoop && !inSwitch
			}
		case *ast.ForStmt:
			found = jumpsOut(m.Body, true, true)
			return false
		case *ast.RangeStmt:
			found = jumpsOut(m.Body, true, true)
			return false
		case *ast.SwitchStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		case *ast.TypeSwitchStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		case *ast.SelectStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		}
		return true
	})
	return found
}

// depends reports whether an expression reads guarded state, or a variable
// that was derived from it.
func (w *Window) depends(e ast.Expr) bool {
	if w.touches(e).guarded() != nil {
		return true
	}
	for v := range w.derived {
		if len(w.derived[v]) > 0 && mentions(w.Info, e, v) {
			return true
		}
	}
	return false
}

// proveUpdates is S4 and S5: what is written after the window does not destroy
// what others wrote meanwhile.
func (w *Window) proveUpdates() *Refusal {
	for _, t := range w.post.touches {
		if t.class != guardedUse || !t.access.Kind.Changes() {
			continue
		}
		if r := w.proveUpdate(t); r != nil {
			return r
		}
	}
	if !w.has(S4) {
		w.proved(S4, "%s", map[bool]string{
			true:  "nothing is written after the window",
			false: "what is written after the window is added to what is there, or does not depend on it",
		}[w.post.guardedChange() == nil])
	}
	if !w.has(S5) {
		w.proved(S5, "no entry is looked for before the window and inserted after it")
	}
	return nil
}

func (w *Window) proveUpdate(t *touch) *Refusal {
	v := t.access.Var
	readBefore := slices.ContainsFunc(w.pre.touches, func(p *touch) bool { return p.access.Var == v && p.class == guardedUse })
	kind := w.updateKind(t)
	if kind == merge {
		return nil
	}
	if readBefore && kind == insert {
		return Refuse(S5, t.access.Pos(), "%s is looked at before the window and filled after it: another goroutine may have filled it meanwhile", t.name())
	}
	if readBefore {
		return Refuse(S4, t.access.Pos(), "%s is used before the window and overwritten after it", t.name())
	}
	other := w.Program.SharingOf(w.packageOf(v), v).Changed(func(a *patterns.Access) bool {
		return !w.contains(a) && a.Under(w.Section.LockVar())
	})
	if other == nil && kind == constant {
		return nil // nobody else gives it another value
	}
	if other != nil && !w.Free && (kind == overwrite || kind == constant) {
		return Refuse(S4, t.access.Pos(), "%s is overwritten after the window, and also changed at %s", t.name(), w.line(other.Pos()))
	}
	if other != nil {
		w.assume(S4, t.access.Pos(), "%s is written after the call, and also at %s: may the result of an older call come last?", t.name(), w.line(other.Pos()))
		return nil
	}
	w.assume(S4, t.access.Pos(), "two calls may now finish in either order, and the later one's value of %s stays: is that right?", t.name())
	return nil
}

// contains reports whether the access stands in this section.
func (w *Window) contains(a *patterns.Access) bool {
	return a.Unit == w.Unit && w.inBody(a.Node)
}

// An update says how a statement changes a variable.
type update byte

const (
	overwrite update = iota // replaced by a value that may be out of date
	insert                  // an element is set
	merge                   // added to what is there: x++, x += y, x = append(x, y), delete(x, k)
	constant                // set to a constant
)

func (w *Window) updateKind(t *touch) update {
	if t.via != nil {
		return overwrite
	}
	kind := overwrite
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IncDecStmt:
				if within(t.access.Node, n.X) {
					kind = merge
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if within(t.access.Node, l) {
						kind = w.assignKind(n, i)
					}
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "delete" && within(t.access.Node, n) {
					kind = merge
				}
			}
			return true
		})
	}
	return kind
}

func within(n, outer ast.Node) bool { return outer.Pos() <= n.Pos() && n.End() <= outer.End() }

func (w *Window) assignKind(as *ast.AssignStmt, i int) update {
	if as.Tok != token.ASSIGN && as.Tok != token.DEFINE {
		return merge // x op= y
	}
	if len(as.Lhs) != len(as.Rhs) {
		return overwrite
	}
	rhs := ast.Unparen(as.Rhs[i])
	if call, ok := rhs.(*ast.CallExpr); ok && len(call.Args) > 0 {
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "append" && types.ExprString(call.Args[0]) == types.ExprString(as.Lhs[i]) {
			return merge
		}
	}
	if tv := w.Info.Types[rhs]; tv.Value != nil || tv.IsNil() {
		return constant
	}
	if _, ok := ast.Unparen(as.Lhs[i]).(*ast.IndexExpr); ok {
		return insert
	}
	return overwrite
}

// closingMethods are the names under which Go types end the life of an object.
var closingMethods = []string{"Close", "Stop", "Shutdown", "Release", "Destroy", "Kill", "Free", "CloseWithError", "Abort", "Terminate"}

// proveLifetime is S6: what the window uses is not closed or dropped meanwhile.
func (w *Window) proveLifetime() *Refusal {
	if r := w.closesShared(); r != nil {
		return r
	}
	for _, v := range w.usedObjects() {
		if at, ok := w.closedUnder(v); ok {
			if !closeSafe(v.typ) {
				return Refuse(S6, v.pos, "%s is closed under %s at %s", v.name, w.Section.Lock, w.line(at))
			}
			w.assume(S6, v.pos, "%s may be closed at %s during the call: does the call then fail cleanly?", v.name, w.line(at))
			continue
		}
		for _, g := range v.from {
			sharing := w.Program.SharingOf(w.packageOf(g), g)
			if a := sharing.Changed(func(a *patterns.Access) bool { return !w.contains(a) && a.Under(w.Section.LockVar()) }); a != nil {
				w.assume(S6, v.pos, "%s comes from %s, which is changed at %s: may the call still use the old value?", v.name, g.Name(), w.line(a.Pos()))
			}
		}
	}
	if !w.has(S6) {
		w.proved(S6, "nothing that the window uses is closed or replaced under the lock")
	}
	return nil
}

// closesShared refuses a window that ends the life of an object that other
// sections of the lock use.
func (w *Window) closesShared() *Refusal {
	var refusal *Refusal
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || refusal != nil {
				return refusal == nil
			}
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || !slices.Contains(closingMethods, sel.Sel.Name) {
				return true
			}
			for _, v := range w.origins(sel.X) {
				sharing := w.Program.SharingOf(w.packageOf(v), v)
				for _, a := range sharing.Accesses {
					if !w.contains(a) && a.Under(w.Section.LockVar()) {
						refusal = Refuse(S6, c.Pos(), "%s is closed in the window, and other sections of %s use it, at %s", types.ExprString(sel.X), w.Section.Lock, w.line(a.Pos()))
						return false
					}
				}
			}
			return true
		})
	}
	return refusal
}

// origins lists the shared variables that an object comes from.
func (w *Window) origins(e ast.Expr) []*types.Var {
	p, ok := patterns.PathOf(w.Info, e)
	if !ok {
		return nil
	}
	var vars []*types.Var
	ours := p.Root == w.Section.Lock.Root || p.Global() || w.Unit.IsParam(p.Root)
	if v := p.Last(); ours && (v.IsField() || p.Global()) {
		vars = append(vars, v)
	}
	for _, t := range w.derived[p.Root] {
		vars = append(vars, t.access.Var)
	}
	return vars
}

// usedObjects lists the objects that the window uses: guarded values, and the
// fields and package-level variables that hold a pointer or interface.
func (w *Window) usedObjects() []usedValue {
	var out []usedValue
	for _, v := range w.guardedValues() {
		if k := refsOf(v.typ, 0); k == object || k == opaqueFn || k == aliases {
			out = append(out, v)
		}
	}
	seen := make(map[*types.Var]bool)
	for _, e := range w.selections(w.Stmts) {
		p, _ := patterns.PathOf(w.Info, e)
		v := p.Last()
		if v == nil || seen[v] || !v.IsField() && !p.Global() || refsOf(v.Type(), 0) != object {
			continue
		}
		seen[v] = true
		if slices.ContainsFunc(w.Values, func(x Extraction) bool { return x.Path.Last() == v }) {
			continue
		}
		out = append(out, usedValue{name: p.String(), typ: v.Type(), pos: e.Pos(), from: nil})
	}
	return out
}

// closedUnder finds a call under the section's lock that ends the life of an
// object of the value's type.
func (w *Window) closedUnder(v usedValue) (token.Pos, bool) {
	for _, c := range w.Program.CallsUnder(w.Pkg, w.Section.LockVar()) {
		sel, ok := ast.Unparen(c.Call.Fun).(*ast.SelectorExpr)
		if !ok || !slices.Contains(closingMethods, sel.Sel.Name) || c.Unit == w.Unit && w.inBody(c.Call) {
			continue
		}
		if t := c.Unit.Pkg.Info.TypeOf(sel.X); t != nil && types.Identical(t, v.typ) {
			return c.Call.Pos(), true
		}
	}
	return token.NoPos, false
}

// closeSafe reports whether values of the type may be closed while they are in
// use: their documentation promises an error and no harm.
func closeSafe(t types.Type) bool {
	switch strings.TrimPrefix(types.TypeString(t, nil), "*") {
	case "net.Conn", "net.Listener", "net.PacketConn", "net.TCPConn", "net.UnixConn", "net.UDPConn", "os.File",
		"database/sql.DB", "net/http.Server", "crypto/tls.Conn", "io.PipeReader", "io.PipeWriter", "time.Timer", "time.Ticker":
		return true
	}
	return false
}

// proveChannels is S7: a channel that the window sends on is not closed or
// replaced by a section.
func (w *Window) proveChannels() *Refusal {
	var refusal *Refusal
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				if at, ok := w.closedChan(n.Chan); ok && refusal == nil {
					refusal = Refuse(S7, n.Pos(), "the channel may be closed at %s before the send: a send on a closed channel panics", w.line(at))
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "close" && refusal == nil {
					if _, builtin := w.Info.Uses[id].(*types.Builtin); builtin && !w.localChan(n.Args[0]) {
						refusal = Refuse(S7, n.Pos(), "the channel is closed in the window: others may send on it or close it meanwhile")
					}
				}
			}
			return true
		})
	}
	for _, o := range w.Finding.Ops {
		if refusal == nil && o.Category == "chan" && o.Effect == "write" && len(o.Path) > 0 {
			w.assume(S7, o.Pos(), "the channel that %s sends on may not be closed meanwhile: is that so?", o.Path[0].Func)
		}
	}
	for _, v := range w.guardedValues() {
		if refsOf(v.typ, 0) != chanRef {
			continue
		}
		for _, g := range v.from {
			sharing := w.Program.SharingOf(w.packageOf(g), g)
			if a := sharing.Changed(func(a *patterns.Access) bool { return !w.contains(a) && a.Under(w.Section.LockVar()) }); a != nil {
				w.assume(S7, v.pos, "%s is replaced at %s: may the old channel still be used?", v.name, w.line(a.Pos()))
			}
		}
	}
	if refusal == nil && !w.has(S7) {
		w.proved(S7, "no channel that the window sends on is closed under the lock")
	}
	return refusal
}

func (w *Window) localChan(e ast.Expr) bool {
	p, ok := patterns.PathOf(w.Info, e)
	return ok && len(p.Fields) == 0 && !p.Global() && !w.Unit.Captured(p.Root)
}

// closedChan finds a close of a channel of the same variable or, for a channel
// taken from a container, of the same type.
func (w *Window) closedChan(ch ast.Expr) (token.Pos, bool) {
	var v *types.Var
	if p, ok := patterns.PathOf(w.Info, ch); ok {
		v = p.Last()
	}
	t := w.Info.TypeOf(ch)
	for _, c := range w.Program.ChannelCloses(w.Pkg) {
		arg := c.Call.Args[0]
		if p, ok := patterns.PathOf(c.Unit.Pkg.Info, arg); ok && v != nil && (v.IsField() || p.Last() == v) && p.Last().IsField() {
			if p.Last() == v {
				return c.Call.Pos(), true
			}
			continue
		}
		if ct := c.Unit.Pkg.Info.TypeOf(arg); ct != nil && t != nil && sameElem(ct, t) {
			return c.Call.Pos(), true
		}
	}
	return token.NoPos, false
}

func sameElem(a, b types.Type) bool {
	ca, ok1 := a.Underlying().(*types.Chan)
	cb, ok2 := b.Underlying().(*types.Chan)
	return ok1 && ok2 && types.Identical(ca.Elem(), cb.Elem())
}

// proveOrder is S8: where the order of calls can be told from outside, two
// callers may now overtake each other.
func (w *Window) proveOrder() *Refusal {
	op := w.writer()
	switch {
	case op == nil:
		w.proved(S8, "the call only reads or waits, so nobody can tell in which order calls were made")
		return nil
	case w.Section.Mode == patterns.Shared:
		w.proved(S8, "the read lock let calls overtake each other before")
		return nil
	}
	for _, v := range w.guardedValues() {
		for _, g := range v.from {
			if slices.ContainsFunc(w.pre.touches, func(t *touch) bool { return t.access.Var == g && t.access.Kind.Changes() }) {
				return Refuse(S8, v.pos, "%s is changed in the section and then sent: two callers may send it in the wrong order", v.name)
			}
		}
		w.assume(S8, v.pos, "the call passes on %s, read under the lock: may two callers pass theirs on in another order?", v.name)
	}
	if at := w.clock(); at != nil {
		w.assume(S8, at.Pos(), "the time is read and passed on: may two callers pass theirs on in another order?")
	}
	changes := append(guardedChanges(w.pre), guardedChanges(w.post)...)
	if len(changes) > 0 {
		w.assume(S8, changes[0].access.Pos(), "the section changes %s and makes the call: may two callers do the one in another order than the other?", some(touchNames(changes)))
	}
	if !w.has(S8) {
		w.proved(S8, "the section changes no guarded state, so it promises no order of calls")
	}
	return nil
}

// clock returns a look at the clock in the section, before or in the window, or
// nil.
func (w *Window) clock() ast.Node {
	var found ast.Node
	for _, st := range append(slices.Clone(w.Pre), w.Stmts...) {
		ast.Inspect(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && found == nil {
				if fn := patterns.CalleeOf(w.Info, c); fn != nil && fn.FullName() == "time.Now" {
					found = c
				}
			}
			return found == nil
		})
	}
	return found
}

func guardedChanges(t *touched) []*touch {
	var out []*touch
	for _, u := range t.touches {
		if u.class == guardedUse && u.access.Kind.Changes() {
			out = append(out, u)
		}
	}
	return out
}

// some joins names, at most four of them.
func some(names []string) string {
	if len(names) > 4 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
}

// writer returns the first operation that changes something outside, or nil.
func (w *Window) writer() *patterns.Op {
	for _, o := range w.Finding.Ops {
		if !o.Own && (o.Effect == "write" || o.Weak != "") && !w.closesOwn(o) {
			return o
		}
	}
	return nil
}

// proveOverlap is S9: what waits may be called by several goroutines at once.
func (w *Window) proveOverlap() *Refusal {
	for _, o := range w.Finding.Ops {
		switch {
		case w.Section.Mode == patterns.Shared || o.Own:
		case o.Safety == "unsafe" && len(o.Path) == 0 && !w.localReceiver(o):
			return Refuse(S9, o.Pos(), "%s is not safe for use by several goroutines at once, and the lock keeps them apart", o.What)
		case o.Safety == "unsafe" && len(o.Path) > 0:
			w.assume(S9, o.Pos(), "%s, which is not safe for use by several goroutines at once, is reached through %s: does each call use its own?", o.What, o.Path[0].Func)
		case o.Safety == "unknown" && !w.localReceiver(o):
			w.assume(S9, o.Pos(), "%s may now run several times at once: is it safe for that?", o.Describe())
		case o.Effect == "write" && o.Category != "chan" && !w.closesOwn(o):
			w.assume(S9, o.Pos(), "%s may now run several times at once: is that wanted?", o.Describe())
		}
	}
	for _, o := range w.Finding.Ops {
		if o.Effect == "wait" && o.Category != "sleep" {
			w.assume(S9, o.Pos(), "other sections of %s may now run before what %s waits for has happened: does none of them rely on it?", w.Section.Lock, o.Describe())
		}
	}
	if w.Section.Mode != patterns.Shared {
		for _, o := range w.Finding.Ops {
			if other := w.Program.WaitsUnder(w.Pkg, w.Section.LockVar(), o.Category, w.Section); other != nil {
				w.assume(S9, o.Pos(), "%s also runs under %s, at %s: does the lock keep the two apart on purpose?", other.Describe(), w.Section.Lock, w.line(other.Pos()))
			}
		}
	}
	if !w.has(S9) {
		w.proved(S9, "what waits may be called by several goroutines at once")
	}
	return nil
}

// closesOwn reports whether an operation closes an object that only this call of
// the function has: nobody can tell when that happens.
func (w *Window) closesOwn(o *patterns.Op) bool {
	return strings.HasSuffix(o.What, ").Close") && len(o.Path) == 0 && w.localReceiver(o)
}

// localReceiver reports whether an operation is made on an object that only
// this call of the function has.
func (w *Window) localReceiver(o *patterns.Op) bool {
	c, ok := o.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	p, ok := patterns.PathOf(w.Info, sel.X)
	return ok && len(p.Fields) == 0 && !p.Global() && !w.Unit.IsParam(p.Root) && len(w.derived[p.Root]) == 0 &&
		!w.Unit.Captured(p.Root) && w.Unit.Contains(p.Root.Pos())
}

// proveHalfDone is S10: no broken invariant is visible during the window.
func (w *Window) proveHalfDone() *Refusal {
	if changes := guardedChanges(w.pre); len(changes) > 0 {
		w.assume(S10, changes[0].access.Pos(), "what the section changes before the call (%s) is seen by others while the call runs: is it in order by then?", some(touchNames(changes)))
		return nil
	}
	w.proved(S10, "nothing is changed before the window")
	return nil
}

// proveRest records the conditions that hold by the form of the section, which
// [NewSite] has established, and those that verification proves.
func (w *Window) proveRest() *Refusal {
	w.proved(S11, "verified on the result: every path locks and unlocks equally")
	if len(w.Post) > 0 {
		held := w.Unit.HeldAt(w.Post[0])
		for _, o := range w.Section.Others {
			if o.Inner && slices.ContainsFunc(held, func(p patterns.Path) bool { return p.String() == o.Lock.String() }) {
				return Refuse(S13, o.Pos, "%s is taken while %s is held, and would be held when that is taken again", o.Lock, w.Section.Lock)
			}
		}
	}
	switch {
	case w.Free:
		w.proved(S13, "the lock is taken later, and nothing else is")
	case len(w.Post) == 0:
		w.proved(S13, "the lock is not taken again")
	case len(w.Section.Others) > 0:
		w.proved(S13, "%s was held before and is held now when the lock is taken", w.Section.Others[0].Lock)
	default:
		w.proved(S13, "no other lock is held when the lock is taken")
	}
	w.proved(S14, "the lock is taken and released in this function, so no caller holds it")
	w.proved(S15, "verified on the result: the finding is gone and no other has come")
	w.proved(S16, "%s", map[bool]string{true: "the lock is a read lock before and after", false: "the lock is no read lock"}[w.Section.Mode == patterns.Shared])
	w.proved(S17, "what the section does on an error, it still does")
	w.proved(S18, "no condition variable is waited for")
	return nil
}
