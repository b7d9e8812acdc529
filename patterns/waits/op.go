package waits

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
)

// An Op is one blocking operation as seen from a unit: what waits, and the
// calls through which it is reached.
type Op struct {
	Node     ast.Node // in the unit: the call, send, receive, range or select
	Category string
	Effect   blocking.Effect
	Safety   blocking.Safety // of the function that blocks, called by several goroutines
	What     string          // what waits, as a reader would say it: "(*net/http.Client).Do", "receive from ch"
	Why      string          // what it waits for
	Weak     string          // why the evidence is weak; "" if it is not
	Path     []patterns.Hop  // the calls that lead to it, outermost first; empty if the unit itself waits. The middle of a very long path is one hop
	Deferred bool            // runs when the unit returns
	Own      bool            // made on an object that belongs to one request: an http.ResponseWriter
	Also     []string        // further categories reached through the same node
	Beside   []patterns.Hop  // further waits of the category in the function at the end of the path

	Guess   string   // for weak evidence: the function that is one of several
	Relocks bool     // it waits for the lock that the section holds
	Cond    *CondRef // for sync.Cond.Wait: the condition variable
	lock    string   // for a wait for a lock: what holds the mutex, by varID
	Chain   []Link   // how it is reached: the called units, the last of which has the operation
	gap     bool     // calls before the last link are left out
	Last    *Op      // the operation as the last unit of the chain sees it; nil if it is this one
}

// A Link is one call on the way to an operation.
type Link struct {
	Node   ast.Node // the call in the unit before
	Callee *patterns.Unit
}

// Callees lists the functions through which the operation is reached, beginning with
// the one that the section calls. If there are very many, some in the middle are left
// out.
func (o *Op) Callees() []*patterns.Unit {
	units := make([]*patterns.Unit, len(o.Chain))
	for i, l := range o.Chain {
		units[i] = l.Callee
	}
	return units
}

// Innermost returns the unit that waits and the operation as that unit sees it. u is
// the section's own unit.
func (o *Op) Innermost(u *patterns.Unit) (*patterns.Unit, *Op) {
	if o.Last == nil {
		return u, o
	}
	v := o.Chain[len(o.Chain)-1].Callee
	if v.Of != nil {
		v = v.Of
	}
	return v, o.Last
}

// The reasons why it is not certain that an operation waits where nothing else can run in
// its place.
const (
	onlyImplementation = "the only known implementation of "
	bySignature        = "judged by its signature only"
)

// MayPass reports whether an operation may not wait because something else runs in its
// place, such as another function that a variable may hold, or because there is room for
// what is sent.
func (o *Op) MayPass() bool {
	return o.Weak != "" && o.Weak != bySignature && !strings.HasPrefix(o.Weak, onlyImplementation)
}

// Compare orders operations by how certain it is that they wait, and then by category.
func Compare(a, b *Op) int {
	worth := blocking.Worths()
	return cmp.Or(a.doubt()-b.doubt(), worth[a.Category]-worth[b.Category])
}

func (o *Op) doubt() int {
	switch o.Weak {
	case "":
		return 0
	case bySignature:
		return 2
	}
	return 1
}

// Pos is where the unit waits or makes the call that leads to the wait.
func (o *Op) Pos() token.Pos { return o.Node.Pos() }

// A Site is something in a unit that may wait: an operation, or a call of another unit.
type Site struct {
	Op     *Op
	Callee *patterns.Unit
	weak   string
	Node   ast.Node
	Defers bool
	Freed  patterns.LockRef // the caller's lock that is released here, if any
	Take   *takeUse         // what is done with a parameter, if that is what the site is
}

// A Waiter collects what parts of a unit may wait for.
type Waiter struct {
	X     *patterns.Program
	U     *patterns.Unit
	found func(Site)

	// section: the question is what a critical section waits for, not what its function
	// does to callers, so parameters are looked up in the calls of the package.
	section bool

	depth int // of functions that are passed to functions that are passed on

	entered map[*ast.FuncLit]bool // literals visited already: each once is enough
}

// walk visits a statement, expression or body. Function literals are entered
// only where they are called in place or by a function known to call them.
func (w *Waiter) walk(n ast.Node, deferred bool) {
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

func (w *Waiter) operands(call *ast.CallExpr) {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); !ok {
		w.walk(call.Fun, false)
	}
	for _, a := range call.Args {
		w.walk(a, false)
	}
}

func (w *Waiter) op(n ast.Node, o Op) {
	o.Node = n
	if w.X.Table().Brief(o.What) || o.Own && o.Effect == blocking.EffectWrite && shortText(w.U, n) {
		o.Category = "brief"
	}
	if o.Cond == nil && o.awaits() {
		o.Cond = condBehind(w.X, w.U, n)
	}
	w.found(Site{Op: &o, Node: n, Defers: o.Deferred})
}

// selectOp handles a select: one operation without a default clause, none with one; its
// operands and bodies are visited.
func (w *Waiter) selectOp(s *ast.SelectStmt) {
	w.selectWait(s)
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		w.commOperands(c.Comm)
		for _, b := range c.Body {
			w.walk(b, false)
		}
	}
}

// selectWait notes the operation of a select that may wait: one without a default clause, and
// without a case that can always proceed. It is a write if one of its cases sends.
func (w *Waiter) selectWait(s *ast.SelectStmt) {
	if patterns.HasDefault(s) || slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool { return w.proceeds(c.(*ast.CommClause).Comm) }) {
		return
	}
	o := Op{Category: "chan", Effect: "wait", Safety: "safe", What: "select", Why: "waits until one of its cases is ready"}
	for _, c := range s.Body.List {
		if _, sends := c.(*ast.CommClause).Comm.(*ast.SendStmt); sends {
			o.Effect = "write"
		}
	}
	w.op(s, o)
}

// proceeds reports whether a case of a select never waits: it receives from a channel that is
// ready.
func (w *Waiter) proceeds(comm ast.Stmt) bool {
	var e ast.Expr
	switch c := comm.(type) {
	case *ast.ExprStmt:
		e = c.X
	case *ast.AssignStmt:
		e = c.Rhs[0]
	default:
		return false
	}
	ch := values.ReceivedFrom(e)
	return ch != nil && w.ready(ast.Unparen(e), ch)
}

// ready reports whether a channel from which n receives is closed by then, or filled.
func (w *Waiter) ready(n ast.Node, ch ast.Expr) bool {
	return cancelled(w.X, w.U, n, ch) || channels.ClosedBefore(w.U, n, ch) || channels.Filled(w.X, w.U, n, ch)
}

// commOperands visits the parts of a communication that are evaluated before
// the select waits.
func (w *Waiter) commOperands(comm ast.Stmt) {
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

func (w *Waiter) recvOperand(e ast.Expr) {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
		w.walk(u.X, false)
	}
}

func (w *Waiter) rangeOp(s *ast.RangeStmt) {
	if c := w.U.IteratorCall(s.X); c != nil {
		w.iterator(s, c)
	}
	if t := w.U.Pkg.Info.TypeOf(s.X); t != nil && patterns.IsChan(t) && !channels.ClosedBefore(w.U, s, s.X) {
		w.op(s, Op{Category: "chan", Effect: "wait", Safety: "safe",
			What: "range over " + types.ExprString(s.X), Why: "waits for each element until the channel is closed"})
	}
}

func (w *Waiter) send(s *ast.SendStmt) {
	has, weak := channels.Room(w.X, w.U, s)
	if has {
		return
	}
	w.op(s, Op{Category: "chan", Effect: "write", Safety: "safe", Weak: weak,
		What: "send on " + types.ExprString(s.Chan), Why: "waits for a receiver or room in the buffer"})
}

func (w *Waiter) receive(n ast.Node, ch ast.Expr) {
	if w.ready(n, ch) || channels.DrainsTimer(w.U, n, ch) || channels.HasValue(w.X, w.U, n, ch) {
		return
	}
	o := Op{Category: "chan", Effect: "wait", Safety: "safe",
		What: "receive from " + types.ExprString(ch), Why: "waits until a value is sent or the channel is closed"}
	if call, ok := ast.Unparen(ch).(*ast.CallExpr); ok {
		if fn := patterns.CalleeOf(w.U.Pkg.Info, call); fn != nil && fn.FullName() == "time.After" {
			o.Category, o.Why = "sleep", "waits until the time has passed"
		}
	}
	w.op(n, o)
}

// cancelled reports whether a receive waits for a context that the preceding statement has
// cancelled.
func cancelled(x *patterns.Program, u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	info := u.Pkg.Info
	call, ok := ast.Unparen(ch).(*ast.CallExpr)
	if !ok {
		return false
	}
	if fn := patterns.CalleeOf(info, call); fn == nil || fn.FullName() != "(context.Context).Done" {
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
	if patterns.IsCancel(info.TypeOf(c.Fun)) {
		return true
	}
	fn := patterns.CalleeOf(info, c)
	if fn == nil {
		return false
	}
	v := x.SummaryOf(u.Pkg, fn)
	return v != nil && Cancels(v)
}

// Cancels reports whether the unit itself calls a function that cancels a context.
func Cancels(u *patterns.Unit) bool {
	return cancelling.Of(u) || slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool { return patterns.IsCancel(u.Pkg.Info.TypeOf(c.Fun)) })
}

// cancelling is whether a unit without a body cancels something.
var cancelling = patterns.NewSlot[bool]().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) bool { return fact.Cancels })

// call classifies one call.
func (w *Waiter) call(c *ast.CallExpr, deferred bool) {
	info := w.U.Pkg.Info
	if FollowsLocks(w.X) {
		w.lock(c, deferred)
	}
	if lit := w.U.LitCalled(c); lit != nil {
		if u := w.X.LitUnit(lit); u != nil && ast.Unparen(c.Fun) != ast.Expr(lit) {
			w.found(Site{Callee: u, Node: c, Defers: deferred}) // it stands elsewhere
		} else {
			w.enter(lit, deferred)
		}
		return
	}
	fn := patterns.CalleeOf(info, c)
	if fn == nil {
		w.value(c, deferred)
		return
	}
	w.passed(c, fn, w.X.KeyOf(fn), deferred)
	w.function(c, fn, patterns.ReceiverOf(c.Fun), deferred)
}

// function handles a call of a declared function or method.
func (w *Waiter) function(c *ast.CallExpr, fn *types.Func, recv ast.Expr, deferred bool) {
	name := w.X.KeyOf(fn)
	if blocking.AtOnce(w.U.Pkg.Info, c, name) || w.system(c, fn, name, deferred) || w.known(c, fn, name, deferred) || w.via(c, fn, name, deferred) {
		return
	}
	if callee := w.X.SummaryOf(w.U.Pkg, fn); callee != nil {
		w.callee(c, callee, deferred)
		return
	}
	if patterns.IsInterfaceMethod(fn) {
		w.dynamic(c, fn, recv, deferred)
	}
}

// callee handles a call of a unit.
func (w *Waiter) callee(c *ast.CallExpr, callee *patterns.Unit, deferred bool) {
	callee = values.Variant(w.X, w.U, callee, c)
	w.found(Site{Callee: callee, Node: c, Defers: deferred})
	w.given(c, callee, deferred)
}

// passed handles the functions that a call gets in order to call them.
func (w *Waiter) passed(c *ast.CallExpr, fn *types.Func, name string, deferred bool) {
	for _, i := range w.Callbacks(fn, name) {
		if i >= len(c.Args) {
			continue
		}
		w := w.after(fn, i)
		if lit, ok := ast.Unparen(c.Args[i]).(*ast.FuncLit); ok {
			w.enter(lit, deferred)
			continue
		}
		if named := w.X.ValueSummaries(w.U, c.Args[i]); len(named) > 0 {
			w.found(Site{Callee: named[0], Node: c, Defers: deferred})
			continue
		}
		if w.X.UnitOf(fn) != nil {
			continue // see given
		}
		vs := w.values(c.Args[i])
		for _, p := range vs.Params {
			w.take(c, TakeKey{p, ""}, take{what: name, node: c})
		}
		w.each(c, &vs, c.Args[i], nil, deferred)
	}
}

// after is the waiter for a function that another one gets in order to call it. If that one
// has released a lock of its caller by then, so it notes.
func (w *Waiter) after(fn *types.Func, param int) *Waiter {
	u := w.X.UnitOf(fn)
	if u == nil || u.Body == nil {
		return w
	}
	free := CallerFreeRanges(u)
	if len(free) == 0 {
		return w
	}
	v := u.Signature().Params().At(param)
	calls := callsOf(u, v)
	if !onlyCalled(u, v, calls) {
		return w
	}
	var freed []Site
	for _, c := range calls {
		st := Site{Node: c}
		if st.FreedIn(free) {
			freed = append(freed, st)
		}
	}
	if len(freed) == 0 || slices.ContainsFunc(freed, func(st Site) bool { return st.Freed != freed[0].Freed }) {
		return w
	}
	inner := *w
	inner.found = func(st Site) {
		if st.Freed == (patterns.LockRef{}) {
			st.Freed = freed[0].Freed
		}
		w.found(st)
	}
	return &inner
}

// onlyCalled reports whether a unit does nothing with the function in v but make these calls of it,
// and ask whether there is one.
func onlyCalled(u *patterns.Unit, v *types.Var, calls []*ast.CallExpr) bool {
	uses := 0
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			return !u.Pkg.Info.Types[n.X].IsNil() && !u.Pkg.Info.Types[n.Y].IsNil()
		case *ast.Ident:
			if u.Pkg.Info.Uses[n] == v {
				uses++
			}
		}
		return true
	})
	return uses == len(calls)
}

// known handles a call of a function that a directive or the table describes, and reports
// whether one does.
func (w *Waiter) known(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	if d := directive.Marked(w.X)[name]; d != nil {
		if d.Name == directive.Blocks {
			w.op(c, directiveOp(d, fn, deferred))
		}
		return true
	}
	if w.X.Table().Never(name) {
		return true
	}
	e, ok := w.X.Table().Entry(name)
	if !ok {
		return false
	}
	o := Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: name, Why: e.Why, Deferred: deferred}
	o.Own = strings.HasPrefix(name, "(net/http.ResponseWriter).") || name == "(net/http.Flusher).Flush" || answers(fn)
	if e.Category == "sleep" && values.NoTime(w.U, c) {
		return true
	}
	if isCondWait(fn) {
		o.Cond = condLock(w.X, w.U, c)
	}
	if p, ok := patterns.PathOf(w.U.Pkg.Info, patterns.ReceiverOf(c.Fun)); ok && isStd(p.Last()) {
		o.Category = "log" // as fmt.Print is
	}
	w.op(c, o)
	return true
}

// answers reports whether a function gets the response that it writes as an argument, like
// net/http.Error.
func answers(fn *types.Func) bool {
	for v := range fn.Signature().Params().Variables() {
		if IsResponse(v.Type()) {
			return true
		}
	}
	return false
}

// IsResponse reports whether a type is net/http.ResponseWriter: each belongs to one
// request.
func IsResponse(t types.Type) bool { return types.TypeString(t, nil) == "net/http.ResponseWriter" }

// value handles a call of a function in a variable, a field, an element or a result.
func (w *Waiter) value(c *ast.CallExpr, deferred bool) {
	vs := w.values(c.Fun)
	for _, p := range vs.Params {
		w.take(c, TakeKey{p, ""}, take{node: c})
	}
	w.each(c, &vs, c.Fun, nil, deferred)
	if tv := w.U.Pkg.Info.Types[c.Fun]; tv.IsValue() && len(vs.List) == 0 && len(vs.Params) == 0 && contextFirst(tv.Type) {
		w.unseen(c, types.ExprString(c.Fun), deferred)
	}
}

// unseen handles a call of a function that is not seen and whose signature is that of calls
// which leave the process.
func (w *Waiter) unseen(c *ast.CallExpr, what string, deferred bool) {
	w.op(c, Op{Category: "rpc", Effect: "write", Safety: "unknown", What: what, Deferred: deferred,
		Why: "takes a context and returns an error, like calls that leave the process", Weak: bySignature})
}

// values lists the functions that an expression may have as its value.
func (w *Waiter) values(e ast.Expr) values.FuncValues {
	return values.ValuesOf(w.X, w.home(), w.U, e)
}

// home is the unit whose parameters are left to its callers, or nil.
func (w *Waiter) home() *patterns.Unit {
	if w.section {
		return nil
	}
	return w.U
}

// each handles the functions that an expression may have as its value and that are called,
// by the unit itself or by one that the call c passes them to.
func (w *Waiter) each(c *ast.CallExpr, vs *values.FuncValues, e ast.Expr, by *patterns.Unit, deferred bool) {
	weak := vs.Weak(e)
	if w.depth >= guards.MaxHandedOn {
		return
	}
	for _, v := range vs.List {
		inner := *w
		inner.depth++
		inner.found = func(s Site) {
			if s.Take != nil && weak != "" {
				return
			}
			s.weak = cmp.Or(s.weak, weak)
			if s.Op != nil {
				s.Op.Weak = cmp.Or(s.Op.Weak, weak)
				if by != nil && len(s.Op.Path) == 0 {
					w.passedTo(s.Op, c, by)
				}
			}
			w.found(s)
		}
		switch {
		case v.Lit != nil:
			lit := w.X.LitUnit(v.Lit)
			inner.found(Site{Callee: lit, Node: c, Defers: deferred})
			inner.captured(c, lit, v, deferred)
		case v.At == w.U && by == nil && v.Recv == nil:
			inner.function(c, v.Fn, nil, deferred)
		default:
			inner.bound(c, v, deferred)
		}
	}
}

// passedTo completes the operation of a function that a call passes on.
func (w *Waiter) passedTo(o *Op, c *ast.CallExpr, by *patterns.Unit) {
	last := *o
	last.Node = nil
	o.Last = &last
	at := w.U.Position(c.Pos())
	o.Path = []patterns.Hop{{Func: by.Name(), At: at}, {Func: o.What, At: at}}
	o.Chain = []Link{{c, by}}
}

// bound handles a call of a function, or of a method that is bound to its
// receiver elsewhere.
func (w *Waiter) bound(c *ast.CallExpr, v values.FuncValue, deferred bool) {
	name := w.X.KeyOf(v.Fn)
	if w.known(c, v.Fn, name, deferred) {
		return
	}
	if callee := w.X.SummaryOf(w.U.Pkg, v.Fn); callee != nil {
		w.found(Site{Callee: callee, Node: c, Defers: deferred})
		return
	}
	if patterns.IsInterfaceMethod(v.Fn) && v.Recv != nil {
		w.implementations(c, v.Fn, v.At.Pkg.Info.TypeOf(v.Recv), deferred)
	}
}

// captured handles what a literal does with the parameters of the function that made it.
// The call of that function is known.
func (w *Waiter) captured(n ast.Node, lit *patterns.Unit, v values.FuncValue, deferred bool) {
	if lit == nil || v.Made == nil || lit.Outer == nil {
		return
	}
	sig := lit.Outer.Signature()
	for _, k := range SortedTakes(lit) {
		i := values.ParamIndex(sig, k.Param)
		if i < 0 {
			continue
		}
		args, one := values.ArgumentsOf(sig, v.Made, i)
		for _, arg := range args {
			w.capturedArgument(n, lit, k, v, arg, !one && values.ElementType(k.Param.Type()) != nil, deferred)
		}
	}
}

// capturedArgument handles one argument, or its elements, for such a parameter.
func (w *Waiter) capturedArgument(n ast.Node, lit *patterns.Unit, k TakeKey, v values.FuncValue, arg ast.Expr, elements, deferred bool) {
	if k.Method != "" {
		w.givenValue(n, lit, k, v.By, arg, elements, deferred)
		return
	}
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	find := values.ValuesOf
	if elements {
		find = values.ElementsOf
	}
	vs := find(w.X, v.By, v.By, arg)
	w.each(c, &vs, arg, lit, deferred)
}

// iterator handles a range over a function.
func (w *Waiter) iterator(s *ast.RangeStmt, c *ast.CallExpr) {
	inner := *w
	inner.found = func(st Site) {
		st.Node = s
		if st.Op != nil {
			st.Op.Node = s
		}
		w.found(st)
	}
	if fn := patterns.CalleeOf(w.U.Pkg.Info, c); fn != nil {
		inner.function(c, fn, patterns.ReceiverOf(c.Fun), false)
		return
	}
	if w.U.LitCalled(c) != nil {
		inner.call(c, false)
		return
	}
	inner.value(c, false)
}

// enter visits the body of a literal that is called here.
func (w *Waiter) enter(lit *ast.FuncLit, deferred bool) {
	if w.entered == nil {
		w.entered = make(map[*ast.FuncLit]bool)
	}
	if w.entered[lit] {
		return
	}
	w.entered[lit] = true
	inner := *w
	var free []span
	if u := w.X.LitUnit(lit); u != nil {
		inner.U = u
		free = CallerFreeRanges(u)
	}
	inner.found = func(s Site) {
		if !s.FreedIn(free) {
			return
		}
		if deferred {
			s.Defers = true
			if s.Op != nil {
				s.Op.Deferred = true
			}
		}
		w.found(s)
	}
	inner.walk(lit.Body, deferred)
}

// Callbacks lists the arguments that a function calls before it returns: according to
// the table, or because a loaded function calls its parameter.
func (w *Waiter) Callbacks(fn *types.Func, name string) []int {
	if args := w.X.Table().Calls(name); len(args) > 0 {
		return args
	}
	u := w.X.SummaryOf(w.U.Pkg, fn)
	if u == nil {
		return nil
	}
	return CalledParams(u)
}

// CalledParams lists the parameters that the unit itself calls.
func CalledParams(u *patterns.Unit) []int {
	if known := called.Of(u); known != nil {
		return known.params
	}
	var args []int
	for i := range u.Signature().Params().Len() {
		v := u.Signature().Params().At(i)
		if _, ok := v.Type().Underlying().(*types.Signature); ok && len(callsOf(u, v)) > 0 {
			args = append(args, i)
		}
	}
	called.Set(u, &parameterCalls{args})
	return args
}

// parameterCalls are the parameters that a unit calls.
type parameterCalls struct{ params []int }

var called = patterns.NewSlot[*parameterCalls]().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) *parameterCalls {
	return &parameterCalls{fact.Callbacks}
})

// callsOf lists the calls that the unit itself makes of the function that v holds.
func callsOf(u *patterns.Unit, v *types.Var) (calls []*ast.CallExpr) {
	for _, c := range u.Calls() {
		if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok && u.Pkg.Info.Uses[id] == v && !InGo(u, c) {
			calls = append(calls, c)
		}
	}
	return calls
}

// InGo reports whether the call is the operand of a go statement.
func InGo(u *patterns.Unit, c *ast.CallExpr) bool {
	all := spawns.Of(u)
	if all == nil {
		all = make(map[*ast.CallExpr]bool)
		spawns.Set(u, all)
		ast.Inspect(u.Body, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				all[g.Call] = true
			}
			return true
		})
	}
	return all[c]
}

// spawns has the calls of the go statements of each unit.
var spawns = patterns.NewSlot[map[*ast.CallExpr]bool]()

// dynamic handles a call through an interface that the table does not know.
func (w *Waiter) dynamic(c *ast.CallExpr, fn *types.Func, recv ast.Expr, deferred bool) {
	if recv == nil {
		return
	}
	cs := w.receivers(c, recv)
	var concrete []carrier
	for _, k := range cs.list {
		if k.param != nil {
			w.take(c, TakeKey{k.param, fn.Name()}, take{node: c})
		}
		if k.decides(w.X, fn) {
			concrete = append(concrete, k)
		}
	}
	if len(concrete) > 0 && len(concrete) <= patterns.MaxImplementations {
		for _, k := range concrete {
			weak := cs.weak(k, recv)
			if len(concrete) > 1 && weak == "" {
				weak = "one of the values that " + types.ExprString(recv) + " may hold"
			}
			w.method(c, k, fn, weak, deferred)
		}
		return
	}
	if len(concrete) == 0 && len(cs.list) > 0 && !cs.open && !slices.ContainsFunc(cs.list, func(k carrier) bool { return k.param != nil }) {
		for _, k := range cs.list { // it is given a narrower interface: a hash.Hash
			w.implementations(c, fn, k.typ, deferred)
		}
		return
	}
	w.implementations(c, fn, interfaceOf(w.U.Pkg.Info, c, fn), deferred)
}

// method handles a call of a method of one type.
func (w *Waiter) method(c *ast.CallExpr, k carrier, fn *types.Func, weak string, deferred bool) {
	m := patterns.MethodOf(k.typ, fn.Name(), fn.Pkg())
	if m == nil {
		return
	}
	marked := directive.Marked(w.X)[w.X.KeyOf(m)] != nil
	if o, ok := carried(w.X, k, fn.Name(), fn.Pkg()); ok && !marked {
		o.Deferred, o.Weak = deferred, weak
		w.op(c, o)
		return
	}
	switch {
	case k.isSource() || w.X.Table().Never(m.FullName()) && !marked:
	case patterns.IsInterfaceMethod(m): // of an embedded field
		w.implementations(c, m, embeddedIn(k.typ, m), deferred)
	default:
		w.ownMethod(c, k, fn.Name(), weak, deferred)
	}
}

// embeddedIn returns the interface that has a method of a type: that itself, or the
// type of the embedded field.
func embeddedIn(t types.Type, m *types.Func) types.Type {
	if types.IsInterface(t) {
		return t // which may have more methods than the one that declares it
	}
	_, index, _ := types.LookupFieldOrMethod(t, true, m.Pkg(), m.Name())
	if fields := patterns.FieldsOf(t, index[:max(len(index)-1, 0)]); len(fields) > 0 {
		return fields[len(fields)-1].Type()
	}
	return m.Signature().Recv().Type()
}

// implementations handles a call of a method of an interface by what implements
// it.
func (w *Waiter) implementations(c *ast.CallExpr, fn *types.Func, iface types.Type, deferred bool) {
	impl := w.X.SeenImplementations(w.U.Pkg, fn, iface)
	if len(impl) == 1 && w.wraps(impl[0]) {
		impl = nil
	}
	switch {
	case len(impl) == 1:
		w.found(Site{Callee: impl[0], Node: c, Defers: deferred, weak: onlyImplementation + fn.FullName()})
	case len(impl) > 1 && len(impl) <= patterns.MaxImplementations && seesAll(w.X, w.U.Pkg, fn):
		for _, u := range impl {
			w.found(Site{Callee: u, Node: c, Defers: deferred, weak: fmt.Sprintf("one of %d known implementations of %s", len(impl), fn.FullName())})
		}
	case len(impl) > 0:
	case contextFirst(fn.Signature()):
		w.unseen(c, fn.FullName(), deferred)
	default:
		w.outside(c, fn, iface, deferred)
	}
}

// outside handles a call of a method of an interface that nothing here implements, by a method
// of the table that does, such as Do of [net/http.Client].
func (w *Waiter) outside(c *ast.CallExpr, fn *types.Func, iface types.Type, deferred bool) {
	m := w.X.ImplementedOutside(fn, iface)
	if m == nil {
		return
	}
	e, _ := w.X.Table().Entry(w.X.KeyOf(m))
	w.op(c, Op{Category: e.Category, Effect: e.Effect, Safety: blocking.SafetyUnknown, What: fn.FullName(), Deferred: deferred,
		Why: "may be " + m.FullName() + ", which " + e.Why, Weak: bySignature})
}

// wraps reports whether the unit is a method, or in one, of the type that is the only
// implementation of an interface that it calls. Such a type adds something to another
// implementation, which cannot be seen:
//
//	func (c *Cache) Get(ctx context.Context, k string) (string, error) { return c.next.Get(ctx, k) }
func (w *Waiter) wraps(impl *patterns.Unit) bool {
	u := patterns.TopOf(w.U)
	if u.Obj == nil || impl.Obj == nil {
		return false
	}
	caller, called := u.Obj.Signature().Recv(), impl.Obj.Signature().Recv()
	return caller != nil && called != nil && patterns.NamedOf(caller.Type()) == patterns.NamedOf(called.Type())
}

// seesAll reports whether letgo can expect to see everything that implements an interface:
// it is declared in the package or the module. Anybody may implement those of the standard
// library, like io.Writer.
func seesAll(x *patterns.Program, from *patterns.Package, method *types.Func) bool {
	if method.Pkg() == from.Types {
		return true
	}
	return x.Knows(method.Pkg()) && x.KnownFacts()[method.Pkg().Path()].Module != ""
}

// interfaceOf returns the interface by which a call reaches a method: its receiver's, which
// may have more methods than the one that declares it.
func interfaceOf(info *types.Info, c *ast.CallExpr, fn *types.Func) types.Type {
	declares := fn.Signature().Recv().Type()
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[sel] == nil {
		return declares
	}
	s := info.Selections[sel]
	t := s.Recv()
	for _, f := range patterns.FieldsOf(t, s.Index()[:len(s.Index())-1]) { // embedded
		t = f.Type()
	}
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		t = p.Constraint()
	}
	if !types.IsInterface(t) {
		return declares
	}
	return t
}

// contextFirst reports whether functions of a type take a context.Context first and
// return an error last.
func contextFirst(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Params().Len() == 0 || sig.Results().Len() == 0 {
		return false
	}
	p, r := sig.Params(), sig.Results()
	return types.TypeString(p.At(0).Type(), nil) == "context.Context" && patterns.IsError(r.At(r.Len()-1).Type())
}

// Describe names what waits, and the first call that leads to it.
func (o *Op) Describe() string {
	if len(o.Path) > 1 {
		return o.Path[0].Func + ", which reaches " + o.What
	}
	return o.What
}

// Call names the function that the section calls and that leads to the wait, or the
// operation if the section itself waits.
func (o *Op) Call() string {
	if len(o.Path) > 1 {
		return o.Path[0].Func
	}
	return o.What
}

// Activity is Call in a sentence: "the receive from ch" for an operation on a channel.
func (o *Op) Activity() string {
	if _, call := o.Node.(*ast.CallExpr); call || len(o.Path) > 1 {
		return o.Call()
	}
	return "the " + o.What
}

// directiveSites lists what a function does according to its directive. The node of such a
// wait is the declaration.
func directiveSites(d *directive.Directive, u *patterns.Unit) []Site {
	if d.Name != directive.Blocks {
		return nil
	}
	o := directiveOp(d, u.Obj, false)
	o.Node = u.Decl
	return []Site{{Op: &o, Node: u.Decl}}
}

// directiveOp is a call of a function that blocks according to a directive. Nothing is
// known about its effects, so it counts as a change unless its category only ever waits.
func directiveOp(d *directive.Directive, fn *types.Func, deferred bool) Op {
	effect := blocking.EffectWrite
	switch d.Category {
	case "sleep", "wait", "lock":
		effect = blocking.EffectWait
	}
	why := fmt.Sprintf("%s (%s)", cmp.Or(d.Text, "is said to wait"), d.Place())
	return Op{
		Category: d.Category, Effect: effect, Safety: blocking.SafetyUnknown, What: patterns.FuncKey(fn),
		Why: why, Deferred: deferred,
	}
}
