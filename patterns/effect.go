package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// An eventKind is what a node does to a lock, seen from the unit it stands in.
type eventKind byte

const (
	evAcquire eventKind = iota + 1
	evRelease
	evTry
	evDeferRelease
	evDeferAcquire
	evCycle  // a callee releases the lock and takes it again
	evPoison // the state of the lock afterwards is not known
)

// eventOf says what a call of a lock's method does.
var eventOf = map[lockKind]eventKind{acquire: evAcquire, release: evRelease, try: evTry}

// An event is something that a node does to one lock.
type event struct {
	kind    eventKind
	mode    Mode
	path    Path
	call    *ast.CallExpr // the call that does it: of the lock's method, or of a wrapper
	pos     token.Pos
	cond    *types.Var // for evTry: the variable that takes the result, if any
	closure bool       // done in a function literal that the node defers or calls
	wrapper bool       // done by a function of the loaded packages
	why     string     // for evPoison
	index   int        // in lockFlow.acquires or lockFlow.defers
	at      nodeRef
}

// A lockEffect is what calling a unit does to a lock that its caller can name.
type lockEffect struct {
	root   int // receiverRoot, a parameter's index, or freeRoot
	path   Path
	kind   eventKind // evAcquire, evRelease, evCycle or evPoison
	mode   Mode
	method bool // root is the receiver
}

const (
	receiverRoot = -1
	freeRoot     = -2 // a package-level or captured variable: the same in caller and callee
)

// effects has what each unit does to the locks of its callers.
var effects = NewSlot[[]lockEffect]().FromFacts(func(x *Program, fn *types.Func, fact *FuncFact) (out []lockEffect) {
	if fn == nil {
		return nil
	}
	for _, e := range fact.Effects {
		if ef, ok := x.effectOf(fn, e); ok {
			out = append(out, ef)
		}
	}
	return out
})

func (a lockEffect) same(b lockEffect) bool {
	return a.root == b.root && a.kind == b.kind && a.mode == b.mode && a.path.key() == b.path.key()
}

// eventsByCall lists what the calls of a unit do to locks, of those that do
// something, and where these are, in source order.
func (u *Unit) eventsByCall(x *Program) (byCall map[*ast.CallExpr][]event, at []token.Pos) {
	for _, c := range u.calls {
		if evs := u.callEvents(c, x); len(evs) > 0 {
			if byCall == nil {
				byCall = make(map[*ast.CallExpr][]event)
			}
			byCall[c] = evs
			at = append(at, c.Pos())
		}
	}
	return byCall, at
}

// eventsOf lists what one node of the graph does to locks, in source order, given
// what its calls do.
func (u *Unit) eventsOf(n ast.Node, byCall map[*ast.CallExpr][]event) []event {
	var evs []event
	var condVar *types.Var
	var condCall ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		if id, ok := n.Lhs[0].(*ast.Ident); ok && len(n.Lhs) == 1 {
			condVar, _ = u.Pkg.Info.ObjectOf(id).(*types.Var)
			condCall = ast.Unparen(n.Rhs[0])
		}
	case *ast.ValueSpec:
		if len(n.Names) == 1 && len(n.Values) == 1 {
			condVar, _ = u.Pkg.Info.ObjectOf(n.Names[0]).(*types.Var)
			condCall = ast.Unparen(n.Values[0])
		}
	}
	switch s := n.(type) {
	case *ast.DeferStmt:
		evs = operandEvents(s.Call, byCall)
		for _, e := range byCall[s.Call] {
			switch e.kind {
			case evAcquire:
				e.kind = evDeferAcquire
			case evRelease:
				e.kind = evDeferRelease
			case evCycle:
				continue
			}
			evs = append(evs, e)
		}
		return evs
	case *ast.GoStmt:
		evs = operandEvents(s.Call, byCall)
		for _, e := range byCall[s.Call] {
			if e.kind == evRelease || e.kind == evPoison {
				e.kind, e.why = evPoison, "the lock is released by another goroutine"
				evs = append(evs, e)
			}
		}
		return evs
	}
	inspectCalls(n, func(c *ast.CallExpr) {
		for _, e := range byCall[c] {
			if e.kind == evTry && condVar != nil && condCall == ast.Expr(e.call) {
				e.cond = condVar
			}
			evs = append(evs, e)
		}
	})
	return evs
}

// operandEvents lists the events of a call's operands: function and arguments
// of go and defer statements are evaluated at once.
func operandEvents(call *ast.CallExpr, byCall map[*ast.CallExpr][]event) []event {
	var evs []event
	visit := func(c *ast.CallExpr) { evs = append(evs, byCall[c]...) }
	inspectCalls(call.Fun, visit)
	for _, a := range call.Args {
		inspectCalls(a, visit)
	}
	return evs
}

// callEvents lists what one call itself does to locks.
func (u *Unit) callEvents(call *ast.CallExpr, x *Program) []event {
	info := u.Pkg.Info
	fn := CalleeOf(info, call)
	if op, ok := lockCall(info, call); ok && (op.kind == try || fn == nil || len(x.effectsOf(u.Pkg, fn)) == 0 || isSyncType(fn.Signature().Recv().Type())) {
		return []event{{kind: eventOf[op.kind], mode: op.mode, path: u.resolve(op.path), call: call, pos: call.Pos()}}
	}
	if lit := u.litCalled(call); lit != nil {
		return u.effectEvents(x.litEffects(lit), call, true)
	}
	var evs []event
	for _, arg := range call.Args {
		lit, ok := ast.Unparen(arg).(*ast.FuncLit)
		if !ok {
			continue
		}
		for _, e := range u.effectEvents(x.litEffects(lit), call, true) {
			e.kind, e.why = evPoison, "a function literal that is passed on releases or takes the lock"
			evs = append(evs, e)
		}
	}
	if fn != nil {
		evs = append(evs, u.effectEvents(x.effectsOf(u.Pkg, fn), call, false)...)
	}
	return evs
}

// effectEvents translates a callee's effects into the terms of the caller.
func (u *Unit) effectEvents(effects []lockEffect, call *ast.CallExpr, closure bool) []event {
	var evs []event
	for _, ef := range effects {
		path, ok := u.translate(ef, call)
		if !ok {
			continue
		}
		e := event{kind: ef.kind, mode: ef.mode, path: path, call: call, pos: call.Pos(), closure: closure, wrapper: !closure}
		if e.kind == evPoison {
			e.why = "a called function takes or releases the lock on some paths only"
		}
		evs = append(evs, e)
	}
	return evs
}

func (u *Unit) translate(ef lockEffect, call *ast.CallExpr) (Path, bool) {
	info := u.Pkg.Info
	var base Path
	var ok bool
	switch {
	case ef.root == freeRoot:
		return ef.path, true
	case ef.root == receiverRoot:
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !isSel {
			return Path{}, false
		}
		base, ok = ReceiverPath(info, sel)
	case ef.root < len(call.Args):
		base, ok = PathOf(info, call.Args[ef.root])
	}
	if !ok {
		return Path{}, false
	}
	return u.resolve(base.join(ef.path.Fields)), true
}

// resolve replaces a local variable that only ever stands for another path
// (mu := &s.mu) by that path.
func (u *Unit) resolve(p Path) Path {
	for range 4 {
		def := u.DefinedOnce(p.Root)
		if def == nil {
			return p
		}
		if _, isPtr := p.Root.Type().Underlying().(*types.Pointer); !isPtr {
			return p // a copy, not an alias
		}
		q, ok := PathOf(u.Pkg.Info, def)
		if !ok || !u.stablePath(q) {
			return p
		}
		p = q.join(p.Fields)
	}
	return p
}

// stablePath reports whether the path means the same variable everywhere in
// the unit: its root is never assigned again, and it passes no pointer field.
func (u *Unit) stablePath(p Path) bool {
	defs := u.definitions().defs[p.Root]
	if !isGlobal(p.Root) && len(defs) > 1 {
		return false
	}
	for i, f := range p.Fields {
		if _, ptr := f.Type().Underlying().(*types.Pointer); ptr && i < len(p.Fields) {
			return false
		}
	}
	return true
}

// computeEffects derives the unit's effects from its flow.
func (u *Unit) computeEffects() []lockEffect {
	if lockFlows.Of(u) == nil {
		return nil
	}
	var effects []lockEffect
	for _, k := range lockFlows.Of(u).keys {
		path := lockFlows.Of(u).pathOf(k)
		ef := lockEffect{path: path}
		if !u.nameable(&ef) {
			continue
		}
		if ef.kind, ef.mode = lockFlows.Of(u).net(k); ef.kind != 0 {
			effects = append(effects, ef)
		}
	}
	return effects
}

// nameable fills in the root of an effect, if a caller can name it.
func (u *Unit) nameable(ef *lockEffect) bool {
	v := ef.path.Root
	if v == nil {
		return false
	}
	if !isGlobal(v) && u.IsParam(v) && len(u.definitions().defs[v]) > 1 {
		return false // assigned: it is not the caller's any more
	}
	sig := u.Signature()
	if v == sig.Recv() {
		ef.root = receiverRoot
		return true
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			ef.root = i
			return true
		}
	}
	ef.root = freeRoot
	return isGlobal(v) || u.Lit != nil && !u.Contains(v.Pos())
}

func (f *lockFlow) pathOf(k pathKey) Path {
	for _, b := range f.graph.Blocks {
		for i := range b.Nodes {
			for _, e := range f.events[nodeRef{b.Index, i}] {
				if e.path.key() == k {
					return e.path
				}
			}
		}
	}
	return Path{}
}

// net says what the unit does to one lock from entry to return.
func (f *lockFlow) net(k pathKey) (eventKind, Mode) {
	if f.mixed[k] {
		return evPoison, Exclusive
	}
	var kinds []eventKind
	mode := Exclusive
	for _, b := range f.graph.Blocks { // in order: the modes may differ
		for i := range b.Nodes {
			for _, e := range f.events[nodeRef{b.Index, i}] {
				if e.kind == evRelease && e.path.key() == k {
					mode = e.mode
				}
			}
		}
	}
	for _, h := range f.exit[k] {
		kind := f.netOf(h, &mode)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) == 1 && kinds[0] != 0:
		return kinds[0], mode
	case len(kinds) == 2 && slices.Contains(kinds, 0) && slices.Contains(kinds, evCycle):
		return evCycle, mode
	case len(kinds) > 1:
		return evPoison, mode
	}
	return 0, mode
}

func (f *lockFlow) netOf(h hold, mode *Mode) eventKind {
	var def event
	if h.def > 0 {
		def = f.defers[h.def-1]
	}
	switch {
	case h.site >= 0 && def.kind == evDeferRelease:
		if h.cycled {
			return evRelease
		}
		return 0
	case h.site >= 0:
		*mode = f.acquires[h.site].mode
		if h.cycled {
			return evCycle
		}
		return evAcquire
	case h.site == callerFree && def.kind == evDeferAcquire:
		return evCycle
	case h.site == callerFree || h.site == untouched && def.kind == evDeferRelease:
		if def.kind == evDeferRelease {
			*mode = def.mode
		}
		return evRelease
	case def.kind == evDeferAcquire:
		return evAcquire
	case h.site == untouched && h.cycled:
		return evCycle
	}
	return 0
}
