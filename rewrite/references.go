package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// references says which local variables of a function may lead to the same
// storage. It looks at the whole function and at no order: wherever a reference
// may get from one variable to another, by an assignment, a range, a composite
// literal, a function literal or a call that may keep it, the two are joined.
//
// Variables of the packages, the parameters and what the lock belongs to are
// joined with one variable that stands for all storage that others know: open.
type references struct {
	info    *types.Info
	program *patterns.Program
	unit    *patterns.Unit
	readers *readers

	open      *types.Var
	joined    map[*types.Var]*types.Var     // union-find
	addressed map[*types.Var]bool           // its own storage can be reached through a reference
	results   map[*ast.FuncLit]*types.Var   // stands for the parameters and results of a literal
	elements  map[*ast.RangeStmt]*types.Var // stands for what a loop over a new value ranges over
	inPlace   map[*ast.FuncLit]bool         // called where it stands
}

// newReferences looks at the declared function around a unit. What the nodes for
// which later holds let references pass between is left out.
func newReferences(x *patterns.Program, u *patterns.Unit, root *types.Var, later func(ast.Node) bool) *references {
	r := &references{
		info: u.Pkg.Info, program: x, unit: u, readers: newReaders(x),
		open:      types.NewVar(token.NoPos, nil, "", types.Typ[types.UnsafePointer]),
		joined:    make(map[*types.Var]*types.Var),
		addressed: make(map[*types.Var]bool),
		results:   make(map[*ast.FuncLit]*types.Var),
		elements:  make(map[*ast.RangeStmt]*types.Var),
		inPlace:   make(map[*ast.FuncLit]bool),
	}
	if root != nil && !root.IsField() {
		r.join([]*types.Var{root, r.open})
	}
	r.parameters(u.Decl.Recv, r.open)
	r.parameters(u.Decl.Type.Params, r.open)
	ast.Inspect(u.Decl.Body, func(n ast.Node) bool {
		r.literal(n)
		return true
	})
	ast.Inspect(u.Decl.Body, func(n ast.Node) bool {
		if n != nil && !later(n) {
			r.flow(n)
		}
		return true
	})
	return r
}

// parameters joins the parameters that carry references with a variable.
func (r *references) parameters(list *ast.FieldList, with *types.Var) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		for _, id := range f.Names {
			if v, ok := r.info.Defs[id].(*types.Var); ok && carries(v.Type()) {
				r.join([]*types.Var{v, with})
			}
		}
	}
}

// root returns the variable that stands for all that v is joined with.
func (r *references) root(v *types.Var) *types.Var {
	for r.joined[v] != nil {
		v = r.joined[v]
	}
	return v
}

// join makes variables lead to the same storage.
func (r *references) join(lists ...[]*types.Var) {
	var first *types.Var
	for _, v := range slices.Concat(lists...) {
		switch v = r.root(v); {
		case first == nil:
			first = v
		case v == first:
		case v == r.open:
			r.joined[first], first = v, v
		default:
			r.joined[v] = first
		}
	}
}

// meet reports whether one of each list may lead to the same storage.
func (r *references) meet(a, b []*types.Var) bool {
	return slices.ContainsFunc(a, func(v *types.Var) bool {
		return slices.ContainsFunc(b, func(w *types.Var) bool { return r.root(v) == r.root(w) })
	})
}

// isOpen reports whether variables may lead to what others know.
func (r *references) isOpen(vars []*types.Var) bool {
	return slices.ContainsFunc(vars, func(v *types.Var) bool { return r.root(v) == r.root(r.open) })
}

// allWith lists the variables that are joined with one of the list, itself
// included.
func (r *references) allWith(vars []*types.Var) []*types.Var {
	out := slices.Clone(vars)
	if r.isOpen(vars) {
		out = append(out, r.open)
	}
	for v := range r.joined {
		if r.meet([]*types.Var{v}, vars) {
			out = append(out, v)
		}
	}
	for _, v := range vars {
		out = append(out, r.root(v))
	}
	return out
}

// literal makes what a function literal is given and returns known, before its
// calls are looked at.
func (r *references) literal(n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
			r.inPlace[lit] = true // the call is met before the literal
		}
	case *ast.FuncLit:
		v := types.NewVar(n.Pos(), nil, "", types.Typ[types.UnsafePointer])
		r.results[n] = v
		if r.inPlace[n] {
			r.parameters(n.Type.Params, v)
		} else {
			r.parameters(n.Type.Params, r.open) // whoever calls it gives them
		}
		r.parameters(n.Type.Results, v)
		inspectOuter(n.Body, func(m ast.Node) bool {
			if ret, ok := m.(*ast.ReturnStmt); ok {
				for _, e := range ret.Results {
					r.join([]*types.Var{v}, r.of(e))
				}
			}
			return true
		})
	case *ast.RangeStmt:
		r.elements[n] = types.NewVar(n.X.Pos(), nil, "", types.Typ[types.UnsafePointer])
	}
}

// flow joins what one node lets references pass between.
func (r *references) flow(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			r.assign(l, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) > 0 {
				r.assign(id, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.RangeStmt:
		from := r.of(n.X)
		if len(from) == 0 {
			from = []*types.Var{r.elements[n]}
		}
		for _, l := range []ast.Expr{n.Key, n.Value} {
			if l != nil && carries(r.info.TypeOf(l)) {
				r.join(r.holder(l), from)
			}
		}
	case *ast.SendStmt:
		r.join(r.of(n.Chan), r.of(n.Value))
	case *ast.CaseClause:
		if v, ok := r.info.Implicits[n].(*types.Var); ok {
			r.typeCase(n, v)
		}
	case *ast.CallExpr:
		r.pass(n)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			r.address(n.X)
		}
	case *ast.FuncLit:
		if !r.inPlace[n] {
			r.captured(n)
		}
	case *ast.SelectorExpr, *ast.SliceExpr:
		r.of(n.(ast.Expr)) // notes whose address that takes
	}
}

// typeCase joins the variable of a clause of a type switch with what the switch
// is over.
func (r *references) typeCase(clause *ast.CaseClause, v *types.Var) {
	ast.Inspect(r.unit.Decl.Body, func(n ast.Node) bool {
		sw, ok := n.(*ast.TypeSwitchStmt)
		if ok && slices.Contains(sw.Body.List, ast.Stmt(clause)) {
			if as, isDef := sw.Assign.(*ast.AssignStmt); isDef {
				r.join([]*types.Var{v}, r.of(as.Rhs[0]))
			}
		}
		return true
	})
}

// assign joins the two sides of an assignment.
func (r *references) assign(lhs, rhs ast.Expr) {
	if t := r.info.TypeOf(lhs); t == nil || !carries(t) {
		return
	}
	r.join(r.holder(lhs), r.of(rhs))
}

// holder returns the variables through which what is assigned to e is found.
func (r *references) holder(e ast.Expr) []*types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return r.variable(e)
	case *ast.SelectorExpr:
		if r.info.Selections[e] == nil {
			return []*types.Var{r.open}
		}
		return r.holder(e.X)
	case *ast.IndexExpr:
		return r.holder(e.X)
	case *ast.StarExpr:
		return r.holder(e.X)
	}
	return r.of(e)
}

// variable returns the variable that an identifier names, open for one of a
// package.
func (r *references) variable(id *ast.Ident) []*types.Var {
	v, ok := r.info.ObjectOf(id).(*types.Var)
	switch {
	case !ok:
		return nil
	case isGlobal(v):
		return []*types.Var{r.open}
	}
	return []*types.Var{v}
}

// of returns the variables that lead to what the value of an expression refers
// to: none if it refers to nothing, or to something new.
func (r *references) of(e ast.Expr) []*types.Var {
	if e == nil {
		return nil
	}
	if t := r.info.TypeOf(e); t != nil && !carries(t) {
		return nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return r.variable(e)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return r.address(e.X)
		}
		return r.of(e.X)
	case *ast.StarExpr:
		return r.of(e.X)
	case *ast.SelectorExpr:
		return r.selected(e)
	case *ast.IndexExpr:
		return r.of(e.X)
	case *ast.SliceExpr:
		if _, array := r.info.TypeOf(e.X).Underlying().(*types.Array); array {
			return r.address(e.X)
		}
		return r.of(e.X)
	case *ast.TypeAssertExpr:
		return r.of(e.X)
	case *ast.KeyValueExpr:
		return slices.Concat(r.of(e.Key), r.of(e.Value))
	case *ast.CompositeLit:
		var out []*types.Var
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				if _, isStruct := r.info.TypeOf(e).Underlying().(*types.Struct); !isStruct {
					out = append(out, r.of(kv.Key)...)
				}
				x = kv.Value
			}
			out = append(out, r.of(x)...)
		}
		return out
	case *ast.FuncLit:
		return r.captured(e)
	case *ast.CallExpr:
		return r.result(e)
	}
	return nil
}

// selected is of for a field, a method value, or a variable of a package.
func (r *references) selected(e *ast.SelectorExpr) []*types.Var {
	m := r.info.Selections[e]
	switch {
	case m == nil:
		if _, isVar := r.info.Uses[e.Sel].(*types.Var); isVar {
			return []*types.Var{r.open}
		}
		return nil
	case m.Kind() == types.MethodVal:
		return r.receiver(e)
	case m.Kind() == types.FieldVal:
		if carries(r.info.TypeOf(e.X)) {
			return r.of(e.X)
		}
	}
	return nil
}

// receiver returns what leads to the object that a method is called on.
func (r *references) receiver(sel *ast.SelectorExpr) []*types.Var {
	if receiverIsAddressed(r.info, sel) {
		return r.address(sel.X)
	}
	return r.of(sel.X)
}

// receiverIsAddressed reports whether a method is called on the address of what
// stands before its name.
func receiverIsAddressed(info *types.Info, sel *ast.SelectorExpr) bool {
	m := info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal || m.Indirect() {
		return false
	}
	_, byPointer := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, isPointer := info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return byPointer && !isPointer && !types.IsInterface(info.TypeOf(sel.X))
}

// address returns what leads to the storage that e names. The address of a
// local variable makes its own storage reachable.
func (r *references) address(e ast.Expr) []*types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		out := r.variable(e)
		for _, v := range out {
			r.addressed[v] = true
		}
		return out
	case *ast.SelectorExpr:
		if r.info.Selections[e] == nil {
			return []*types.Var{r.open}
		}
		if _, ptr := r.info.TypeOf(e.X).Underlying().(*types.Pointer); ptr {
			return r.of(e.X)
		}
		return r.address(e.X)
	case *ast.IndexExpr:
		if _, array := r.info.TypeOf(e.X).Underlying().(*types.Array); array {
			return r.address(e.X)
		}
		return r.of(e.X)
	case *ast.StarExpr:
		return r.of(e.X)
	}
	return r.of(e)
}

// captured returns what a function literal leads to: the variables that it uses
// and does not declare, whose own storage it reaches.
func (r *references) captured(lit *ast.FuncLit) []*types.Var {
	out := []*types.Var{r.results[lit]}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := r.info.Uses[id].(*types.Var)
		if ok && !v.IsField() && !isGlobal(v) && (v.Pos() < lit.Pos() || lit.End() <= v.Pos()) && !slices.Contains(out, v) {
			r.addressed[v] = true
			out = append(out, v)
		}
		return true
	})
	return out
}

// operands lists what a call evaluates that may carry references, with what
// leads to each: the function or receiver, and the arguments.
func (r *references) operands(c *ast.CallExpr) []operand {
	var out []operand
	fun := ast.Unparen(c.Fun)
	switch f := fun.(type) {
	case *ast.FuncLit:
		out = append(out, operand{expr: f, vars: []*types.Var{r.results[f]}, literal: true})
	case *ast.SelectorExpr:
		if m := r.info.Selections[f]; m != nil && m.Kind() == types.MethodVal {
			out = append(out, operand{expr: f.X, vars: r.receiver(f), receiver: true, addressed: receiverIsAddressed(r.info, f)})
			break
		}
		out = append(out, operand{expr: f, vars: r.of(f)})
	default:
		out = append(out, operand{expr: fun, vars: r.of(fun)})
	}
	for i, a := range c.Args {
		out = append(out, operand{expr: a, vars: r.of(a), arg: i})
	}
	return slices.DeleteFunc(out, func(o operand) bool { return len(o.vars) == 0 })
}

// An operand is a value that a call is given.
type operand struct {
	expr      ast.Expr
	vars      []*types.Var // what leads to what it refers to
	arg       int
	receiver  bool
	addressed bool // the receiver's address is passed
	literal   bool // a literal that is called in place
}

// pass joins what a call may put into one another.
func (r *references) pass(c *ast.CallExpr) {
	if r.info.Types[c.Fun].IsType() {
		return
	}
	switch patterns.BuiltinOf(r.info, c) {
	case "":
	case "append", "copy":
		var all []*types.Var
		for i, a := range c.Args {
			if i == 0 || carries(elemType(r.info.TypeOf(c.Args[0]))) {
				all = append(all, r.of(a)...)
			}
		}
		r.join(all)
		return
	default:
		return
	}
	var all []*types.Var
	for _, o := range r.operands(c) {
		if !r.readers.onlyReads(r.unit, c, o) {
			all = append(all, o.vars...)
		}
	}
	r.join(all)
}

// result returns what leads to what the result of a call refers to.
func (r *references) result(c *ast.CallExpr) []*types.Var {
	if r.info.Types[c.Fun].IsType() {
		return r.of(c.Args[0])
	}
	var out []*types.Var
	switch patterns.BuiltinOf(r.info, c) {
	case "":
	case "append":
		for i, a := range c.Args {
			if i == 0 || carries(elemType(r.info.TypeOf(c.Args[0]))) {
				out = append(out, r.of(a)...)
			}
		}
		return out
	case "recover":
		return []*types.Var{r.open}
	default:
		return nil
	}
	for _, o := range r.operands(c) {
		out = append(out, o.vars...)
	}
	if !r.makesNew(c) {
		out = append(out, r.open)
	}
	return out
}

// makesNew reports whether the result of a call refers to nothing but what is
// made in the call and what the call was given.
func (r *references) makesNew(c *ast.CallExpr) bool {
	if _, lit := ast.Unparen(c.Fun).(*ast.FuncLit); lit {
		return true // what it returns is joined with it
	}
	fn := patterns.CalleeOf(r.info, c)
	if fn == nil {
		return false
	}
	callees, known := r.program.Callees(r.unit, c)
	if len(callees) == 0 && known {
		std := fn.Pkg() != nil && !strings.Contains(strings.Split(fn.Pkg().Path(), "/")[0], ".")
		return isQuiet(fn) || std && strings.HasPrefix(fn.Name(), "New")
	}
	return known && !slices.ContainsFunc(callees, func(u *patterns.Unit) bool { return !returnsNew(u) })
}

// returnsNew reports whether all that a function returns is made in it, and it
// knows of nothing else that carries references.
func returnsNew(u *patterns.Unit) bool {
	if u.Body == nil {
		return false
	}
	info, made := u.Pkg.Info, true
	inspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v, ok := info.Uses[n].(*types.Var)
			made = made && !(ok && isGlobal(v) && carries(v.Type()))
		case *ast.ReturnStmt:
			made = made && len(n.Results) > 0
			for _, e := range n.Results {
				made = made && (info.Types[e].IsNil() || !carries(info.TypeOf(e)) || madeIn(u, e))
			}
		}
		return made
	})
	return made
}

// madeIn reports whether an expression makes something new, or names a variable
// that holds what a function made.
func madeIn(u *patterns.Unit, e ast.Expr) bool {
	e = ast.Unparen(e)
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		name := patterns.BuiltinOf(u.Pkg.Info, e)
		return name == "new" || name == "make"
	case *ast.Ident:
		v, _ := u.Pkg.Info.Uses[e].(*types.Var)
		return v != nil && u.Fresh(v)
	}
	return false
}
