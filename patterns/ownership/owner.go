// Package ownership tells who can reach storage at one place of a function: this call
// alone, which made it and has not given it away, goroutines that the call has started, its
// caller, or others.
//
// It follows the local variables of one declared function through its statements in order,
// whereas package storage merges whatever may be the same anywhere. About other functions
// it knows their summaries and, for those of the package, what they return and what their
// callers pass.
package ownership

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// An Owner says who can reach storage at one place of a function.
type Owner byte

const (
	Unknown  Owner = iota // not known
	Everyone              // whoever reaches the field or package-level variable that it comes from
	Lent                  // the caller, who gave it as an argument
	Forked                // this call and goroutines that it has started
	Own                   // this call of the function alone: it made it, and has not given it away
)

// A World answers questions about code outside the package.
type World interface {
	// Spawns reports whether a function runs its argument in a new goroutine, and does
	// nothing else with it.
	Spawns(fn *types.Func) bool

	// NamedElsewhere reports whether source that was not given to [New], of files
	// that the build leaves out, may name a function of the package.
	NamedElsewhere(fn *types.Func) bool
}

// A Model is the model of the storage of a package, and of who can reach it where.
type Model struct {
	*storage.Model

	info  *types.Info
	files []*ast.File
	world World

	mu        sync.Mutex // guards what follows
	locals    map[*ast.FuncDecl]*locals
	given     map[*ast.FuncDecl]*locals // see throughCalls
	passed    map[passedKey]Owner       // memo of ownerOfParam
	returned  map[returnedKey]Owner     // memo of ownerReturned
	fresh     map[returnedKey][]string  // memo of freshFields
	callers   map[*types.Func][]*ast.CallExpr
	otherwise map[*types.Func]bool // functions that are used other than by calls
}

// New returns the model of a package whose storage has been read from the same files.
func New(m *storage.Model, info *types.Info, files []*ast.File, world World) *Model {
	return &Model{
		Model: m, info: info, files: files, world: world,
		locals: make(map[*ast.FuncDecl]*locals), given: make(map[*ast.FuncDecl]*locals),
		passed: make(map[passedKey]Owner), returned: make(map[returnedKey]Owner), fresh: make(map[returnedKey][]string),
	}
}

// OwnerOf says who can reach, at the place of an expression, what the expression
// denotes and refers to. Storage is Own if everything that was ever assigned to the
// local variable at the start of the expression was made by this call of the function,
// or by functions that give their results to nobody else; and if nothing before the
// place, or in the same loop, passes it to code that keeps it: a field, a channel,
// another goroutine, a function that letgo does not see.
func (m *Model) OwnerOf(e ast.Expr) Owner { return m.OwnerAt(e, e.Pos()) }

// OwnerIs reports whether [Model.OwnerOf] is one of the goroutines of this call at least:
// Forked or Own, as it is asked for.
func (m *Model) OwnerIs(e ast.Expr, least Owner) bool {
	return !m.fromOthers(e, e.Pos(), false) && m.OwnerOf(e) >= least
}

// fromOthers reports whether an expression starts, at a place, from a parameter, a field,
// or a variable of the package, which no call owns. It needs to know nothing about the
// function. Through calls, only parameters of exported functions count.
func (m *Model) fromOthers(e ast.Expr, at token.Pos, throughCalls bool) bool {
	root, _ := rootOf(m.info, e)
	if root == nil {
		return false
	}
	d := m.DeclAt(at)
	if d == nil || !storage.IsLocal(root) {
		return true
	}
	fn, ok := m.info.Defs[d.Name].(*types.Func)
	if !ok || throughCalls && !fn.Exported() {
		return false
	}
	if root == fn.Signature().Recv() {
		return true
	}
	for v := range fn.Signature().Params().Variables() {
		if v == root {
			return throughCalls || !m.GivenAnew(v, at)
		}
	}
	return false
}

// OwnerAt is OwnerOf for a place other than the expression's.
func (m *Model) OwnerAt(e ast.Expr, at token.Pos) Owner {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(at)
	if l == nil {
		return Everyone
	}
	return l.owner(e, at, 0)
}

// OwnsAll reports whether only this call of the function can reach, at a use of a local
// variable, what the variable refers to and everything behind it.
func (m *Model) OwnsAll(use *ast.Ident) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(use.Pos())
	v, ok := m.info.Uses[use].(*types.Var)
	if l == nil || !ok || l.vars[v] == nil {
		return false
	}
	return l.ownerOfVar(l.vars[v], true, use.Pos(), 0) == Own
}

// OwnsBehind reports whether only this call of the function can reach, at the place of an
// expression, what lies behind what it denotes and refers to.
func (m *Model) OwnsBehind(e ast.Expr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(e.Pos())
	return l != nil && l.ownerOfValue(value{expr: e, at: e.Pos()}, true, 0) == Own
}

// OwnVariable reports whether only this call of the function can reach one of its local
// variables at a place: no other goroutine, and no function that letgo does not see,
// has its address or a function literal that uses it.
func (m *Model) OwnVariable(v *types.Var, at token.Pos) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(at)
	if l == nil || l.vars[v] == nil {
		return false
	}
	lv := l.vars[v]
	return l.lentAt(lv, at) == Own && (!lv.addressed || l.params[v] && len(lv.sinks)+len(lv.into) == 0 || l.ownerOfVar(lv, false, at, 0) == Own)
}

// GivenAnew reports whether a variable certainly holds, at a place, what the function itself has
// assigned to it: a parameter no longer what the caller has passed.
//
//	req = req.Clone(req.Context())
func (m *Model) GivenAnew(v *types.Var, at token.Pos) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(at)
	return l != nil && l.vars[v] != nil && l.lastAssigned(l.vars[v], at).IsValid()
}

// OwnVariables lists the local variables of a scope's function, in the order of their
// declarations, that are in a region or lead to it, and that hold what only this call
// of the function can reach at the place of an expression.
func (m *Model) OwnVariables(s *storage.Scope, r storage.Region, at ast.Expr) []*types.Var {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(at.Pos())
	var out []*types.Var
	for v, lv := range l.vars {
		if l.params[v] || !s.IsIn(v, r) && !s.LeadsVariable(v).Meets(r) {
			continue
		}
		if l.ownerOfVar(lv, false, at.Pos(), 0) == Own || s.IsIn(v, r) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return out
}

// RunsInStep reports whether a called function does nothing with a function argument
// but call it before it returns: it neither keeps it nor passes it on.
func (m *Model) RunsInStep(c *ast.CallExpr, arg ast.Expr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(c.Pos())
	return l != nil && !l.keepsArgument(c, arg)
}

// localsAt returns what is known about the local variables of the declared function around
// a position; nil outside of any.
func (m *Model) localsAt(at token.Pos) *locals {
	d := m.DeclAt(at)
	if d == nil {
		return nil
	}
	l := m.locals[d]
	if l == nil {
		l = m.readLocals(d)
		m.locals[d] = l
	}
	return l
}

// locals is what is known about the local variables of one declared function, its literals
// included.
type locals struct {
	m         *Model
	decl      *ast.FuncDecl
	vars      map[*types.Var]*local
	nodes     nodes
	loops     []ast.Node          // in source order
	params    map[*types.Var]bool // parameters of the declared function
	literals  []*ast.FuncLit
	delayed   []*ast.FuncLit     // literals that run later than in place
	jumps     bool               // there is a goto
	owners    map[ownerKey]Owner // memo of owner
	busy      map[place]bool     // variables that are being asked about, and where
	asked     int                // how many variables one question has led to
	seesCalls bool               // parameters are looked up at the calls of the function
}

type ownerKey struct {
	v     *types.Var
	inner bool
	at    token.Pos
}

// local is one local variable.
type local struct {
	v     *types.Var
	defs  []value     // what is assigned to it
	holds []value     // what is put into what it refers to
	sinks []token.Pos // where what it refers to is given away
	into  []flowTo    // other local variables that get to hold the same
	lent  []lending   // where the variable itself becomes reachable for others

	addressed bool // its address is taken
	returned  bool // the declared function returns what it refers to
}

// A value is something that a variable is given. The expression is nil if it is unseen;
// inner means that the value is one of its elements.
type value struct {
	expr  ast.Expr
	from  *types.Var // the local variable that it is, for one without an expression
	at    token.Pos
	inner bool
	nth   int // of several results
}

type flowTo struct {
	to *types.Var
	at token.Pos
}

// maxOwners bounds how many variables one answer rests on.
const maxOwners = 12

// maxAsked bounds how many variables are looked at for one answer: where variables are given
// each other's values, the ways through them multiply.
const maxAsked = 400

// owner answers for an expression.
func (l *locals) owner(e ast.Expr, at token.Pos, depth int) Owner {
	root, steps := l.rootOf(e)
	if root == nil {
		return l.ownerOfCall(value{expr: e, at: at}, false, depth) // it does not start from a variable
	}
	lv := l.vars[root]
	if lv == nil {
		if l.params[root] {
			return l.ownerOfParam(root, behindOwn(root, steps))
		}
		return Everyone
	}
	if l.fresh(lv, e) {
		return l.ownerOfFresh(lv, at, depth)
	}
	return l.ownerOfVar(lv, behindOwn(root, steps), at, depth)
}

// behindOwn reports whether storage a number of references behind a variable is beyond what
// the variable itself holds or refers to.
func behindOwn(v *types.Var, steps int) bool {
	if storage.IsStruct(v.Type()) || storage.IsArray(v.Type()) {
		return steps > 0
	}
	return steps > 1
}

// rootOf returns the local variable or parameter that an expression starts from,
// and how many references lie between it and what the expression refers to; nil
// if it starts with something else.
func (l *locals) rootOf(e ast.Expr) (v *types.Var, steps int) { return rootOf(l.m.info, e) }

func rootOf(info *types.Info, e ast.Expr) (v *types.Var, steps int) {
	if refersItself(info.TypeOf(e)) {
		steps++
	}
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := info.ObjectOf(x).(*types.Var)
			return v, steps
		case *ast.SelectorExpr:
			s := info.Selections[x]
			if s == nil {
				v, _ := info.ObjectOf(x.Sel).(*types.Var)
				return v, steps
			}
			if steps += len(storage.Through(s)); storage.IsPointer(info.TypeOf(x.X)) {
				steps++
			}
			e = x.X
		case *ast.IndexExpr:
			if !storage.IsArray(info.TypeOf(x.X)) {
				steps++
			}
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			steps++
			e = x.X
		case *ast.TypeAssertExpr:
			if !refersItself(info.TypeOf(x)) { // the interface refers to the struct that it holds
				steps++
			}
			e = x.X
		case *ast.UnaryExpr:
			if x.Op != token.AND {
				return nil, steps
			}
			e = x.X
		default:
			return nil, steps
		}
	}
}

func refersItself(t types.Type) bool { return t != nil && storage.Refers(t) && storage.IsPlainRef(t) }

// A place is a variable at a position: where a variable is given something that is reached
// through it, it may have had another value.
//
//	n := s.first
//	n = n.next
//	n.hits++ // in an object that others have, as n.next is
type place struct {
	v  *types.Var
	at token.Pos
}

// ownerOfVar answers for what a local variable refers to or, with inner set, for
// what lies behind that.
func (l *locals) ownerOfVar(lv *local, inner bool, at token.Pos, depth int) Owner {
	key := ownerKey{lv.v, inner, at}
	if o, ok := l.owners[key]; ok {
		return o
	}
	asked := place{lv.v, at}
	if l.busy[asked] {
		return Own // a variable that is defined by itself rests on its other definitions
	}
	if len(l.busy) == 0 {
		l.asked = 0
	}
	if l.asked++; depth > maxOwners || l.asked > maxAsked {
		return Unknown
	}
	l.busy[asked] = true
	o := l.judge(lv, inner, at, depth)
	delete(l.busy, asked)
	if depth == 0 {
		l.owners[key] = o
	}
	return o
}

func (l *locals) judge(lv *local, inner bool, at token.Pos, depth int) Owner {
	if l.params[lv.v] && (l.before(lv.sinks, lv, at) || len(lv.into) > 0 && !l.seesCalls || len(lv.lent) > 0) {
		return Everyone
	}
	if l.params[lv.v] {
		given := Own
		if !l.lastAssigned(lv, at).IsValid() { // else what the caller has passed is no longer in it
			given = l.ownerOfParam(lv.v, inner)
		}
		return min(given, l.ownerOfHolders(lv, inner, at, depth), l.ownerOfAssigned(lv, inner, at, depth))
	}
	least := l.lentAt(lv, at)
	if least == Forked {
		at = l.later(lv, at)
	}
	if least < Forked || l.before(lv.sinks, lv, at) || at == l.afterReturn() && lv.returned {
		return Everyone
	}
	return min(least, l.ownerOfAssigned(lv, inner, at, depth), l.ownerOfHolders(lv, inner, at, depth))
}

// ownerOfAssigned answers for what a variable is assigned in the function or, with inner
// set, for what is put into that.
func (l *locals) ownerOfAssigned(lv *local, inner bool, at token.Pos, depth int) Owner {
	least := Own
	last := l.lastAssigned(lv, at)
	for _, d := range lv.defs {
		if last.IsValid() && (d.at < last || at <= d.at && !l.backTo(d.at, at, last)) {
			continue // it holds another value there
		}
		least = min(least, l.ownerOfValue(d, inner, depth))
	}
	if inner {
		for _, h := range lv.holds {
			least = min(least, l.ownerOfValue(h, true, depth))
		}
	}
	return least
}

// lastAssigned returns the end of the statement that certainly gave a variable its value
// when control reaches a place: it comes earlier in a list around the place. It is 0 if
// there is none.
//
//	e := c.entries[name]
//	if e == nil {
//		e = &entry{}
//		e.name = name // of the new one
//	}
func (l *locals) lastAssigned(lv *local, at token.Pos) token.Pos {
	var last token.Pos
	if l.jumps || lv.addressed || slices.ContainsFunc(lv.defs, func(d value) bool { return l.inOther(d.at, at) }) {
		return last
	}
	for _, d := range lv.defs {
		as, ok := l.nodes.around(d.expr).(*ast.AssignStmt)
		if !ok || d.inner || as.End() >= at || as.End() < last {
			continue // at its end is what the assignment itself uses
		}
		switch list := l.nodes.around(as).(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			if at < list.End() && !l.between(list, at) {
				last = as.End()
			}
		}
	}
	return last
}

// backTo reports whether a loop leads from a position back to an earlier place, and not
// by another one.
func (l *locals) backTo(from, to, by token.Pos) bool {
	return slices.ContainsFunc(l.loops, func(loop ast.Node) bool {
		in := func(p token.Pos) bool { return loop.Pos() <= p && p < loop.End() }
		return in(from) && in(to) && !in(by)
	})
}

// inOther reports whether a position is in a function literal that a place is not in, and
// that may run at any time before it.
func (l *locals) inOther(pos, at token.Pos) bool {
	return slices.ContainsFunc(l.literals, func(lit *ast.FuncLit) bool {
		in := func(p token.Pos) bool { return lit.Pos() <= p && p < lit.End() }
		return in(pos) && !in(at)
	})
}

// between reports whether a place is in a function literal inside a node.
func (l *locals) between(n ast.Node, at token.Pos) bool {
	return slices.ContainsFunc(l.literals, func(lit *ast.FuncLit) bool {
		return n.Pos() <= lit.Pos() && lit.End() <= n.End() && lit.Pos() <= at && at < lit.End()
	})
}

// ownerOfHolders answers for the variables that have come to hold what another one refers
// to: others may reach it through them and, with inner set, something else may have been
// put into it through them.
func (l *locals) ownerOfHolders(lv *local, inner bool, at token.Pos, depth int) Owner {
	least := Own
	for _, f := range lv.into {
		if w := l.vars[f.to]; w != nil && l.reaches(f.at, lv, at) {
			least = min(least, l.ownerOfVar(w, inner, at, depth+1))
		}
	}
	return least
}

// ownerOfValue answers for something that a variable was given.
func (l *locals) ownerOfValue(d value, inner bool, depth int) Owner {
	if d.from != nil {
		return l.ownerOfVar(l.vars[d.from], inner, d.at, depth+1)
	}
	if d.expr == nil {
		return Unknown
	}
	t := l.m.info.TypeOf(d.expr)
	if t != nil && !storage.Refers(t) && !(d.inner && holdsValue(t)) {
		return Own
	}
	if root, steps := l.rootOf(d.expr); root != nil {
		lv := l.vars[root]
		if lv == nil {
			if l.params[root] {
				return l.ownerOfParam(root, inner || d.inner || behindOwn(root, steps))
			}
			return l.copied(d, t, inner)
		}
		o := l.ownerOfVar(lv, inner || d.inner || behindOwn(root, steps), d.at, depth+1)
		if o < Own {
			return max(o, l.copied(d, t, inner))
		}
		return o
	}
	return l.ownerOfCall(d, inner || d.inner, depth)
}

// holdsValue reports whether values of a type hold others that a call can take out of them,
// although they never change themselves: errors do.
func holdsValue(t types.Type) bool { return t != nil && types.IsInterface(t) }

// copied answers for a struct that is copied from somewhere else: the copy belongs to this
// call alone, what it refers to does not.
func (l *locals) copied(d value, t types.Type, inner bool) Owner {
	if storage.IsStruct(t) && !inner && !d.inner {
		return Own
	}
	return Everyone
}

// ownerOfCall answers for what an expression makes.
func (l *locals) ownerOfCall(d value, inner bool, depth int) Owner {
	if depth > maxOwners {
		return Unknown
	}
	switch e := ast.Unparen(d.expr).(type) {
	case *ast.CompositeLit:
		return l.ownerOfElements(e, inner, d.at, depth)
	case *ast.BasicLit, *ast.FuncLit, *ast.BinaryExpr:
		return Own
	case *ast.Ident:
		if l.m.info.Types[e].IsNil() {
			return Own
		}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return l.ownerOfCall(value{expr: e.X, at: d.at}, inner, depth)
		}
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr:
		return l.ownerOfCall(value{expr: baseOf(e), at: d.at}, true, depth)
	case *ast.CallExpr:
		return l.ownerOfResult(e, d, inner, depth)
	}
	return Unknown
}

// baseOf returns what an expression selects, indexes, slices, follows or asserts.
func baseOf(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.X
	case *ast.IndexExpr:
		return e.X
	case *ast.SliceExpr:
		return e.X
	case *ast.StarExpr:
		return e.X
	case *ast.TypeAssertExpr:
		return e.X
	}
	return nil
}

// ownerOfElements answers for a composite literal.
func (l *locals) ownerOfElements(e *ast.CompositeLit, inner bool, at token.Pos, depth int) Owner {
	if !inner {
		return Own
	}
	least := Own
	for _, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
		}
		least = min(least, l.ownerOfValue(value{expr: x, at: at}, true, depth+1))
	}
	return least
}

// ownerOfResult answers for a result of a call.
func (l *locals) ownerOfResult(c *ast.CallExpr, d value, inner bool, depth int) Owner {
	m := l.m
	tv := m.info.Types[c.Fun]
	arg := func(i int, inner bool) Owner {
		return l.ownerOfValue(value{expr: c.Args[i], at: d.at}, inner, depth+1)
	}
	if tv.IsType() {
		if len(c.Args) == 1 && !storage.IsString(m.info.TypeOf(c.Args[0])) {
			return arg(0, inner)
		}
		return Own
	}
	if tv.IsBuiltin() {
		least := Own
		if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok && id.Name == "append" {
			least = arg(0, inner)
			for i := range c.Args {
				if i > 0 && inner {
					least = min(least, arg(i, true))
				}
			}
		}
		return least
	}
	if lit := m.LiteralCalled(c); lit != nil {
		return Unknown
	}
	s, ok := m.CallSummary(c)
	if !ok {
		return Unknown
	}
	if slices.Contains(s.Shared, d.nth) {
		return Everyone
	}
	least := Own
	if fn, _ := typeutil.Callee(m.info, c).(*types.Func); fn != nil {
		least = l.ownerGivenBack(c, fn.Origin(), d, inner, depth)
		if !inner && m.Decl(fn.Origin()) != nil && m.ownerReturned(fn.Origin(), d.nth, false) == Own {
			return least // it is new, whatever it has in its fields
		}
	}
	for _, h := range s.Holds {
		if h.To != storage.Result+d.nth || h.ToElem && !inner {
			continue
		}
		for _, x := range storage.OperandExprs(m.info, c, h.From) {
			o := l.ownerOfValue(value{expr: x, at: d.at}, true, depth+1)
			if o < Own && !inner && !h.Part && (!h.FromElem || h.ToElem) && !sharesElements(m.info.TypeOf(x), storage.ResultType(m.info.TypeOf(c), d.nth)) {
				continue // the result is a new object that refers to what somebody else has
			}
			least = min(least, o)
		}
	}
	return least
}

// sharesElements reports whether a result that shares storage with an argument
// may be that very storage, as opposed to an object that refers to it.
func sharesElements(arg, result types.Type) bool {
	if arg == nil || result == nil {
		return true
	}
	if types.Identical(arg.Underlying(), result.Underlying()) || types.IsInterface(arg) && types.IsInterface(result) {
		return true
	}
	switch result.Underlying().(type) {
	case *types.Slice, *types.Map:
		return true
	case *types.Pointer:
		return storage.StructOf(result) == nil || storage.StructOf(arg) == storage.StructOf(result)
	}
	return types.IsInterface(result) && !types.IsInterface(arg) && types.AssignableTo(arg, result)
}

// before reports whether one of several events comes before a place, as far as
// the order of statements and the loops around them tell.
func (l *locals) before(events []token.Pos, lv *local, at token.Pos) bool {
	return slices.ContainsFunc(events, func(e token.Pos) bool { return l.reaches(e, lv, at) })
}

// reaches reports whether what happens at one position may have happened when control comes
// to another: it comes first in the source, or both are in a loop that the variable
// outlives.
func (l *locals) reaches(from token.Pos, lv *local, to token.Pos) bool {
	if from < to {
		return true
	}
	for _, lit := range l.delayed {
		if lit.Pos() <= to && to < lit.End() && (lv.v.Pos() < lit.Pos() || lit.End() <= lv.v.Pos()) {
			return true
		}
	}
	for _, loop := range l.loops {
		in := func(p token.Pos) bool { return loop.Pos() <= p && p < loop.End() }
		if in(from) && in(to) && !in(lv.v.Pos()) {
			return true
		}
	}
	return false
}
