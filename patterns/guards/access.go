package guards

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// An AccessKind says what an access does to a variable.
type AccessKind byte

const (
	Read    AccessKind = iota
	Write              // the variable itself is assigned
	Content            // what it holds is changed: an element or inner field, or by a method with a pointer receiver
	Escape             // its address is taken
	Close              // close(v)
)

func (k AccessKind) String() string {
	return [...]string{"read", "write", "change of content", "address taken", "close"}[k]
}

// Changes reports whether the access may change the variable or its content.
// Closing a channel changes neither.
func (k AccessKind) Changes() bool { return k == Write || k == Content || k == Escape }

// An Access is one use of a variable that several goroutines may share: a
// struct field, a package-level variable, or a local variable that a function
// literal captures.
type Access struct {
	Var  *types.Var
	Path patterns.Path // of the variable; Root is nil where it is reached through a call or an element
	Kind AccessKind
	Node ast.Expr
	Unit *patterns.Unit
	Held []*types.Var // locks that are certainly held, as variables that hold the mutex

	own  []*types.Var // those that the unit took itself
	read []*types.Var // of these, those that it took for reading only
	seen []*types.Var // Held, and for an exported function what its callers in the package hold

	// Fresh: the object was made in this function, so nobody else has it yet.
	Fresh bool

	// Alias: the variable is reached by another name than its own: through a local
	// variable, an element or a pointer, or in a called function. By is that function, if
	// any.
	Alias bool
	By    string

	// Class is the storage that such a change writes to; 0 if it may reach further.
	Class storage.Class

	// Through: an embedded pointer leads from the expression to the object that has the
	// variable.
	Through bool

	// Leads: the variable is a struct, and the expression goes on to select a field. The
	// use of that field is a separate access.
	Leads bool

	// Whole: the object that has the variable as a field is copied or set as a whole.
	Whole bool

	// Atomic: the address is taken as an argument of a function of sync/atomic.
	Atomic bool
}

// Pos is the position of the access.
func (a *Access) Pos() token.Pos { return a.Node.Pos() }

// MadeBy reports whether an expression of the unit makes the access: the expression is the
// variable, and the access stands in it.
func (a *Access) MadeBy(e ast.Expr) bool {
	p, ok := patterns.PathOf(a.Unit.Pkg.Info, e)
	return ok && p.Last() == a.Var && e.Pos() <= a.Node.Pos() && a.Node.End() <= e.End()
}

// Under reports whether the lock is held, as far as letgo sees the callers.
func (a *Access) Under(lock *types.Var) bool { return lock != nil && slices.Contains(a.seen, lock) }

// MayBeUnder reports whether the lock may be held: it is, or a lock that may be the same
// one by another name is, or the callers of the function are unseen. Whoever gets the
// address of the variable may take the lock.
func (a *Access) MayBeUnder(lock *types.Var) bool {
	if lock == nil || a.Under(lock) {
		return lock != nil
	}
	return mayHold(a.seen, lock) || a.Kind == Escape && !a.Atomic || a.CallersUnseen()
}

// mayHold reports whether a lock may be among the held ones, by its own name or by another,
// such as a parameter or pointer.
func mayHold(held []*types.Var, lock *types.Var) bool {
	return slices.ContainsFunc(held, func(l *types.Var) bool { return l == lock || isReference(l) || isReference(lock) })
}

// CallersUnseen reports whether the access is in a function literal, or a function used as
// a value, and letgo does not see who calls that and with which locks. Many methods are
// used as values; for those only changes by name count.
func (a *Access) CallersUnseen() bool {
	return len(a.seen) == 0 && accessesOf(a.Unit).loose && (a.Unit.Lit != nil || !a.Alias)
}

// UnderOwn reports whether the unit with the access took the lock itself.
func (a *Access) UnderOwn(lock *types.Var) bool { return lock != nil && slices.Contains(a.own, lock) }

// UnderRead reports whether the unit that makes the access has taken the lock for it, for
// reading only: others that read may run at the same time.
func (a *Access) UnderRead(lock *types.Var) bool { return lock != nil && slices.Contains(a.read, lock) }

// AccessesIn lists the accesses in a node of the unit to shared variables, in source
// order. It includes function literals inside, although they may run elsewhere.
func AccessesIn(u *patterns.Unit, n ast.Node) []*Access {
	v := accessVisitor{u: u, info: u.Pkg.Info, model: accessesOf(u).model}
	v.visit(n)
	return addAliases(patterns.TopOf(u), v.out, n)
}

// addAliases adds the accesses by other names that a node of the unit, or of a
// literal in it, makes.
func addAliases(u *patterns.Unit, out []*Access, n ast.Node) []*Access {
	out = append(out, aliasesIn(u, n)...)
	for _, l := range u.Lits {
		if l.Lit.Pos() < n.End() && n.Pos() < l.Lit.End() {
			out = addAliases(l, out, n)
		}
	}
	return out
}

// aliasesIn lists the accesses by other names that the unit itself makes in a node.
func aliasesIn(u *patterns.Unit, n ast.Node) []*Access {
	at := func(pos token.Pos) int {
		i, _ := slices.BinarySearchFunc(accessesOf(u).aliases, pos, func(a *Access, pos token.Pos) int { return cmp.Compare(a.Pos(), pos) })
		return i
	}
	return accessesOf(u).aliases[at(n.Pos()):at(n.End())]
}

// addAliases adds the accesses by other names that the unit itself makes in a node.
func (v *accessVisitor) addAliases(n ast.Node) {
	v.out = append(v.out, aliasesIn(v.u, n)...)
}

type accessVisitor struct {
	u    *patterns.Unit
	info *types.Info
	out  []*Access
	skip bool // do not enter function literals

	model *ownership.Model // of the package, or nil
}

func (v *accessVisitor) visit(n ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return !v.skip
		case *ast.AssignStmt:
			for _, l := range m.Lhs {
				v.target(l)
				if m.Tok != token.ASSIGN && m.Tok != token.DEFINE {
					v.expr(l, Read)
				}
			}
			for _, r := range m.Rhs {
				v.visit(r)
			}
			return false
		case *ast.IncDecStmt:
			v.target(m.X)
			return false
		case *ast.RangeStmt:
			if m.Tok == token.ASSIGN {
				v.target(m.Key)
				v.target(m.Value)
			}
			v.visit(m.X)
			if m.Body != nil {
				v.visit(m.Body)
			}
			return false
		case *ast.UnaryExpr:
			if m.Op == token.AND {
				if _, lit := ast.Unparen(m.X).(*ast.CompositeLit); !lit {
					v.expr(m.X, Escape)
					return false
				}
			}
		case *ast.CallExpr:
			v.generic(m)
			return v.call(m)
		case *ast.StarExpr:
			if tv := v.info.Types[m]; tv.IsValue() {
				v.whole(tv.Type, m.X, nil, Read, m)
				v.expr(m.X, Read)
				return false
			}
		case *ast.SelectorExpr, *ast.Ident:
			v.expr(m.(ast.Expr), Read)
			return false
		case *ast.KeyValueExpr:
			if id, ok := m.Key.(*ast.Ident); ok {
				if f, ok := v.info.Uses[id].(*types.Var); ok && f.IsField() {
					v.visit(m.Value)
					return false
				}
			}
		}
		return true
	})
}

// call visits a call; it reports whether its parts have yet to be visited.
func (v *accessVisitor) call(c *ast.CallExpr) bool {
	switch patterns.BuiltinOf(v.info, c) {
	case "delete", "clear", "copy":
		v.expr(c.Args[0], Content)
		for _, a := range c.Args[1:] {
			v.visit(a)
		}
		return false
	case "close":
		v.expr(c.Args[0], Close)
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return true
	}
	if fn := patterns.CalleeOf(v.info, c); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Signature().Recv() == nil {
		v.atomic(c.Args[0])
		for _, a := range c.Args[1:] {
			v.visit(a)
		}
		return false
	}
	s := v.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return true
	}
	kind := Read
	if recv := s.Obj().(*types.Func).Signature().Recv(); recv != nil {
		if _, ptr := recv.Type().(*types.Pointer); ptr && !patterns.PassesPointer(s) && !needsNoLock(recv.Type()) && !v.onlyReads(c) {
			kind = Content // a value that the method may change in place
		}
	}
	v.receiver(s, sel)
	v.selected(sel.X, patterns.FieldsOf(s.Recv(), s.Index()[:len(s.Index())-1]), kind)
	for _, a := range c.Args {
		v.visit(a)
	}
	return false
}

// onlyReads reports whether a call is of a method of the package that writes to nothing that its
// receiver leads to, and takes no lock there.
func (v *accessVisitor) onlyReads(c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(v.info, c)
	if v.model == nil || fn == nil || fn.Pkg() != v.u.Pkg.Types || holdsSync(fn.Signature().Recv().Type(), 0) {
		return false
	}
	return slices.ContainsFunc(v.model.Operands(c), func(o storage.Operand) bool {
		return o.N == storage.Receiver && v.model.OnlyReads(c, o)
	})
}

// holdsSync reports whether a type, or the one that a pointer points to, has something of sync
// in it.
func holdsSync(t types.Type, depth int) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || patterns.IsSyncType(t) || depth > patterns.MaxNesting {
		return patterns.IsSyncType(t) || ok
	}
	for f := range st.Fields() {
		if holdsSync(f.Type(), depth+1) {
			return true
		}
	}
	return false
}

// needsNoLock reports whether the methods of the type need no lock for what they change,
// because several goroutines may call them at once. The types of sync order other accesses,
// so calling their methods is a change.
func needsNoLock(t types.Type) bool { return known.Concurrent(t) && !patterns.IsSyncType(t) }

// atomic visits the first argument of a function of sync/atomic.
func (v *accessVisitor) atomic(addr ast.Expr) {
	n := len(v.out)
	v.visit(addr)
	un, ok := ast.Unparen(addr).(*ast.UnaryExpr)
	if !ok {
		return
	}
	p, ok := patterns.PathOf(v.info, un.X)
	for _, a := range v.out[n:] {
		a.Atomic = ok && un.Op == token.AND && a.Var == p.Last()
	}
}

// target records an assignment to e.
func (v *accessVisitor) target(e ast.Expr) {
	if e == nil {
		return
	}
	switch t := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		v.expr(t, Write)
	case *ast.IndexExpr:
		v.expr(t.X, Content)
		v.visit(t.Index)
	case *ast.StarExpr:
		v.whole(v.info.TypeOf(t), t.X, nil, Write, t)
		v.expr(t.X, Content)
	default:
		v.visit(e)
	}
}

// expr records an access of the given kind to the variable that e names. A
// change of an inner value changes the content of what holds it.
func (v *accessVisitor) expr(e ast.Expr, kind AccessKind) {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v.ident(x, kind)
	case *ast.SelectorExpr:
		sel := v.info.Selections[x]
		switch {
		case sel == nil:
			v.ident(x.Sel, kind)
		case sel.Kind() == types.FieldVal:
			n := len(v.out)
			v.selected(x.X, patterns.FieldsOf(sel.Recv(), sel.Index()), kind)
			if a := v.out[n]; kind == Content && a.Fresh && v.model != nil && sharesContent(a.Var.Type()) {
				a.Fresh = v.model.OwnerIs(x, ownership.Own)
			}
		case sel.Kind() == types.MethodVal:
			v.receiver(sel, x)
			v.visit(x.X)
		default:
			v.visit(x.X)
		}
	case *ast.IndexExpr:
		if kind.Changes() {
			kind = Content
		}
		v.expr(x.X, kind)
		v.visit(x.Index)
	case *ast.SliceExpr:
		if kind.Changes() {
			kind = Content
		}
		v.expr(x.X, kind)
		for _, i := range []ast.Expr{x.Low, x.High, x.Max} {
			if i != nil {
				v.visit(i)
			}
		}
	case *ast.StarExpr:
		if kind.Changes() {
			kind = Content
		}
		v.expr(x.X, kind)
	case nil:
	default:
		v.visit(x)
	}
}

// selected records accesses along a chain of fields selected from x: the last with the
// given kind, those before it as reads, or as changes of content where they hold the next
// one by value.
func (v *accessVisitor) selected(x ast.Expr, fields []*types.Var, kind AccessKind) {
	inner := Read
	base, ok := patterns.PathOf(v.info, x)
	outerKind := kind
	for i := len(fields) - 1; i >= 0; i-- {
		f := fields[i]
		path := patterns.Path{}
		if ok {
			path = base.Join(fields[:i+1])
		}
		v.add(f, path, outerKind, x, slices.ContainsFunc(fields[:i], isPointer))
		v.out[len(v.out)-1].Leads = i < len(fields)-1 && holdsByValue(f.Type())
		inner = Read
		if outerKind.Changes() && outerKind != Close && i > 0 && !patterns.IsPointer(fields[i-1].Type()) {
			inner = Content
		}
		outerKind = inner
	}
	if len(fields) == 0 {
		v.expr(x, kind)
		return
	}
	if outerKind == Read && kind.Changes() && kind != Close && !patterns.IsPointer(v.info.TypeOf(x)) && len(fields) == 1 {
		outerKind = Content
	}
	n := len(v.out)
	v.expr(x, outerKind)
	switch ast.Unparen(x).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if len(v.out) > n && holdsByValue(v.info.TypeOf(x)) {
			v.out[n].Leads = true
		}
	}
}

// holdsByValue reports whether a variable of the type is a struct, not a pointer to one.
func holdsByValue(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// sharesContent reports whether a copy of a value of the type shares what the value holds:
// a copy of a struct belongs to whoever made it, but what its fields refer to may not.
func sharesContent(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	}
	return false
}

func (v *accessVisitor) ident(id *ast.Ident, kind AccessKind) {
	obj, ok := v.info.ObjectOf(id).(*types.Var)
	if !ok || obj.IsField() {
		return
	}
	if patterns.IsGlobal(obj) || v.u.Captured(obj) {
		v.add(obj, patterns.Path{Root: obj}, kind, id, false)
		if kind == Write && v.model != nil && !patterns.IsGlobal(obj) && v.model.OwnVariable(obj, id.Pos()) {
			v.out[len(v.out)-1].Fresh = true // whoever gets the variable later finds the value in it
		}
	}
}

func isPointer(f *types.Var) bool { return patterns.IsPointer(f.Type()) }

func (v *accessVisitor) add(f *types.Var, p patterns.Path, kind AccessKind, at ast.Expr, through bool) {
	v.out = append(v.out, &Access{Var: f, Path: p, Kind: kind, Node: at, Unit: v.u, Through: through, Fresh: v.own(at, p, through)})
}

// own reports whether the accessed object was made in this call of the function, and nobody
// else has it yet. The object is the one that at denotes or refers to, or that an embedded
// pointer leads to from there.
func (v *accessVisitor) own(at ast.Expr, p patterns.Path, through bool) bool {
	if p.Root == nil || p.Root.IsField() || patterns.IsGlobal(p.Root) {
		return false
	}
	if p.Root == accessesOf(v.u).makes {
		return len(p.Fields) < 2 || !slices.ContainsFunc(p.Fields[:len(p.Fields)-1], func(f *types.Var) bool { return patterns.IsReference(f.Type()) })
	}
	if v.u.IsParam(p.Root) && !v.u.IsResult(p.Root) && (v.model == nil || !v.model.GivenAnew(p.Root, at.Pos())) {
		return false
	}
	if v.model == nil {
		return v.u.Fresh(p.Root) && !through
	}
	if through {
		return v.model.OwnsBehind(at)
	}
	return v.model.OwnerIs(at, ownership.Own)
}

// OwnAccesses lists the accesses in a unit itself, not in its literals, with the locks held
// at each.
func OwnAccesses(x *patterns.Program, u *patterns.Unit) []*Access {
	IndexOf(x, u.Pkg)
	return accessesOf(u).all
}

// AnyUnder reports whether a variable is accessed under the lock anywhere in the
// package, except in objects that are still being made.
func AnyUnder(x *patterns.Program, p *patterns.Package, v, lock *types.Var) bool {
	return anyUnder.Get(x, underLock{p, v, lock}, func() bool {
		return slices.ContainsFunc(SharingOf(x, p, v).Accesses, func(a *Access) bool { return a.Under(lock) })
	})
}

var anyUnder patterns.Memo[underLock, bool]

// An underLock is a variable and a lock, in a package.
type underLock struct {
	in      *patterns.Package
	v, lock *types.Var
}

// SelfSynchronised reports whether several goroutines may use values of the type
// without a lock: those of sync and sync/atomic.
func SelfSynchronised(t types.Type) bool { return patterns.IsSyncType(t) }

// NeedsNoLock reports whether an access is to a variable that is [Synchronised]. That does not
// cover what is stored in it: a map that was loaded from an atomic.Value is a map.
func NeedsNoLock(x *patterns.Program, p *patterns.Package, a *Access) bool {
	return !a.Alias && Synchronised(x, p, a.Var)
}

// Synchronised reports whether a variable needs no lock, whatever is done with its value:
// several goroutines may use the value at once, and nothing replaces it once the object
// that holds it is made, as here:
//
//	s.once = new(sync.Once)
func Synchronised(x *patterns.Program, p *patterns.Package, v *types.Var) bool {
	return SelfSynchronised(v.Type()) && SharingOf(x, p, v).OfAssignments().Changed(nil) == nil
}

// usedByMany are types of other packages that are documented as safe for concurrent use and
// do not block.
var usedByMany = []string{"context.Context", "reflect.Type", "*regexp.Regexp", "*time.Location"}

// UsedByMany reports whether the type's documentation allows several goroutines to call the
// method on one value at once.
func UsedByMany(x *patterns.Program, method *types.Func) bool {
	recv := method.Signature().Recv()
	return recv != nil && (slices.Contains(usedByMany, types.TypeString(recv.Type(), nil)) || x.Table().UsedByMany(method.FullName()))
}
