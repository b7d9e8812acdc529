package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// ProveFlight discharges the conditions for a fill whose fetch is made in a
// flight: by one goroutine for all that miss the same key, without the lock.
//
// What makes it sound is that the cache hands one caller's value to the others
// anyway: whoever waited for the lock found, once it had it, what another one
// had stored, and returned that. A flight hands out the same value to the same
// callers. What is new is that those who wait share an error, or a panic, too,
// that calls for different keys overlap, and that other sections of the lock
// run meanwhile.
func (f *Fill) ProveFlight() ([]Obligation, *Refusal) {
	if refusal := f.planLookup(); refusal != nil {
		return nil, refusal
	}
	f.in = f.touches(stmtNodes(append(f.freeTests(), f.Stmts...))...)
	if r := f.proveGuarded(); r != nil {
		return nil, r
	}
	// The other values are used at once, by the test for a hit.
	f.Values = slices.DeleteFunc(slices.Clone(f.Values), func(x Extraction) bool {
		return !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return f.inStmts(u, f.Stmts) })
	})
	checks := []func() *Refusal{
		f.proveWraps, f.on((*Window).proveJoin), f.proveShared, f.proveTests, f.proveStores, f.proveCallers,
		f.on((*Window).proveLifetime), f.on((*Window).proveChannels), f.proveKeys,
		f.on((*Window).proveHalfDone), f.proveOutcome, f.on((*Window).proveRest),
	}
	for _, check := range checks {
		if r := check(); r != nil {
			return nil, r.tried()
		}
	}
	return f.obligations, nil
}

// freeTests lists the parts of the look-up that run without the lock and did
// not before. A test that the function makes before it takes the lock did.
func (f *Fill) freeTests() []ast.Stmt {
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
func (f *Fill) proveWraps() *Refusal {
	if len(f.results.wraps) == 0 {
		return nil
	}
	for _, r := range f.fillReturns() {
		v := r.Results[0]
		if f.results.err && !f.isNil(r.Results[1]) {
			continue
		}
		for _, t := range f.touches(v).touches {
			if t.class == guardedUse && (t.via != nil || !within(t.access.Node, f.innerOf(v))) {
				return Refuse(S1, "uses-guarded", v.Pos(), "%s uses %s, which %s guards", types.ExprString(v), t.name(), f.Section.Lock)
			}
		}
	}
	return nil
}

// proveShared is S2: what a flight hands to several callers is what the cache
// hands to several callers.
func (f *Fill) proveShared() *Refusal {
	for _, st := range f.freeTests() {
		for _, e := range f.selections([]ast.Stmt{st}) {
			p, _ := patterns.PathOf(f.Info, e)
			if len(f.derived[p.Root]) == 0 || !p.Last().IsField() || refsOf(p.Last().Type(), 0) != aliases {
				continue
			}
			if a := f.storageChange(p.Last()); a != nil {
				return Refuse(S2, "shared-elements", e.Pos(), "%s shares its elements with what changes at %s", p, f.line(a.Pos()))
			}
		}
	}
	if !f.results.value {
		f.proved(S2, "the callers share no value")
		return nil
	}
	for _, r := range returnsIn(f.Miss) {
		v := r.Results[0]
		if f.results.err && !f.isNil(r.Results[1]) && f.isZero(v) || f.isNil(v) {
			continue
		}
		if v = f.innerOf(v); refsOf(f.Info.TypeOf(v), 0) == noRefs {
			continue
		}
		if !f.isCached(v) {
			return Refuse(S2, "shares-result", v.Pos(), "%s is not the cached value: callers would share what each had to itself", types.ExprString(v))
		}
	}
	f.proved(S2, "the callers share what the cache hands to all of them anyway")
	return nil
}

// isCached reports whether a returned value is what is stored, a part of it, or
// what was looked up.
func (f *Fill) isCached(v ast.Expr) bool {
	for _, t := range f.touches(v).touches {
		if t.access.Var == f.Cache {
			return true
		}
	}
	if id, ok := rootIdent(v); ok {
		if w, ok := f.Info.Uses[id].(*types.Var); ok {
			if slices.ContainsFunc(f.derived[w], func(t *touch) bool { return t.access.Var == f.Cache }) {
				return true
			}
		}
	}
	found := false
	eachStored(f.Miss, func(lhs, rhs ast.Expr) {
		if t := f.touches(lhs).guarded(); t != nil {
			found = found || partOf(v, rhs)
		}
	})
	return found
}

// eachStored visits the assignments in statements, one value each.
func eachStored(list []ast.Stmt, visit func(lhs, rhs ast.Expr)) {
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
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
func (f *Fill) storedVars() []*types.Var {
	var out []*types.Var
	for _, st := range f.stores() {
		if v := st.t.access.Var; st.kind != merge && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// proveTests is S3: what is decided on before the fetch is decided on the cache
// only, which nobody else fills meanwhile.
func (f *Fill) proveTests() *Refusal {
	stored := f.storedVars()
	foreign := func(ts []*touch) *touch {
		for _, t := range ts {
			if t.class == guardedUse && !slices.Contains(stored, t.access.Var) {
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
		if t := foreign(f.touches(stmtNodes(headerOf(ifs))...).touches); t != nil {
			return Refuse(S3, "tested-before", ifs.Pos(), "the section continues only after testing %s, which may change during the call", t.name())
		}
		for _, v := range sortedVars(f.derived) {
			if t := foreign(f.derived[v]); t != nil && mentions(f.Info, ifs.Cond, v) {
				return Refuse(S3, "tested-before", ifs.Pos(), "the section continues only after testing %s, which comes from %s and may change during the call", v.Name(), t.name())
			}
		}
	}
	for _, v := range sortedVars(f.derived) {
		t := foreign(f.derived[v])
		if t == nil {
			continue
		}
		for _, st := range f.Post {
			if f.usedAfter(st, v) {
				return Refuse(S3, "read-before", st.Pos(), "%s was read from %s before the call and is used after it", v.Name(), t.access.Var.Name())
			}
		}
	}
	f.proved(S3, "what is decided on before the call is the cache, which only the flight fills")
	return nil
}

// proveStores is S4 and S5: nobody else stores what the flight stores, and
// within one key there is one flight at a time.
func (f *Fill) proveStores() *Refusal {
	read := func(v *types.Var) bool {
		return slices.ContainsFunc(f.pre.touches, func(t *touch) bool { return t.access.Var == v })
	}
	for _, v := range f.storedVars() {
		var resets []string
		var at token.Pos
		for _, a := range f.Program.SharingOf(f.packageOf(v), v).Accesses {
			if !a.Kind.Changes() || f.contains(a) {
				continue
			}
			if !empties(a) {
				return Refuse(S4, "set-elsewhere", a.Pos(), "%s is also set here, and a call that began earlier would undo that", v.Name())
			}
			if len(resets) == 0 {
				at = a.Pos()
			}
			if l := f.line(a.Pos()); !slices.Contains(resets, l) {
				resets = append(resets, l)
			}
		}
		if len(resets) > 0 {
			f.assume(S4, at, "%s is emptied at %s, and a call that began earlier stores its value after that. May the value stay?", v.Name(), some(resets))
		}
		if f.Key != nil && v != f.Cache && !read(v) {
			f.assume(S4, f.Post[0].Pos(), "Calls for two keys can finish in either order, and the last one's value of %s stays. Is that right?", v.Name())
		} else if f.Key != nil && v != f.Cache {
			return Refuse(S4, "all-keys", f.Post[0].Pos(), "%s is looked up and stored for all keys together", v.Name())
		}
	}
	if sh := f.Program.SharingOf(f.packageOf(f.Cache), f.Cache); sh.Exported {
		f.assume(S4, f.Cache.Pos(), "Other packages can set %s. Is it true that none does?", f.Cache.Name())
	}
	if !f.has(S4) {
		f.proved(S4, "nobody but the flight sets what it stores")
	}
	return nil
}

// empties reports whether an access empties a variable, or takes something out
// of it, and puts nothing in.
func empties(a *patterns.Access) bool {
	found := false
	info := a.Unit.Pkg.Info
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.ASSIGN || len(n.Lhs) != len(n.Rhs) {
				return true
			}
			for i, l := range n.Lhs {
				if within(a.Node, l) {
					_, element := ast.Unparen(l).(*ast.IndexExpr)
					found = !element && emptyValue(info, n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			if name := patterns.BuiltinOf(info, n); (name == "delete" || name == "clear") && within(a.Node, n.Args[0]) {
				found = true
			}
		}
		return true
	})
	return found
}

// isFalse reports whether an expression is a constant that is false.
func isFalse(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.String() == "false"
}

// emptyValue reports whether an expression is a zero value, or a new map or
// slice with nothing in it.
func emptyValue(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.BasicLit:
		return e.Value == "0" || e.Value == `""`
	case *ast.Ident:
		return info.Types[e].IsNil() || isFalse(info, e)
	case *ast.CallExpr:
		return isMake(info, e)
	}
	return false
}

// proveKeys is S8 and S9: calls for one key are still made one after the other.
func (f *Fill) proveKeys() *Refusal {
	if f.Key != nil {
		if r := f.proveOrder(); r != nil {
			return r
		}
		return f.proveOverlap()
	}
	f.proved(S8, "the calls are still made one after the other")
	for _, o := range f.Finding.Ops {
		if o.Effect == "wait" && o.Category != "sleep" {
			f.assume(S9, o.Pos(), "Other sections of %s can now run before what %s waits for has happened. Is it true that none relies on it?", f.Section.Lock, o.Call())
		}
		if other := f.Program.WaitsUnder(f.Pkg, f.Section.LockVar(), o.Category, f.Section); other != nil {
			f.assume(S9, o.Pos(), "%s also runs under %s, at %s. May the two now run at the same time?", other.Call(), f.Section.Lock, f.line(other.Pos()))
		}
	}
	if !f.has(S9) {
		f.proved(S9, "the calls are still made one after the other")
	}
	return nil
}

// proveOutcome is S12 and S17: what those who wait share besides the value.
func (f *Fill) proveOutcome() *Refusal {
	op := f.Finding.Main()
	who := "Whoever waits for the same key"
	if f.Key == nil {
		who = "Whoever waits"
	}
	if f.results.err {
		f.assume(S17, op.Pos(), "%s gets the error of the one call, or its panic, and does not try again. Is that right?", who)
	} else {
		f.assume(S12, op.Pos(), "%s shares a panic of the one call. Is that right?", who)
	}
	f.provedOnce(S12, "the lock was released explicitly before, too")
	f.provedOnce(S17, "there is no error to share")
	return nil
}

// proveCallers is S5: the flight is made for all callers of a key by the one
// that comes first, with what that one has.
func (f *Fill) proveCallers() *Refusal {
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
			f.assume(S6, use.Pos(), "The call uses %s of the first caller, and if that is cancelled it fails for everyone who waits. Is that right?", why)
		case callerPart:
			for _, p := range sortedVars(from) {
				if f.Unit.IsParam(p) && !slices.Contains(asked, p.Name()) {
					asked = append(asked, p.Name())
				}
			}
			at = use.Pos()
		case callerOwn:
			return Refuse(S5, "more-than-key", use.Pos(), "the call uses %s, which may differ for another caller with the same key", v.Name())
		}
	}
	if len(asked) > 0 {
		f.assume(S5, at, "The call uses %s of the first caller, and the key covers only part of it. Is the rest the same for all callers with that key?", strings.Join(asked, " and "))
	} else {
		f.proved(S5, "the look-up is made again in the flight, and the call depends on the key only")
	}
	return nil
}

// callerUses lists the uses of variables in the flight that belong to one call
// of the function: parameters, and locals made before the section.
func (f *Fill) callerUses() []*ast.Ident {
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

func (f *Fill) isNamedResult(v *types.Var) bool {
	res := f.signature().Results()
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
func (f *Fill) sameForAll(use *ast.Ident, v *types.Var, from, inKey map[*types.Var]bool) (callerKind, string) {
	if !f.Section.Lock.Global() && v == f.Section.Lock.Root {
		return callerSame, "" // the object that has the flight
	}
	if f.Unit.Assigned(v, f.Miss) && !slices.ContainsFunc(f.Miss, func(st ast.Stmt) bool { return mentions(f.Info, st, v) && !f.assignedFirst(v) }) {
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
func (f *Fill) assignedFirst(v *types.Var) bool {
	for _, st := range f.Miss {
		if !mentions(f.Info, st, v) && !f.Unit.Assigned(v, []ast.Stmt{st}) {
			continue
		}
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			return false
		}
		return f.Unit.Assigned(v, []ast.Stmt{st}) && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return mentions(f.Info, e, v) })
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
func (f *Fill) contextOf(use *ast.Ident, v *types.Var) string {
	if isContext(v.Type()) {
		return v.Name()
	}
	sel, ok := f.parents[use].(*ast.SelectorExpr)
	if !ok || sel.X != ast.Expr(use) || sel.Sel.Name != "Context" {
		return ""
	}
	if c, ok := f.parents[sel].(*ast.CallExpr); ok && len(c.Args) == 0 && isContext(f.Info.TypeOf(c)) {
		return types.ExprString(c)
	}
	return ""
}

// isContext reports whether a type is [context.Context].
func isContext(t types.Type) bool {
	return t != nil && types.TypeString(t, nil) == "context.Context"
}

// sources adds a variable and the local variables and parameters that it is
// made of.
func (f *Fill) sources(v *types.Var, into map[*types.Var]bool) {
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
