package patterns

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// What a function waits for may depend on what it is given:
//
//	func readFrame(r io.Reader) (*frame, error)
//
// waits if r is a connection, not if it is a buffer. So a unit has takes: the
// methods of its parameters that it calls, and the parameters that it calls as
// functions. Whether that waits is for its callers to say.

// A takeKey is a method of a parameter that a unit calls; "" stands for the
// parameter itself, which is a function. For a literal the parameter may be one
// of a function around it.
type takeKey struct {
	param  *types.Var
	method string
}

// A take is the shortest way from a unit to a call of a method of a parameter.
type take struct {
	dist   int
	what   string // the function of the table that makes the call, or ""
	safety Safety
	node   ast.Node // in the unit; nil for a unit that facts describe
	next   *Unit    // the function that the parameter is passed to, or nil
	key    takeKey  // of next
	path   []Hop    // for a unit that facts describe
}

// A takeUse is a take as a site.
type takeUse struct {
	key takeKey
	take
}

// take notes that the unit calls a method of a parameter.
func (w *waiter) take(n ast.Node, key takeKey, t take) {
	w.found(site{take: &takeUse{key, t}, node: n})
}

// noteTakes collects what the sites of a unit say of its parameters. It reports
// whether that is news.
func (u *Unit) noteTakes(sites []site) bool {
	news := false
	for _, s := range sites {
		if s.take == nil || s.weak != "" || s.freed != (lockRef{}) {
			continue
		}
		old, ok := takes.Of(u)[s.take.key]
		if ok && old.dist <= s.take.dist {
			continue
		}
		setTake(u, s.take.key, s.take.take)
		news = true
	}
	return news
}

// sortedTakes lists the keys of what a unit takes, in the order of parameters.
func (u *Unit) sortedTakes() []takeKey {
	keys := make([]takeKey, 0, len(takes.Of(u)))
	for k := range takes.Of(u) {
		keys = append(keys, k)
	}
	sig := u.Signature()
	slices.SortFunc(keys, func(a, b takeKey) int {
		return cmp.Or(cmp.Compare(paramIndex(sig, a.param), paramIndex(sig, b.param)), cmp.Compare(a.param.Pos(), b.param.Pos()), cmp.Compare(a.method, b.method))
	})
	return keys
}

// given handles what a called unit does with its arguments.
func (w *waiter) given(c *ast.CallExpr, callee *Unit, deferred bool) {
	if len(takes.Of(callee)) == 0 {
		return
	}
	sig := callee.Signature()
	for _, k := range callee.sortedTakes() {
		i := paramIndex(sig, k.param)
		switch {
		case i < 0: // captured: it is a parameter around this unit, too
			if callee.Outer != nil && callee.Outer == w.u || w.u.within(callee) {
				w.takeThrough(c, callee, k, k)
			}
		case i >= len(c.Args) || sig.Variadic() && i == sig.Params().Len()-1:
		case k.method == "":
			if !w.direct(callee, i, c.Args[i]) {
				w.givenFunction(c, callee, k, c.Args[i], deferred)
			}
		default:
			w.givenValue(c, callee, k, w.u, c.Args[i], deferred)
		}
	}
}

// within reports whether the unit stands in another one, or beside it in the same
// function.
func (u *Unit) within(other *Unit) bool {
	for o := u; o != nil; o = o.Outer {
		if o == other.Outer {
			return true
		}
	}
	return false
}

// direct reports whether [waiter.passed] handles an argument: a literal or named
// function that the callee calls itself.
func (w *waiter) direct(callee *Unit, i int, arg ast.Expr) bool {
	return slices.Contains(callee.calledParams(), i) && (isLit(arg) || len(w.x.valueSummaries(w.u, arg)) > 0)
}

func isLit(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.FuncLit)
	return ok
}

// takeThrough notes that a parameter of this unit is passed on to one that takes
// it.
func (w *waiter) takeThrough(n ast.Node, callee *Unit, own, theirs takeKey) {
	w.take(n, own, take{dist: takes.Of(callee)[theirs].dist + 1, node: n, next: callee, key: theirs})
}

// givenFunction handles an argument that a callee calls.
func (w *waiter) givenFunction(c *ast.CallExpr, callee *Unit, k takeKey, arg ast.Expr, deferred bool) {
	if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
		w.enter(lit, deferred)
		return
	}
	vs := w.values(arg)
	for _, p := range vs.params {
		w.takeThrough(c, callee, takeKey{p, ""}, k)
	}
	w.each(c, &vs, arg, callee, deferred)
}

// givenValue handles an argument of which a callee calls a method. The argument
// stands in the unit at.
func (w *waiter) givenValue(n ast.Node, callee *Unit, k takeKey, at *Unit, arg ast.Expr, deferred bool) {
	inner := *w
	inner.u = at
	if inner.depth++; inner.depth > maxHandedOn {
		return
	}
	cs := inner.carriersOf(arg)
	for _, v := range cs.list {
		if v.param != nil {
			w.takeThrough(n, callee, takeKey{v.param, k.method}, k)
			continue
		}
		if o, ok := w.x.carried(v, k.method, w.u.Pkg.Types); ok {
			o.Weak, o.Deferred = cs.weak(v, arg), deferred
			w.op(n, w.u.throughTake(n, callee, k, o, v.name(w.u.Pkg.Types)))
			return
		}
		if types.IsInterface(v.typ) || v.body != "" {
			continue
		}
		m := methodOf(v.typ, k.method, w.u.Pkg.Types)
		if m == nil || w.x.table.Never(m.FullName()) {
			continue
		}
		if u := w.x.summaryOf(w.u.Pkg, m); u != nil {
			w.found(site{callee: u, node: n, defers: deferred, weak: cs.weak(v, arg)})
		}
	}
}

// throughTake completes the operation that a method of an argument is: with the
// calls that lead there from the call n of callee.
func (u *Unit) throughTake(n ast.Node, callee *Unit, k takeKey, o Op, name string) Op {
	o.Path = []Hop{{callee.Name(), u.Position(n.Pos())}}
	o.chain = []link{{n, callee}}
	var at ast.Node
	for cur := callee; ; {
		t, ok := takes.Of(cur)[k]
		if !ok {
			break
		}
		if t.what != "" {
			o.What, o.Safety = t.what, t.safety
			o.Why = fmt.Sprintf("calls %s of %s, which %s", k.method, name, o.Why)
		}
		if n := len(t.path) - 1; n >= 0 {
			o.Path = append(append(o.Path, t.path[:n]...), Hop{o.What, t.path[n].At})
			break
		}
		if t.next == nil || len(o.Path) > maxHops {
			at = t.node
			o.Path = append(o.Path, Hop{o.What, cur.Position(t.node.Pos())})
			break
		}
		o.Path = append(o.Path, Hop{t.next.Name(), cur.Position(t.node.Pos())})
		o.chain = append(o.chain, link{t.node, t.next})
		cur, k = t.next, t.key
	}
	last := Op{Node: at, Category: o.Category, Effect: o.Effect, Safety: o.Safety, What: o.What, Why: o.Why, Own: o.Own}
	o.last = &last
	return o
}

// takeFacts describes what the unit does with its own parameters.
func (u *Unit) takeFacts() []TakeFact {
	var out []TakeFact
	for _, k := range u.sortedTakes() {
		i := paramIndex(u.Signature(), k.param)
		if i < 0 {
			continue
		}
		fact := TakeFact{Param: i, Method: k.method, Dist: takes.Of(u)[k].dist}
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
				fact.Path = append(fact.Path, Hop{"", cur.Position(t.node.Pos())})
				break
			}
			fact.Path = append(fact.Path, Hop{t.next.Name(), cur.Position(t.node.Pos())})
			cur, key = t.next, t.key
		}
		out = append(out, fact)
	}
	return out
}

// takes is what each unit does with its parameters.
var takes = NewSlot[map[takeKey]take]().Anew().FromFacts(func(_ *Program, fn *types.Func, fact *FuncFact) map[takeKey]take {
	if fn == nil || len(fact.Takes) == 0 {
		return nil
	}
	all := make(map[takeKey]take)
	params := fn.Signature().Params()
	for _, f := range fact.Takes {
		if f.Param < params.Len() {
			all[takeKey{params.At(f.Param), f.Method}] = take{dist: f.Dist, what: f.What, safety: f.Safety, path: f.Path}
		}
	}
	return all
})

func setTake(u *Unit, key takeKey, t take) {
	all := takes.Of(u)
	if all == nil {
		all = make(map[takeKey]take)
		takes.Set(u, all)
	}
	all[key] = t
}
