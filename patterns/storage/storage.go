// Package storage is the one model of what shares storage with what, and of who
// writes to it. Package ownership says who can reach it at one place.
//
// A variable holds a value; a value may refer to storage: the elements of a slice or
// map, the target of a pointer, what an interface holds, what is in a channel. [New]
// reads a package once and puts storage that may be the same into one class, by
// unification (B. Steensgaard, Points-to Analysis in Almost Linear Time, POPL 1996),
// without regard to the order of statements:
//
//   - every variable, field, result and expression that makes something has a
//     place; a field has one place for all structs of its type;
//   - an assignment, argument, return, send, range or literal merges the storage of
//     both sides into one class;
//   - functions are read after those that they call. A call applies the summary of
//     the function to its own arguments: a helper that is called with two slices
//     does not merge them. Functions that call each other are read as one.
//
// What letgo cannot see is not harmless: a function without a [Summary] may write to
// everything that it can reach through its arguments, keep it, and return it.
package storage

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"
)

// A World answers questions about code outside the package.
type World interface {
	// Implementations lists the methods that a call of an interface's method may
	// run. all is false if there may be others, which are not seen.
	Implementations(m *types.Func) (impl []*types.Func, all bool)

	// Summary says what a function of another package does to its arguments. ok
	// is false if nothing is known of it.
	Summary(fn *types.Func) (s Summary, ok bool)

	// Concurrent reports whether the methods of a type may be called by several
	// goroutines at once, so that what they write is nobody else's concern.
	Concurrent(t types.Type) bool

	// Passes reports whether methods of such a type write to what a value was made with.
	Passes(t types.Type) bool

	// UsedByMany is Concurrent for one unseen method.
	UsedByMany(fn *types.Func) bool
}

// A Class is storage that may be the same. The zero Class belongs to a value that
// refers to nothing.
type Class int32

// A Kind says what a [Use] does.
type Kind byte

const (
	Read  Kind = iota
	Write      // an element, the target of a pointer, or the object is changed
	Lend       // an unseen function gets it and may write to it at any time
)

// A Use is something that a statement does to storage through a value: by an index, a
// pointer, a range or a call. Using a variable by its name is not a Use.
type Use struct {
	Kind  Kind
	Class Class
	Body  ast.Node // the FuncDecl or FuncLit that it is in; nil in a package-level initialiser
	Node  ast.Expr // the expression that refers to the storage
	By    string   // the function that does it, for a call

	// Deep: by a function that uses reflection or is unseen, which may follow pointers and
	// fields of its arguments.
	Deep bool

	Part     bool // only a field of the object is changed
	Extends  bool // by x = append(x, y), which assigns to x, too
	Passed   bool // only what the receiver was made with may be changed, as by a logger
	Receiver bool // by a method, of its receiver, or of what a function gets as a writer

	decl *ast.FuncDecl // the declared function around it, or nil
}

// A Model is what is known about one package. It is made once and does not change.
type Model struct {
	info  *types.Info
	files []*ast.File
	world World

	embedded []types.Type // see Narrow

	classes
	places     map[types.Object]Class // of variables and fields
	made       map[ast.Expr]Class     // of expressions that are not variables
	results    map[*types.Func][]Class
	lits       map[*ast.FuncLit][]Class
	calls      map[*ast.CallExpr][]Class   // the places of their results
	addresses  map[ast.Expr]Class          // of the receivers of methods with pointer receivers
	promotedBy map[ast.Expr]*types.Var     // of what methods are called on: the embedded pointer or interface that has the method
	known      map[*types.Var]*ast.FuncLit // local variables that only ever hold one function literal
	heldBy     map[*ast.FuncLit]*types.Var // the inverse of known
	inStep     map[*ast.FuncLit]bool       // literals that are called in place, deferred, passed on, or kept in one local variable
	extends    map[*ast.CallExpr]bool      // calls of append that set what they add to: x = append(x, y)
	decls      map[*types.Func]*ast.FuncDecl
	list       []*types.Func                 // in the order of files and declarations: positions depend on who was parsed first
	rank       map[*types.Func]int           // the index in list
	group      map[*types.Func]int           // the group the group that a function was read with, by number; absent before
	round      int                           // the number of the group that is being read
	calleesOf  map[*types.Func][]*types.Func // in the package
	behindOf   map[*types.Func]operandSet    // the operands behind whose fields a function writes

	parts map[*ast.FuncDecl]*parts // nil once the model is done

	body ast.Node      // that is being read
	decl *ast.FuncDecl // around it
	outs []Class       // where its results go
	uses []Use

	bound      map[*ast.SelectorExpr]bool // methods that bind has looked at; nil once all functions are read
	boundCalls []Use                      // of the objects that called functions may be bound to

	done bool // nothing more is added

	layout layout

	bodies []*ast.FuncDecl // in the order of their positions

	mu        sync.Mutex // guards what follows
	summaries map[*types.Func]knownSummary
	within    map[Class]classSet        // memo of fieldsWithin
	fields    map[*types.Struct][]Class // memo of fieldPlaces
	readers   map[*types.Var]bool       // memo of readsParameter
	asked     []*types.Var              // in the order in which readers was filled
	usesOf    map[*ast.FuncDecl][]Use   // memo of usesIn
}

// bytesPerClass is roughly how much source makes one class.
const bytesPerClass = 32

// New reads a package.
func New(info *types.Info, files []*ast.File, world World) *Model {
	m := &Model{
		info: info, files: files, world: world, embedded: Embedded(info),
		places: make(map[types.Object]Class), made: make(map[ast.Expr]Class), results: make(map[*types.Func][]Class),
		lits: make(map[*ast.FuncLit][]Class), known: make(map[*types.Var]*ast.FuncLit),
		addresses: make(map[ast.Expr]Class), inStep: make(map[*ast.FuncLit]bool), extends: make(map[*ast.CallExpr]bool),
		decls: make(map[*types.Func]*ast.FuncDecl), calleesOf: make(map[*types.Func][]*types.Func), group: make(map[*types.Func]int),
		bound: make(map[*ast.SelectorExpr]bool), promotedBy: make(map[ast.Expr]*types.Var),
	}
	for sel, s := range info.Selections {
		if through := Through(s); s.Kind() == types.MethodVal && len(through) > 0 {
			m.promotedBy[sel.X] = through[len(through)-1]
		}
	}
	size := token.Pos(0)
	for _, f := range files {
		size += f.End() - f.Pos()
	}
	m.classes.init(int(size) / bytesPerClass)
	m.rank, m.parts = make(map[*types.Func]int), make(map[*ast.FuncDecl]*parts)
	m.summaries, m.readers = make(map[*types.Func]knownSummary), make(map[*types.Var]bool)
	m.within, m.fields = make(map[Class]classSet), make(map[*types.Struct][]Class)
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				if fn, ok := info.Defs[d.Name].(*types.Func); ok {
					m.decls[fn] = d
					m.rank[fn] = len(m.list)
					m.list = append(m.list, fn)
					m.bodies = append(m.bodies, d)
				}
			}
		}
	}
	calls := 0
	for _, d := range m.bodies {
		m.parts[d] = m.partsOf(d)
		calls += len(m.parts[d].calls)
	}
	m.calls = make(map[*ast.CallExpr][]Class, calls)
	groups := m.order()
	m.read(groups)
	m.useBound()
	m.findBehind(groups)
	m.findCallbacks()
	m.parts = nil
	for o, c := range m.places { // an object that nothing happens to is still the same wherever the variable is used
		if Refers(o.Type()) && !IsStruct(o.Type()) {
			m.refers(c)
		}
	}
	for c := range m.parent {
		m.parent[c] = m.find(Class(c))
	}
	slices.SortFunc(m.bodies, func(a, b *ast.FuncDecl) int { return cmp.Compare(a.Pos(), b.Pos()) })
	m.heldBy = make(map[*ast.FuncLit]*types.Var, len(m.known))
	for v, lit := range m.known {
		m.heldBy[lit] = v
	}
	m.done = true
	return m
}

// read reads the declared functions, callees first, and whatever else the files declare.
func (m *Model) read(groups [][]*types.Func) {
	for i, fns := range groups {
		m.round = i + 1
		for _, fn := range fns {
			m.group[fn] = m.round
		}
		for _, fn := range fns {
			m.function(fn)
		}
	}
	m.round = -1
	for _, f := range m.files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok {
				m.block(d)
			}
		}
	}
}

// function reads a declared function.
func (m *Model) function(fn *types.Func) {
	d := m.decls[fn]
	m.body, m.decl, m.outs = d, d, m.resultsOf(fn)
	m.block(d.Body)
	m.body, m.decl, m.outs = nil, nil, nil
}

// IsLocal reports whether a variable is neither a field nor package-level.
func IsLocal(v *types.Var) bool {
	return !v.IsField() && (v.Pkg() == nil || v.Parent() != v.Pkg().Scope())
}

// Uses lists what the package does to storage through values, function by
// function.
func (m *Model) Uses() []Use { return m.uses }

// Holds lists the classes of storage that a variable reaches: its own place, what it
// refers to, what that refers to, and so on.
func (m *Model) Holds(v *types.Var) []Class {
	c, ok := m.places[v.Origin()]
	if !ok {
		return nil
	}
	return m.chainFrom(m.find(c))
}

// AddressKept reports whether code that letgo does not see may have kept the address of
// a variable, and may write to it at any time.
func (m *Model) AddressKept(v *types.Var) bool {
	return m.flags[m.find(m.places[v.Origin()])]&kept != 0
}

// Refers returns the class of what the value of an expression refers to.
func (m *Model) Refers(e ast.Expr) Class {
	return m.refersTo(m.place(e))
}

// Shared lists the fields and package-level variables that have a place in the model,
// with the classes that each holds, in no particular order.
func (m *Model) Shared(visit func(v *types.Var, holds []Class)) {
	for o := range m.places {
		if v := o.(*types.Var); !IsLocal(v) {
			visit(v, m.Holds(v))
		}
	}
}

// Same returns the class that represents all classes merged with this one.
func (m *Model) Same(c Class) Class { return m.find(c) }

// DeclAt returns the declared function around a position, or nil.
func (m *Model) DeclAt(at token.Pos) *ast.FuncDecl {
	i, ok := slices.BinarySearchFunc(m.bodies, at, func(d *ast.FuncDecl, at token.Pos) int {
		switch {
		case d.End() <= at:
			return -1
		case at < d.Pos():
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return m.bodies[i]
}

// Decl returns the declaration of a function of the package, nil for others.
func (m *Model) Decl(fn *types.Func) *ast.FuncDecl { return m.decls[fn] }

// HeldBy returns the local variable that a function literal is kept in, if it only ever
// holds that; nil otherwise.
func (m *Model) HeldBy(lit *ast.FuncLit) *types.Var { return m.heldBy[lit] }
