package patterns

import (
	"go/ast"
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
	Path     []Hop    // the calls that lead to it, outermost first; empty if the unit itself waits. Of very many the middle is one hop
	Deferred bool     // runs when the unit returns
	Own      bool     // made on an object that belongs to one request: an http.ResponseWriter
	Also     []string // further categories reached through the same node

	cond  *condRef // for sync.Cond.Wait: the condition variable
	lock  string   // for a wait for a lock: what holds the mutex, by varID
	chain []link   // how it is reached: the units called, the last one has the operation
	gap   bool     // before the last link calls are left out
	last  *Op      // the operation as the last unit of the chain sees it; nil if it is this one
}

// A link is one call on the way to an operation.
type link struct {
	node   ast.Node // the call in the unit before
	callee *Unit
}

// Callees lists the functions through which the operation is reached, those that the
// section calls first; of very many some in the middle are left out.
func (o *Op) Callees() []*Unit {
	units := make([]*Unit, len(o.chain))
	for i, l := range o.chain {
		units[i] = l.callee
	}
	return units
}

// innermost returns the unit that waits and the operation as that unit sees it.
// The section's own unit is u.
func (o *Op) innermost(u *Unit) (*Unit, *Op) {
	if o.last == nil {
		return u, o
	}
	return o.chain[len(o.chain)-1].callee, o.last
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
	freed  lockRef // the caller's lock that is released here, if any
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
		w.op(s, selectWait(s))
	}
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		w.commOperands(c.Comm)
		for _, b := range c.Body {
			w.walk(b, false)
		}
	}
}

// selectWait is the operation of a select without a default clause: a write if
// one of its cases sends.
func selectWait(s *ast.SelectStmt) Op {
	o := Op{Category: "chan", Effect: "wait", Safety: "safe", What: "select", Why: "waits until one of its cases is ready"}
	for _, c := range s.Body.List {
		if _, sends := c.(*ast.CommClause).Comm.(*ast.SendStmt); sends {
			o.Effect = "write"
		}
	}
	return o
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
	for _, u := range w.x.valueSummaries(w.u, s.X) { // range over a function calls it
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
	has, weak := w.x.room(w.u, s)
	if has {
		return
	}
	w.op(s, Op{Category: "chan", Effect: "write", Safety: "safe", Weak: weak,
		What: "send on " + types.ExprString(s.Chan), Why: "waits until a receiver or room in the buffer is there"})
}

func (w *waiter) receive(n ast.Node, ch ast.Expr) {
	if w.x.cancelled(w.u, n, ch) {
		return
	}
	o := Op{Category: "chan", Effect: "wait", Safety: "safe",
		What: "receive from " + types.ExprString(ch), Why: "waits until a value is sent or the channel is closed"}
	if call, ok := ast.Unparen(ch).(*ast.CallExpr); ok {
		if fn := calleeOf(w.u.Pkg.Info, call); fn != nil && fn.FullName() == "time.After" {
			o.Category, o.Why = "sleep", "waits until the time has passed"
		}
	}
	w.op(n, o)
}

// cancelled reports whether a receive waits for a context that the statement
// before it has cancelled.
func (x *Program) cancelled(u *Unit, n ast.Node, ch ast.Expr) bool {
	info := u.Pkg.Info
	call, ok := ast.Unparen(ch).(*ast.CallExpr)
	if !ok {
		return false
	}
	if fn := calleeOf(info, call); fn == nil || fn.FullName() != "(context.Context).Done" {
		return false
	}
	var before ast.Stmt
	ast.Inspect(u.Body, func(m ast.Node) bool {
		if b, ok := m.(*ast.BlockStmt); ok {
			for i, st := range b.List {
				if es, ok := st.(*ast.ExprStmt); ok && i > 0 && ast.Unparen(es.X) == n {
					before = b.List[i-1]
				}
			}
		}
		return before == nil
	})
	es, ok := before.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := es.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	if isCancel(info.TypeOf(c.Fun)) {
		return true
	}
	fn := calleeOf(info, c)
	if fn == nil {
		return false
	}
	v := x.summaryOf(u.Pkg, fn)
	return v != nil && v.cancels()
}

// cancels reports whether the unit itself calls a function that cancels a context.
func (u *Unit) cancels() bool {
	return u.cancelling || slices.ContainsFunc(u.calls, func(c *ast.CallExpr) bool { return isCancel(u.Pkg.Info.TypeOf(c.Fun)) })
}

// call classifies one call.
func (w *waiter) call(c *ast.CallExpr, deferred bool) {
	info := w.u.Pkg.Info
	if w.x.locks {
		w.lock(c, deferred)
	}
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
		// A function variable or field that is only ever set to one function.
		units := w.x.assignedUnits(w.u, c.Fun, func(fn *types.Func) *Unit { return w.x.summaryOf(w.u.Pkg, fn) })
		if len(units) != 1 || units[0].Obj == nil {
			w.value(c, deferred)
			return
		}
		fn = units[0].Obj
	}
	name := w.x.keyOf(fn)
	w.passed(c, fn, name, deferred)
	if w.known(c, fn, name, deferred) || w.via(c, fn, name, deferred) {
		return
	}
	if callee := w.x.summaryOf(w.u.Pkg, fn); callee != nil {
		w.found(site{callee: callee, node: c, defers: deferred})
		return
	}
	if isInterfaceMethod(fn) {
		w.dynamic(c, fn, deferred)
	}
}

// passed handles the functions that a call is given to call.
func (w *waiter) passed(c *ast.CallExpr, fn *types.Func, name string, deferred bool) {
	for _, i := range w.callbacks(fn, name) {
		if i >= len(c.Args) {
			continue
		}
		if lit, ok := ast.Unparen(c.Args[i]).(*ast.FuncLit); ok {
			w.enter(lit, deferred)
			continue
		}
		for _, u := range w.x.valueSummaries(w.u, c.Args[i]) {
			w.found(site{callee: u, node: c, defers: deferred})
		}
	}
}

// known handles a call of a function that a directive or the table tells about,
// and reports whether one does.
func (w *waiter) known(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	if d := w.x.marked[name]; d != nil {
		if d.Name == DirectiveBlocks {
			w.op(c, d.op(fn, deferred))
		}
		return true
	}
	if w.x.table.Never(name) {
		return true
	}
	e, ok := w.x.table.Entry(name)
	if !ok {
		return false
	}
	o := Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: name, Why: e.Why, Deferred: deferred}
	o.Own = strings.HasPrefix(name, "(net/http.ResponseWriter).") || name == "(net/http.Flusher).Flush" || name == "net/http.Error"
	if isCondWait(fn) {
		o.cond = w.x.condLock(w.u, c)
	}
	w.op(c, o)
	return true
}

// value handles a call of a function that a field or package-level variable
// holds, where all that it may hold are function literals that are seen. Named
// functions are left out: they are hooks, such as log.Printf, that stand for
// whatever somebody puts in their place.
func (w *waiter) value(c *ast.CallExpr, deferred bool) {
	units := w.x.assignedUnits(w.u, c.Fun, func(fn *types.Func) *Unit { return w.x.summaryOf(w.u.Pkg, fn) })
	if slices.ContainsFunc(units, func(u *Unit) bool { return u.Lit == nil }) {
		return
	}
	for _, u := range units {
		s := site{callee: u, node: c, defers: deferred}
		if len(units) > 1 {
			s.weak = "one of the functions that " + types.ExprString(c.Fun) + " may hold"
		}
		w.found(s)
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
		if !s.freedIn(free) {
			return
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
	u := w.x.summaryOf(w.u.Pkg, fn)
	if u == nil {
		return nil
	}
	return u.calledParams()
}

// calledParams lists the parameters that the unit itself calls.
func (u *Unit) calledParams() []int {
	if u.callbacksKnown {
		return u.callbacks
	}
	u.callbacksKnown = true
	var args []int
	for i := range u.sig().Params().Len() {
		v := u.sig().Params().At(i)
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

// dynamic handles a call through an interface that the table does not know.
func (w *waiter) dynamic(c *ast.CallExpr, fn *types.Func, deferred bool) {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		for _, t := range w.x.carriers(w.u, sel.X, nil) {
			if types.IsInterface(t) {
				continue
			}
			m := methodOf(t, fn.Name(), fn.Pkg())
			if m != nil && w.x.marked[w.x.keyOf(m)] != nil {
				if u := w.x.summaryOf(w.u.Pkg, m); u != nil {
					w.found(site{callee: u, node: c, defers: deferred})
				}
				return
			}
			if m == nil || w.x.table.Never(m.FullName()) {
				return
			}
			if e, ok := w.x.table.Entry(m.FullName()); ok {
				w.op(c, Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: m.FullName(), Why: e.Why, Deferred: deferred})
				return
			}
			if u := w.x.summaryOf(w.u.Pkg, m); u != nil {
				w.found(site{callee: u, node: c, defers: deferred})
				return
			}
		}
	}
	impl := w.x.seenImplementations(w.u.Pkg, fn)
	if len(impl) == 1 {
		w.found(site{callee: impl[0], node: c, defers: deferred, weak: "the only implementation that is seen of " + fn.FullName()})
		return
	}
	if len(impl) == 0 && contextFirst(fn.Signature()) {
		w.op(c, Op{Category: "rpc", Effect: "write", Safety: "unknown", What: fn.FullName(), Deferred: deferred,
			Why:  "takes a context and returns an error, as calls do that leave the process",
			Weak: "judged by its signature only"})
	}
}

// knows reports whether a package is one of the program, or its facts are known:
// what implements its interfaces may be in a package that imports it.
func (x *Program) knows(p *types.Package) bool { return p != nil && x.facts[p.Path()] != nil }

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
