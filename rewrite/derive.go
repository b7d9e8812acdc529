package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// A deriver finds the local variables whose values come from guarded state: by
// assignment, by what a branch on guarded state assigns, and by being filled
// with it, as in
//
//	var sn snapshot
//	sn.closed = s.closed
//	buf.WriteString(s.name)
//	queue <- s.job
type deriver struct {
	s       *Site
	from    map[*types.Var][]*touch
	direct  map[ast.Node][]*touch // the guarded uses of a node, which do not change
	changed bool

	flagsOnly bool // only what comes from flags counts
}

// maxSources bounds how many guarded variables are noted for a derived one.
const maxSources = 20

// derived finds the local variables that statements derive from guarded
// variables, each with the guarded uses it comes from.
func (s *Site) derived(list []ast.Stmt) map[*types.Var][]*touch {
	from := make(map[*types.Var][]*touch)
	if s.inherited != nil {
		for v, ts := range s.inherited.from {
			from[v] = slices.Clone(ts)
		}
	}
	return s.derivedFrom(from, list)
}

// derivedFrom adds to what is known to be derived what the statements derive.
func (s *Site) derivedFrom(from map[*types.Var][]*touch, list []ast.Stmt) map[*types.Var][]*touch {
	return s.newDeriver(from).run(list)
}

// derivedFromFlags finds the local variables that statements derive from flags,
// which can be read without the lock.
func (s *Site) derivedFromFlags(list []ast.Stmt) map[*types.Var][]*touch {
	d := s.newDeriver(make(map[*types.Var][]*touch))
	d.flagsOnly = true
	return d.run(list)
}

// newDeriver prepares to follow values, starting with the variables that are derived already.
func (s *Site) newDeriver(from map[*types.Var][]*touch) *deriver {
	return &deriver{s: s, from: from, direct: make(map[ast.Node][]*touch)}
}

// run goes through statements until nothing new is found: it only ever adds, and
// a variable has at most maxSources.
func (d *deriver) run(list []ast.Stmt) map[*types.Var][]*touch {
	for d.changed = true; d.changed; {
		d.changed = false
		for _, st := range list {
			ast.Inspect(st, d.node)
		}
	}
	return d.from
}

// node notes what one node derives. Function literals count: whoever calls them
// carries out what they assign.
func (d *deriver) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			d.assign(l, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) > 0 {
				d.assign(id, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.RangeStmt:
		d.assign(n.Key, n.X)
		d.assign(n.Value, n.X)
		d.branch(n.Body, n.X)
		d.leaving(n.Body)
	case *ast.IfStmt:
		d.branch(n.Body, n.Cond)
		d.branch(n.Else, n.Cond)
	case *ast.ForStmt:
		d.branch(n.Body, n.Cond)
		d.branch(n.Post, n.Cond)
		d.leaving(n.Body)
	case *ast.SwitchStmt:
		d.branch(n.Body, conditionsOf(n)...)
		d.leaving(n.Body)
	case *ast.TypeSwitchStmt:
		d.typeSwitch(n)
	case *ast.SelectStmt:
		d.branch(n.Body, looksOf(n)...)
		d.leaving(n.Body)
	case *ast.SendStmt:
		d.fill(n.Chan, d.passed(n.Value, d.sources(n.Value)), 0)
	case *ast.CallExpr:
		d.call(n)
	}
	return true
}

// conditionsOf lists the expressions that decide how a switch goes on.
func conditionsOf(n *ast.SwitchStmt) []ast.Expr {
	var conds []ast.Expr
	if n.Tag != nil {
		conds = append(conds, n.Tag)
	}
	for _, c := range n.Body.List {
		conds = append(conds, c.(*ast.CaseClause).List...)
	}
	return conds
}

// typeSwitch notes the variable of each clause, and what the clauses assign.
func (d *deriver) typeSwitch(n *ast.TypeSwitchStmt) {
	x := switchedOn(n)
	from := d.sources(x)
	for _, c := range n.Body.List {
		if v, ok := d.s.Info.Implicits[c].(*types.Var); ok {
			d.note(v, from, false)
		}
	}
	d.branch(n.Body, x)
	d.leaving(n.Body)
}

// leaving counts what a loop or switch assigns as derived from the conditions in
// it that decide whether it is left, or the rest of its body left out.
func (d *deriver) leaving(body *ast.BlockStmt) {
	inspectOuter(body, func(n ast.Node) bool {
		ifs, ok := n.(*ast.IfStmt)
		if ok && (hasJump(ifs.Body) || ifs.Else != nil && hasJump(ifs.Else)) {
			d.branch(body, ifs.Cond)
		}
		return true
	})
}

// hasJump reports whether a statement contains a break, continue or goto.
func hasJump(st ast.Stmt) bool {
	found := false
	inspectOuter(st, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok != token.FALLTHROUGH
		return !found
	})
	return found
}

// branch counts the variables that a branch assigns as derived from what its
// conditions read.
func (d *deriver) branch(body ast.Stmt, conds ...ast.Expr) {
	if body == nil {
		return
	}
	for _, cond := range conds {
		from := plainly(d.sources(cond))
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

// assign notes that lhs is given a value that rhs decides on. What is assigned to
// a part of a local variable is kept in it.
func (d *deriver) assign(lhs, rhs ast.Expr) {
	if lhs == nil || rhs == nil {
		return
	}
	from := d.sources(rhs)
	if makesEmpty(d.s.Info, rhs) || d.makesOwn(rhs) {
		from = plainly(from)
	}
	d.give(lhs, d.passed(lhs, from))
	if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
		d.fill(lhs, d.passed(ix.Index, d.sources(ix.Index)), 0)
	}
}

// give notes that what comes from somewhere is assigned to lhs.
func (d *deriver) give(lhs ast.Expr, from []*touch) {
	id, ok := ast.Unparen(lhs).(*ast.Ident)
	if !ok {
		d.fill(lhs, from, 0)
		return
	}
	if v, ok := d.s.Info.ObjectOf(id).(*types.Var); ok && !v.IsField() && id.Name != "_" {
		d.note(v, from, false)
	}
}

// passed is what comes along with the value of an expression: a number or a string
// carries no reference to where it was read. A context leads to the maps and slices
// that were put into it.
func (d *deriver) passed(e ast.Expr, from []*touch) []*touch {
	t := d.s.Info.TypeOf(e)
	if t == nil || refsOf(t, 0) != noRefs {
		return from
	}
	out := plainly(from)
	for i, u := range from {
		if isContext(t) && refsOf(u.access.Var.Type(), 0) == aliases {
			out[i] = u
		}
	}
	return out
}

// plainly is from as it decides on a value of which nothing leads back there.
func plainly(from []*touch) []*touch {
	out := make([]*touch, len(from))
	for i, t := range from {
		u := *t
		u.plain = true
		out[i] = &u
	}
	return out
}

// makesOwn reports whether an expression is a call that gives a list of plain values
// which the function, outside of the loaded packages, has made for it: the bytes of
// json.Marshal.
func (d *deriver) makesOwn(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(d.s.Info, c)
	if fn == nil || fn.Pkg() == nil || slices.ContainsFunc(d.s.Program.Packages, func(p *patterns.Package) bool { return p.Types == fn.Pkg() }) {
		return false
	}
	for r := range fn.Signature().Results().Variables() {
		t := r.Type()
		if sl, ok := t.Underlying().(*types.Slice); ok {
			t = sl.Elem()
		}
		if refsOf(t, 0) != noRefs {
			return false
		}
	}
	sum, ok := d.s.Program.StorageOf(d.s.Pkg).CallSummary(c)
	return ok && len(sum.Shared) == 0 && !slices.ContainsFunc(sum.Holds, func(h storage.Hold) bool { return h.To >= storage.Result })
}

// makesEmpty reports whether an expression makes a slice, map or channel, of which
// the operands only say how large it is.
func makesEmpty(info *types.Info, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(info, c) == "make"
}

// maxAlias bounds how many definitions of variables that hold the same object are
// followed.
const maxAlias = 4

// fill notes that values are put into what a local variable holds, and into what
// that was made of. Objects of fields, of the receiver and of what the lock
// belongs to are not the function's own: their fields are looked at as accesses.
func (d *deriver) fill(e ast.Expr, from []*touch, depth int) {
	id, ok := rootOf(e)
	if !ok || len(from) == 0 || depth > maxAlias {
		return
	}
	v := varOf(d.s.Info, id)
	if v == nil || v.IsField() || isGlobal(v) || v == d.s.Section.Lock.Root || d.s.isReceiver(v) {
		return
	}
	if refsOf(v.Type(), 0) == noRefs && isPlain(e) {
		return // a copy was passed on
	}
	if !d.note(v, from, true) {
		return
	}
	d.s.eachValue(v, func(def ast.Expr) {
		if refsOf(d.s.Info.TypeOf(def), 0) != noRefs {
			d.fill(def, from, depth+1)
		}
	})
}

// isPlain reports whether an expression is just the name of a variable.
func isPlain(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}

// rootOf is rootIdent for what is written to: also through addresses, slices and
// type assertions.
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
			if e = ownerOf(x); e == nil {
				return rootIdent(x)
			}
		}
	}
}

// isReceiver reports whether v is the receiver of the method that the section
// stands in.
func (s *Site) isReceiver(v *types.Var) bool {
	for u := s.Unit; u != nil; u = u.Outer {
		if u.Obj != nil && u.Obj.Signature().Recv() == v {
			return true
		}
	}
	return false
}

// call notes what a call may put into its arguments, and into what it is called
// on, of its other arguments or of what it reads itself. A function literal that
// it is given is called with it.
func (d *deriver) call(c *ast.CallExpr) {
	tv := d.s.Info.Types[c.Fun]
	if tv.IsType() || patterns.IsLockCall(d.s.Info, c) {
		return
	}
	from := d.sources(c)
	if len(from) == 0 {
		return
	}
	if tv.IsBuiltin() {
		switch patterns.BuiltinOf(d.s.Info, c) {
		case "copy", "delete", "clear":
			d.fill(c.Args[0], from, 0)
		}
		return
	}
	d.literals(c, from)
	if !d.fills(c) {
		return
	}
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
}

// onlyRead lists the arguments of a call whose storage the function neither writes to
// nor keeps anything in.
func (d *deriver) onlyRead(c *ast.CallExpr) []ast.Expr {
	var out []ast.Expr
	model := d.s.Program.StorageOf(d.s.Pkg)
	for _, o := range model.Operands(c) {
		if o.N >= 0 && model.OnlyReads(c, o) {
			out = append(out, o.Expr)
		}
	}
	return out
}

// receiverByReference reports whether a method can change what it is called on.
func receiverByReference(m *types.Selection) bool {
	recv := m.Obj().(*types.Func).Signature().Recv().Type()
	_, ptr := recv.(*types.Pointer)
	return ptr || refsOf(recv, 0) != noRefs
}

// fills reports whether a call may keep what it is given in its other arguments.
func (d *deriver) fills(c *ast.CallExpr) bool {
	if d.s.hasNoEffect(d.s.Unit, c) {
		return false
	}
	if callees, known := d.s.Program.Callees(d.s.Unit, c); known && len(callees) > 0 {
		return d.s.effectful(d.s.Unit, c)
	}
	return true
}

// literals notes the parameters of the function literals that a call calls or is
// given.
func (d *deriver) literals(c *ast.CallExpr, from []*touch) {
	for _, e := range append([]ast.Expr{c.Fun}, c.Args...) {
		e = ast.Unparen(e)
		if id, ok := e.(*ast.Ident); ok {
			if v := varOf(d.s.Info, id); v != nil && !v.IsField() && !isGlobal(v) {
				e = ast.Unparen(d.s.Unit.DefinedOnce(v))
			}
		}
		lit, ok := e.(*ast.FuncLit)
		if !ok {
			continue
		}
		for _, f := range lit.Type.Params.List {
			for _, id := range f.Names {
				if v := varOf(d.s.Info, id); v != nil {
					d.note(v, from, false)
				}
			}
		}
	}
}

// sources lists the guarded uses that decide on the value of an expression.
func (d *deriver) sources(e ast.Node) []*touch {
	if e == nil {
		return nil
	}
	own, ok := d.direct[e]
	if !ok {
		own = d.s.flagReads(e)
		for _, t := range d.s.touches(e).touches {
			if t.class == guardedUse && !d.flagsOnly {
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

// note adds sources to those of a variable, and reports whether that was news.
func (d *deriver) note(v *types.Var, from []*touch, filled bool) bool {
	news := false
	for _, t := range from {
		i := slices.IndexFunc(d.from[v], func(o *touch) bool { return o.access.Var == t.access.Var })
		if i >= 0 && !d.tells(d.from[v][i], t, filled) || t.access.Var == v || i < 0 && len(d.from[v]) >= maxSources {
			continue
		}
		u := *t
		u.filled = t.filled || filled
		if i >= 0 {
			u.filled = u.filled && d.from[v][i].filled
			u.plain = u.plain && d.from[v][i].plain
			d.from[v][i] = &u
		} else {
			d.from[v] = append(d.from[v], &u)
		}
		news = true
	}
	if news {
		d.changed = true
		slices.SortStableFunc(d.from[v], func(a, b *touch) int { return d.s.compare(a.access.Pos(), b.access.Pos()) })
	}
	return news
}

// tells reports whether another way by which a variable has come from the same
// place says more than what is known: that it holds that itself, or a reference.
func (d *deriver) tells(known, t *touch, filled bool) bool {
	return known.filled && !filled && !t.filled || known.plain && !t.plain
}

// reachedThrough returns a guarded use by which a derived variable has come to
// what it holds, or to something in it that others have, too; nil if it was only
// filled with plain values.
func reachedThrough(from []*touch) *touch {
	for _, t := range from {
		if !t.plain && (!t.filled || refsOf(t.access.Var.Type(), 0) != noRefs) {
			return t
		}
	}
	return nil
}

// filled reports whether guarded state was put into what a derived variable holds.
func filled(from []*touch) bool {
	return slices.ContainsFunc(from, func(t *touch) bool { return t.filled })
}
