package waits

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/values"
)

// via handles functions that block exactly as one of their arguments does.
func (w *Waiter) via(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	entries := w.X.Table().Via(name)
	seen := make(map[string]bool) // categories
	for _, v := range entries {
		for _, arg := range v.Arg.Of(c) {
			cs := w.carriersIn(c, v.Arg, arg)
			for _, k := range cs.list {
				if k.param != nil {
					w.take(c, TakeKey{k.param, v.Arg.Method}, take{what: name, safety: v.Safety, node: c})
				}
				o, ok := carried(w.X, k, v.Arg.Method, fn.Pkg())
				if !ok && !types.IsInterface(k.typ) && !k.isSource() {
					w.ownMethod(c, k, v.Arg.Method, cs.oneOf(k, arg), deferred)
				}
				if !ok || seen[o.Category] {
					continue
				}
				seen[o.Category] = true
				o.What, o.Safety, o.Deferred, o.Weak = name, v.Safety, deferred, cs.weak(k, arg)
				o.Why = fmt.Sprintf("calls %s of %s, which %s", v.Arg.Method, k.name(w.U.Pkg.Types), o.Why)
				w.op(c, o)
			}
		}
	}
	return len(entries) > 0
}

// ownMethod handles a call of a method that an analysed package declares for a carrier.
func (w *Waiter) ownMethod(n ast.Node, k carrier, method, weak string, deferred bool) {
	m := patterns.MethodOf(k.typ, method, w.U.Pkg.Types)
	if m == nil || w.X.Table().Never(m.FullName()) {
		return
	}
	if u := w.X.SummaryOf(w.U.Pkg, m); u != nil {
		w.found(Site{Callee: u, Node: n, Defers: deferred, weak: weak})
	}
}

// carriersIn lists the carriers of an argument. A receiver may be a field that is embedded
// in the expression before the method.
func (w *Waiter) carriersIn(c *ast.CallExpr, a blocking.Arg, arg ast.Expr) carriers {
	if a.Index == blocking.Receiver {
		return w.receivers(c, arg)
	}
	return w.carriersOf(arg)
}

// receivers lists the carriers of the receiver of a call, which may be a field that is
// embedded in the expression before the method.
func (w *Waiter) receivers(c *ast.CallExpr, recv ast.Expr) carriers {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return w.carriersOf(recv)
	}
	if s := w.U.Pkg.Info.Selections[sel]; s != nil && len(s.Index()) > 1 {
		fields := patterns.FieldsOf(s.Recv(), s.Index()[:len(s.Index())-1])
		search := w.carrierSearch()
		if len(fields) > 0 && search.assigned(w.U, fields[len(fields)-1], values.MaxValueDepth) {
			return search.out
		}
	}
	return w.carriersOf(recv)
}

// carried returns the operation that the table gives for a method of a carrier.
func carried(x *patterns.Program, k carrier, method string, from *types.Package) (Op, bool) {
	if k.body != "" {
		o := Op{Category: "http", Effect: "read", Safety: "unsafe", What: k.body + "." + method, Why: "waits for what the other side sends", Own: k.body == requestBody}
		return o, method == "Read"
	}
	if k.made != "" {
		e, ok := x.Table().ResultEntry(k.made, method)
		return Op{Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: k.name(from) + "." + method, Why: e.Why}, ok
	}
	m := patterns.MethodOf(k.typ, method, from)
	if m == nil || x.Table().Never(m.FullName()) {
		return Op{}, false
	}
	e, ok := x.Table().Entry(m.FullName())
	if k.std {
		e.Category = "log" // as fmt.Print is
	}
	return Op{
		Category: e.Category, Effect: e.Effect, Safety: e.Safety, What: m.FullName(), Why: e.Why,
		Own: IsResponse(k.typ),
	}, ok
}

// CarriedBy returns the operation that the table gives for a method of an argument: of the
// first of its carriers for which there is one.
func CarriedBy(x *patterns.Program, u *patterns.Unit, arg ast.Expr, method string, from *types.Package) (Op, bool) {
	for _, k := range (&Waiter{X: x, U: u}).carriersOf(arg).list {
		if o, ok := carried(x, k, method, from); ok {
			return o, true
		}
	}
	return Op{}, false
}

// A carrier is a value to which I/O on an expression goes.
type carrier struct {
	typ   types.Type
	made  string     // the function that made it, if the table knows what its result does
	body  string     // requestBody or responseBody: what the other side of an HTTP connection sends
	param *types.Var // the parameter that it is, if it is a parameter of the function asked about
	far   bool       // some caller passes it for a parameter
	std   bool       // it is os.Stdout or os.Stderr
}

// isSource reports whether the carrier is known by where it comes from.
func (k carrier) isSource() bool { return k.body != "" || k.made != "" }

// decides reports whether the carrier says what a call of a method of an interface does.
func (k carrier) decides(x *patterns.Program, fn *types.Func) bool {
	if !types.IsInterface(k.typ) || k.isSource() {
		return true
	}
	m := patterns.MethodOf(k.typ, fn.Name(), fn.Pkg())
	return m != nil && x.Table().Known(m)
}

const (
	requestBody  = "(net/http.Request).Body"
	responseBody = "(net/http.Response).Body"
)

// name prints the type of the carrier for a message.
func (k carrier) name(from *types.Package) string {
	return cmp.Or(k.body, k.made, types.TypeString(k.typ, types.RelativeTo(from)))
}

// carriers are the values to which I/O on an expression may go.
type carriers struct {
	list []carrier
	open bool // unseen callers may pass others
}

// weak says why it is not certain that I/O goes to a carrier.
func (cs *carriers) weak(k carrier, e ast.Expr) string {
	far := 0
	for _, o := range cs.list {
		if o.far {
			far++
		}
	}
	if !k.far || !cs.open && far == 1 {
		return ""
	}
	return "one of the values that " + types.ExprString(e) + " may hold"
}

// oneOf is weak for a carrier of which a method is called that only some have.
func (cs *carriers) oneOf(k carrier, e ast.Expr) string {
	decided := 0
	for _, o := range cs.list {
		if !types.IsInterface(o.typ) || o.isSource() {
			decided++
		}
	}
	if weak := cs.weak(k, e); weak != "" || decided <= 1 {
		return weak
	}
	return "one of the values that " + types.ExprString(e) + " may hold"
}

// carriersOf lists the values to which I/O on an expression goes: the value itself, what is
// assigned to a local variable or field of interface type, and what a wrapping constructor
// in the table passes its I/O on to.
func (w *Waiter) carriersOf(e ast.Expr) carriers {
	s := w.carrierSearch()
	s.add(w.U, e, values.MaxValueDepth)
	return s.out
}

func (w *Waiter) carrierSearch() *carrierSearch {
	return &carrierSearch{x: w.X, home: w.home(), seen: make(map[*types.Var]bool)}
}

// elementCarriers is carriersOf for the elements of a container.
func (w *Waiter) elementCarriers(e ast.Expr) carriers {
	s := w.carrierSearch()
	s.elements(w.U, e, values.MaxValueDepth)
	return s.out
}

// carrierSearch is the state of carriersOf.
type carrierSearch struct {
	x    *patterns.Program
	home *patterns.Unit // whose parameters are left to its callers; nil: none are
	seen map[*types.Var]bool
	out  carriers
	far  bool
}

// add adds the carriers of an expression. Variables on the way are visited once.
func (s *carrierSearch) add(u *patterns.Unit, e ast.Expr, depth int) bool {
	info := u.Pkg.Info
	if e == nil || depth == 0 || info.Types[e].IsNil() {
		return false
	}
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		if done, found := s.result(u, call, info.TypeOf(e), depth); done {
			return found
		}
	}
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = un.X
	}
	t := info.TypeOf(e)
	if t == nil {
		return false
	}
	var v *types.Var
	switch e := e.(type) {
	case *ast.Ident:
		v, _ = info.ObjectOf(e).(*types.Var)
	case *ast.SelectorExpr:
		v, _ = info.ObjectOf(e.Sel).(*types.Var)
		if body := bodyOf(u, e, v); body != "" {
			s.note(carrier{typ: t, body: body})
			return true
		}
	}
	isInterface := types.IsInterface(t)
	found := v != nil && (isInterface || isWrapper(s.x, t)) && (s.assigned(u, v, depth) || s.partOf(u, e, v, depth))
	if !found || !isInterface {
		s.note(carrier{typ: t, far: s.far, std: isStd(v)})
	}
	return true
}

// result adds the carriers of what a call returns as a result of a type: what the call
// passes I/O on to, or what a function of the package returns. done is false if nothing is
// known of that.
func (s *carrierSearch) result(u *patterns.Unit, call *ast.CallExpr, t types.Type, depth int) (done, found bool) {
	before := len(s.out.list)
	if args := wrapped(s.x, u.Pkg.Info, call); args != nil {
		for _, a := range args {
			s.add(u, a, depth-1)
		}
		return true, len(s.out.list) > before
	}
	fn := patterns.CalleeOf(u.Pkg.Info, call)
	if fn == nil {
		return false, false
	}
	if s.x.Table().KnowsResult(fn.FullName()) {
		s.note(carrier{typ: t, made: fn.FullName()})
		return true, true
	}
	callee := s.x.UnitOf(fn)
	if callee == nil || callee.Body == nil || callee.Pkg != u.Pkg || !types.IsInterface(t) && !isWrapper(s.x, t) {
		return false, false
	}
	of := -1
	for i := range fn.Signature().Results().Len() {
		if types.AssignableTo(fn.Signature().Results().At(i).Type(), t) {
			if of >= 0 {
				return false, false
			}
			of = i
		}
	}
	if of < 0 {
		return false, false
	}
	values.EachReturned(callee, of, func(e ast.Expr) { s.add(callee, e, depth-1) })
	found = len(s.out.list) > before
	return found, found
}

// partOf adds the carriers of a value of which a field of another package is a part.
func (s *carrierSearch) partOf(u *patterns.Unit, e ast.Expr, v *types.Var, depth int) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || !v.IsField() || v.Pkg() == u.Pkg.Types || !isWrapper(s.x, u.Pkg.Info.TypeOf(sel.X)) {
		return false
	}
	return s.add(u, sel.X, depth-1)
}

// isStd reports whether a variable is os.Stdout or os.Stderr.
func isStd(v *types.Var) bool {
	return v != nil && v.Pkg() != nil && v.Pkg().Path() == "os" && patterns.IsGlobal(v) && (v.Name() == "Stdout" || v.Name() == "Stderr")
}

func (s *carrierSearch) note(k carrier) {
	k.far = s.far
	same := func(o carrier) bool {
		return o.param == k.param && o.body == k.body && o.made == k.made && o.std == k.std && types.Identical(o.typ, k.typ)
	}
	if !slices.ContainsFunc(s.out.list, same) {
		s.out.list = append(s.out.list, k)
	}
}

// wrapped lists the arguments of a call to which its result passes I/O on, by the table or
// because the call is a conversion.
func wrapped(x *patterns.Program, info *types.Info, call *ast.CallExpr) []ast.Expr {
	if tv, ok := info.Types[call.Fun]; ok && tv.IsType() && types.IsInterface(tv.Type) {
		return call.Args
	}
	fn := patterns.CalleeOf(info, call)
	if fn == nil {
		return nil
	}
	var out []ast.Expr
	for _, a := range x.Table().Wraps(fn.FullName()) {
		out = append(out, a.Of(call)...)
	}
	return out
}

// bodyOf returns the kind of body, if the expression is the Body of a request that a server
// received, or of a response that a client received.
func bodyOf(u *patterns.Unit, e *ast.SelectorExpr, v *types.Var) string {
	if v == nil || !v.IsField() || v.Name() != "Body" || v.Pkg() == nil || v.Pkg().Path() != "net/http" {
		return ""
	}
	p, ok := patterns.PathOf(u.Pkg.Info, e.X)
	if !ok {
		return ""
	}
	switch n := patterns.NamedOf(p.Last().Type()); {
	case n == nil:
	case n.Obj().Name() == "Response":
		if def := u.DefinedOnce(p.Root); len(p.Fields) == 0 && def != nil {
			return "" // made by hand, or by a recorder
		}
		return responseBody
	case n.Obj().Name() == "Request" && len(p.Fields) > 0:
		return requestBody
	case n.Obj().Name() == "Request":
		// The body that a client sends comes from the client itself.
		for o := u; o != nil; o = o.Outer {
			if values.ParamIndex(o.Signature(), p.Root) >= 0 && !returnsResponse(o.Signature()) {
				return requestBody
			}
		}
	}
	return ""
}

// returnsResponse reports whether a function returns a response: it is a client, or sits
// between a client and the network.
func returnsResponse(sig *types.Signature) bool {
	for i := range sig.Results().Len() {
		if types.TypeString(sig.Results().At(i).Type(), nil) == "*net/http.Response" {
			return true
		}
	}
	return false
}

// assigned adds the carriers of what a variable is assigned.
func (s *carrierSearch) assigned(u *patterns.Unit, v *types.Var, depth int) bool {
	if s.seen[v.Origin()] {
		return false
	}
	before := len(s.out.list)
	s.variable(u, v.Origin(), v.Type(), depth, s.add)
	return len(s.out.list) > before
}

// A carrierFollower goes on with an expression in a unit.
type carrierFollower func(u *patterns.Unit, e ast.Expr, depth int) bool

// variable goes on with what a variable is assigned. It, or an element of it, has type t.
func (s *carrierSearch) variable(u *patterns.Unit, v *types.Var, t types.Type, depth int, then carrierFollower) {
	s.seen[v] = true
	if v.IsField() || patterns.IsGlobal(v) {
		for _, a := range s.x.AssignmentsIn(u.Pkg)[v] {
			if a.Expr != nil {
				then(s.x.UnitAt(u.Pkg, a.Expr.Pos()), a.Expr, depth-1)
			}
		}
		return
	}
	for o := u; o != nil; o = o.Outer {
		if values.ParamIndex(o.Signature(), v) >= 0 {
			s.parameter(o, v, t, depth, then)
			return
		}
	}
	for _, e := range u.Given(v) {
		s.given(u, v, e, depth, then)
	}
}

// given goes on with an expression that gives a local variable its value: for one of
// several results the call, for an element what is ranged over.
func (s *carrierSearch) given(u *patterns.Unit, v *types.Var, e ast.Expr, depth int, then carrierFollower) {
	t := u.Pkg.Info.TypeOf(e)
	if _, several := t.(*types.Tuple); several {
		if call, ok := e.(*ast.CallExpr); ok {
			s.result(u, call, v.Type(), depth)
		}
		return
	}
	if t == nil || u.Pkg.Info.Types[e].IsNil() {
		return
	}
	whole := slices.ContainsFunc(u.Definitions().Defs[v], func(def ast.Expr) bool { return def != nil && ast.Unparen(def) == e })
	if whole {
		then(u, e, depth-1)
	} else if elem := values.ElementType(t); elem != nil && types.AssignableTo(elem, v.Type()) {
		s.elements(u, e, depth-1)
	}
}

// parameter adds the carriers that a parameter, or an element of it, of a type may be:
// those that calls in the package pass, unless it is left to the caller.
func (s *carrierSearch) parameter(o *patterns.Unit, v *types.Var, t types.Type, depth int, then carrierFollower) {
	if tableHas(s.x, t) {
		return
	}
	for in := s.home; in != nil; in = in.Outer {
		if in == o {
			s.note(carrier{typ: t, param: v})
			return
		}
	}
	far := s.far
	s.far = true
	s.out.open = s.out.open || o.Obj == nil || o.Obj.Exported() && o.Pkg.Name != "main"
	for _, a := range values.ArgumentsFor(s.x, o, v) {
		then(a.Unit, a.Expr, depth-1)
	}
	for _, a := range values.VariadicFor(s.x, o, v) {
		s.add(a.Unit, a.Expr, depth-1)
	}
	s.far = far
}

// elements adds the carriers of the elements of a container.
func (s *carrierSearch) elements(u *patterns.Unit, e ast.Expr, depth int) bool {
	info := u.Pkg.Info
	elem := values.ElementType(info.TypeOf(e))
	if depth == 0 || elem == nil || info.Types[e].IsNil() {
		return false
	}
	before := len(s.out.list)
	if types.IsInterface(elem) && !tableHas(s.x, elem) {
		switch e := ast.Unparen(e).(type) {
		case *ast.CompositeLit:
			for _, elt := range e.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok {
					elt = kv.Value
				}
				s.add(u, elt, depth-1)
			}
		case *ast.SliceExpr:
			s.elements(u, e.X, depth-1)
		case *ast.CallExpr:
			if patterns.BuiltinOf(info, e) == "append" {
				s.appended(u, e, depth)
			}
		case *ast.Ident:
			s.held(u, patterns.AsVar(info, e), elem, depth)
		case *ast.SelectorExpr:
			s.held(u, patterns.AsVar(info, e.Sel), elem, depth)
		}
	}
	if len(s.out.list) == before {
		s.note(carrier{typ: elem, far: s.far})
	}
	return true
}

// appended adds the carriers of the elements of what append returns.
func (s *carrierSearch) appended(u *patterns.Unit, c *ast.CallExpr, depth int) {
	s.elements(u, c.Args[0], depth-1)
	for _, a := range c.Args[1:] {
		if c.Ellipsis.IsValid() {
			s.elements(u, a, depth-1)
		} else {
			s.add(u, a, depth-1)
		}
	}
}

// held adds the carriers of the elements, of a type, of the container in a variable.
func (s *carrierSearch) held(u *patterns.Unit, v *types.Var, elem types.Type, depth int) {
	if v == nil || s.seen[v.Origin()] {
		return
	}
	v = v.Origin()
	for _, st := range values.StoresIn(s.x, u.Pkg)[v] {
		s.add(st.Unit, st.Expr, depth-1)
	}
	s.variable(u, v, elem, depth, s.elements)
}

// tableHas reports whether the table knows a method that is called on a type
// itself, as it does for net.Conn.
func tableHas(x *patterns.Program, typ types.Type) bool {
	n := patterns.NamedOf(typ)
	if n == nil {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	return listed.Get(x, n, func() (has bool) {
		for m := range i.Methods() {
			has = has || x.Table().Known(m)
		}
		return has
	})
}

var listed patterns.Memo[*types.Named, bool]

// isWrapper reports whether values of t pass their I/O on to something else.
func isWrapper(x *patterns.Program, t types.Type) bool {
	n := patterns.NamedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	return wrappers.Get(x, n, func() bool {
		if passesOn(x, n) {
			return true
		}
		st, ok := n.Underlying().(*types.Struct)
		if !ok || x.Knows(n.Obj().Pkg()) { // what its fields hold is seen
			return false
		}
		for f := range st.Fields() {
			if e := patterns.NamedOf(f.Type()); f.Embedded() && e != nil && passesOn(x, e) {
				return true
			}
		}
		return false
	})
}

// passesOn reports whether a method of a type passes its I/O on to something else.
func passesOn(x *patterns.Program, n *types.Named) bool {
	for m := range n.Methods() {
		if len(x.Table().Via(m.FullName())) > 0 {
			return true
		}
	}
	return false
}

var wrappers patterns.Memo[*types.Named, bool]
