package patterns

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// An Op is one blocking operation as seen from a unit: what waits, and the
// calls through which it is reached.
type Op struct {
	Node     ast.Node // in the unit: the call, send, receive, range or select
	Category string
	Effect   Effect
	Safety   Safety   // of the function that blocks, called by several goroutines
	What     string   // what waits, as a reader would say it: "(*net/http.Client).Do", "receive from ch"
	Why      string   // what it waits for
	Weak     string   // why the evidence is weak; "" if it is not
	Path     []Hop    // the calls that lead to it, outermost first; empty if the unit itself waits
	Deferred bool     // runs when the unit returns
	Own      bool     // made on an object that belongs to one request: an http.ResponseWriter
	Also     []string // further categories reached through the same node

	cond *condRef // for sync.Cond.Wait: the condition variable
}

// A condRef says which lock a sync.Cond releases while it waits (S18).
type condRef struct {
	path  Path       // of the condition variable; Root is nil if it has none
	mutex *types.Var // what its L was set to, or nil if that is not seen
}

// releases reports whether waiting may release the section's lock. Where the
// condition's lock is not seen it is taken to be the one that is held.
func (c *condRef) releases(o *Op, s *Section) bool {
	if len(o.Path) == 0 && c.path.Root != nil && c.path.Root != s.Lock.Root && len(c.path.Fields) > 0 && len(s.Lock.Fields) > 0 && !c.path.Global() {
		return false // of another object
	}
	if c.mutex == nil || c.mutex == s.LockVar() {
		return true
	}
	base, ok := s.Lock.Base()
	return ok && base.key() == c.path.key()
}

// Pos is where the unit waits or makes the call that leads there.
func (o *Op) Pos() token.Pos { return o.Node.Pos() }

// A Hop is one call on the way to a blocking operation.
type Hop struct {
	Func string         // the function called
	At   token.Position // where it is called
}

// A site is something a unit does that may wait: an operation, or a call of
// another unit.
type site struct {
	op     *Op
	callee *Unit
	weak   string
	node   ast.Node
	defers bool
}

// waiter collects what parts of a unit may wait for.
type waiter struct {
	x     *Program
	u     *Unit
	found func(site)

	entered map[*ast.FuncLit]bool // literals visited already: each once is enough
}

// walk visits a statement, expression or body. Function literals are entered
// only where they are called in place or by a function known to call them.
func (w *waiter) walk(n ast.Node, deferred bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			w.operands(m.Call)
			return false
		case *ast.DeferStmt:
			w.operands(m.Call)
			w.call(m.Call, true)
			return false
		case *ast.SelectStmt:
			w.selectOp(m)
			return false
		case *ast.RangeStmt:
			w.rangeOp(m)
		case *ast.SendStmt:
			w.send(m)
		case *ast.UnaryExpr:
			if m.Op == token.ARROW {
				w.receive(m, m.X)
			}
		case *ast.CallExpr:
			w.call(m, deferred)
		}
		return true
	})
}

func (w *waiter) operands(call *ast.CallExpr) {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); !ok {
		w.walk(call.Fun, false)
	}
	for _, a := range call.Args {
		w.walk(a, false)
	}
}

func (w *waiter) op(n ast.Node, o Op) {
	o.Node = n
	w.found(site{op: &o, node: n, defers: o.Deferred})
}

// selectOp handles a select: one operation without a default clause, none
// with; its operands and bodies are visited.
func (w *waiter) selectOp(s *ast.SelectStmt) {
	if !hasDefault(s) {
		w.op(s, Op{Category: "chan", Effect: "wait", Safety: "safe", What: "select", Why: "waits until one of its cases is ready"})
	}
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		w.commOperands(c.Comm)
		for _, b := range c.Body {
			w.walk(b, false)
		}
	}
}

func hasDefault(s *ast.SelectStmt) bool {
	return slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool { return c.(*ast.CommClause).Comm == nil })
}

// commOperands visits the parts of a communication that are evaluated before
// the select waits.
func (w *waiter) commOperands(comm ast.Stmt) {
	switch c := comm.(type) {
	case *ast.SendStmt:
		w.walk(c.Chan, false)
		w.walk(c.Value, false)
	case *ast.ExprStmt:
		w.recvOperand(c.X)
	case *ast.AssignStmt:
		w.recvOperand(c.Rhs[0])
	}
}

func (w *waiter) recvOperand(e ast.Expr) {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
		w.walk(u.X, false)
	}
}

func (w *waiter) rangeOp(s *ast.RangeStmt) {
	for _, u := range w.x.valueUnits(w.u.Pkg.Info, s.X) { // range over a function calls it
		w.found(site{callee: u, node: s})
	}
	if t := w.u.Pkg.Info.TypeOf(s.X); t != nil && isChan(t) {
		w.op(s, Op{Category: "chan", Effect: "wait", Safety: "safe",
			What: "range over " + types.ExprString(s.X), Why: "waits for each element until the channel is closed"})
	}
}

func isChan(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		t = p.Constraint()
		if i, ok := t.Underlying().(*types.Interface); ok && i.NumEmbeddeds() == 1 {
			t = i.EmbeddedType(0)
			if n, ok := t.(*types.Union); ok {
				t = n.Term(0).Type()
			}
		}
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

func (w *waiter) send(s *ast.SendStmt) {
	if w.u.hasRoom(s) {
		return
	}
	w.op(s, Op{Category: "chan", Effect: "write", Safety: "safe",
		What: "send on " + types.ExprString(s.Chan), Why: "waits until a receiver or room in the buffer is there"})
}

func (w *waiter) receive(n ast.Node, ch ast.Expr) {
	o := Op{Category: "chan", Effect: "wait", Safety: "safe",
		What: "receive from " + types.ExprString(ch), Why: "waits until a value is sent or the channel is closed"}
	if call, ok := ast.Unparen(ch).(*ast.CallExpr); ok {
		if fn := calleeOf(w.u.Pkg.Info, call); fn != nil && fn.FullName() == "time.After" {
			o.Category, o.Why = "sleep", "waits until the time has passed"
		}
	}
	w.op(n, o)
}

// call classifies one call.
func (w *waiter) call(c *ast.CallExpr, deferred bool) {
	info := w.u.Pkg.Info
	if lit := w.u.litCalled(c); lit != nil {
		if u := w.x.litUnit(lit); u != nil && ast.Unparen(c.Fun) != ast.Expr(lit) {
			w.found(site{callee: u, node: c, defers: deferred}) // it stands elsewhere
		} else {
			w.enter(lit, deferred)
		}
		return
	}
	fn := calleeOf(info, c)
	if fn == nil {
		return
	}
	name := w.x.keyOf(fn)
	for _, i := range w.callbacks(fn, name) {
		if i < len(c.Args) {
			if lit, ok := ast.Unparen(c.Args[i]).(*ast.FuncLit); ok {
				w.enter(lit, deferred)
			} else {
				for _, u := range w.x.valueUnits(info, c.Args[i]) {
					w.found(site{callee: u, node: c, defers: deferred})
				}
			}
		}
	}
	if w.x.table.Never(name) {
		return
	}
	if e, ok := w.x.table.Entry(name); ok {
		o := Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: name, Why: e.Why, Deferred: deferred}
		o.Own = strings.HasPrefix(name, "(net/http.ResponseWriter).") || name == "(net/http.Flusher).Flush" || name == "net/http.Error"
		if isCondWait(fn) {
			o.cond = w.x.condLock(w.u, c)
		}
		w.op(c, o)
		return
	}
	if w.via(c, fn, name, deferred) {
		return
	}
	if callee := w.x.unitOf(fn); callee != nil {
		w.found(site{callee: callee, node: c, defers: deferred})
		return
	}
	if isInterfaceMethod(fn) {
		w.dynamic(c, fn, deferred)
	}
}

// enter visits the body of a literal that is called here.
func (w *waiter) enter(lit *ast.FuncLit, deferred bool) {
	if w.entered == nil {
		w.entered = make(map[*ast.FuncLit]bool)
	}
	if w.entered[lit] {
		return
	}
	w.entered[lit] = true
	inner := *w
	var free []span
	if u := w.x.litUnit(lit); u != nil {
		inner.u = u
		free = u.callerFreeRanges()
	}
	inner.found = func(s site) {
		if slices.ContainsFunc(free, func(r span) bool { return r.start <= s.node.Pos() && s.node.Pos() < r.end }) {
			return // the literal has released the lock
		}
		if deferred {
			s.defers = true
			if s.op != nil {
				s.op.Deferred = true
			}
		}
		w.found(s)
	}
	inner.walk(lit.Body, deferred)
}

// callbacks lists the arguments that a function calls before it returns: by
// the table, or because a loaded function calls its parameter.
func (w *waiter) callbacks(fn *types.Func, name string) []int {
	if args := w.x.table.Calls(name); len(args) > 0 {
		return args
	}
	u := w.x.unitOf(fn)
	if u == nil {
		return nil
	}
	if u.callbacksKnown {
		return u.callbacks
	}
	u.callbacksKnown = true
	var args []int
	for i := range fn.Signature().Params().Len() {
		v := fn.Signature().Params().At(i)
		if _, ok := v.Type().Underlying().(*types.Signature); ok && u.callsVar(v) {
			args = append(args, i)
		}
	}
	u.callbacks = args
	return args
}

// callsVar reports whether the unit itself calls the function that v holds.
func (u *Unit) callsVar(v *types.Var) bool {
	return slices.ContainsFunc(u.calls, func(c *ast.CallExpr) bool {
		id, ok := ast.Unparen(c.Fun).(*ast.Ident)
		return ok && u.Pkg.Info.Uses[id] == v && !u.inGo(c)
	})
}

// inGo reports whether the call is the operand of a go statement.
func (u *Unit) inGo(c *ast.CallExpr) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok && g.Call == c {
			found = true
		}
		return !found
	})
	return found
}

// via handles functions that block exactly as one of their arguments does.
func (w *waiter) via(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	entries := w.x.table.Via(name)
	for _, v := range entries {
		for _, arg := range viaArgs(c, v.Arg) {
			for _, t := range w.x.carriers(w.u, arg, nil) {
				m := methodOf(t, v.Arg.Method, fn.Pkg())
				if m == nil || w.x.table.Never(m.FullName()) {
					continue
				}
				e, ok := w.x.table.Entry(m.FullName())
				if !ok {
					continue
				}
				w.op(c, Op{Category: e.Category, Effect: e.Effect, Safety: v.Safety, What: name, Deferred: deferred,
					Own: types.TypeString(t, nil) == "net/http.ResponseWriter",
					Why: fmt.Sprintf("calls %s of %s, which %s", v.Arg.Method, types.TypeString(t, types.RelativeTo(w.u.Pkg.Types)), e.Why)})
				return true
			}
		}
	}
	return len(entries) > 0
}

func viaArgs(c *ast.CallExpr, a Arg) []ast.Expr {
	switch {
	case a.Index < 0:
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
			return []ast.Expr{sel.X}
		}
	case a.Variadic && a.Index < len(c.Args):
		return c.Args[a.Index:]
	case a.Index < len(c.Args):
		return c.Args[a.Index : a.Index+1]
	}
	return nil
}

func methodOf(t types.Type, name string, pkg *types.Package) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	fn, _ := obj.(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// carriers lists the types to which I/O on an expression goes: its own type,
// what a local variable or field of interface type was assigned, and what a
// wrapping constructor of the table passes its I/O on to.
//
// Variables on the way are visited once (seen).
func (x *Program) carriers(u *Unit, e ast.Expr, seen map[*types.Var]bool) []types.Type {
	if e == nil {
		return nil
	}
	if seen == nil {
		seen = make(map[*types.Var]bool)
	}
	info := u.Pkg.Info
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		if fn := calleeOf(info, call); fn != nil {
			if args := x.table.Wraps(fn.FullName()); len(args) > 0 {
				var out []types.Type
				for _, a := range args {
					for _, arg := range viaArgs(call, a) {
						out = append(out, x.carriers(u, arg, seen)...)
					}
				}
				return out
			}
		}
	}
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = un.X
	}
	t := info.TypeOf(e)
	if t == nil {
		return nil
	}
	var v *types.Var
	switch e := e.(type) {
	case *ast.Ident:
		v, _ = info.ObjectOf(e).(*types.Var)
	case *ast.SelectorExpr:
		v, _ = info.ObjectOf(e.Sel).(*types.Var)
	}
	var out []types.Type
	if v != nil && (types.IsInterface(t) || x.isWrapper(t)) {
		out = x.assignedCarriers(u, v, seen)
	}
	if len(out) == 0 || !types.IsInterface(t) {
		out = append(out, t)
	}
	return out
}

func (x *Program) assignedCarriers(u *Unit, v *types.Var, seen map[*types.Var]bool) []types.Type {
	if seen[v.Origin()] {
		return nil
	}
	seen[v.Origin()] = true
	if !v.IsField() && !isGlobal(v) {
		return x.carriers(u, u.definedOnce(v), seen)
	}
	var out []types.Type
	for _, a := range x.assignmentsIn(u.Pkg)[v.Origin()] {
		if a.expr == nil {
			continue
		}
		out = append(out, x.carriers(u, a.expr, seen)...)
	}
	return out
}

// isWrapper reports whether values of t pass their I/O on to something else.
func (x *Program) isWrapper(t types.Type) bool {
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	for i := range n.NumMethods() {
		if len(x.table.Via(n.Method(i).FullName())) > 0 {
			return true
		}
	}
	return false
}

// dynamic handles a call through an interface that the table does not know.
func (w *waiter) dynamic(c *ast.CallExpr, fn *types.Func, deferred bool) {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		for _, t := range w.x.carriers(w.u, sel.X, nil) {
			if types.IsInterface(t) {
				continue
			}
			m := methodOf(t, fn.Name(), fn.Pkg())
			if m == nil || w.x.table.Never(m.FullName()) {
				return
			}
			if e, ok := w.x.table.Entry(m.FullName()); ok {
				w.op(c, Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: m.FullName(), Why: e.Why, Deferred: deferred})
				return
			}
			if u := w.x.unitOf(m); u != nil {
				w.found(site{callee: u, node: c, defers: deferred})
				return
			}
		}
	}
	impl := w.x.implementations(fn)
	if len(impl) == 1 {
		if u := w.x.unitOf(impl[0]); u != nil {
			w.found(site{callee: u, node: c, defers: deferred,
				weak: "the only implementation in the loaded packages of " + fn.FullName()})
		}
		return
	}
	if len(impl) == 0 && contextFirst(fn.Signature()) {
		w.op(c, Op{Category: "rpc", Effect: "write", Safety: "unknown", What: fn.FullName(), Deferred: deferred,
			Why:  "takes a context and returns an error, as calls do that leave the process",
			Weak: "judged by its signature only"})
	}
}

// contextFirst reports whether a signature takes a context.Context first and
// returns an error last.
func contextFirst(sig *types.Signature) bool {
	p, r := sig.Params(), sig.Results()
	if p.Len() == 0 || r.Len() == 0 {
		return false
	}
	return types.TypeString(p.At(0).Type(), nil) == "context.Context" &&
		types.Identical(r.At(r.Len()-1).Type(), types.Universe.Lookup("error").Type())
}

// hasRoom reports whether a send cannot wait because the channel was made in
// the same function with a buffer for all sends to it: a constant capacity no
// smaller than the number of sends, none of which stands in a loop.
func (u *Unit) hasRoom(s *ast.SendStmt) bool {
	id, ok := ast.Unparen(s.Chan).(*ast.Ident)
	if !ok {
		return false
	}
	info := u.Pkg.Info
	v, _ := info.Uses[id].(*types.Var)
	call, ok := u.definedOnce(v).(*ast.CallExpr)
	if !ok || builtinOf(info, call) != "make" || len(call.Args) != 2 {
		return false
	}
	val := info.Types[call.Args[1]].Value
	if val == nil {
		return false
	}
	room, ok := constant.Int64Val(constant.ToInt(val))
	if !ok {
		return false
	}
	top := u
	for top.Outer != nil {
		top = top.Outer
	}
	if top.escapes(v) {
		return false
	}
	sends, looped := countSends(info, top.Body, v, call.Pos())
	return !looped && !sharedToSend(info, top.Body, v) && int64(sends) <= room
}

// sharedToSend reports whether a channel variable is passed on, or stored, with
// a type that allows to send on it.
func sharedToSend(info *types.Info, body ast.Node, v *types.Var) bool {
	isV := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	sends := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return !ok || c.Dir() != types.RecvOnly
	}
	shared := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sig, ok := info.TypeOf(n.Fun).(*types.Signature)
			if !ok || builtinOf(info, n) != "" && builtinOf(info, n) != "append" {
				return true
			}
			for i, a := range n.Args {
				shared = shared || isV(a) && (i >= sig.Params().Len() || sends(sig.Params().At(i).Type()))
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				shared = shared || isV(r) && len(n.Lhs) == len(n.Rhs) && sends(info.TypeOf(n.Lhs[i]))
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				shared = shared || isV(e)
			}
		case *ast.SendStmt:
			shared = shared || isV(n.Value)
		}
		return !shared
	})
	return shared
}

// escapes reports whether a channel variable is used other than to send,
// receive, close, measure or return it, or to pass it on as a channel to receive
// from: then others may send on it.
func (u *Unit) escapes(v *types.Var) bool {
	info := u.Pkg.Info
	fine := make(map[ast.Expr]bool)
	recvOnly := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return ok && c.Dir() == types.RecvOnly
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			fine[n.Chan] = true
		case *ast.UnaryExpr:
			fine[n.X] = n.Op == token.ARROW
		case *ast.RangeStmt:
			fine[n.X] = true
		case *ast.CallExpr:
			builtin := builtinOf(info, n) != ""
			sig, _ := info.TypeOf(n.Fun).(*types.Signature)
			for i, a := range n.Args {
				fine[a] = builtin || sig != nil && !sig.Variadic() && i < sig.Params().Len() && recvOnly(sig.Params().At(i).Type())
			}
		case *ast.ReturnStmt: // whoever gets it sends after this
			for _, r := range n.Results {
				fine[r] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				fine[l] = true
			}
		case *ast.Ident:
			found = found || info.Uses[n] == v && !fine[n]
		}
		return !found
	})
	return found
}

// countSends counts the sends on v in a body, and says whether one of them
// stands in a loop or literal that the channel's creation does not stand in.
func countSends(info *types.Info, body ast.Node, v *types.Var, made token.Pos) (n int, looped bool) {
	var loops []ast.Node
	once := make(map[ast.Node]bool) // literals that run once where they stand
	var visit func(ast.Node) bool
	visit = func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CallExpr:
			once[ast.Unparen(m.Fun)] = true
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
			if once[m] {
				return true
			}
			loops = append(loops, m)
			ast.Inspect(m, func(c ast.Node) bool { return c == m || visit(c) })
			loops = loops[:len(loops)-1]
			return false
		case *ast.SendStmt:
			if id, ok := ast.Unparen(m.Chan).(*ast.Ident); ok && info.Uses[id] == v {
				n++
				for _, l := range loops {
					if made < l.Pos() || made >= l.End() {
						looped = true
					}
				}
			}
		}
		return true
	}
	ast.Inspect(body, visit)
	return n, looped
}

// condLock finds the mutex that a sync.Cond releases while it waits: the
// argument of the sync.NewCond that was assigned to it.
func (x *Program) condLock(u *Unit, c *ast.CallExpr) *condRef {
	ref := &condRef{}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return ref
	}
	if ref.path, ok = receiverPath(u.Pkg.Info, sel); !ok {
		return ref
	}
	ref.path = u.resolve(ref.path)
	exprs := []ast.Expr{u.definedOnce(ref.path.Root)}
	if v := ref.path.Last(); v.IsField() || isGlobal(v) {
		exprs = nil
		for _, a := range x.assignmentsIn(u.Pkg)[v] {
			exprs = append(exprs, a.expr)
		}
	}
	for _, e := range exprs {
		if v := newCondArg(u.Pkg.Info, e); v != nil {
			ref.mutex = v
		}
	}
	return ref
}

// newCondArg returns the mutex passed to sync.NewCond.
func newCondArg(info *types.Info, e ast.Expr) *types.Var {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	arg := ast.Unparen(call.Args[0])
	if inner, ok := arg.(*ast.CallExpr); ok { // mu.RLocker()
		if s, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr); ok {
			arg = s.X
		}
	}
	if q, ok := PathOf(info, arg); ok {
		return q.Last()
	}
	return nil
}
