// Package values follows values through a package: the functions that a variable may
// hold, the channels that are the same, and the branches that a constant rules out.
package values

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"math"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// A FuncValue is one function that an expression may have as its value.
type FuncValue struct {
	Fn   *types.Func    // a declared function or method; nil for a literal
	Lit  *ast.FuncLit   // nil for a declared function
	Recv ast.Expr       // for a method value: of what; for an object: the object
	At   *patterns.Unit // the unit with the expression that names the function or object

	// made is the call, in the unit by, that returned the function: it passes the maker's
	// parameters that the literal uses.
	Made *ast.CallExpr
	By   *patterns.Unit
}

// FuncValues lists the functions that an expression may have as its value, as far as a
// package shows them.
type FuncValues struct {
	List   []FuncValue
	Params []*types.Var // parameters of the functions around it that it may be the value of
	each   bool         // all of list are called, one after the other: the elements of a container
	open   bool         // there may be unseen others
}

// Weak says why it is uncertain which of several functions is called.
func (v *FuncValues) Weak(e ast.Expr) string {
	if !v.open && (len(v.List) == 1 || v.each) {
		return ""
	}
	return "one of the functions that " + types.ExprString(e) + " may hold"
}

// Limits of a search for function values. A variable with more functions is a dispatch
// table, which says nothing about a single call.
const (
	MaxValueDepth = 8
	maxValues     = 24
)

// ValuesOf lists the functions that an expression of a unit may have as its value:
// through variables, fields, parameters, elements of maps, slices and channels, and
// results.
//
// It does not follow parameters of the unit home, and of those around it, to the
// callers; if home is nil, it follows all parameters to the calls in the package.
func ValuesOf(x *patterns.Program, home, u *patterns.Unit, e ast.Expr) FuncValues {
	s := newSearch(x, home)
	s.value(u, e, MaxValueDepth)
	return s.answer()
}

// ObjectsOf is [ValuesOf] for the objects that an interface may hold: each stands in Recv of
// a value that is no function.
func ObjectsOf(x *patterns.Program, home, u *patterns.Unit, e ast.Expr) FuncValues {
	s := newSearch(x, home)
	s.objects = true
	s.value(u, e, MaxValueDepth)
	return s.answer()
}

// UnitsOf is [ValuesOf] for what is seen of the program's own functions. There may be others.
func UnitsOf(x *patterns.Program, u *patterns.Unit, e ast.Expr) (units []*patterns.Unit) {
	s := newSearch(x, nil)
	s.most = math.MaxInt // what runs is wanted, not what one call says
	s.value(u, e, MaxValueDepth)
	for _, v := range s.out.List {
		if w := v.unit(x); w != nil && !slices.Contains(units, w) {
			units = append(units, w)
		}
	}
	return units
}

// unit returns the unit of a function, or nil if it is not of the program.
func (v FuncValue) unit(x *patterns.Program) *patterns.Unit {
	if v.Fn != nil {
		return x.UnitOf(v.Fn)
	}
	return x.LitUnit(v.Lit)
}

// A valueSearch is the state of valuesOf.
type valueSearch struct {
	x       *patterns.Program
	home    *patterns.Unit // whose parameters are left to its callers, or nil
	objects bool           // for those in an interface
	seen    map[valueKey]bool
	most    int // with more values the search ends, and says nothing
	out     FuncValues

	made *ast.CallExpr // as in funcValue
	by   *patterns.Unit
}

type valueKey struct {
	v       *types.Var
	element bool
}

func newSearch(x *patterns.Program, home *patterns.Unit) *valueSearch {
	return &valueSearch{x: x, home: home, seen: make(map[valueKey]bool), most: maxValues}
}

// answer returns what was found, unless that is too much to say anything.
func (s *valueSearch) answer() FuncValues {
	if len(s.out.List) > s.most {
		return FuncValues{open: true}
	}
	return s.out
}

// value adds what an expression may have as its value.
func (s *valueSearch) value(u *patterns.Unit, e ast.Expr, depth int) {
	info := u.Pkg.Info
	if depth == 0 || len(s.out.List) > s.most {
		s.out.open = true
		return
	}
	if tv := info.Types[e]; tv.IsNil() || patterns.IsCancel(tv.Type) {
		return // not called, or known not to wait
	}
	if s.objects && s.object(u, e, depth) {
		return
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		s.add(FuncValue{Lit: e, At: u})
	case *ast.Ident:
		s.named(u, e, nil, depth)
	case *ast.SelectorExpr:
		s.named(u, e.Sel, e.X, depth)
	case *ast.IndexExpr:
		if tv := info.Types[e.Index]; tv.IsType() {
			s.value(u, e.X, depth-1)
			return
		}
		s.elements(u, e.X, depth-1)
	case *ast.UnaryExpr:
		if e.Op == token.ARROW {
			s.elements(u, e.X, depth-1)
			return
		}
		s.out.open = true
		if e.Op == token.AND {
			s.value(u, e.X, depth-1)
		}
	case *ast.CallExpr:
		s.result(u, e, 0, depth, s.value)
	case *ast.TypeAssertExpr:
		s.value(u, e.X, depth-1)
	case *ast.StarExpr:
		s.out.open = true // whoever has the address may assign anything
		s.value(u, e.X, depth-1)
	default:
		s.out.open = true
	}
}

func (s *valueSearch) add(v FuncValue) {
	v.Made, v.By = s.made, s.by
	same := func(w FuncValue) bool {
		return w.Fn == v.Fn && w.Lit == v.Lit && (v.Fn != nil || v.Lit != nil || w.Recv == v.Recv)
	}
	if !slices.ContainsFunc(s.out.List, same) {
		s.out.List = append(s.out.List, v)
	}
}

// object adds an expression whose type is no interface, or what a local variable of such a
// type holds. It reports whether there is nothing else to do.
func (s *valueSearch) object(u *patterns.Unit, e ast.Expr, depth int) bool {
	e = ast.Unparen(e)
	if t := u.Pkg.Info.TypeOf(e); t == nil || types.IsInterface(t) {
		return false
	}
	switch e := e.(type) {
	case *ast.Ident:
		switch def := ast.Unparen(u.DefinedOnce(patterns.AsVar(u.Pkg.Info, e))).(type) {
		case *ast.CallExpr, *ast.UnaryExpr, *ast.CompositeLit:
			return s.object(u, def, depth-1)
		}
	case *ast.CallExpr:
		if fn := patterns.CalleeOf(u.Pkg.Info, e); depth > 0 && fn != nil && s.x.UnitOf(fn) != nil && s.x.UnitOf(fn).Pkg == u.Pkg {
			before := len(s.out.List)
			s.result(u, e, 0, depth, s.value)
			return len(s.out.List) > before
		}
	}
	s.add(FuncValue{Recv: e, At: u})
	return true
}

// named adds what a name stands for: a function, or what a variable holds.
func (s *valueSearch) named(u *patterns.Unit, id *ast.Ident, recv ast.Expr, depth int) {
	switch obj := u.Pkg.Info.Uses[id].(type) {
	case *types.Func:
		s.add(FuncValue{Fn: obj, Recv: recv, At: u})
	case *types.Var:
		if key := (valueKey{obj.Origin(), false}); !s.seen[key] {
			s.seen[key] = true
			s.variable(u, obj.Origin(), depth, s.value)
		}
	default:
		s.out.open = true
	}
}

// A follower goes on with an expression in a unit.
type follower func(u *patterns.Unit, e ast.Expr, depth int)

// variable goes on with everything that a variable is given: whole gets what is assigned to
// it.
func (s *valueSearch) variable(u *patterns.Unit, v *types.Var, depth int, whole follower) {
	if v.IsField() || patterns.IsGlobal(v) {
		if v.Pkg() != u.Pkg.Types {
			s.out.open = true
			return
		}
		s.out.open = s.out.open || v.Exported() && u.Pkg.Name != "main"
		unseen := 0
		for _, a := range s.x.AssignmentsIn(u.Pkg)[v] {
			if a.Expr == nil {
				unseen++
				continue
			}
			whole(s.x.UnitAt(u.Pkg, a.Expr.Pos()), a.Expr, depth-1)
		}
		if unseen > 0 {
			s.results(u, v, unseen, depth, whole)
		}
		return
	}
	for o := u; o != nil; o = o.Outer {
		if o.IsParam(v) {
			s.parameter(o, v, depth, whole)
			return
		}
	}
	for _, def := range u.Definitions().Defs[v] {
		if def != nil {
			whole(u, def, depth-1)
			continue
		}
		s.partOf(u, v, depth, whole)
	}
}

// results goes on where a field or package-level variable gets one of several results of a
// call. It is open if that does not explain every assignment.
func (s *valueSearch) results(u *patterns.Unit, v *types.Var, unseen, depth int, whole follower) {
	list := resultsIn(s.x, u.Pkg)[v]
	s.out.open = s.out.open || len(list) < unseen
	for _, r := range list {
		s.result(s.x.UnitAt(u.Pkg, r.call.Pos()), r.call, r.index, depth, whole)
	}
}

// A callResult is one of several results of a call.
type callResult struct {
	call  *ast.CallExpr
	index int
}

// resultsIn lists those that the fields and package-level variables of a package get.
func resultsIn(x *patterns.Program, p *patterns.Package) map[*types.Var][]callResult {
	return tuples.Get(x, p, func() map[*types.Var][]callResult {
		m := make(map[*types.Var][]callResult)
		note := func(lhs []ast.Expr, rhs ast.Expr) {
			c, ok := ast.Unparen(rhs).(*ast.CallExpr)
			for i, l := range lhs {
				if q, named := patterns.PathOf(p.Info, l); ok && named && len(lhs) > 1 {
					m[q.Last().Origin()] = append(m[q.Last().Origin()], callResult{c, i})
				}
			}
		}
		for _, f := range p.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					if len(n.Rhs) == 1 {
						note(n.Lhs, n.Rhs[0])
					}
				case *ast.ValueSpec:
					if len(n.Values) == 1 {
						var names []ast.Expr
						for _, id := range n.Names {
							names = append(names, id)
						}
						note(names, n.Values[0])
					}
				}
				return true
			})
		}
		return m
	})
}

var tuples patterns.Memo[*patterns.Package, map[*types.Var][]callResult]

// parameter goes on with a parameter: it is left to the caller where the search
// began in the function, and to the calls that are seen in any other.
func (s *valueSearch) parameter(o *patterns.Unit, v *types.Var, depth int, whole follower) {
	for in := s.home; in != nil; in = in.Outer {
		if in == o {
			if !slices.Contains(s.out.Params, v) {
				s.out.Params = append(s.out.Params, v)
			}
			return
		}
	}
	s.out.open = s.out.open || o.Obj == nil || o.Obj.Exported() && o.Pkg.Name != "main"
	for _, a := range ArgumentsFor(s.x, o, v) {
		whole(a.Unit, a.Expr, depth-1)
	}
	for _, a := range VariadicFor(s.x, o, v) {
		s.element(a.Unit, a.Expr, depth-1)
	}
}

// partOf goes on where a variable gets an element in a loop, or one of several
// results.
func (s *valueSearch) partOf(u *patterns.Unit, v *types.Var, depth int, whole follower) {
	info := u.Pkg.Info
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && info.ObjectOf(id) == v
	}
	found := false
	ast.Inspect(patterns.TopOf(u).Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			_, overChan := info.TypeOf(n.X).Underlying().(*types.Chan)
			if is(n.Value) || overChan && is(n.Key) {
				found = true
				s.out.each = true
				s.elements(u, n.X, depth-1)
			}
		case *ast.AssignStmt:
			if len(n.Rhs) != 1 || len(n.Lhs) < 2 || !slices.ContainsFunc(n.Lhs, is) {
				return true
			}
			found = true
			switch r := ast.Unparen(n.Rhs[0]).(type) {
			case *ast.CallExpr:
				s.result(u, r, slices.IndexFunc(n.Lhs, is), depth, whole)
			case *ast.IndexExpr, *ast.UnaryExpr: // v, ok := m[k], <-ch
				whole(u, r, depth-1)
			default:
				s.out.open = true
			}
		}
		return true
	})
	s.out.open = s.out.open || !found
}

// result goes on with one result of a call.
func (s *valueSearch) result(u *patterns.Unit, c *ast.CallExpr, i, depth int, then follower) {
	info := u.Pkg.Info
	if tv, ok := info.Types[c.Fun]; ok && tv.IsType() && len(c.Args) == 1 {
		then(u, c.Args[0], depth-1)
		return
	}
	fn := patterns.CalleeOf(info, c)
	switch {
	case fn == nil:
		s.resultOfValue(u, c, i, depth, then)
		return
	case patterns.IsInterfaceMethod(fn):
		s.out.open = true
		return
	}
	if _, loads := loadsFrom[s.x.KeyOf(fn)]; loads && i == 0 {
		s.out.open = true // only what is stored by that name is seen
		s.elements(u, patterns.ReceiverOf(c.Fun), depth-1)
		return
	}
	w := s.x.UnitOf(fn)
	if w == nil || w.Pkg != u.Pkg {
		if handsOn[fn.FullName()] && len(c.Args) > 0 && i == 0 {
			then(u, c.Args[0], depth-1)
			return
		}
		s.out.open = true
		return
	}
	made, by := s.made, s.by
	s.made, s.by = c, u
	EachReturned(w, i, func(e ast.Expr) { then(w, e, depth-1) })
	s.made, s.by = made, by
}

// resultOfValue goes on with one result of a call of a function value.
func (s *valueSearch) resultOfValue(u *patterns.Unit, c *ast.CallExpr, i, depth int, then follower) {
	called := &valueSearch{x: s.x, home: s.home, seen: maps.Clone(s.seen), most: s.most}
	called.value(u, c.Fun, depth-1)
	s.out.open = s.out.open || called.out.open || len(called.out.Params) > 0
	made, by := s.made, s.by
	s.made, s.by = nil, nil
	for _, f := range called.out.List {
		w := f.unit(s.x)
		if w == nil || w.Body == nil || w.Pkg != u.Pkg {
			s.out.open = true
			continue
		}
		EachReturned(w, i, func(e ast.Expr) { then(w, e, depth-1) })
	}
	s.made, s.by = made, by
}

// handsOn are functions whose first result runs, or holds, their first argument.
var handsOn = map[string]bool{
	"sync.OnceFunc": true, "sync.OnceValue": true, "sync.OnceValues": true,
	"iter.Pull": true, "iter.Pull2": true,
	"slices.Clone": true, "maps.Clone": true, "slices.Values": true, "maps.Values": true,
}

// loadsFrom are methods that return what others have stored in their receiver; storesTo are
// those, with the argument that they store.
var (
	loadsFrom = map[string]bool{
		"(*sync/atomic.Value).Load": true, "(*sync/atomic.Value).Swap": true,
		"(*sync/atomic.Pointer[T]).Load": true, "(*sync/atomic.Pointer[T]).Swap": true,
		"(*sync.Map).Load": true, "(*sync.Map).LoadOrStore": true, "(*sync.Map).LoadAndDelete": true,
		"(*sync.Map).Swap": true, "(*sync.Pool).Get": true,
	}
	storesTo = map[string]int{
		"(*sync/atomic.Value).Store": 0, "(*sync/atomic.Value).Swap": 0, "(*sync/atomic.Value).CompareAndSwap": 1,
		"(*sync/atomic.Pointer[T]).Store": 0, "(*sync/atomic.Pointer[T]).Swap": 0, "(*sync/atomic.Pointer[T]).CompareAndSwap": 1,
		"(*sync.Map).Store": 1, "(*sync.Map).LoadOrStore": 1, "(*sync.Map).Swap": 1, "(*sync.Map).CompareAndSwap": 2,
		"(*sync.Pool).Put": 0,
	}
)

// EachReturned visits the values that a unit returns as result i.
func EachReturned(u *patterns.Unit, i int, f func(ast.Expr)) {
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if i < len(n.Results) && len(n.Results) == u.Signature().Results().Len() {
				f(n.Results[i])
			}
		}
		return true
	})
}

// ArgumentsFor lists the arguments that calls of a function in its package pass for a
// parameter.
func ArgumentsFor(x *patterns.Program, u *patterns.Unit, v *types.Var) []guards.UnitExpr {
	i := ParamIndex(u.Signature(), v)
	if i < 0 || u.Obj == nil {
		return nil
	}
	var out []guards.UnitExpr
	for _, c := range CallsTo(x, u) {
		if i < len(c.Call.Args) && (c.Call.Ellipsis.IsValid() || !isVariadic(u.Signature(), i)) {
			out = append(out, guards.UnitExpr{Unit: c.Unit, Expr: c.Call.Args[i]})
		}
	}
	return out
}

// ParamIndex returns the index of a parameter, or -1.
func ParamIndex(sig *types.Signature, v *types.Var) int {
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return i
		}
	}
	return -1
}

// CallsTo lists the calls of a declared function in its package.
func CallsTo(x *patterns.Program, u *patterns.Unit) []patterns.Call {
	m := callsByName.Get(x, u.Pkg, func() map[*types.Func][]patterns.Call {
		m := make(map[*types.Func][]patterns.Call)
		note := func(v *patterns.Unit, c *ast.CallExpr) {
			if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil && fn.Pkg() == u.Pkg.Types {
				m[fn.Origin()] = append(m[fn.Origin()], patterns.Call{Unit: v, Call: c})
			}
		}
		for _, v := range x.UnitsIn(u.Pkg) {
			for _, c := range v.Calls() {
				note(v, c)
			}
		}
		for _, c := range initialCalls(u.Pkg) {
			note(x.UnitAt(u.Pkg, c.Pos()), c)
		}
		return m
	})
	return m[u.Obj.Origin()]
}

var callsByName patterns.Memo[*patterns.Package, map[*types.Func][]patterns.Call]

// initialCalls lists the calls that initialise package-level variables.
func initialCalls(p *patterns.Package) []*ast.CallExpr {
	var calls []*ast.CallExpr
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
				statements.InspectCalls(d, func(c *ast.CallExpr) { calls = append(calls, c) })
			}
		}
	}
	return calls
}

// ReceivedFrom returns the channel of a receive.
func ReceivedFrom(e ast.Expr) ast.Expr {
	if un, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && un.Op == token.ARROW {
		return un.X
	}
	return nil
}

// Lift translates a path of a callee into the terms of its caller. Root is nil if that
// is impossible.
func Lift(u *patterns.Unit, callee *patterns.Unit, p patterns.Path, call ast.Node) patterns.Path {
	if p.Root == nil || p.Global() || callee.Lit != nil && !callee.Contains(p.Root.Pos()) && !callee.IsParam(p.Root) {
		return p // the same variable in both
	}
	c, ok := call.(*ast.CallExpr)
	ef := locks.Effect{Path: p}
	if !ok || !names(u, c, callee) || !locks.Nameable(callee, &ef) {
		return patterns.Path{}
	}
	if q, ok := locks.Translate(u, ef, c); ok {
		return q
	}
	return patterns.Path{}
}

// names reports whether a call may be one of a unit itself, rather than of a function that
// calls the unit with arguments of its own, as fmt.Fprint calls Write.
func names(u *patterns.Unit, c *ast.CallExpr, callee *patterns.Unit) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	return fn == nil || callee.Obj == nil || fn.Name() == callee.Obj.Name()
}
