package waits

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
)

// What a function waits for may depend on what it is given:
//
//	func readFrame(r io.Reader) (*frame, error)
//
// waits if r is a connection, not if it is a buffer. So a unit has takes: the
// methods of its parameters that it calls, and the parameters that it calls as
// functions. Whether that waits is for its callers to say.

// A TakeKey is a method of a parameter that a unit calls; "" stands for the parameter
// itself, if that is a function. For a literal the parameter may belong to a function
// around it.
type TakeKey struct {
	Param  *types.Var
	Method string
}

// A take is the shortest way from a unit to a call of a method of a parameter.
type take struct {
	dist   int
	what   string // the function of the table that makes the call, or ""
	safety blocking.Safety
	node   ast.Node       // in the unit; nil for a unit that facts describe
	next   *patterns.Unit // the function that the parameter is passed to, or nil
	key    TakeKey        // of next
	path   []patterns.Hop // for a unit that facts describe
}

// A takeUse is a take that is a site.
type takeUse struct {
	key TakeKey
	take
}

// take notes that the unit calls a method of a parameter.
func (w *Waiter) take(n ast.Node, key TakeKey, t take) {
	w.found(Site{Take: &takeUse{key, t}, Node: n})
}

// noteTakes collects what the sites of a unit say about its parameters. It reports whether
// anything is new.
func noteTakes(u *patterns.Unit, sites []Site) bool {
	news := false
	for _, s := range sites {
		if s.Take == nil || s.weak != "" || s.Freed != (patterns.LockRef{}) {
			continue
		}
		old, ok := takes.Of(u)[s.Take.key]
		if ok && old.dist <= s.Take.dist {
			continue
		}
		setTake(u, s.Take.key, s.Take.take)
		news = true
	}
	return news
}

// SortedTakes lists the keys of what a unit takes, in the order of parameters.
func SortedTakes(u *patterns.Unit) []TakeKey {
	keys := make([]TakeKey, 0, len(takes.Of(u)))
	for k := range takes.Of(u) {
		keys = append(keys, k)
	}
	sig := u.Signature()
	slices.SortFunc(keys, func(a, b TakeKey) int {
		return cmp.Or(cmp.Compare(values.ParamIndex(sig, a.Param), values.ParamIndex(sig, b.Param)), cmp.Compare(a.Param.Pos(), b.Param.Pos()), cmp.Compare(a.Method, b.Method))
	})
	return keys
}

// given handles what a called unit does with its arguments.
func (w *Waiter) given(c *ast.CallExpr, callee *patterns.Unit, deferred bool) {
	if len(takes.Of(callee)) == 0 {
		return
	}
	sig := callee.Signature()
	for _, k := range SortedTakes(callee) {
		i := values.ParamIndex(sig, k.Param)
		switch {
		case i < 0: // captured: it is a parameter around this unit, too
			if callee.Outer != nil && callee.Outer == w.U || within(w.U, callee) {
				w.takeThrough(c, callee, k, k)
			}
		default:
			args, one := values.ArgumentsOf(sig, c, i)
			for _, a := range args {
				w.givenArgument(c, callee, k, a, !one && values.ElementType(k.Param.Type()) != nil, deferred)
			}
		}
	}
}

// givenArgument handles an argument that a callee takes, or whose elements it takes.
func (w *Waiter) givenArgument(c *ast.CallExpr, callee *patterns.Unit, k TakeKey, arg ast.Expr, elements, deferred bool) {
	switch {
	case k.Method != "":
		w.givenValue(c, callee, k, w.U, arg, elements, deferred)
	case elements:
		vs := values.ElementsOf(w.X, w.home(), w.U, arg)
		w.givenFunctions(c, callee, k, &vs, arg, deferred)
	case !w.direct(callee, values.ParamIndex(callee.Signature(), k.Param), arg):
		w.givenFunction(c, callee, k, arg, deferred)
	}
}

// within reports whether the unit is inside another one, or beside it in the same function.
func within(u *patterns.Unit, other *patterns.Unit) bool {
	for o := u; o != nil; o = o.Outer {
		if o == other.Outer {
			return true
		}
	}
	return false
}

// direct reports whether [Waiter.passed] handles an argument: a literal or named
// function that the callee calls itself.
func (w *Waiter) direct(callee *patterns.Unit, i int, arg ast.Expr) bool {
	return slices.Contains(CalledParams(callee), i) && (isLit(arg) || len(w.X.ValueSummaries(w.U, arg)) > 0)
}

func isLit(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.FuncLit)
	return ok
}

// takeThrough notes that a parameter of this unit is passed on to a unit that takes it.
func (w *Waiter) takeThrough(n ast.Node, callee *patterns.Unit, own, theirs TakeKey) {
	w.take(n, own, take{dist: takes.Of(callee)[theirs].dist + 1, node: n, next: callee, key: theirs})
}

// givenFunction handles an argument that a callee calls.
func (w *Waiter) givenFunction(c *ast.CallExpr, callee *patterns.Unit, k TakeKey, arg ast.Expr, deferred bool) {
	if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
		w.enter(lit, deferred)
		return
	}
	vs := w.values(arg)
	w.givenFunctions(c, callee, k, &vs, arg, deferred)
}

// givenFunctions handles functions that a callee calls.
func (w *Waiter) givenFunctions(c *ast.CallExpr, callee *patterns.Unit, k TakeKey, vs *values.FuncValues, arg ast.Expr, deferred bool) {
	for _, p := range vs.Params {
		w.takeThrough(c, callee, TakeKey{p, ""}, k)
	}
	w.each(c, vs, arg, callee, deferred)
}

// givenValue handles an argument of which a callee calls a method, or of whose elements it
// does. The argument stands in the unit at.
func (w *Waiter) givenValue(n ast.Node, callee *patterns.Unit, k TakeKey, at *patterns.Unit, arg ast.Expr, elements, deferred bool) {
	inner := *w
	inner.U = at
	if inner.depth++; inner.depth > guards.MaxHandedOn {
		return
	}
	find := inner.carriersOf
	if elements {
		find = inner.elementCarriers
	}
	cs := find(arg)
	for _, v := range cs.list {
		if v.param != nil {
			w.takeThrough(n, callee, TakeKey{v.param, k.Method}, k)
			continue
		}
		if o, ok := carried(w.X, v, k.Method, w.U.Pkg.Types); ok {
			o.Weak, o.Deferred = cs.weak(v, arg), deferred
			w.op(n, throughTake(w.U, n, callee, k, o, v.name(w.U.Pkg.Types)))
			return
		}
		if !types.IsInterface(v.typ) && !v.isSource() {
			w.ownMethod(n, v, k.Method, cs.oneOf(v, arg), deferred)
		}
	}
}

// throughTake completes the operation of an argument's method with the calls that lead
// there from the call n of callee.
func throughTake(u *patterns.Unit, n ast.Node, callee *patterns.Unit, k TakeKey, o Op, name string) Op {
	o.Path = []patterns.Hop{{Func: callee.Name(), At: u.Position(n.Pos())}}
	o.Chain = []Link{{n, callee}}
	var at ast.Node
	for cur := callee; ; {
		t, ok := takes.Of(cur)[k]
		if !ok {
			break
		}
		if t.what != "" {
			o.What, o.Safety = t.what, t.safety
			o.Why = fmt.Sprintf("calls %s of %s, which %s", k.Method, name, o.Why)
		}
		if n := len(t.path) - 1; n >= 0 {
			o.Path = append(append(o.Path, t.path[:n]...), patterns.Hop{Func: o.What, At: t.path[n].At})
			break
		}
		if t.next == nil || len(o.Path) > maxHops {
			at = t.node
			o.Path = append(o.Path, patterns.Hop{Func: o.What, At: cur.Position(t.node.Pos())})
			break
		}
		o.Path = append(o.Path, patterns.Hop{Func: t.next.Name(), At: cur.Position(t.node.Pos())})
		o.Chain = append(o.Chain, Link{t.node, t.next})
		cur, k = t.next, t.key
	}
	last := Op{Node: at, Category: o.Category, Effect: o.Effect, Safety: o.Safety, What: o.What, Why: o.Why, Own: o.Own}
	o.Last = &last
	return o
}

// TakeFacts describes what the unit does with its own parameters.
func TakeFacts(u *patterns.Unit) []patterns.TakeFact {
	var out []patterns.TakeFact
	for _, k := range SortedTakes(u) {
		i := values.ParamIndex(u.Signature(), k.Param)
		if i < 0 {
			continue
		}
		fact := patterns.TakeFact{Param: i, Method: k.Method, Dist: takes.Of(u)[k].dist}
		for cur, key := u, k; ; {
			t, ok := takes.Of(cur)[key]
			if !ok || len(fact.Path) > maxHops {
				break
			}
			fact.What, fact.Safety = t.what, t.safety
			if t.path != nil {
				fact.Path = append(fact.Path, t.path...)
				break
			}
			if t.next == nil {
				fact.Path = append(fact.Path, patterns.Hop{Func: "", At: cur.Position(t.node.Pos())})
				break
			}
			fact.Path = append(fact.Path, patterns.Hop{Func: t.next.Name(), At: cur.Position(t.node.Pos())})
			cur, key = t.next, t.key
		}
		out = append(out, fact)
	}
	return out
}

// takes is what each unit does with its parameters.
var takes = patterns.NewSlot[map[TakeKey]take]().Anew().FromFacts(func(_ *patterns.Program, fn *types.Func, fact *patterns.FuncFact) map[TakeKey]take {
	if fn == nil || len(fact.Takes) == 0 {
		return nil
	}
	all := make(map[TakeKey]take)
	params := fn.Signature().Params()
	for _, f := range fact.Takes {
		if f.Param < params.Len() {
			all[TakeKey{params.At(f.Param), f.Method}] = take{dist: f.Dist, what: f.What, safety: f.Safety, path: f.Path}
		}
	}
	return all
})

func setTake(u *patterns.Unit, key TakeKey, t take) {
	all := takes.Of(u)
	if all == nil {
		all = make(map[TakeKey]take)
		takes.Set(u, all)
	}
	all[key] = t
}
