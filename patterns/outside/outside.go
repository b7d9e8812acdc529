// Package outside says what a section does to things outside the process that the program
// names: files, the other ends of connections, the tables of databases.
package outside

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A Use is a call that reads or changes something outside the process that the
// program names by a field, a variable or constant of a package, or a function that returns
// the name: the file or directory of a path, the other end of a connection, the tables
// behind a database handle. Such a thing is storage, like memory, and a lock under which
// several sections work on it guards it.
type Use struct {
	Things   []types.Object // that name it, in the order of their positions
	Tables   []string       // of a database, if the statement is a constant; nil if that is not known
	Category string
	Writes   bool
	Named    bool   // by a path, so that each call opens it anew
	Fixed    bool   // each run of the section works on the same one: apart from Things, only constants name it
	InTx     bool   // in a transaction, which the database keeps together
	What     string // the function: "os.WriteFile"
	Chain    []Call // the calls that lead to it, of the section's function first
}

// A Call is a call in a unit.
type Call struct {
	Unit *patterns.Unit
	Call *ast.CallExpr
}

// In returns the call through which a unit reaches the use, or nil.
func (o *Use) In(u *patterns.Unit) *ast.CallExpr {
	for _, c := range o.Chain {
		if c.Unit == u {
			return c.Call
		}
	}
	return nil
}

// Last returns the call that works on the thing itself.
func (o *Use) Last() Call { return o.Chain[len(o.Chain)-1] }

// Names says how the program names the thing: "s.path" as "path".
func (o *Use) Names() string {
	var names []string
	for _, t := range o.Things {
		names = append(names, t.Name())
	}
	return strings.Join(names, ", ")
}

// Same reports whether two uses may concern the same thing.
func (o *Use) Same(p *Use) bool {
	shared := slices.ContainsFunc(o.Things, func(t types.Object) bool { return slices.Contains(p.Things, t) })
	if !shared || o.Tables == nil || p.Tables == nil {
		return shared
	}
	return slices.ContainsFunc(o.Tables, func(t string) bool { return slices.Contains(p.Tables, t) })
}

// categories are the categories of operations on things that persist, unlike those
// that only let time pass or make an independent request.
var categories = map[string]bool{"disk": true, "fsync": true, "net": true, "db": true}

// Bounds of a search for outside uses.
const (
	maxCalls     = 6   // calls deep
	maxUses      = 50  // of a section
	maxUnits     = 200 // functions that a section is followed into
	maxNameDepth = 10  // steps from an operand to what names the thing
)

// Uses lists what a section does to things outside the process, in source order.
func Uses(x *patterns.Program, s *locks.Section) []*Use {
	memo := usesOf.Get(x, s.Unit.Pkg, func() *sync.Map { return new(sync.Map) })
	if uses, ok := memo.Load(s.Acquire); ok {
		return uses.([]*Use)
	}
	w := &walker{x: x}
	for _, n := range s.Nodes {
		w.walk(&frame{unit: s.Unit, lock: s.Lock.Root}, n)
	}
	slices.SortStableFunc(w.found, func(a, b *Use) int { return cmp.Compare(a.Chain[0].Call.Pos(), b.Chain[0].Call.Pos()) })
	memo.Store(s.Acquire, w.found)
	return w.found
}

// usesOf has them by what takes the lock.
var usesOf patterns.PackageMemo[*sync.Map]

// walker collects the outside uses of a section.
type walker struct {
	x     *patterns.Program
	found []*Use
	units int
}

// worksOutside reports whether a unit, itself or through others, waits for something
// outside the process that persists.
func worksOutside(u *patterns.Unit) bool {
	return waits.Reaches(u, func(category string) bool { return categories[category] })
}

// A frame is a unit that is walked through, with the call that led there.
type frame struct {
	unit   *patterns.Unit
	lock   *types.Var // the variable that the path of the section's lock begins with
	caller *frame
	call   *ast.CallExpr // in the caller
	depth  int
}

func (f *frame) enters(u *patterns.Unit) bool {
	return f != nil && (f.unit == u || f.caller.enters(u))
}

// chain returns the calls from the section's function to a call in the frame's unit.
func (f *frame) chain(last *ast.CallExpr) []Call {
	var out []Call
	for call := last; f != nil; f, call = f.caller, f.call {
		out = append(out, Call{f.unit, call})
	}
	slices.Reverse(out)
	return out
}

func (w *walker) walk(f *frame, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			w.call(f, n)
		}
		return len(w.found) < maxUses
	})
}

// walkUnit walks the whole of a frame's unit.
func (w *walker) walkUnit(f *frame) {
	for _, c := range w.callsOutside(f.unit) {
		if len(w.found) >= maxUses {
			return
		}
		w.call(f, c)
	}
}

// callsOutside lists the calls of a unit that may lead to something outside. It is computed
// once, because many sections lead to the same unit.
func (w *walker) callsOutside(u *patterns.Unit) []*ast.CallExpr {
	memo := callsOf.Get(w.x, u.Pkg, func() *sync.Map { return new(sync.Map) })
	if calls, ok := memo.Load(u); ok {
		return calls.([]*ast.CallExpr)
	}
	var calls []*ast.CallExpr
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			if w.leadsOutside(u, n) {
				calls = append(calls, n)
			}
		}
		return true
	})
	memo.Store(u, calls)
	return calls
}

// callsOf has them by the unit.
var callsOf patterns.PackageMemo[*sync.Map]

func (w *walker) leadsOutside(u *patterns.Unit, c *ast.CallExpr) bool {
	if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
		name := w.x.KeyOf(fn)
		if e, ok := w.x.Table().Entry(name); ok {
			return isWork(e)
		}
		if len(w.x.Table().Via(name)) > 0 {
			return true
		}
	}
	callees, _ := w.x.Callees(u, c)
	return slices.ContainsFunc(callees, func(u *patterns.Unit) bool { return u.Body != nil && worksOutside(u) })
}

// isWork reports whether an operation works on something outside that persists. Closing
// does not count: S6 covers that.
func isWork(e blocking.Entry) bool {
	return categories[e.Category] && e.Effect != blocking.EffectWait && !strings.HasSuffix(e.Name, ").Close")
}

// call looks at one call: it works on a thing itself, or a function of the loaded
// packages does.
func (w *walker) call(f *frame, c *ast.CallExpr) {
	if fn := patterns.CalleeOf(f.unit.Pkg.Info, c); fn != nil {
		name := w.x.KeyOf(fn)
		if e, ok := w.x.Table().Entry(name); ok {
			w.note(f, c, e, operandsOf(f.unit.Pkg.Info, c, fn))
			return
		}
		via := w.x.Table().Via(name)
		for _, v := range via {
			for _, arg := range v.Arg.Of(c) {
				if o, ok := waits.CarriedBy(w.x, f.unit, arg, v.Arg.Method, fn.Pkg()); ok {
					w.note(f, c, blocking.Entry{Name: name, Category: o.Category, Effect: o.Effect}, []ast.Expr{arg})
				}
			}
		}
		if len(via) > 0 {
			return
		}
	}
	if f.depth == maxCalls {
		return
	}
	callees, _ := w.x.Callees(f.unit, c)
	for _, u := range callees {
		if u.Body != nil && !f.enters(u) && worksOutside(u) && w.units < maxUnits {
			w.units++
			w.walkUnit(&frame{unit: u, caller: f, call: c, depth: f.depth + 1})
		}
	}
}

// operandsOf lists the operands of a call that may name what it works on: the receiver of a
// method, strings, and handles.
func operandsOf(info *types.Info, c *ast.CallExpr, fn *types.Func) []ast.Expr {
	if fn.Signature().Recv() != nil {
		if recv := patterns.ReceiverOf(c.Fun); recv != nil {
			return []ast.Expr{recv}
		}
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Args), func(a ast.Expr) bool { return !mayName(info.TypeOf(a)) })
}

// mayName reports whether a value of a type may name something outside: a string, or
// what methods are called on.
func mayName(t types.Type) bool {
	if t == nil {
		return true // some types of the package are unknown
	}
	switch t := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		return t.Info()&types.IsString != 0
	case *types.Pointer, *types.Interface:
		return !patterns.IsError(t) && t.String() != "any"
	}
	return false
}

// note records a use, if something lasting names what it works on.
func (w *walker) note(f *frame, c *ast.CallExpr, e blocking.Entry, operands []ast.Expr) {
	if !isWork(e) || onlyOpens(f.unit.Pkg.Info, c, e) || boundsTransaction(f.unit.Pkg.Info, c) {
		return
	}
	o := &Use{Category: categoryOf(f.unit.Pkg.Info, c, e), Writes: e.Effect == blocking.EffectWrite, What: e.Name, Chain: f.chain(c)}
	n := namer{x: w.x, things: make(map[types.Object]bool)}
	for _, arg := range operands {
		o.InTx = o.InTx || isTransaction(f.unit.Pkg.Info.TypeOf(arg))
		n.found, n.varies = false, false
		n.expr(f, arg, 0)
		o.Fixed = o.Fixed || n.found && !n.varies && !MakesName(e.Name)
	}
	for t := range n.things {
		o.Things = append(o.Things, t)
		_, namesIt := t.(*types.Func)
		o.Named = o.Named || namesIt || storage.IsString(t.Type())
	}
	if len(o.Things) == 0 {
		return
	}
	slices.SortFunc(o.Things, func(a, b types.Object) int { return f.unit.Pkg.ComparePos(a.Pos(), b.Pos()) })
	if e.Category == "db" {
		o.Tables = tablesOf(f.unit, c)
	}
	w.found = append(w.found, o)
}

// MakesName reports whether a function makes a file or directory under a name of its own,
// which nobody else uses.
func MakesName(name string) bool { return name == "os.CreateTemp" || name == "os.MkdirTemp" }

// categoryOf returns the category of what an operation works on. The listener of a Unix
// socket is a file.
func categoryOf(info *types.Info, c *ast.CallExpr, e blocking.Entry) string {
	if e.Name != "net.Listen" || len(c.Args) == 0 {
		return e.Category
	}
	network := info.Types[c.Args[0]].Value
	if network == nil || network.Kind() != constant.String || !strings.HasPrefix(constant.StringVal(network), "unix") {
		return e.Category
	}
	return "disk"
}

// onlyOpens reports whether a call opens a file and changes nothing in it: what counts is
// what is then done with the file.
func onlyOpens(info *types.Info, c *ast.CallExpr, e blocking.Entry) bool {
	switch e.Name {
	case "os.Open":
		return true
	case "os.OpenFile":
		fn := patterns.CalleeOf(info, c)
		trunc, ok := fn.Pkg().Scope().Lookup("O_TRUNC").(*types.Const)
		flags := info.Types[c.Args[1]].Value
		return ok && flags != nil && constant.Sign(constant.BinaryOp(flags, token.AND, trunc.Val())) == 0
	}
	return false
}

// isTransaction reports whether a type has the methods by which a transaction ends.
func isTransaction(t types.Type) bool {
	return t != nil && patterns.MethodOf(t, "Commit", nil) != nil && patterns.MethodOf(t, "Rollback", nil) != nil
}

var tableName = regexp.MustCompile("(?i)\\b(?:from|into|update|join|table)\\s+[\"`\\[]?([\\w.]+)")

// boundsTransaction reports whether a call begins or ends a transaction.
func boundsTransaction(info *types.Info, c *ast.CallExpr) bool {
	t := info.TypeOf(c)
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(0).Type()
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	return isTransaction(t) || ok && (sel.Sel.Name == "Commit" || sel.Sel.Name == "Rollback") && isTransaction(info.TypeOf(sel.X))
}

// tablesOf lists the tables that the constant statement of a call names, or of the call
// whose result the method is called on; nil if there is no such statement, or it names
// none.
func tablesOf(u *patterns.Unit, c *ast.CallExpr) []string {
	var out []string
	for _, a := range c.Args {
		if v := u.Pkg.Info.Types[a].Value; v != nil && v.Kind() == constant.String {
			for _, m := range tableName.FindAllStringSubmatch(constant.StringVal(v), -1) {
				out = append(out, strings.ToLower(m[1]))
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	recv := patterns.ReceiverOf(c.Fun)
	if id := patterns.IdentOf(recv); id != nil {
		v, _ := u.Pkg.Info.Uses[id].(*types.Var)
		if values := localValues(u, v); v != nil && len(values) == 1 {
			recv = values[0]
		}
	}
	if made, ok := ast.Unparen(recv).(*ast.CallExpr); ok {
		return tablesOf(u, made)
	}
	return nil
}

// A namer collects the fields, variables and constants of packages that an operand is
// made of.
type namer struct {
	x      *patterns.Program
	things map[types.Object]bool
	found  bool // one of them names the operand that is looked at
	varies bool // something else contributes to it, and may differ in the next run
}

// take notes what contributes to the name.
func (n *namer) take(o types.Object) { n.things[o], n.found = true, true }

func (n *namer) expr(f *frame, e ast.Expr, depth int) {
	if depth > maxNameDepth || f == nil {
		n.varies = true
		return
	}
	info := f.unit.Pkg.Info
	if info.TypeOf(e) == nil {
		n.varies = true
		return
	}
	if !mayName(info.TypeOf(e)) {
		if _, isTuple := info.TypeOf(e).(*types.Tuple); !isTuple {
			if _, isStruct := patterns.StructOf(info.TypeOf(e)); !isStruct {
				return
			}
		}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		n.object(f, info.Uses[e], depth)
	case *ast.SelectorExpr:
		if f.lasts(e) {
			n.object(f, info.Uses[e.Sel], depth)
		} else {
			n.varies = true
		}
	case *ast.BinaryExpr:
		n.expr(f, e.X, depth+1)
		n.expr(f, e.Y, depth+1)
	case *ast.StarExpr:
		n.expr(f, e.X, depth+1)
	case *ast.UnaryExpr:
		n.expr(f, e.X, depth+1)
	case *ast.TypeAssertExpr:
		n.expr(f, e.X, depth+1)
	case *ast.CallExpr:
		n.call(f, e, depth+1)
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			n.expr(f, elt, depth+1)
		}
	case *ast.BasicLit:
	default:
		n.varies = true
	}
}

// object takes a name: a lasting one is a thing, a local stands for what it was assigned.
func (n *namer) object(f *frame, o types.Object, depth int) {
	switch o := o.(type) {
	case *types.Const:
		if o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			n.take(o)
		}
	case *types.Var:
		switch {
		case o.IsField(), patterns.IsGlobal(o):
			n.take(o.Origin())
		case f.unit.IsParam(o):
			if arg := f.argument(o); arg != nil {
				n.expr(f.caller, arg, depth+1)
			} else {
				n.varies = true
			}
		default:
			defs := localValues(f.unit, o)
			for _, def := range defs {
				n.expr(f, def, depth+1)
			}
			n.varies = n.varies || len(defs) != 1
		}
	}
}

// lasts reports whether an expression is a variable of a package, or belongs to the same
// object as the section's own method or lock. What belongs to other objects, like the
// entries of a map, is not one thing.
func (f *frame) lasts(e ast.Expr) bool {
	p, ok := patterns.PathOf(f.unit.Pkg.Info, e)
	if !ok {
		return isPackageName(f.unit.Pkg.Info, e)
	}
	switch {
	case p.Global():
		return true
	case f.caller == nil:
		return p.Root == f.lock || p.Root == f.unit.Signature().Recv()
	case p.Root == f.unit.Signature().Recv():
		recv := patterns.ReceiverOf(f.call.Fun)
		return recv != nil && f.caller.lasts(recv)
	}
	arg := f.argument(p.Root)
	return arg != nil && f.caller.lasts(arg)
}

// isPackageName reports whether a selector is the name of something that a package
// declares.
func isPackageName(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && info.Selections[sel] == nil
}

// argument returns what the call that led here passes for a parameter, or nil.
func (f *frame) argument(v *types.Var) ast.Expr {
	if f.call == nil {
		return nil
	}
	sig := f.unit.Signature()
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v && i < len(f.call.Args) && !(sig.Variadic() && i == sig.Params().Len()-1) {
			return f.call.Args[i]
		}
	}
	return nil
}

// call takes the result of a call: what a loaded function returns, or otherwise the
// operands that it is made of.
func (n *namer) call(f *frame, c *ast.CallExpr, depth int) {
	info := f.unit.Pkg.Info
	callees, _ := n.x.Callees(f.unit, c)
	before := n.found
	n.found = false
	for _, u := range callees {
		if u.Body == nil || f.enters(u) || f.depth > maxCalls {
			n.varies = true
			continue
		}
		inner := &frame{unit: u, caller: f, call: c, depth: f.depth + 1}
		ast.Inspect(u.Body, func(m ast.Node) bool {
			if r, ok := m.(*ast.ReturnStmt); ok {
				for _, e := range r.Results {
					n.expr(inner, e, depth)
				}
			}
			_, isLit := m.(*ast.FuncLit)
			return !isLit
		})
	}
	if len(callees) > 0 {
		if fn := patterns.CalleeOf(info, c); fn != nil && !n.found && len(c.Args) > 0 && storage.IsString(info.TypeOf(c)) {
			n.take(fn.Origin()) // its arguments may be the same elsewhere
			n.varies = true
		}
		n.found = n.found || before
		return
	}
	n.found = before
	fn := patterns.CalleeOf(info, c)
	n.varies = n.varies || fn != nil && MakesName(n.x.KeyOf(fn))
	if fn != nil && fn.Signature().Recv() != nil {
		if recv := patterns.ReceiverOf(c.Fun); recv != nil {
			n.expr(f, recv, depth)
			return
		}
	}
	isName := storage.IsString(info.TypeOf(c))
	n.varies = n.varies || len(c.Args) == 0
	for _, a := range c.Args {
		n.expr(f, a, depth)
		if t := info.Types[a]; isName && t.Value == nil && !mayName(t.Type) {
			n.varies = true // a number in it
		}
	}
}

// localValues lists what a local variable of a unit is assigned, including calls with
// several results.
func localValues(u *patterns.Unit, v *types.Var) []ast.Expr {
	var out []ast.Expr
	is := func(e ast.Expr) bool {
		id := patterns.IdentOf(e)
		return id != nil && u.Pkg.Info.ObjectOf(id) == v
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if is(l) {
					out = append(out, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if len(n.Values) > 0 && is(id) {
					out = append(out, n.Values[min(i, len(n.Values)-1)])
				}
			}
		}
		return true
	})
	return out
}
