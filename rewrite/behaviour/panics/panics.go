// Package panics finds code that may panic, and the preceding tests that rule it out.
package panics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// cannotPanic reports whether this call of a function outside of the loaded packages cannot
// panic, according to the table.
func (p *panicCheck) cannotPanic(fn *types.Func, c *ast.CallExpr) bool {
	switch fn.FullName() {
	case "errors.As":
		return p.hasErrorTarget(c)
	case "(*sync.WaitGroup).Add", "(*sync.WaitGroup).Go":
		return p.countsOwn(c)
	case "(net/http.ResponseWriter).Header": // net/http provides the ResponseWriter
		return true
	case "(net/http.Header).Add", "(net/http.Header).Set":
		return p.hasHeader(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
	case "(io.Closer).Close":
		return p.isResponseBody(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
	}
	condition, ok := known.CannotPanic(fn)
	if !ok {
		return false
	}
	switch condition {
	case known.Functions:
		return !slices.ContainsFunc(c.Args, p.functionMayPanic)
	case known.Compares:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return mayNotCompare(p.unit.Pkg, p.info.TypeOf(a), nil) })
	case known.Plain:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return !plainType(p.info.TypeOf(a), nil) })
	case known.Constants:
		return !slices.ContainsFunc(c.Args[1:], func(a ast.Expr) bool { return p.info.Types[a].Value == nil })
	case known.Buffers:
		return isBuffer(p.info.TypeOf(c.Args[0])) && p.notNil(c.Args[0])
	case known.Addresses:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return patterns.IsPointer(p.info.TypeOf(a)) && !makesObject(p.info, a) })
	}
	return true
}

// isBuffer reports whether a type is a writer that only keeps what is written to it.
func isBuffer(t types.Type) bool {
	name := types.TypeString(t, nil)
	return name == "*bytes.Buffer" || name == "*strings.Builder"
}

// hasHeader reports whether e is the header of a request made by package net/http, or of a
// handler's response.
func (p *panicCheck) hasHeader(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Header" && waits.IsResponse(p.info.TypeOf(sel.X))
	case *ast.SelectorExpr:
		return p.madeByHTTP(e.X, "*net/http.Request")
	}
	return false
}

// isResponseBody reports whether e is the body of a response returned by package net/http.
func (p *panicCheck) isResponseBody(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Body" && p.notNil(sel.X) && p.madeByHTTP(sel.X, "*net/http.Response")
}

// madeByHTTP reports whether e is a local variable of the type that only ever holds results of
// net/http functions.
func (p *panicCheck) madeByHTTP(e ast.Expr, typ string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || types.TypeString(p.info.TypeOf(e), nil) != typ {
		return false
	}
	v := syntax.VarOf(p.info, id)
	if v == nil || v.IsField() || syntax.IsGlobal(v) || !p.unit.Declares(v) || p.unit.IsParam(v) || p.unit.Addressed(v) {
		return false
	}
	return !slices.ContainsFunc(p.unit.Given(v), func(e ast.Expr) bool {
		c, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return true
		}
		fn := patterns.CalleeOf(p.info, c)
		return fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "net/http"
	})
}

// plainType reports whether values of a type contain no interfaces and nothing with methods.
func plainType(t types.Type, seen []types.Type) bool {
	if t == nil || types.NewMethodSet(types.NewPointer(t)).Len() > 0 {
		return false
	}
	if slices.Contains(seen, t) {
		return true
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Slice:
		return plainType(u.Elem(), seen)
	case *types.Array:
		return plainType(u.Elem(), seen)
	case *types.Pointer:
		return plainType(u.Elem(), seen)
	case *types.Map:
		return plainType(u.Key(), seen) && plainType(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !plainType(f.Type(), seen) {
				return false
			}
		}
		return true
	}
	return false
}

// IsPlain reports whether values of a type have no methods, at any depth, for the standard
// library to call when it prints or encodes them.
func IsPlain(t types.Type) bool { return plainType(t, nil) }

// countsOwn reports whether a call adds to a WaitGroup that is a local variable of the function,
// so that no other code can make it panic.
func (p *panicCheck) countsOwn(c *ast.CallExpr) bool {
	path, ok := patterns.PathOf(p.info, ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
	if !ok || len(path.Fields) > 0 || path.Global() || patterns.IsPointer(p.info.TypeOf(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)) || !guards.SelfSynchronised(path.Root.Type()) {
		return false
	}
	if len(c.Args) == 1 {
		if _, isFunc := p.info.TypeOf(c.Args[0]).Underlying().(*types.Signature); isFunc {
			return true
		}
	}
	return len(c.Args) == 1 && p.notNegative(c.Args[0])
}

// notNegative reports whether a number is a constant that is not negative, or a length.
func (p *panicCheck) notNegative(e ast.Expr) bool {
	if k, ok := p.constant(e); ok {
		return k >= 0
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(p.info, call) == "len"
}

// hasErrorTarget reports whether the second argument of [errors.As] is valid: the address of an
// error or of an interface.
func (p *panicCheck) hasErrorTarget(c *ast.CallExpr) bool {
	if len(c.Args) != 2 {
		return false
	}
	addr, ok := ast.Unparen(c.Args[1]).(*ast.UnaryExpr)
	if !ok || addr.Op != token.AND {
		return false
	}
	t := p.info.TypeOf(addr.X)
	return t != nil && (types.IsInterface(t) || types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)))
}

// functionMayPanic reports whether an argument is a function that may panic. An iterator
// returned by a function in the table does not.
func (p *panicCheck) functionMayPanic(e ast.Expr) bool {
	t := p.info.TypeOf(e)
	if t == nil {
		return true
	}
	if _, isFunc := t.Underlying().(*types.Signature); !isFunc {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		inner := *p
		inner.depth, inner.places = p.depth+1, nil
		inner.check(e.Body)
		return len(inner.places) > 0
	case *ast.CallExpr:
		fn := patterns.CalleeOf(p.info, e)
		return fn == nil || !p.cannotPanic(fn, e)
	case *ast.Ident, *ast.SelectorExpr:
		if fn, ok := p.info.Uses[syntax.IdentOf(e)].(*types.Func); ok {
			condition, ok := known.CannotPanic(fn)
			return !ok || condition != known.Always
		}
	}
	return true
}

// MayPanic returns the first place in the statements that may panic, or nil. It ignores the
// statements in skip and everything inside them. The language specification, preceding tests,
// and a table of functions decide what cannot panic; anything unknown may panic.
func MayPanic(s *site.Site, list, skip []ast.Stmt) *Place {
	return firstPlace(PanicsBesides(s, list, skip, nil))
}

func firstPlace(places []*Place) *Place {
	if len(places) == 0 {
		return nil
	}
	return places[0]
}

// PanicsBesides lists what may panic in the statements, leaving out those in skip and the node
// lifted, which runs before them.
func PanicsBesides(s *site.Site, list, skip []ast.Stmt, lifted ast.Node) []*Place {
	p := panicCheck{s: s, skip: skip, lifted: lifted, info: s.Info, unit: s.Unit, parents: s.Parents, list: list}
	for _, st := range list {
		p.check(st)
	}
	return p.places
}

// PanicsOf lists what may panic in an expression on its own, regardless of the tests around it.
func PanicsOf(s *site.Site, e ast.Expr) []*Place {
	p := panicCheck{s: s, info: s.Info, unit: s.Unit, parents: make(map[ast.Node]ast.Node), list: []ast.Stmt{&ast.ExprStmt{X: e}}}
	p.check(e)
	return p.places
}

// PanicsBefore is like PanicsOf, for an expression of st that is evaluated right before st.
// Tests on the way there count; for fields, only those from the statement held on, where the
// lock is held.
func PanicsBefore(s *site.Site, e ast.Expr, st, held ast.Stmt) []*Place {
	p := panicCheck{s: s, info: s.Info, unit: s.Unit, parents: s.Parents, moved: e, to: s.Parents[st], list: []ast.Stmt{held}}
	p.check(e)
	return p.places
}

// around returns the parent of a node. For an expression that is evaluated elsewhere, it is the
// parent of that place.
func (p *panicCheck) around(n ast.Node) ast.Node {
	if p.moved != nil && n == ast.Node(p.moved) {
		return p.to
	}
	return p.parents[n]
}

// found records a place, unless the same expression was met before: if it did not panic then, it
// does not panic now.
func (p *panicCheck) found(n ast.Node, what, why string) {
	if slices.ContainsFunc(p.places, func(o *Place) bool { return o.what == what && o.why == why }) {
		return
	}
	p.places = append(p.places, &Place{n, what, why})
	slices.SortStableFunc(p.places, func(a, b *Place) int { return int(a.At.End() - b.At.End()) }) // operands first
}

// text spells code that may panic. Code that is too long for a sentence is named by its line.
func (p *panicCheck) text(n ast.Node) string {
	text := ""
	switch n := n.(type) {
	case ast.Expr:
		text = types.ExprString(n)
	case *ast.AssignStmt:
		text = p.text(n.Lhs[0]) + " " + n.Tok.String() + " " + p.text(n.Rhs[0])
	case *ast.IncDecStmt:
		text = p.text(n.X) + n.Tok.String()
	}
	if text == "" || len(text) > maxPanicText || strings.Contains(text, "literal)") || strings.Contains(text, "\n") {
		return "the code at " + p.s.Line(n.Pos())
	}
	return text
}

// maxPanicText is how long an expression in a question may be.
const maxPanicText = 60

// check looks for panics in a node and everything inside it.
func (p *panicCheck) check(n ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if st, ok := m.(ast.Stmt); ok && slices.Contains(p.skip, st) || m != nil && m == p.lifted {
			return false
		}
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SendStmt:
			p.found(m, "the send on "+p.text(m.Chan), "it may be closed")
		case *ast.GoStmt:
			p.checkOperands(m.Call)
			return false
		case *ast.DeferStmt:
			p.checkOperands(m.Call)
			p.deferred(m.Call)
			return false
		case *ast.IndexExpr:
			p.index(m)
		case *ast.SliceExpr:
			p.slice(m)
		case *ast.TypeAssertExpr:
			if m.Type != nil && !p.commaOk(m) {
				p.found(m, p.text(m), p.text(m.X)+" may hold another type")
			}
		case *ast.BinaryExpr:
			p.operator(m, m.Op, m.X, m.Y)
		case *ast.AssignStmt:
			p.assign(m)
		case *ast.IncDecStmt:
			p.setElement(m.X, m)
		case *ast.SelectorExpr:
			p.deref(m)
		case *ast.StarExpr:
			if tv, ok := p.info.Types[m]; ok && !tv.IsType() && !p.notNil(m.X) {
				p.found(m, p.text(m), p.text(m.X)+" may be nil")
			}
		case *ast.RangeStmt:
			if _, isFunc := p.info.TypeOf(m.X).Underlying().(*types.Signature); isFunc {
				p.found(m.X, p.text(m.X), "it is an iterator")
			}
			p.setElement(m.Key, m)
			p.setElement(m.Value, m)
		case *ast.CallExpr:
			p.call(m)
		}
		return true
	})
}

// checkOperands checks a call that is made later or by another goroutine: only its operands are
// evaluated here.
func (p *panicCheck) checkOperands(c *ast.CallExpr) {
	p.check(c.Fun)
	for _, a := range c.Args {
		p.check(a)
	}
}

// deferred checks a call that a called function defers, which runs before that function returns.
// What the section's own function defers runs after the section.
func (p *panicCheck) deferred(c *ast.CallExpr) {
	if p.depth == 0 {
		return
	}
	if lit, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok {
		p.check(lit.Body)
		return
	}
	p.call(c)
}

func (p *panicCheck) index(e *ast.IndexExpr) {
	t := p.info.TypeOf(e.X)
	if t == nil {
		return
	}
	switch t.Underlying().(type) {
	case *types.Map:
		if p.uncomparableKey(e.X, e.Index) {
			p.found(e, p.text(e), mayNotCompareKey)
		}
	case *types.Signature:
	default:
		if tv := p.info.Types[e.X]; !tv.IsType() && !p.inRange(e.X, e.Index, false) {
			p.found(e, p.text(e), p.outOfRange(e.X, e.Index))
		}
	}
}

// outOfRange describes how an index may be wrong.
func (p *panicCheck) outOfRange(x, index ast.Expr) string {
	if v := p.info.Types[index].Value; v != nil {
		if v.ExactString() == "0" {
			return p.text(x) + " may be empty"
		}
		return p.text(x) + " may be shorter"
	}
	return "the index may be out of range"
}

// slice checks x[low:high].
func (p *panicCheck) slice(e *ast.SliceExpr) {
	bounds := []ast.Expr{e.Low, e.High, e.Max}
	if !slices.ContainsFunc(bounds, func(b ast.Expr) bool { k, ok := p.constant(b); return b != nil && !(ok && k == 0) }) {
		return // there are that many
	}
	for _, bound := range bounds {
		if bound != nil && !p.inRange(e.X, bound, true) || e.Max != nil {
			p.found(e, p.text(e), "the bounds may be out of range")
			return
		}
	}
	if e.Low != nil && e.High != nil {
		p.found(e, p.text(e), "the bounds may be out of range")
	}
}

func (p *panicCheck) commaOk(e *ast.TypeAssertExpr) bool {
	as, ok := p.parents[e].(*ast.AssignStmt)
	return ok && len(as.Lhs) == 2 && len(as.Rhs) == 1
}

// operator checks x op y.
func (p *panicCheck) operator(n ast.Node, op token.Token, x, y ast.Expr) {
	switch op {
	case token.QUO, token.REM:
		t, ok := p.info.TypeOf(x).Underlying().(*types.Basic)
		if ok && t.Info()&types.IsInteger != 0 && p.info.Types[y].Value == nil && !p.notZero(y) {
			p.found(n, p.text(n), p.text(y)+" may be zero")
		}
	case token.SHL, token.SHR:
		if p.info.Types[y].Value == nil {
			if t, ok := p.info.TypeOf(y).Underlying().(*types.Basic); ok && t.Info()&types.IsUnsigned == 0 {
				p.found(n, p.text(n), p.text(y)+" may be negative")
			}
		}
	case token.EQL, token.NEQ:
		unsure := func(e ast.Expr) bool {
			return !p.info.Types[e].IsNil() && mayNotCompare(p.unit.Pkg, p.info.TypeOf(e), nil)
		}
		if unsure(x) && unsure(y) && !syntax.IsErrorOrNil(p.info, y) {
			p.found(n, p.text(n), "the values may not be comparable")
		}
	}
}

// assign checks x = y and x op= y.
func (p *panicCheck) assign(as *ast.AssignStmt) {
	for _, l := range as.Lhs {
		p.setElement(l, as)
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

// setElement checks a write to a map that may be nil.
func (p *panicCheck) setElement(e ast.Expr, in ast.Stmt) {
	ix, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return
	}
	if _, isMap := p.info.TypeOf(ix.X).Underlying().(*types.Map); isMap && !p.notNil(ix.X) {
		p.found(e, p.setText(e, in), p.text(ix.X)+" may be nil")
	}
}

// setText spells the statement that sets an element or, if it is too long, describes the write.
func (p *panicCheck) setText(e ast.Expr, in ast.Stmt) string {
	as, ok := in.(*ast.AssignStmt)
	if _, inc := in.(*ast.IncDecStmt); inc || ok && len(as.Lhs) == 1 && len(as.Rhs) == 1 {
		if text := p.text(in); !strings.HasPrefix(text, "the code at ") && !strings.Contains(text, " the code at ") {
			return text
		}
	}
	return "the write to " + p.text(e)
}

// deref checks a selection through a pointer that may be nil.
func (p *panicCheck) deref(e *ast.SelectorExpr) {
	sel := p.info.Selections[e]
	if sel == nil || sel.Kind() == types.MethodExpr {
		return
	}
	if sel.Kind() == types.MethodVal && !sel.Indirect() {
		return
	}
	if _, ptr := p.info.TypeOf(e.X).Underlying().(*types.Pointer); !ptr || p.notNil(e.X) {
		return
	}
	if sel.Kind() == types.MethodVal {
		if _, ptrRecv := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ptrRecv {
			return // a method may be called on a nil pointer; its body is checked
		}
	}
	p.found(e, p.text(e), p.text(e.X)+" may be nil")
}

// calmBuiltins are the builtins that cannot panic.
var calmBuiltins = []string{"len", "cap", "append", "copy", "delete", "min", "max", "new", "clear", "complex", "real", "imag"}

// builtinPanics says why the other builtins may panic.
var builtinPanics = map[string]string{"close": "it may be closed already", "make": "a size may be negative"}

func (p *panicCheck) call(c *ast.CallExpr) {
	tv := p.info.Types[c.Fun]
	if tv.IsType() {
		p.conversion(c)
		return
	}
	if tv.IsBuiltin() {
		name := patterns.BuiltinOf(p.info, c)
		if name == "delete" && p.uncomparableKey(c.Args[0], c.Args[1]) {
			p.found(c, p.text(c), mayNotCompareKey)
			return
		}
		if !slices.Contains(calmBuiltins, name) && !(name == "make" && p.constantSizes(c)) && !(name == "close" && p.closedOnce(c)) {
			p.found(c, p.text(c), builtinPanics[name])
		}
		return
	}
	if locks.EndsProgram(p.info, c) {
		return
	}
	fn := patterns.CalleeOf(p.info, c)
	if fn == nil {
		if patterns.IsCancel(p.info.TypeOf(c.Fun)) {
			if !p.notNil(c.Fun) {
				p.found(c, p.text(c.Fun), "it may be nil")
			}
			return
		}
		p.found(c, p.text(c.Fun), "")
		return
	}
	if p.cannotPanic(fn, c) || patterns.IsLockCall(p.info, c) {
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && p.nilReceiver(sel) {
			p.found(c, p.text(c.Fun), p.text(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)+" may be nil")
		}
		return
	}
	callees, known := p.s.Program.Callees(p.unit, c)
	if !known || len(callees) != 1 || p.depth > 3 || callees[0].Obj != fn {
		p.found(c, p.text(c.Fun), "")
		return
	}
	inner := panicCheck{
		s: p.s, info: callees[0].Pkg.Info, unit: callees[0], depth: p.depth + 1,
		parents: p.s.ParentsIn(callees[0]), list: callees[0].Body.List,
	}
	if recv := fn.Signature().Recv(); recv != nil {
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && (p.notNil(sel.X) || p.addressed(sel)) {
			inner.nonNil = recv
		}
	}
	inner.check(callees[0].Body)
	if at := firstPlace(inner.places); at != nil {
		p.found(c, p.text(c.Fun), at.inner())
	}
}

// addressed reports whether a method gets the address of what it is selected from, which is a
// variable.
func (p *panicCheck) addressed(sel *ast.SelectorExpr) bool {
	m := p.info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal || len(m.Index()) > 1 {
		return false
	}
	_, pointer := p.info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return !pointer
}

// nilReceiver reports whether a method with a pointer receiver is called on a pointer that may
// be nil.
func (p *panicCheck) nilReceiver(sel *ast.SelectorExpr) bool {
	m := p.info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal {
		return false
	}
	_, byPointer := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, pointer := p.info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return byPointer && pointer && !p.notNil(sel.X)
}

// constantSizes reports whether the sizes in a call of make are constants or lengths.
func (p *panicCheck) constantSizes(c *ast.CallExpr) bool {
	return !slices.ContainsFunc(c.Args[1:], func(a ast.Expr) bool {
		call, ok := ast.Unparen(a).(*ast.CallExpr)
		return p.info.Types[a].Value == nil && !(ok && patterns.BuiltinOf(p.info, call) == "len")
	})
}

// conversion checks a conversion of a slice to an array.
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
		p.found(c, p.text(c), p.text(c.Args[0])+" may be too short")
	}
}
