package locks

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// An eventKind is what a node does to a lock, as seen from its unit.
type eventKind byte

const (
	EvAcquire eventKind = iota + 1
	EvRelease
	evTry
	EvDeferRelease
	evDeferAcquire
	EvCycle  // a callee releases the lock and takes it again
	evPoison // the state of the lock afterwards is not known
)

// eventOf says what a call of a lock's method does.
var eventOf = map[patterns.LockKind]eventKind{patterns.TakesLock: EvAcquire, patterns.ReleasesLock: EvRelease, patterns.TriesLock: evTry}

// An Event is something that a node does to one lock.
type Event struct {
	Kind    eventKind
	Mode    patterns.Mode
	Path    patterns.Path
	Call    *ast.CallExpr // the call that does it, of the lock's method or of a wrapper
	Pos     token.Pos
	cond    *types.Var // for evTry: the variable that takes the result, if any
	Closure bool       // done in a function literal that the node defers or calls
	Wrapper bool       // done by a function of the loaded packages
	handed  bool       // for EvAcquire: the result of the call releases the lock
	why     string     // for evPoison
	index   int        // in lockFlow.acquires or lockFlow.defers
	At      NodeRef
}

// An Effect is what calling a unit does to a lock that its caller can name.
type Effect struct {
	Root   int // receiverRoot, a parameter's index, or freeRoot
	Path   patterns.Path
	Kind   eventKind // evAcquire, evRelease, evCycle or evPoison
	Mode   patterns.Mode
	method bool // root is the receiver
	handed bool // taken, and a result of the unit releases it
}

// MayHold reports whether the lock may be held afterwards although it was not before.
func (e Effect) MayHold() bool { return e.Kind == EvAcquire || e.Kind == evPoison }

const (
	ReceiverRoot = -1
	FreeRoot     = -2 // a package-level or captured variable: the same in caller and callee
)

// Effects holds what each unit does to the locks of its callers.
var Effects = patterns.NewSlot[[]Effect]().FromFacts(func(x *patterns.Program, fn *types.Func, fact *patterns.FuncFact) (out []Effect) {
	if fn == nil {
		return nil
	}
	for _, e := range fact.Effects {
		if ef, ok := effectOf(x, fn, e); ok {
			out = append(out, ef)
		}
	}
	return out
})

func (a Effect) same(b Effect) bool {
	return a.Root == b.Root && a.Kind == b.Kind && a.Mode == b.Mode && a.handed == b.handed && a.Path.Key() == b.Path.Key()
}

// eventsByCall lists the calls of a unit that do something to locks, what they do, and
// where they are, in source order.
func eventsByCall(u *patterns.Unit, x *patterns.Program) (byCall map[*ast.CallExpr][]Event, at []token.Pos) {
	for _, c := range u.Calls() {
		if evs := callEvents(u, c, x); len(evs) > 0 {
			if byCall == nil {
				byCall = make(map[*ast.CallExpr][]Event)
			}
			byCall[c] = evs
			at = append(at, c.Pos())
		}
	}
	return byCall, at
}

// eventsOf lists what one node of the graph does to locks, in source order, given
// what its calls do.
func eventsOf(u *patterns.Unit, n ast.Node, byCall map[*ast.CallExpr][]Event) []Event {
	var evs []Event
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
			switch e.Kind {
			case EvAcquire:
				e.Kind = evDeferAcquire
			case EvRelease:
				e.Kind = EvDeferRelease
			case EvCycle:
				continue
			}
			evs = append(evs, e)
		}
		return evs
	case *ast.GoStmt:
		evs = operandEvents(s.Call, byCall)
		for _, e := range byCall[s.Call] {
			if e.Kind == EvRelease || e.Kind == evPoison {
				e.Kind, e.why = evPoison, "the lock is released by another goroutine"
				evs = append(evs, e)
			}
		}
		return evs
	}
	statements.InspectCalls(n, func(c *ast.CallExpr) {
		for _, e := range byCall[c] {
			if e.Kind == evTry && condVar != nil && condCall == ast.Expr(e.Call) {
				e.cond = condVar
			}
			evs = append(evs, e)
		}
	})
	return evs
}

// operandEvents lists the events of a call's operands: function and arguments
// of go and defer statements are evaluated at once.
func operandEvents(call *ast.CallExpr, byCall map[*ast.CallExpr][]Event) []Event {
	var evs []Event
	visit := func(c *ast.CallExpr) { evs = append(evs, byCall[c]...) }
	statements.InspectCalls(call.Fun, visit)
	for _, a := range call.Args {
		statements.InspectCalls(a, visit)
	}
	return evs
}

// callEvents lists what a single call does to locks.
func callEvents(u *patterns.Unit, call *ast.CallExpr, x *patterns.Program) []Event {
	info := u.Pkg.Info
	fn := patterns.CalleeOf(info, call)
	if op, ok := patterns.LockCall(info, call); ok && (op.Kind == patterns.TriesLock || fn == nil || len(effectsOf(x, u.Pkg, fn)) == 0 || patterns.IsSyncType(fn.Signature().Recv().Type())) {
		return []Event{{Kind: eventOf[op.Kind], Mode: op.Mode, Path: Resolve(u, op.Path), Call: call, Pos: call.Pos()}}
	}
	if lit := u.LitCalled(call); lit != nil {
		return effectEvents(u, litEffects(x, lit), call, true)
	}
	var evs []Event
	for _, arg := range call.Args {
		lit, ok := ast.Unparen(arg).(*ast.FuncLit)
		if !ok {
			continue
		}
		for _, e := range effectEvents(u, litEffects(x, lit), call, true) {
			e.Kind, e.why = evPoison, "a function literal passed to another function releases or takes the lock"
			evs = append(evs, e)
		}
	}
	if fn != nil {
		evs = append(evs, effectEvents(u, effectsOf(x, u.Pkg, fn), call, false)...)
	}
	return append(evs, handedEvents(u, x, call, fn)...)
}

// effectEvents translates a callee's effects into the terms of the caller.
func effectEvents(u *patterns.Unit, effects []Effect, call *ast.CallExpr, closure bool) []Event {
	var evs []Event
	for _, ef := range effects {
		path, ok := Translate(u, ef, call)
		if !ok {
			continue
		}
		e := Event{Kind: ef.Kind, Mode: ef.Mode, Path: path, Call: call, Pos: call.Pos(), Closure: closure, Wrapper: !closure, handed: ef.handed}
		if e.Kind == evPoison {
			e.why = "a called function takes or releases the lock on some paths only"
		}
		evs = append(evs, e)
	}
	return evs
}

func Translate(u *patterns.Unit, ef Effect, call *ast.CallExpr) (patterns.Path, bool) {
	info := u.Pkg.Info
	var base patterns.Path
	var ok bool
	switch {
	case ef.Root == FreeRoot:
		return ef.Path, true
	case ef.Root == ReceiverRoot:
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !isSel {
			return patterns.Path{}, false
		}
		base, ok = patterns.ReceiverPath(info, sel)
	case ef.Root < len(call.Args):
		base, ok = patterns.PathOf(info, call.Args[ef.Root])
	}
	if !ok {
		return patterns.Path{}, false
	}
	return Resolve(u, base.Join(ef.Path.Fields)), true
}

// Resolve replaces a local variable that only ever stands for another path (mu :=
// &s.mu) by that path.
func Resolve(u *patterns.Unit, p patterns.Path) patterns.Path {
	for range 4 {
		def := u.DefinedOnce(p.Root)
		if def == nil {
			return p
		}
		if _, isPtr := p.Root.Type().Underlying().(*types.Pointer); !isPtr {
			return p // a copy, not an alias
		}
		q, ok := patterns.PathOf(u.Pkg.Info, def)
		if !ok || !stablePath(u, q) {
			return p
		}
		p = q.Join(p.Fields)
	}
	return p
}

// stablePath reports whether the path means the same variable everywhere in the unit: its
// root is never reassigned, and it goes through no pointer field.
func stablePath(u *patterns.Unit, p patterns.Path) bool {
	defs := u.Definitions().Defs[p.Root]
	if !patterns.IsGlobal(p.Root) && len(defs) > 1 {
		return false
	}
	for i, f := range p.Fields {
		if _, ptr := f.Type().Underlying().(*types.Pointer); ptr && i < len(p.Fields) {
			return false
		}
	}
	return true
}

// Nameable fills in the root of an effect, if a caller can name it.
func Nameable(u *patterns.Unit, ef *Effect) bool {
	v := ef.Path.Root
	if v == nil {
		return false
	}
	if !patterns.IsGlobal(v) && u.IsParam(v) && len(u.Definitions().Defs[v]) > 1 {
		return false // assigned: no longer the caller's
	}
	sig := u.Signature()
	if v == sig.Recv() {
		ef.Root = ReceiverRoot
		return true
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			ef.Root = i
			return true
		}
	}
	ef.Root = FreeRoot
	return patterns.IsGlobal(v) || u.Lit != nil && !u.Contains(v.Pos())
}

func (f *Flow) PathOf(k patterns.PathKey) patterns.Path {
	for _, b := range f.Graph.Blocks {
		for i := range b.Nodes {
			for _, e := range f.events[NodeRef{b.Index, i}] {
				if e.Path.Key() == k {
					return e.Path
				}
			}
		}
	}
	return patterns.Path{}
}

// net says what the unit does to one lock from entry to return.
func (f *Flow) net(k patterns.PathKey) (eventKind, patterns.Mode) {
	if f.mixed[k] {
		return evPoison, patterns.Exclusive
	}
	var kinds []eventKind
	mode := patterns.Exclusive
	for _, b := range f.Graph.Blocks { // in order: the modes may differ
		for i := range b.Nodes {
			for _, e := range f.events[NodeRef{b.Index, i}] {
				if e.Kind == EvRelease && e.Path.Key() == k {
					mode = e.Mode
				}
			}
		}
	}
	for _, h := range f.Exit[k] {
		kind := f.netOf(h, &mode)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) == 1 && kinds[0] != 0:
		return kinds[0], mode
	case len(kinds) == 2 && slices.Contains(kinds, 0) && slices.Contains(kinds, EvCycle):
		return EvCycle, mode
	case len(kinds) > 1:
		return evPoison, mode
	}
	return 0, mode
}

func (f *Flow) netOf(h Hold, mode *patterns.Mode) eventKind {
	var def Event
	if h.Def > 0 {
		def = f.Defers[h.Def-1]
	}
	switch {
	case h.Site >= 0 && def.Kind == EvDeferRelease:
		if h.cycled {
			return EvRelease
		}
		return 0
	case h.Site >= 0:
		*mode = f.Acquires[h.Site].Mode
		if h.cycled {
			return EvCycle
		}
		return EvAcquire
	case h.Site == CallerFree && def.Kind == evDeferAcquire:
		return EvCycle
	case h.Site == CallerFree || h.Site == untouched && def.Kind == EvDeferRelease:
		if def.Kind == EvDeferRelease {
			*mode = def.Mode
		}
		return EvRelease
	case def.Kind == evDeferAcquire:
		return EvAcquire
	case h.Site == untouched && h.cycled:
		return EvCycle
	}
	return 0
}
