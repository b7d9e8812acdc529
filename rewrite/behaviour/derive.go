package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A Deriver finds the local variables whose values come from guarded state: by assignment,
// through a branch on guarded state, or because guarded state was stored in them, as in
//
//	var sn snapshot
//	sn.closed = s.closed
//	buf.WriteString(s.name)
//	queue <- s.job
type Deriver struct {
	s       *site.Site
	from    map[*types.Var][]*site.Touch
	direct  map[ast.Node][]*site.Touch // memo: the guarded uses in the node itself
	Changed bool

	onward []*site.Touch // what the call that is looked at may store behind its operands

	flagsOnly bool // ignore all sources but flags
}

// maxSources bounds how many guarded variables are recorded for a derived one.
const maxSources = 20

// Derived finds the local variables that statements derive from guarded variables, each with the
// guarded uses that its value comes from.
func Derived(s *site.Site, list []ast.Stmt) map[*types.Var][]*site.Touch {
	from := make(map[*types.Var][]*site.Touch)
	if s.Inherited != nil {
		for v, ts := range s.Inherited.From {
			from[v] = slices.Clone(ts)
		}
	}
	return DerivedFrom(s, from, list)
}

// DerivedFrom is like [Derived], but starts with the variables in from, which are already known
// to be derived.
func DerivedFrom(s *site.Site, from map[*types.Var][]*site.Touch, list []ast.Stmt) map[*types.Var][]*site.Touch {
	return NewDeriver(s, from).Run(list)
}

// DerivedFromFlags finds the local variables that statements derive from flags,
// which can be read without the lock.
func DerivedFromFlags(s *site.Site, list []ast.Stmt) map[*types.Var][]*site.Touch {
	d := NewDeriver(s, make(map[*types.Var][]*site.Touch))
	d.flagsOnly = true
	return d.Run(list)
}

// NewDeriver returns a Deriver that starts with the variables in from, which are already known
// to be derived.
func NewDeriver(s *site.Site, from map[*types.Var][]*site.Touch) *Deriver {
	return &Deriver{s: s, from: from, direct: make(map[ast.Node][]*site.Touch)}
}

// Run processes the statements until it finds nothing new. It terminates because it only adds
// sources, and a variable has at most maxSources.
func (d *Deriver) Run(list []ast.Stmt) map[*types.Var][]*site.Touch {
	for d.Changed = true; d.Changed; {
		d.Changed = false
		for _, st := range list {
			ast.Inspect(st, d.node)
		}
	}
	return d.from
}

// node records what one node derives. Function literals are included: whoever calls them makes
// their assignments.
func (d *Deriver) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			d.Assign(l, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) > 0 {
				d.Assign(id, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.RangeStmt:
		d.Assign(n.Key, n.X)
		d.Assign(n.Value, n.X)
		d.Branch(n.Body, n.X)
		d.leaving(n.Body)
	case *ast.IfStmt:
		d.Branch(n.Body, n.Cond)
		d.Branch(n.Else, n.Cond)
	case *ast.ForStmt:
		d.Branch(n.Body, n.Cond)
		d.Branch(n.Post, n.Cond)
		d.leaving(n.Body)
	case *ast.SwitchStmt:
		d.Branch(n.Body, syntax.ConditionsOf(n)...)
		d.leaving(n.Body)
	case *ast.TypeSwitchStmt:
		d.typeSwitch(n)
	case *ast.SelectStmt:
		d.Branch(n.Body, syntax.LooksOf(n)...)
		d.leaving(n.Body)
	case *ast.SendStmt:
		d.fill(n.Chan, d.passed(n.Value, d.Sources(n.Value)), 0)
	case *ast.CallExpr:
		d.call(n)
	}
	return true
}

// typeSwitch records the variable of each clause, and what the clauses assign.
func (d *Deriver) typeSwitch(n *ast.TypeSwitchStmt) {
	x := syntax.SwitchedOn(n)
	from := d.Sources(x)
	for _, c := range n.Body.List {
		if v, ok := d.s.Info.Implicits[c].(*types.Var); ok {
			d.Note(v, from, false)
		}
	}
	d.Branch(n.Body, x)
	d.leaving(n.Body)
}

// leaving treats what a loop or switch assigns as derived from the conditions inside it that
// decide whether to leave it or to skip the rest of its body.
func (d *Deriver) leaving(body *ast.BlockStmt) {
	syntax.InspectOuter(body, func(n ast.Node) bool {
		ifs, ok := n.(*ast.IfStmt)
		if ok && (syntax.HasJump(ifs.Body) || ifs.Else != nil && syntax.HasJump(ifs.Else)) {
			d.Branch(body, ifs.Cond)
		}
		return true
	})
}

// Branch treats the variables that a branch assigns as derived from what its conditions read.
func (d *Deriver) Branch(body ast.Stmt, conds ...ast.Expr) {
	if body == nil {
		return
	}
	for _, cond := range conds {
		from := plainly(d.Sources(cond))
		if cond == nil || len(from) == 0 {
			continue
		}
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					d.give(l, from)
				}
			case *ast.IncDecStmt:
				d.give(n.X, from)
			}
			return true
		})
	}
}

// Assign records that rhs decides the value of lhs. An assignment to part of a local variable
// counts for the whole variable.
func (d *Deriver) Assign(lhs, rhs ast.Expr) {
	if lhs == nil || rhs == nil {
		return
	}
	from := d.valueSources(rhs)
	if makesEmpty(d.s.Info, rhs) || d.makesOwn(rhs) {
		from = plainly(from)
	}
	d.give(lhs, d.passed(lhs, from))
	if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
		d.fill(lhs, d.passed(ix.Index, d.Sources(ix.Index)), 0)
	}
}

// give records that a value with these sources is assigned to lhs.
func (d *Deriver) give(lhs ast.Expr, from []*site.Touch) {
	id, ok := ast.Unparen(lhs).(*ast.Ident)
	if !ok {
		d.fill(lhs, from, 0)
		return
	}
	if v, ok := d.s.Info.ObjectOf(id).(*types.Var); ok && !v.IsField() && id.Name != "_" {
		d.Note(v, from, false)
	}
}

// passed returns the sources that a value of e's type carries along. A number or a string has no
// reference to where it was read. A context leads to the maps and slices stored in it.
func (d *Deriver) passed(e ast.Expr, from []*site.Touch) []*site.Touch {
	t := d.s.Info.TypeOf(e)
	if t == nil || syntax.RefsOf(t, 0) != syntax.NoRefs {
		return from
	}
	out := plainly(from)
	for i, u := range from {
		if syntax.IsContext(t) && syntax.RefsOf(u.Access.Var.Type(), 0) == syntax.Aliasing {
			out[i] = u
		}
	}
	return out
}

// plainly returns the sources marked as plain, for a value that has no reference to them.
func plainly(from []*site.Touch) []*site.Touch {
	out := make([]*site.Touch, len(from))
	for i, t := range from {
		u := *t
		u.Plain = true
		out[i] = &u
	}
	return out
}

// valueSources is like Sources, for an expression whose value is kept. Each element of a
// composite literal adds the sources that its own type carries along, so a string leads nowhere.
func (d *Deriver) valueSources(e ast.Expr) []*site.Touch {
	of := ast.Unparen(e)
	if u, ok := of.(*ast.UnaryExpr); ok && u.Op == token.AND {
		of = ast.Unparen(u.X)
	}
	lit, ok := of.(*ast.CompositeLit)
	if !ok {
		return d.Sources(e)
	}
	var from []*site.Touch
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if v := d.s.Info.TypeOf(kv.Key); v != nil { // a map key or an index, not a field name
				from = append(from, d.passed(kv.Key, d.valueSources(kv.Key))...)
			}
			elt = kv.Value
		}
		if inner, ok := ast.Unparen(elt).(*ast.CompositeLit); ok {
			from = append(from, d.valueSources(inner)...)
		} else {
			from = append(from, d.passed(elt, d.valueSources(elt))...)
		}
	}
	return from
}

// makesOwn reports whether e calls a function outside of the loaded packages that returns newly
// allocated plain values, like the bytes that json.Marshal returns.
func (d *Deriver) makesOwn(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := d.outside(c)
	if fn == nil {
		return false
	}
	for r := range fn.Signature().Results().Variables() {
		t := r.Type()
		if sl, ok := t.Underlying().(*types.Slice); ok {
			t = sl.Elem()
		}
		if syntax.RefsOf(t, 0) != syntax.NoRefs {
			return false
		}
	}
	sum, ok := d.s.Program.StorageOf(d.s.Pkg).CallSummary(c)
	return ok && len(sum.Shared) == 0 && !slices.ContainsFunc(sum.Holds, func(h storage.Hold) bool { return h.To >= storage.Result })
}

// passedOn returns what a call with some sources may store in what its receiver or an argument
// was made with. A function outside of the loaded packages that keeps nothing copies what it
// only reads, as an encoder writes text.
func (d *Deriver) passedOn(c *ast.CallExpr, from []*site.Touch) []*site.Touch {
	if d.outside(c) == nil {
		return from
	}
	sum, ok := d.s.Program.StorageOf(d.s.Pkg).CallSummary(c)
	if !ok || slices.ContainsFunc(sum.Holds, func(h storage.Hold) bool { return h.To < storage.Result }) {
		return from
	}
	var read []*site.Touch
	for i, a := range c.Args {
		if !sum.Changes(storage.Parameter(d.s.Info, c, i)) {
			read = append(read, d.Sources(a)...)
		}
	}
	return plainly(read)
}

// outside returns the function outside of the loaded packages that a call calls, or nil.
func (d *Deriver) outside(c *ast.CallExpr) *types.Func {
	fn := patterns.CalleeOf(d.s.Info, c)
	if fn == nil || fn.Pkg() == nil || slices.ContainsFunc(d.s.Program.Packages, func(p *patterns.Package) bool { return p.Types == fn.Pkg() }) {
		return nil
	}
	return fn
}

// makesEmpty reports whether e is a call of make, whose operands are only sizes.
func makesEmpty(info *types.Info, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(info, c) == "make"
}

// maxAlias bounds how many definitions fill follows from one alias to the next.
const maxAlias = 4

// fill records that values are stored in what a local variable refers to, and in what the
// variable was made from. Objects reached through a field, the receiver, or the owner of the
// lock are not the function's own: stores to their fields count as accesses.
func (d *Deriver) fill(e ast.Expr, from []*site.Touch, depth int) {
	if len(from) == 0 || depth > maxAlias {
		return
	}
	id, ok := rootOf(e)
	if !ok {
		d.fillMadeOf(e, depth)
		return
	}
	v := syntax.VarOf(d.s.Info, id)
	if v == nil || v.IsField() || syntax.IsGlobal(v) || v == d.s.Section.Lock.Root || d.s.IsReceiver(v) {
		return
	}
	if syntax.RefsOf(v.Type(), 0) == syntax.NoRefs && syntax.IsPlain(e) {
		return // a copy was passed
	}
	if _, isPtr := v.Type().Underlying().(*types.Pointer); isPtr && syntax.LookedUpIn(d.s.Program, d.s.Unit, v) != nil {
		return // an element of a shared map or slice
	}
	if !d.Note(v, from, true) {
		return
	}
	for _, def := range d.s.Unit.Given(v) {
		if syntax.RefsOf(d.s.Info.TypeOf(def), 0) != syntax.NoRefs {
			d.fill(def, from, depth+1)
		}
	}
}

// fillMadeOf is fill for what a call returns: what is stored in it may go to what the function
// has made it with.
//
//	json.NewEncoder(&buf).Encode(s.entries)
func (d *Deriver) fillMadeOf(e ast.Expr, depth int) {
	if star, ok := ast.Unparen(e).(*ast.StarExpr); ok {
		e = star.X
	}
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || d.s.Info.Types[c.Fun].IsType() || d.s.Info.Types[c.Fun].IsBuiltin() {
		return
	}
	model := d.s.Program.StorageOf(d.s.Pkg)
	sum, known := model.CallSummary(c)
	for _, o := range model.Operands(c) {
		if !known || slices.ContainsFunc(sum.Holds, func(h storage.Hold) bool { return h.From == o.N && h.To >= storage.Result }) {
			d.fill(o.Expr, d.onward, depth+1)
		}
	}
}

// rootOf is like RootIdent, for the target of a write: it also looks through addresses, slice
// expressions and type assertions.
func rootOf(e ast.Expr) (*ast.Ident, bool) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.UnaryExpr:
			if x.Op != token.AND {
				return nil, false
			}
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			if e = syntax.OwnerOf(x); e == nil {
				return syntax.RootIdent(x)
			}
		}
	}
}

// call records what a call may store in its receiver and its arguments: its other arguments, or
// what the callee itself reads. Function literals among its arguments are assumed to be called
// with the same sources.
func (d *Deriver) call(c *ast.CallExpr) {
	tv := d.s.Info.Types[c.Fun]
	if tv.IsType() || patterns.IsLockCall(d.s.Info, c) {
		return
	}
	from := d.Sources(c)
	if len(from) == 0 {
		return
	}
	if tv.IsBuiltin() {
		switch patterns.BuiltinOf(d.s.Info, c) {
		case "copy":
			if syntax.RefsOf(syntax.ElementType(d.s.Info.TypeOf(c.Args[0])), 0) == syntax.NoRefs {
				from = plainly(from) // the copied elements hold no references
			}
			d.fill(c.Args[0], from, 0)
		case "delete", "clear":
			d.fill(c.Args[0], from, 0)
		}
		return
	}
	d.literals(c, from)
	if !d.fills(c) {
		return
	}
	d.onward = d.passedOn(c, from)
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		if m := d.s.Info.Selections[sel]; m != nil && m.Kind() == types.MethodVal && receiverByReference(m) {
			d.fill(&ast.StarExpr{X: sel.X}, from, 0)
		}
	}
	read := d.onlyRead(c)
	for _, a := range c.Args {
		if !slices.Contains(read, a) {
			d.fill(a, from, 0)
		}
	}
	d.onward = nil
}

// onlyRead lists the arguments whose storage the callee neither writes to nor keeps anything in.
func (d *Deriver) onlyRead(c *ast.CallExpr) []ast.Expr {
	var out []ast.Expr
	model := d.s.Program.StorageOf(d.s.Pkg)
	for _, o := range model.Operands(c) {
		if o.N >= 0 && model.OnlyReads(c, o) {
			out = append(out, o.Expr)
		}
	}
	return out
}

// receiverByReference reports whether a method can change its receiver.
func receiverByReference(m *types.Selection) bool {
	recv := m.Obj().(*types.Func).Signature().Recv().Type()
	_, ptr := recv.(*types.Pointer)
	return ptr || syntax.RefsOf(recv, 0) != syntax.NoRefs
}

// fills reports whether a call may store something in its operands.
func (d *Deriver) fills(c *ast.CallExpr) bool {
	callees, known := d.s.Program.Callees(d.s.Unit, c)
	if known && len(callees) > 0 && !Effectful(d.s, d.s.Unit, c) {
		model := d.s.Program.StorageOf(d.s.Pkg)
		return slices.ContainsFunc(model.Operands(c), func(o storage.Operand) bool { return !model.OnlyReads(c, o) })
	}
	return !HasNoEffect(d.s, d.s.Unit, c)
}

// literals records the sources for the parameters of function literals that a call calls or gets
// as arguments.
func (d *Deriver) literals(c *ast.CallExpr, from []*site.Touch) {
	for _, e := range append([]ast.Expr{c.Fun}, c.Args...) {
		e = ast.Unparen(e)
		if id, ok := e.(*ast.Ident); ok {
			if v := syntax.VarOf(d.s.Info, id); v != nil && !v.IsField() && !syntax.IsGlobal(v) {
				e = ast.Unparen(d.s.Unit.DefinedOnce(v))
			}
		}
		lit, ok := e.(*ast.FuncLit)
		if !ok {
			continue
		}
		for _, f := range lit.Type.Params.List {
			for _, id := range f.Names {
				if v := syntax.VarOf(d.s.Info, id); v != nil {
					d.Note(v, from, false)
				}
			}
		}
	}
}

// Sources lists the guarded uses that the value of e depends on.
func (d *Deriver) Sources(e ast.Node) []*site.Touch {
	if e == nil {
		return nil
	}
	own, ok := d.direct[e]
	if !ok {
		own = flagReads(d.s, e)
		touches := Touches(d.s, e)
		if x, ok := e.(ast.Expr); ok {
			if c := d.s.Unit.IteratorCall(x); c != nil { // the iterator yields the values
				touches.Add(CallTouches(d.s, d.s.Unit, c))
			}
		}
		for _, t := range touches.List {
			if t.Class == site.GuardedUse && !d.flagsOnly {
				own = append(own, t)
			}
		}
		d.direct[e] = own
	}
	out := slices.Clone(own)
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := d.s.Info.Uses[id].(*types.Var); ok {
				out = append(out, d.from[v]...)
			}
		}
		return true
	})
	return out
}

// Note adds sources to a variable and reports whether it learned anything new.
func (d *Deriver) Note(v *types.Var, from []*site.Touch, filled bool) bool {
	news := false
	for _, t := range from {
		i := slices.IndexFunc(d.from[v], func(o *site.Touch) bool { return o.Access.Var == t.Access.Var })
		if i >= 0 && !d.tells(d.from[v][i], t, filled) || t.Access.Var == v || i < 0 && len(d.from[v]) >= maxSources {
			continue
		}
		u := *t
		u.Filled = t.Filled || filled
		if i >= 0 {
			u.Filled = u.Filled && d.from[v][i].Filled
			u.Plain = u.Plain && d.from[v][i].Plain
			d.from[v][i] = &u
		} else {
			d.from[v] = append(d.from[v], &u)
		}
		news = true
	}
	if news {
		d.Changed = true
		slices.SortStableFunc(d.from[v], func(a, b *site.Touch) int { return d.s.Pkg.ComparePos(a.Access.Pos(), b.Access.Pos()) })
	}
	return news
}

// tells reports whether t says more than a known source with the same guarded variable: that the
// derived variable holds the value itself, or a reference to it.
func (d *Deriver) tells(known, t *site.Touch, filled bool) bool {
	return known.Filled && !filled && !t.Filled || known.Plain && !t.Plain
}

// ReachedThrough returns a guarded use that gave a derived variable its value or put something
// shared into it. It returns nil if only plain values came from guarded state.
func ReachedThrough(from []*site.Touch) *site.Touch {
	for _, t := range from {
		if !t.Plain && (!t.Filled || syntax.RefsOf(t.Access.Var.Type(), 0) != syntax.NoRefs) {
			return t
		}
	}
	return nil
}

// Filled reports whether guarded state was stored in what a derived variable refers to.
func Filled(from []*site.Touch) bool {
	return slices.ContainsFunc(from, func(t *site.Touch) bool { return t.Filled })
}
