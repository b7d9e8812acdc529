package singleflight

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/conditions/emptied"
	"github.com/letgo-dev/letgo/rewrite/conditions/external"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveFlight discharges the conditions for a fill whose fetch runs in a flight: without
// the lock, by one goroutine for all that miss the same key.
//
// What makes it sound is that the cache hands one caller's value to the others
// anyway: whoever waited for the lock found, once it had it, what another one
// had stored, and returned that. A flight hands out the same value to the same
// callers. What is new is that those who wait share an error, or a panic, too,
// that calls for different keys overlap, and that other sections of the lock
// run meanwhile.
func (f *fill) proveFlight() ([]safety.Obligation, *safety.Refusal) {
	if refusal := f.planLookup(); refusal != nil {
		return nil, refusal
	}
	f.Touches = behaviour.Touches(f.Window.Site, syntax.StmtNodes(append(f.freeTests(), f.Stmts...))...)
	if r := conditions.ProveGuarded(f.Window); r != nil {
		return nil, r
	}
	// The other values are used at once, by the test for a hit.
	f.Values = slices.DeleteFunc(slices.Clone(f.Values), func(x extract.Extraction) bool {
		return !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return f.InStmts(u, f.Stmts) })
	})
	type checks = []func() *safety.Refusal
	own := conditions.Own{
		"guarded":     checks{f.proveWraps}, // the rest is proved above
		"alias":       checks{f.proveShared},
		"stale":       checks{f.proveTests},
		"updates":     checks{f.proveStores, f.proveCallers},
		"once":        nil, // one goroutine fetches
		"undone":      nil, // proveTests refuses what would have to be undone
		"tickets":     nil,
		"answered":    nil,
		"own answers": nil,
		"order":       checks{f.proveKeys},
		"overlap":     nil, // proveKeys
		"error path":  checks{f.proveOutcome},
		"outdated":    nil,
	}
	if r := conditions.ProveBut(f.Window, own); r != nil {
		return nil, r
	}
	return f.Recorded, nil
}

// freeTests lists the parts of the lookup that now run without the lock, leaving out a test
// that the function makes before it takes the lock.
func (f *fill) freeTests() []ast.Stmt {
	var out []ast.Stmt
	for _, st := range f.look.tests {
		ifs, ok := st.(*ast.IfStmt)
		switch {
		case f.Checked && ifs == f.Hit:
		case !ok:
			out = append(out, st)
		case f.Nested && ifs == f.Hit:
			out = append(out, &ast.ExprStmt{X: ifs.Cond})
		default:
			out = append(out, &ast.ExprStmt{X: ifs.Cond}, ifs.Body)
		}
	}
	return out
}

// proveWraps looks at the calls that each caller makes with the value of the
// flight: they are made without the lock.
func (f *fill) proveWraps() *safety.Refusal {
	if len(f.results.wraps) == 0 {
		return nil
	}
	for _, r := range f.fillReturns() {
		v := r.Results[0]
		if f.results.err && !f.IsNil(r.Results[1]) {
			continue
		}
		for _, t := range behaviour.Touches(f.Window.Site, v).List {
			if t.Class == site.GuardedUse && (t.Via != nil || !syntax.Within(t.Access.Node, f.innerOf(v))) {
				return safety.Refuse(safety.S1, "uses-guarded", v.Pos(), "%s uses %s, which %s guards", types.ExprString(v), t.Name(), f.Section.Lock)
			}
		}
	}
	return nil
}

// proveShared is S2: what a flight hands to several callers is what the cache
// hands to several callers.
func (f *fill) proveShared() *safety.Refusal {
	for _, st := range f.freeTests() {
		for _, e := range extract.Selections(f.Window.Site, []ast.Stmt{st}) {
			p, _ := patterns.PathOf(f.Info, e)
			if len(f.Derived[p.Root]) == 0 || !p.Last().IsField() || syntax.RefsOf(p.Last().Type(), 0) != syntax.Aliasing {
				continue
			}
			if a := behaviour.StorageChange(f.Window.Site, p.Last()); a != nil {
				return safety.Refuse(safety.S2, "shared-elements", e.Pos(), "%s shares its elements with what changes at %s", p, f.Line(a.Pos()))
			}
		}
	}
	if !f.results.value {
		f.Proved(safety.S2, "the callers share no value")
		return nil
	}
	for _, r := range syntax.ReturnsIn(f.Miss) {
		v := r.Results[0]
		if f.results.err && !f.IsNil(r.Results[1]) && f.IsZero(v) || f.IsNil(v) {
			continue
		}
		if v = f.innerOf(v); syntax.RefsOf(f.Info.TypeOf(v), 0) == syntax.NoRefs {
			continue
		}
		if !f.isCached(v) {
			return safety.Refuse(safety.S2, "shares-result", v.Pos(), "%s is not the cached value: callers would share what each had to itself", types.ExprString(v))
		}
	}
	f.Proved(safety.S2, "the callers share what the cache gives to all of them anyway")
	return nil
}

// isCached reports whether a returned value is what is stored, a part of it, or
// what was looked up.
func (f *fill) isCached(v ast.Expr) bool {
	for _, t := range behaviour.Touches(f.Window.Site, v).List {
		if t.Access.Var == f.Cache {
			return true
		}
	}
	if id, ok := syntax.RootIdent(v); ok {
		if w, ok := f.Info.Uses[id].(*types.Var); ok {
			if slices.ContainsFunc(f.Derived[w], func(t *site.Touch) bool { return t.Access.Var == f.Cache }) {
				return true
			}
		}
	}
	found := false
	eachStored(f.Miss, func(lhs, rhs ast.Expr) {
		if t := behaviour.Touches(f.Window.Site, lhs).Guarded(); t != nil {
			found = found || partOf(v, rhs)
		}
	})
	return found
}

// eachStored visits the assignments in statements, one value each.
func eachStored(list []ast.Stmt, visit func(lhs, rhs ast.Expr)) {
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if as, ok := n.(*ast.AssignStmt); ok && len(as.Lhs) == len(as.Rhs) {
				for i := range as.Lhs {
					visit(as.Lhs[i], as.Rhs[i])
				}
			}
			return true
		})
	}
}

// partOf reports whether a value is an expression, or an element of the
// composite literal that it is.
func partOf(v, whole ast.Expr) bool {
	whole = ast.Unparen(whole)
	if u, ok := whole.(*ast.UnaryExpr); ok && u.Op == token.AND {
		whole = u.X
	}
	if sameText(v, whole) {
		return true
	}
	lit, ok := whole.(*ast.CompositeLit)
	return ok && slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		return partOf(v, e)
	})
}

// storedVars lists the variables that a miss sets, other than by merging.
func (f *fill) storedVars() []*types.Var {
	var out []*types.Var
	for _, st := range f.stores() {
		if v := st.t.Access.Var; st.kind != move.Merge && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// proveTests is S3: decisions before the fetch depend on the cache only, which nobody else
// fills meanwhile.
func (f *fill) proveTests() *safety.Refusal {
	stored := f.storedVars()
	foreign := func(ts []*site.Touch) *site.Touch {
		for _, t := range ts {
			if t.Class == site.GuardedUse && !slices.Contains(stored, t.Access.Var) {
				return t
			}
		}
		return nil
	}
	for _, st := range append(slices.Clone(f.Lookup), f.Hit) {
		ifs, ok := st.(*ast.IfStmt)
		if !ok {
			continue
		}
		if t := foreign(behaviour.Touches(f.Window.Site, syntax.StmtNodes(headerOf(ifs))...).List); t != nil {
			return safety.Refuse(safety.S3, "tested-before", ifs.Pos(), "the section continues only after testing %s, which may change during the call", t.Name())
		}
		for _, v := range syntax.SortedVars(f.Derived) {
			if t := foreign(f.Derived[v]); t != nil && syntax.Mentions(f.Info, ifs.Cond, v) {
				return safety.Refuse(safety.S3, "tested-before", ifs.Pos(), "the section continues only after testing %s, which comes from %s and may change during the call", v.Name(), t.Name())
			}
		}
	}
	for _, v := range syntax.SortedVars(f.Derived) {
		t := foreign(f.Derived[v])
		if t == nil {
			continue
		}
		for _, st := range f.Post {
			if f.UsedAfter(st, v) {
				return safety.Refuse(safety.S3, "read-before", st.Pos(), "%s was read from %s before the call and is used after it", v.Name(), t.Access.Var.Name())
			}
		}
	}
	if r := f.proveMissTests(foreign); r != nil {
		return r
	}
	if !f.Has(safety.S3) {
		f.Proved(safety.S3, "the tests before the call look only at the cache, which only the shared call fills")
	}
	return nil
}

// proveMissTests looks at the tests between a miss and the fetch by which the function may leave:
//
//	if p.closed { return nil, errClosed }                // others may close it meanwhile
//	if len(p.conns) >= p.max { return nil, errFull }     // flights for two keys may both pass
func (f *fill) proveMissTests(foreign func([]*site.Touch) *site.Touch) *safety.Refusal {
	var refusal *safety.Refusal
	for _, st := range f.Stmts {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if refusal != nil || !f.Leaves(n) {
				return refusal == nil
			}
			for _, cond := range syntax.ConditionsIn(n) {
				touches := behaviour.Touches(f.Window.Site, cond).List
				for _, v := range syntax.SortedVars(f.Derived) {
					if syntax.Mentions(f.Info, cond, v) {
						touches = append(slices.Clone(touches), f.Derived[v]...)
					}
				}
				if t := foreign(touches); t != nil {
					refusal = safety.Refuse(safety.S3, "tested-before", cond.Pos(), "the section continues only after testing %s, which may change during the call", t.Name())
					return false
				}
				f.askOtherKeys(cond, touches)
			}
			return true
		})
	}
	return refusal
}

// askOtherKeys asks about a test of more of the cache than the entry of the key.
func (f *fill) askOtherKeys(cond ast.Expr, touches []*site.Touch) {
	for _, t := range touches {
		ix := syntax.Indexed(f.Window.Parents, t.Access.Node)
		if t.Class != site.GuardedUse || f.Key == nil || t.Via == nil && ix != nil && sameText(ix.Index, f.Key) {
			continue
		}
		f.Assume(safety.S3, cond.Pos(), "Callers with other keys can now pass the test at %s before one of them changes %s, and each makes the call. Is that fine?", f.Line(cond.Pos()), t.Name())
	}
}

// proveStores is S4 and S5: nobody else stores what the flight stores, and
// within one key there is one flight at a time.
func (f *fill) proveStores() *safety.Refusal {
	read := func(v *types.Var) bool {
		return slices.ContainsFunc(f.PreTouches.List, func(t *site.Touch) bool { return t.Access.Var == v })
	}
	for _, v := range f.storedVars() {
		var resets []string
		var at token.Pos
		for _, a := range guards.SharingOf(f.Program, f.PackageOf(v), v).Accesses {
			if !a.Kind.Changes() || f.Contains(a) {
				continue
			}
			if !syntax.Empties(a) {
				return safety.Refuse(safety.S4, "set-elsewhere", a.Pos(), "%s is also set here, and a call that began earlier would undo that", v.Name())
			}
			if len(resets) == 0 {
				at = a.Pos()
			}
			if l := f.Line(a.Pos()); !slices.Contains(resets, l) {
				resets = append(resets, l)
			}
		}
		if len(resets) > 0 {
			f.Ask(safety.OlderStays, v.Name(), safety.S4, at, emptied.OlderStays, v.Name()+" is emptied at "+site.JoinPlaces(resets))
		}
		if f.Key != nil && v != f.Cache && !read(v) {
			f.Assume(safety.S4, f.Post[0].Pos(), "Calls for two keys can finish in either order, and the last one's value of %s stays. Is that right?", v.Name())
		} else if f.Key != nil && v != f.Cache {
			return safety.Refuse(safety.S4, "all-keys", f.Post[0].Pos(), "%s is looked up and stored for all keys together", v.Name())
		}
	}
	if sh := guards.SharingOf(f.Program, f.PackageOf(f.Cache), f.Cache); sh.Exported {
		f.Assume(safety.S4, f.Cache.Pos(), "Other packages can set %s. Is it true that none does?", f.Cache.Name())
	}
	if !f.Has(safety.S4) {
		f.Proved(safety.S4, "only the shared call sets what it stores")
	}
	return nil
}

// proveKeys is S8 and S9: calls for one key are still made one after the other.
func (f *fill) proveKeys() *safety.Refusal {
	if r := external.RefuseOutside(f.Site); r != nil {
		return r
	}
	if f.Key != nil {
		if r := order.ProveOrder(f.Window); r != nil {
			return r
		}
		return overlap.ProveOverlap(f.Window)
	}
	f.Proved(safety.S8, "the calls are still made one after the other")
	for _, o := range f.Finding.Ops {
		if o.Effect == "wait" && o.Category != "sleep" {
			f.Assume(safety.S9, o.Pos(), "May other sections of %s run before %s is done?", f.Section.Lock, o.Activity())
		}
		if other := waits.WaitsUnder(f.Program, f.Pkg, f.Section, o.Category); other != nil {
			f.Assume(safety.S9, o.Pos(), "%s also runs under %s, at %s. Is it safe for the two to run at the same time?", other.Call(), f.Section.Lock, f.Line(other.Pos()))
		}
	}
	if !f.Has(safety.S9) {
		f.Proved(safety.S9, "the calls are still made one after the other")
	}
	return nil
}

// proveOutcome is S12 and S17: what those who wait share besides the value.
func (f *fill) proveOutcome() *safety.Refusal {
	op := f.Finding.Main()
	who := "Whoever waits for the same key"
	if f.Key == nil {
		who = "Whoever waits"
	}
	if f.results.err {
		f.Assume(safety.S17, op.Pos(), "%s gets the error or panic of the shared call and does not retry. Is that right?", who)
	} else {
		f.Assume(safety.S12, op.Pos(), "%s gets the panic of the shared call, too. Is that right?", who)
	}
	f.ProvedOnce(safety.S12, "the lock was released explicitly before, too")
	f.ProvedOnce(safety.S17, "there is no error to share")
	return nil
}

// proveCallers is S5: the flight is made for all callers of a key by the one
// that comes first, with what that one has.
func (f *fill) proveCallers() *safety.Refusal {
	inKey := make(map[*types.Var]bool)
	if f.Key != nil {
		ast.Inspect(f.Key, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := f.Info.Uses[id].(*types.Var); ok && !v.IsField() {
					f.sources(v, inKey)
				}
			}
			return true
		})
	}
	var asked []string
	var at token.Pos
	for _, use := range f.callerUses() {
		v := f.Info.Uses[use].(*types.Var)
		from := make(map[*types.Var]bool)
		f.sources(v, from)
		switch how, why := f.sameForAll(use, v, from, inKey); how {
		case callerContext:
			f.Assume(safety.S6, use.Pos(), "The call uses %s of the first caller, and if that is cancelled it fails for everyone who waits. Is that right?", why)
		case callerPart:
			for _, p := range syntax.SortedVars(from) {
				if f.Unit.IsParam(p) && !slices.Contains(asked, p.Name()) {
					asked = append(asked, p.Name())
				}
			}
			at = use.Pos()
		case callerOwn:
			return safety.Refuse(safety.S5, "more-than-key", use.Pos(), "the call uses %s, which may differ for another caller with the same key", v.Name())
		}
	}
	if len(asked) > 0 {
		f.Assume(safety.S5, at, "The call uses %s of the first caller, and the key covers only part of it. Is the rest the same for all callers with that key?", strings.Join(asked, " and "))
	} else {
		f.Proved(safety.S5, "the look-up is repeated in the shared call, and the call depends only on the key")
	}
	return nil
}

// callerUses lists the uses of variables in the flight that belong to one call
// of the function: parameters, and locals made before the section.
func (f *fill) callerUses() []*ast.Ident {
	var out []*ast.Ident
	list := append(f.freeTests(), f.Miss...)
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			v, ok := f.Info.Uses[id].(*types.Var)
			if ok && !v.IsField() && v.Parent() != nil && v.Parent() != v.Pkg().Scope() && v.Pos() < f.Lock.Pos() && !f.isNamedResult(v) && !f.Unit.Assigned(v, f.look.reads) {
				out = append(out, id)
			}
			return true
		})
	}
	return out
}

func (f *fill) isNamedResult(v *types.Var) bool {
	res := signature(f.Window.Site).Results()
	for i := range res.Len() {
		if res.At(i) == v {
			return true
		}
	}
	return false
}

type callerKind byte

const (
	callerSame    callerKind = iota // the same for all callers of a key
	callerContext                   // the context of a caller
	callerPart                      // the key is made of a part of it
	callerOwn                       // may differ
)

// sameForAll says whether a variable of the function is the same for all
// callers that share a flight. from has what it is made of.
func (f *fill) sameForAll(use *ast.Ident, v *types.Var, from, inKey map[*types.Var]bool) (callerKind, string) {
	if !f.Section.Lock.Global() && v == f.Section.Lock.Root {
		return callerSame, "" // the object that has the flight
	}
	if f.Unit.Assigned(v, f.Miss) && !slices.ContainsFunc(f.Miss, func(st ast.Stmt) bool { return syntax.Mentions(f.Info, st, v) && !f.assignedFirst(v) }) {
		return callerSame, ""
	}
	if id, ok := ast.Unparen(f.Key).(*ast.Ident); ok && f.Info.Uses[id] == types.Object(v) {
		return callerSame, ""
	}
	if how := f.contextOf(use, v); how != "" {
		return callerContext, how
	}
	own, part := false, false
	for p := range from {
		_, basic := p.Type().Underlying().(*types.Basic)
		switch {
		case !f.Unit.IsParam(p) || !f.Section.Lock.Global() && p == f.Section.Lock.Root:
		case inKey[p] && basic, inKey[v] && isBasic(v):
		case inKey[p]:
			part = true
		default:
			own = true
		}
	}
	switch {
	case own:
		return callerOwn, ""
	case part:
		return callerPart, ""
	}
	return callerSame, ""
}

// assignedFirst reports whether the first thing that the miss does with a
// variable is to assign it.
func (f *fill) assignedFirst(v *types.Var) bool {
	for _, st := range f.Miss {
		if !syntax.Mentions(f.Info, st, v) && !f.Unit.Assigned(v, []ast.Stmt{st}) {
			continue
		}
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			return false
		}
		return f.Unit.Assigned(v, []ast.Stmt{st}) && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return syntax.Mentions(f.Info, e, v) })
	}
	return false
}

// isBasic reports whether a variable has a basic type.
func isBasic(v *types.Var) bool {
	_, ok := v.Type().Underlying().(*types.Basic)
	return ok
}

// contextOf says how a use gives the context of one caller: it is a context, or
// the receiver of a method Context. "" if it does not.
func (f *fill) contextOf(use *ast.Ident, v *types.Var) string {
	if syntax.IsContext(v.Type()) {
		return v.Name()
	}
	sel, ok := f.Parents[use].(*ast.SelectorExpr)
	if !ok || sel.X != ast.Expr(use) || sel.Sel.Name != "Context" {
		return ""
	}
	if c, ok := f.Parents[sel].(*ast.CallExpr); ok && len(c.Args) == 0 && syntax.IsContext(f.Info.TypeOf(c)) {
		return types.ExprString(c)
	}
	return ""
}

// sources adds a variable and the local variables and parameters that it is
// made of.
func (f *fill) sources(v *types.Var, into map[*types.Var]bool) {
	if into[v] {
		return
	}
	into[v] = true
	ast.Inspect(f.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Pos() > f.Lock.Pos() {
			return true
		}
		for i, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); !ok || f.Info.ObjectOf(id) != types.Object(v) {
				continue
			}
			rhs := as.Rhs
			if len(as.Lhs) == len(as.Rhs) {
				rhs = as.Rhs[i : i+1]
			}
			for _, r := range rhs {
				ast.Inspect(r, func(m ast.Node) bool {
					if id, ok := m.(*ast.Ident); ok {
						if w, ok := f.Info.Uses[id].(*types.Var); ok && !w.IsField() && w.Parent() != nil && w.Parent() != w.Pkg().Scope() {
							f.sources(w, into)
						}
					}
					return true
				})
			}
		}
		return true
	})
}
