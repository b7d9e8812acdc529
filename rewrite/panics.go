package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// mayPanic returns the first node of the statements that may panic, with the
// reason, or nil. The statements in skip, and below, do not count. What cannot
// panic is decided by the language specification and by the table below for
// calls; whatever is not known may panic.
func (s *Site) mayPanic(list, skip []ast.Stmt) (ast.Node, string) {
	return s.mayPanicBesides(list, skip, nil)
}

// mayPanic is the same for what a lift leaves of the statement that it is a part
// of.
func (w *Window) mayPanic(list, skip []ast.Stmt) (ast.Node, string) {
	if w.Lift == nil {
		return w.Site.mayPanic(list, skip)
	}
	return w.mayPanicBesides(list, skip, w.Lift.part())
}

func (s *Site) mayPanicBesides(list, skip []ast.Stmt, lifted ast.Node) (ast.Node, string) {
	p := panicCheck{s: s, skip: skip, lifted: lifted, info: s.Info, unit: s.Unit, nonNil: map[*types.Var]bool{s.Section.Lock.Root: true}}
	for _, st := range list {
		p.check(st)
		p.noteMade(st)
	}
	return p.at, p.why
}

// exprMayPanic reports whether evaluating an expression may panic.
func (s *Site) exprMayPanic(e ast.Expr) bool {
	p := panicCheck{s: s, info: s.Info, unit: s.Unit, nonNil: map[*types.Var]bool{s.Section.Lock.Root: true}}
	p.check(e)
	return p.at != nil
}

type panicCheck struct {
	s      *Site
	skip   []ast.Stmt
	lifted ast.Node // the part of a statement that is carried out before, or nil
	info   *types.Info
	unit   *patterns.Unit
	nonNil map[*types.Var]bool // pointers that were followed before, so are not nil
	made   []string            // maps that a statement before has made, by their path
	depth  int
	at     ast.Node
	why    string
}

func (p *panicCheck) found(n ast.Node, why string) {
	if p.at == nil {
		p.at, p.why = n, why
	}
}

func (p *panicCheck) check(n ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if st, ok := m.(ast.Stmt); p.at != nil || ok && slices.Contains(p.skip, st) || m != nil && m == p.lifted {
			return false
		}
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt, *ast.SendStmt:
			p.found(m, "a send or a new goroutine may panic")
		case *ast.DeferStmt: // only its operands are evaluated here
			p.check(m.Call.Fun)
			for _, a := range m.Call.Args {
				p.check(a)
			}
			return false
		case *ast.IndexExpr:
			p.index(m)
		case *ast.SliceExpr:
			p.found(m, "the slice bounds may be out of range")
		case *ast.TypeAssertExpr:
			if m.Type != nil && !p.commaOk(m) {
				p.found(m, "the type assertion may fail")
			}
		case *ast.BinaryExpr:
			p.operator(m, m.Op, m.X, m.Y)
		case *ast.AssignStmt:
			p.assign(m)
		case *ast.IncDecStmt:
			p.setElement(m.X)
		case *ast.SelectorExpr:
			p.deref(m)
		case *ast.StarExpr:
			if tv, ok := p.info.Types[m]; ok && !tv.IsType() && !p.known(m.X) {
				p.found(m, "the pointer may be nil")
			}
		case *ast.RangeStmt:
			if _, isFunc := p.info.TypeOf(m.X).Underlying().(*types.Signature); isFunc {
				p.found(m, "the iterator may panic")
			}
			p.setElement(m.Key)
			p.setElement(m.Value)
		case *ast.CallExpr:
			p.call(m)
		}
		return p.at == nil
	})
}

func (p *panicCheck) index(e *ast.IndexExpr) {
	t := p.info.TypeOf(e.X)
	if t == nil {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		if types.IsInterface(u.Key()) {
			p.found(e, "the key may not be comparable")
		}
	case *types.Signature:
	default:
		if tv := p.info.Types[e.X]; !tv.IsType() {
			p.found(e, "the index may be out of range")
		}
	}
}

func (p *panicCheck) commaOk(e *ast.TypeAssertExpr) bool {
	as, ok := p.s.parents[e].(*ast.AssignStmt)
	return ok && len(as.Lhs) == 2 && len(as.Rhs) == 1
}

// operator looks at x op y.
func (p *panicCheck) operator(n ast.Node, op token.Token, x, y ast.Expr) {
	switch op {
	case token.QUO, token.REM:
		t, ok := p.info.TypeOf(x).Underlying().(*types.Basic)
		if ok && t.Info()&types.IsInteger != 0 && p.info.Types[y].Value == nil {
			p.found(n, "the divisor may be zero")
		}
	case token.SHL, token.SHR:
		if p.info.Types[y].Value == nil {
			if t, ok := p.info.TypeOf(y).Underlying().(*types.Basic); ok && t.Info()&types.IsUnsigned == 0 {
				p.found(n, "the shift count may be negative")
			}
		}
	case token.EQL, token.NEQ:
		if types.IsInterface(p.info.TypeOf(x)) && types.IsInterface(p.info.TypeOf(y)) && !isErrorOrNil(p.info, y) {
			p.found(n, "the compared values may not be comparable")
		}
	}
}

func isErrorOrNil(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	return tv.IsNil() || types.Identical(tv.Type, types.Universe.Lookup("error").Type())
}

// assign looks at x = y and x op= y.
func (p *panicCheck) assign(as *ast.AssignStmt) {
	for _, l := range as.Lhs {
		p.setElement(l)
	}
	switch as.Tok {
	case token.QUO_ASSIGN:
		p.operator(as, token.QUO, as.Lhs[0], as.Rhs[0])
	case token.REM_ASSIGN:
		p.operator(as, token.REM, as.Lhs[0], as.Rhs[0])
	case token.SHL_ASSIGN, token.SHR_ASSIGN:
		p.operator(as, token.SHL, as.Lhs[0], as.Rhs[0])
	}
}

// setElement looks for writes to maps that may be nil.
func (p *panicCheck) setElement(e ast.Expr) {
	ix, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return
	}
	if _, isMap := p.info.TypeOf(ix.X).Underlying().(*types.Map); isMap && !p.madeMap(ix.X) {
		p.found(e, "the map may be nil")
	}
}

// noteMade records that a map is there after `if m == nil { m = make(...) }`,
// and after `m = make(...)`.
func (p *panicCheck) noteMade(st ast.Stmt) {
	p.forgetMade(st)
	var as *ast.AssignStmt
	switch st := st.(type) {
	case *ast.AssignStmt:
		as = st
	case *ast.IfStmt:
		cond, ok := st.Cond.(*ast.BinaryExpr)
		if !ok || cond.Op != token.EQL || !p.info.Types[cond.Y].IsNil() || len(st.Body.List) == 0 {
			return
		}
		as, ok = st.Body.List[len(st.Body.List)-1].(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || types.ExprString(cond.X) != types.ExprString(as.Lhs[0]) {
			return
		}
	}
	if as == nil || len(as.Lhs) != 1 || len(as.Rhs) != 1 || !freshValue(p.info, as.Rhs[0]) || p.info.Types[as.Rhs[0]].IsNil() {
		return
	}
	if path, ok := patterns.PathOf(p.info, as.Lhs[0]); ok {
		p.made = append(p.made, path.String())
	}
}

// forgetMade drops what a statement may assign anew: directly, or in a function
// that it calls.
func (p *panicCheck) forgetMade(st ast.Stmt) {
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if tv := p.info.Types[n.Fun]; !tv.IsType() && !tv.IsBuiltin() {
				p.made = nil
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if path, ok := patterns.PathOf(p.info, l); ok {
					p.made = slices.DeleteFunc(p.made, func(m string) bool { return m == path.String() })
				}
			}
		}
		return true
	})
}

// madeMap reports whether a map is known to have been made: a local variable
// or package-level variable that only make or a literal is ever assigned to.
func (p *panicCheck) madeMap(e ast.Expr) bool {
	path, ok := patterns.PathOf(p.info, e)
	if !ok {
		return false
	}
	return slices.Contains(p.made, path.String()) || p.s.Program.AlwaysMade(p.unit, path)
}

// deref looks for selections through pointers that may be nil.
func (p *panicCheck) deref(e *ast.SelectorExpr) {
	sel := p.info.Selections[e]
	if sel == nil || sel.Kind() == types.MethodExpr {
		return
	}
	if sel.Kind() == types.MethodVal && !sel.Indirect() {
		return
	}
	if _, ptr := p.info.TypeOf(e.X).Underlying().(*types.Pointer); !ptr || p.known(e.X) {
		return
	}
	if sel.Kind() == types.MethodVal {
		if _, ptrRecv := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ptrRecv {
			return // a method may be called on a nil pointer; its body is looked at
		}
	}
	p.found(e, "the pointer may be nil")
}

// known reports whether the pointer that e names cannot be nil.
func (p *panicCheck) known(e ast.Expr) bool {
	path, ok := patterns.PathOf(p.info, e)
	if !ok || len(path.Fields) > 0 {
		return false
	}
	return p.nonNil[path.Root] || p.unit.Fresh(path.Root)
}

// harmlessCalls are functions of the standard library that do not panic on any
// arguments; a name that ends in a dot stands for all functions of a package.
var harmlessCalls = []string{
	"errors.", "fmt.Errorf", "fmt.Sprint", "fmt.Sprintf", "fmt.Sprintln", "time.Now", "time.Since", "time.Until", "time.Unix",
	"strings.Contains", "strings.HasPrefix", "strings.HasSuffix", "strings.Index", "strings.Join", "strings.Split",
	"strings.ToLower", "strings.ToUpper", "strings.TrimSpace", "strings.TrimPrefix", "strings.TrimSuffix", "strings.EqualFold",
	"strconv.Itoa", "strconv.Atoi", "strconv.ParseInt", "strconv.ParseBool", "strconv.Quote", "strconv.FormatInt",
	"runtime.Gosched", "time.Sleep", "(*sync.WaitGroup).Wait",
	"maps.Clone", "maps.Keys", "maps.Values", "slices.Clone", "slices.Collect", "slices.Contains",
	"path.Join", "path/filepath.Join", "context.Background", "context.TODO",
}

var harmlessReceivers = []string{"time.Time", "time.Duration", "sync/atomic.", "sync.Cond"}

func (p *panicCheck) call(c *ast.CallExpr) {
	tv := p.info.Types[c.Fun]
	if tv.IsType() {
		p.conversion(c)
		return
	}
	if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok && tv.IsBuiltin() {
		if !slices.Contains([]string{"len", "cap", "append", "copy", "delete", "min", "max", "new", "clear", "complex", "real", "imag"}, id.Name) &&
			!(id.Name == "make" && p.constantSizes(c)) {
			p.found(c, id.Name+" may panic")
		}
		return
	}
	fn := patterns.CalleeOf(p.info, c)
	if fn == nil {
		p.found(c, "the called function may panic")
		return
	}
	if harmlessCall(fn) || patterns.IsLockCall(p.info, c) {
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && p.nilReceiver(sel) {
			p.found(c, "the pointer may be nil")
		}
		return
	}
	callees, known := p.s.Program.Callees(p.unit, c)
	if !known || len(callees) != 1 || p.depth > 3 || callees[0].Obj != fn {
		p.found(c, fn.Name()+" may panic")
		return
	}
	inner := panicCheck{s: p.s, info: callees[0].Pkg.Info, unit: callees[0], depth: p.depth + 1, nonNil: make(map[*types.Var]bool)}
	if recv := fn.Signature().Recv(); recv != nil {
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && p.known(sel.X) {
			inner.nonNil[recv] = true
		}
	}
	inner.check(callees[0].Body)
	if inner.at != nil {
		p.found(c, fn.Name()+" may panic: "+inner.why)
	}
}

// nilReceiver reports whether a method of sync.Cond or sync.WaitGroup is called
// through a pointer that may be nil: they all look at what it points to.
func (p *panicCheck) nilReceiver(sel *ast.SelectorExpr) bool {
	t, ok := p.info.TypeOf(sel.X).(*types.Pointer)
	return ok && slices.Contains([]string{"sync.Cond", "sync.WaitGroup"}, types.TypeString(t.Elem(), nil)) && !p.known(sel.X)
}

func harmlessCall(fn *types.Func) bool {
	name := fn.FullName()
	for _, h := range harmlessCalls {
		if name == h || strings.HasSuffix(h, ".") && strings.HasPrefix(name, h) && fn.Signature().Recv() == nil {
			return true
		}
	}
	if recv := fn.Signature().Recv(); recv != nil {
		t := strings.TrimPrefix(types.TypeString(recv.Type(), nil), "*")
		for _, h := range harmlessReceivers {
			if t == h || strings.HasSuffix(h, ".") && strings.HasPrefix(t, h) {
				return true
			}
		}
	}
	return false
}

func (p *panicCheck) constantSizes(c *ast.CallExpr) bool {
	for _, a := range c.Args[1:] {
		if p.info.Types[a].Value == nil {
			if id, ok := ast.Unparen(a).(*ast.CallExpr); !ok || patterns.BuiltinOf(p.info, id) != "len" {
				return false
			}
		}
	}
	return true
}

// conversion looks for conversions of slices to arrays.
func (p *panicCheck) conversion(c *ast.CallExpr) {
	if len(c.Args) != 1 {
		return
	}
	from, to := p.info.TypeOf(c.Args[0]), p.info.TypeOf(c)
	if from == nil || to == nil {
		return
	}
	if _, slice := from.Underlying().(*types.Slice); !slice {
		return
	}
	t := to.Underlying()
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem().Underlying()
	}
	if _, array := t.(*types.Array); array {
		p.found(c, "the slice may be too short for the array")
	}
}
