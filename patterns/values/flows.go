package values

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/parallel"
)

// A flowNode is a place that may hold a channel or a wait group: a variable, a
// result of a function, or the expression that makes it. Containers stand for
// their elements.
type flowNode any

type ResultNode struct {
	Fn *types.Func
	I  int
}

// ObjectFlows says which variables of a package may hold the same channels and wait
// groups. It is flow-insensitive: everything that is ever assigned from one to the
// other is in one class.
type ObjectFlows struct {
	x       *patterns.Program
	p       *patterns.Package
	parent  map[flowNode]flowNode
	classes map[flowNode]*FlowClass // by representative
	bound   map[*types.Func]bool    // methods of interfaces, see implemented
}

// A FlowClass is everything done to the channels or wait groups of one class.
type FlowClass struct {
	Sends, Receives, Closes, Adds, Dones []FlowUse
	Runs                                 []FlowUse // of functions that a group runs and waits for

	Rooms []int64 // capacities where channels are made; -1: not a constant

	// Open: unseen code may send, receive or close, too.
	Open bool
}

// A FlowUse is one operation on an object of a class.
type FlowUse struct {
	Unit     *patterns.Unit
	Node     ast.Node      // SendStmt, UnaryExpr, RangeStmt or CallExpr
	Path     patterns.Path // of the object in the unit; Root is nil where it has none
	Deferred bool
	Runs     []*patterns.Unit // for flowClass.Runs
	Tried    bool             // in a select with a default clause: it never waits
}

var flows patterns.PackageMemo[*ObjectFlows]

// FlowsOf computes the classes of one package, once.
func FlowsOf(x *patterns.Program, p *patterns.Package) *ObjectFlows {
	if f, ok := flows.Lookup(x, p); ok {
		return f
	}
	f := &ObjectFlows{x: x, p: p, parent: make(map[flowNode]flowNode), classes: make(map[flowNode]*FlowClass), bound: make(map[*types.Func]bool)}
	flows.Set(x, p, f)
	for _, file := range p.Files {
		f.bindings(file.Syntax)
	}
	// Most functions have nothing to do with channels and wait groups.
	concerned := make([]*flowParts, len(x.UnitsIn(p)))
	parallel.EachUnit(x.UnitsIn(p), func(i int, u *patterns.Unit) { concerned[i] = flowPartsOf(u) })
	for i, u := range x.UnitsIn(p) {
		f.operands(x, u, concerned[i])
	}
	for i, u := range x.UnitsIn(p) {
		if len(concerned[i].calls)+len(concerned[i].other) > 0 {
			f.uses(x, u, concerned[i])
		}
	}
	return f
}

// flowParts are the parts of a unit that may have to do with channels and wait
// groups, literals left out, in source order.
type flowParts struct {
	calls []*ast.CallExpr
	other []ast.Node // defer, select, send, receive, range and return statements
}

func flowPartsOf(u *patterns.Unit) *flowParts {
	parts := &flowParts{}
	if u.Body == nil {
		return parts
	}
	info := u.Pkg.Info
	isCarrier := func(e ast.Expr) bool { return Carries(info.TypeOf(e)) }
	for _, c := range u.Calls() {
		sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if slices.ContainsFunc(c.Args, isCarrier) || isSel && isCarrier(sel.X) {
			parts.calls = append(parts.calls, c)
		}
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt:
			parts.other = append(parts.other, n)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				parts.other = append(parts.other, n)
			}
		case *ast.RangeStmt:
			if isCarrier(n.X) {
				parts.other = append(parts.other, n)
			}
		case *ast.ReturnStmt:
			if slices.ContainsFunc(n.Results, isCarrier) {
				parts.other = append(parts.other, n)
			}
		}
		return true
	})
	return parts
}

// ClassOf returns the class of the object that an expression denotes, or nil.
func (f *ObjectFlows) ClassOf(e ast.Expr) *FlowClass {
	n := f.node(e)
	if n == nil {
		return nil
	}
	return f.Class(n)
}

func (f *ObjectFlows) Class(n flowNode) *FlowClass {
	r := f.find(n)
	c := f.classes[r]
	if c == nil {
		c = &FlowClass{}
		f.classes[r] = c
	}
	return c
}

func (f *ObjectFlows) find(n flowNode) flowNode {
	for {
		p, ok := f.parent[n]
		if !ok {
			return n
		}
		n = p
	}
}

func (f *ObjectFlows) union(a, b flowNode) {
	if a == nil || b == nil {
		return
	}
	if a, b = f.find(a), f.find(b); a != b {
		f.parent[a] = b
		if ca := f.classes[a]; ca != nil {
			cb := f.Class(b)
			cb.Open = cb.Open || ca.Open
			cb.Rooms = append(cb.Rooms, ca.Rooms...)
			delete(f.classes, a)
		}
	}
}

// Carries reports whether values of the type are channels or wait groups, or hold them
// as elements.
func Carries(t types.Type) bool { return carriesWithin(t, patterns.MaxNesting) }

func carriesWithin(t types.Type, depth int) bool {
	if t == nil || depth == 0 {
		return false
	}
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if obj := u.Obj(); obj.Pkg() != nil && (obj.Name() == "WaitGroup" || obj.Name() == "Group") {
			return obj.Pkg().Path() == "sync" || obj.Pkg().Path() == "golang.org/x/sync/errgroup"
		}
	case *types.Pointer:
		return carriesWithin(u.Elem(), depth-1)
	}
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return true
	case *types.Slice:
		return carriesWithin(u.Elem(), depth-1)
	case *types.Array:
		return carriesWithin(u.Elem(), depth-1)
	case *types.Map:
		return carriesWithin(u.Elem(), depth-1) || carriesWithin(u.Key(), depth-1)
	}
	return false
}

// node returns the place that an expression denotes, or nil.
func (f *ObjectFlows) node(e ast.Expr) flowNode {
	info := f.p.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := info.ObjectOf(e).(*types.Var); ok {
			return v.Origin()
		}
	case *ast.SelectorExpr:
		if v, ok := info.ObjectOf(e.Sel).(*types.Var); ok {
			return v.Origin()
		}
	case *ast.StarExpr:
		return f.node(e.X)
	case *ast.IndexExpr:
		return f.node(e.X)
	case *ast.SliceExpr:
		return f.node(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return f.node(e.X)
		}
	case *ast.CompositeLit:
		if Carries(info.TypeOf(e)) {
			return e
		}
	case *ast.CallExpr:
		return f.callNode(e)
	}
	return nil
}

func (f *ObjectFlows) callNode(c *ast.CallExpr) flowNode {
	info := f.p.Info
	if tv, ok := info.Types[c.Fun]; ok && tv.IsType() && len(c.Args) == 1 {
		return f.node(c.Args[0])
	}
	switch patterns.BuiltinOf(info, c) {
	case "append":
		return f.node(c.Args[0])
	case "make":
		if patterns.IsChan(info.TypeOf(c)) {
			if f.classes[f.find(c)] == nil {
				f.Class(c).Rooms = []int64{RoomOf(f.x, f.p, c)}
			}
		}
		return c
	}
	if fn := patterns.CalleeOf(info, c); fn != nil && fn.Pkg() == f.p.Types {
		f.implemented(fn)
		return ResultNode{fn, 0}
	}
	return nil
}

// implemented binds the results of a method of an interface to those of the
// methods of the package that implement it.
func (f *ObjectFlows) implemented(m *types.Func) {
	if !patterns.IsInterfaceMethod(m) || f.bound[m] {
		return
	}
	f.bound[m] = true
	for _, impl := range f.x.ImplementedIn(f.p, m, false) {
		for i := range m.Signature().Results().Len() {
			if Carries(m.Signature().Results().At(i).Type()) {
				f.union(ResultNode{m, i}, ResultNode{impl.Origin(), i})
			}
		}
	}
}

// RoomOf returns the capacity that a call of make gives a channel. It is -1 if the
// capacity is neither a constant nor a variable that keeps the constant it is declared
// with.
func RoomOf(x *patterns.Program, p *patterns.Package, c *ast.CallExpr) int64 {
	if len(c.Args) < 2 {
		return 0
	}
	val := p.Info.Types[c.Args[1]].Value
	if id, ok := ast.Unparen(c.Args[1]).(*ast.Ident); ok && val == nil {
		v, _ := p.Info.Uses[id].(*types.Var)
		if as := x.AssignmentsIn(p)[v]; v != nil && patterns.IsGlobal(v) && !v.Exported() && len(as) == 1 && as[0].Expr != nil {
			val = p.Info.Types[as[0].Expr].Value
		}
	}
	if val == nil {
		return roomGiven(x, p, c.Args[1])
	}
	if n, ok := constant.Int64Val(constant.ToInt(val)); ok {
		return n
	}
	return -1
}

// roomGiven returns the least capacity that calls in the package give for the
// parameter of an unexported function, -1 if it is not known.
func roomGiven(x *patterns.Program, p *patterns.Package, e ast.Expr) int64 {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return -1
	}
	v := patterns.AsVar(p.Info, id)
	u := patterns.TopOf(x.UnitAt(p, e.Pos()))
	if v == nil || u.Obj == nil || u.Obj.Exported() && p.Name != "main" || len(u.Definitions().Defs[v]) != 1 || ParamIndex(u.Signature(), v) < 0 {
		return -1
	}
	least := int64(-1)
	for _, a := range ArgumentsFor(x, u, v) {
		val := p.Info.Types[a.Expr].Value
		if val == nil {
			return -1
		}
		n, ok := constant.Int64Val(constant.ToInt(val))
		if !ok {
			return -1
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return least
}

// bind notes that what src denotes may be held by dst.
func (f *ObjectFlows) bind(dst flowNode, src ast.Expr, t types.Type) {
	if src == nil || dst == nil || !Carries(f.p.Info.TypeOf(src)) && !Carries(t) {
		return
	}
	if f.p.Info.Types[src].IsNil() {
		return
	}
	n := f.node(src)
	if n == nil {
		f.Class(dst).Open = true // it comes from somewhere else
		return
	}
	f.union(dst, n)
}

// bindings follows the assignments, literals and range statements of a file.
func (f *ObjectFlows) bindings(file *ast.File) {
	info := f.p.Info
	assign := func(lhs, rhs ast.Expr) {
		if !Carries(info.TypeOf(lhs)) {
			return
		}
		switch n := f.node(lhs); {
		case rhs != nil:
			f.bind(n, rhs, info.TypeOf(lhs))
		case n != nil:
			f.tupled(n, lhs, file)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		patterns.AssignmentsOf(n, assign)
		switch n := n.(type) {
		case *ast.CompositeLit:
			f.literal(n)
		case *ast.RangeStmt:
			if Carries(info.TypeOf(n.X)) && !patterns.IsChan(info.TypeOf(n.X)) {
				for _, v := range []ast.Expr{n.Key, n.Value} {
					if v != nil && Carries(info.TypeOf(v)) {
						f.union(f.node(v), f.node(n.X))
					}
				}
			}
		case *ast.AssignStmt: // m[ch] = v keeps ch
			for _, l := range n.Lhs {
				if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && Carries(info.TypeOf(ix.Index)) {
					f.bind(f.node(ix.X), ix.Index, nil)
				}
			}
		}
		return true
	})
}

// literal follows the elements of a composite literal.
func (f *ObjectFlows) literal(lit *ast.CompositeLit) {
	info := f.p.Info
	patterns.EachElement(info, lit, func(v *types.Var, e ast.Expr) {
		if v != nil {
			f.bind(v.Origin(), e, v.Type())
		}
	})
	if !Carries(info.TypeOf(lit)) {
		return
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			f.bind(lit, kv.Key, nil)
			e = kv.Value
		}
		f.bind(lit, e, nil)
	}
}

// tupled binds a variable that is one of several results: of a map lookup, a
// type assertion, a receive or a call.
func (f *ObjectFlows) tupled(n flowNode, lhs ast.Expr, file *ast.File) {
	ast.Inspect(file, func(m ast.Node) bool {
		as, ok := m.(*ast.AssignStmt)
		if !ok || !slices.Contains(as.Lhs, lhs) {
			return m != nil && m.Pos() <= lhs.Pos() && lhs.Pos() < m.End() || m == ast.Node(file)
		}
		switch r := ast.Unparen(as.Rhs[0]).(type) {
		case *ast.IndexExpr:
			f.union(n, f.node(r.X))
		case *ast.CallExpr:
			if fn := patterns.CalleeOf(f.p.Info, r); fn != nil && fn.Pkg() == f.p.Types {
				f.union(n, ResultNode{fn, slices.Index(as.Lhs, lhs)})
				return false
			}
			f.Class(n).Open = true
		default:
			f.Class(n).Open = true
		}
		return false
	})
}

// operands follows the arguments and results of one unit.
func (f *ObjectFlows) operands(x *patterns.Program, u *patterns.Unit, parts *flowParts) {
	info := u.Pkg.Info
	for _, c := range parts.calls {
		name := patterns.BuiltinOf(info, c)
		if tv, ok := info.Types[c.Fun]; ok && tv.IsType() {
			continue
		}
		sig, _ := info.TypeOf(c.Fun).(*types.Signature)
		for i, a := range c.Args {
			if !Carries(info.TypeOf(a)) {
				continue
			}
			switch {
			case name == "append" && i > 0:
				f.bind(f.node(c.Args[0]), a, nil)
			case name == "":
				f.argument(x, u, c, sig, i)
			}
		}
	}
	for _, n := range parts.other {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			f.results(u, n)
		case *ast.SendStmt:
			if Carries(info.TypeOf(n.Value)) {
				f.opens(n.Value)
			}
		}
	}
}

// results binds what a unit returns.
func (f *ObjectFlows) results(u *patterns.Unit, ret *ast.ReturnStmt) {
	info := u.Pkg.Info
	for i, r := range ret.Results {
		switch {
		case !Carries(info.TypeOf(r)):
		case u.Obj != nil && len(ret.Results) == u.Signature().Results().Len():
			f.bind(ResultNode{u.Obj.Origin(), i}, r, nil)
			if u.Obj.Exported() && f.p.Name != "main" && f.sendable(u.Signature().Results().At(i).Type()) {
				f.opens(r)
			}
		case f.sendable(info.TypeOf(r)):
			f.opens(r)
		}
	}
}

// argument binds one argument of a call to the parameter of the function.
func (f *ObjectFlows) argument(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, sig *types.Signature, i int) {
	a := c.Args[i]
	var callee *types.Signature
	if lit := u.LitCalled(c); lit != nil {
		callee, _ = u.Pkg.Info.TypeOf(lit).(*types.Signature)
	} else if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil && x.UnitOf(fn) != nil && fn.Pkg() == f.p.Types {
		callee = fn.Signature()
	}
	switch {
	case callee != nil && i < callee.Params().Len():
		f.bind(callee.Params().At(i).Origin(), a, nil)
	case sig != nil && i < sig.Params().Len() && !sig.Variadic() && !f.sendable(sig.Params().At(i).Type()):
	case isAtomicOnly(u.Pkg.Info, c):
	default:
		f.opens(a)
	}
}

// isAtomicOnly reports whether a function is known to keep a channel to itself:
// those of os/signal only send without waiting.
func isAtomicOnly(info *types.Info, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(info, c)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "os/signal"
}

func (f *ObjectFlows) opens(e ast.Expr) {
	if n := f.node(e); n != nil {
		f.Class(n).Open = true
	}
}

// sendable reports whether a type lets its holder send, close or count down.
func (f *ObjectFlows) sendable(t types.Type) bool { return sendableWithin(t, patterns.MaxNesting) }

func sendableWithin(t types.Type, depth int) bool {
	if depth == 0 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return u.Dir() != types.RecvOnly
	case *types.Slice:
		return sendableWithin(u.Elem(), depth-1)
	case *types.Map:
		return sendableWithin(u.Elem(), depth-1) || Carries(u.Key())
	}
	return true
}

// uses records what a unit does to the objects.
func (f *ObjectFlows) uses(x *patterns.Program, u *patterns.Unit, parts *flowParts) {
	v := &useVisitor{f: f, x: x, u: u, tried: make(map[ast.Node]bool), deferred: make(map[*ast.CallExpr]bool)}
	for _, n := range parts.other {
		v.visit(n)
	}
	for _, c := range parts.calls {
		v.call(c)
	}
}

// useVisitor is the state of objectFlows.uses.
type useVisitor struct {
	f        *ObjectFlows
	x        *patterns.Program
	u        *patterns.Unit
	tried    map[ast.Node]bool // communications of selects with a default clause
	deferred map[*ast.CallExpr]bool
}

func (v *useVisitor) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.DeferStmt:
		v.deferred[n.Call] = true
	case *ast.SelectStmt:
		for _, c := range n.Body.List {
			if comm := c.(*ast.CommClause).Comm; comm != nil && patterns.HasDefault(n) {
				v.tried[comm] = true
			}
		}
	case *ast.SendStmt:
		c, use := v.use(n.Chan, n)
		c.Sends = append(c.Sends, use)
	case *ast.UnaryExpr: // a receive
		c, use := v.use(n.X, n)
		c.Receives = append(c.Receives, use)
	case *ast.RangeStmt:
		if t := v.u.Pkg.Info.TypeOf(n.X); t != nil && patterns.IsChan(t) {
			c, use := v.use(n.X, n)
			c.Receives = append(c.Receives, use)
		}
	}
}

// use returns the class of the object that an expression denotes, one that is
// not kept if it has none, and the use that the node makes of it.
func (v *useVisitor) use(e ast.Expr, n ast.Node) (*FlowClass, FlowUse) {
	p, _ := patterns.PathOf(v.u.Pkg.Info, e)
	use := FlowUse{Unit: v.u, Node: n, Path: p, Tried: v.tried[n]}
	if call, ok := n.(*ast.CallExpr); ok {
		use.Deferred = v.deferred[call]
	}
	node := v.f.node(e)
	if node == nil {
		return &FlowClass{}, use
	}
	c := v.f.Class(node)
	if w, ok := node.(*types.Var); ok && w.Exported() && (w.IsField() || patterns.IsGlobal(w)) && v.f.p.Name != "main" {
		c.Open = true // other packages may use it, too
	}
	return c, use
}

func (v *useVisitor) call(n *ast.CallExpr) {
	info := v.u.Pkg.Info
	if patterns.BuiltinOf(info, n) == "close" {
		c, use := v.use(n.Args[0], n)
		c.Closes = append(c.Closes, use)
		return
	}
	sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[sel] == nil || !Carries(info.TypeOf(sel.X)) {
		return
	}
	c, use := v.use(sel.X, n)
	switch sel.Sel.Name {
	case "Add":
		c.Adds = append(c.Adds, use)
	case "Done":
		c.Dones = append(c.Dones, use)
	case "Go", "TryGo":
		if len(n.Args) == 1 {
			use.Runs = guards.FunctionsOf(v.x, v.u, n.Args[0], 2)
			c.Runs = append(c.Runs, use)
		}
	}
}
