package patterns

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/ownership"
)

// A Program is a set of packages that are analysed together: letgo follows calls from
// one to another. Only one goroutine at a time may use it.
type Program struct {
	Packages []*Package

	table      *blocking.Table
	units      map[*Package][]*Unit
	byKey      map[string]*Unit
	lits       map[*ast.FuncLit]*Unit
	base       *Program                                    // what With started from; its functions stand where this has none
	methods    map[*types.Package]map[string][]*types.Func // concrete methods, by name
	impls      map[string][]*types.Func                    // memo of implementations
	embedded   map[*Package][]types.Type                   // memo of embeddedIn
	seen       map[string][]*Unit                          // memo of seenImplementations
	assigns    map[*Package]map[*types.Var][]Assigned
	models     map[*Package]func() *ownership.Model            // memo of StorageOf
	memos      *sync.Mutex                                     // guards keys, borders, globals and what follows: units are followed at once, and programs share them
	keys       map[*types.Func]string                          // memo of keyOf
	owners     map[*types.Package]map[*types.Var]*types.Struct // memo of ownerOf
	structs    map[*types.Package]map[*types.Struct]string     // memo of ownerName
	bodies     map[*Package][]*Unit                            // the units of a package by position
	byDecl     map[*Package]map[string][]*Unit                 // memo of UnitsOf
	settings   map[any]any                                     // of Setting
	kept       map[any]any                                     // of each Memo
	ofPackages map[packageKey]any                              // of PackageMemo

	// facts has what is known of the packages to each other, by path: of those of
	// the program, and of those that it was given facts of. Borders are the units
	// made of them, globals the package-level variables.
	facts   map[string]*Facts
	NoTests bool // what test files declare and use is left out, though it is type-checked
	partial bool // packages of the modules are not there, but their facts may be
	borders map[*Facts]map[string]*Unit
	Globals map[string]Path
}

// New returns a program of packages about which nothing is known yet except the given
// facts of other packages; facts may be nil if no package is missing. The table says
// which functions outside of the program block; nil means [blocking.DefaultTable].
// noTests says that the packages were type-checked with test files that are not among
// their files.
func New(pkgs []*Package, table *blocking.Table, facts map[string]*Facts, noTests bool) *Program {
	if table == nil {
		table = blocking.DefaultTable()
	}
	x := &Program{
		Packages:   pkgs,
		table:      table,
		units:      make(map[*Package][]*Unit),
		byKey:      make(map[string]*Unit),
		lits:       make(map[*ast.FuncLit]*Unit),
		methods:    make(map[*types.Package]map[string][]*types.Func),
		seen:       make(map[string][]*Unit),
		impls:      make(map[string][]*types.Func),
		embedded:   make(map[*Package][]types.Type),
		assigns:    make(map[*Package]map[*types.Var][]Assigned),
		models:     make(map[*Package]func() *ownership.Model),
		memos:      new(sync.Mutex),
		keys:       make(map[*types.Func]string),
		owners:     make(map[*types.Package]map[*types.Var]*types.Struct),
		structs:    make(map[*types.Package]map[*types.Struct]string),
		bodies:     make(map[*Package][]*Unit),
		byDecl:     make(map[*Package]map[string][]*Unit),
		settings:   make(map[any]any),
		kept:       make(map[any]any),
		ofPackages: make(map[packageKey]any),
		facts:      make(map[string]*Facts),
		borders:    make(map[*Facts]map[string]*Unit),
		Globals:    make(map[string]Path),
		partial:    facts != nil,
		NoTests:    noTests,
	}
	maps.Copy(x.facts, facts)
	for _, p := range pkgs {
		x.addUnits(p)
	}
	return x
}

// Over returns a program that takes over all packages of x except the one with the
// given ID, for [Program.Replace].
func (x *Program) Over(id string) *Program {
	y := x.without(id)
	y.base = x
	y.byKey = make(map[string]*Unit)
	y.lits = make(map[*ast.FuncLit]*Unit)
	return y
}

// Without makes the program forget what it knew about a package, for [Program.Replace],
// and returns it. Unlike [Program.Over] it keeps nothing of the old state, not even
// while the new one is made.
func (x *Program) Without(id string) *Program {
	y := x.without(id)
	old := func(u *Unit) bool { return u.Pkg.ID == id }
	y.byKey = maps.Clone(x.byKey)
	maps.DeleteFunc(y.byKey, func(_ string, u *Unit) bool { return old(u) })
	y.lits = maps.Clone(x.lits)
	maps.DeleteFunc(y.lits, func(_ *ast.FuncLit, u *Unit) bool { return old(u) })
	return y
}

// Replace puts q in the place of the package with its ID.
func (x *Program) Replace(q *Package) {
	for i, p := range x.Packages {
		if p.ID == q.ID {
			x.Packages[i] = q
		}
	}
	x.addUnits(q)
}

// ForgetSummaries forgets what was derived from facts about implementations, which may
// have changed.
func (x *Program) ForgetSummaries() { x.seen = make(map[string][]*Unit) }

// without returns a copy of the program that has forgotten a package, and what
// it remembers of types that may have been that package's.
func (x *Program) without(id string) *Program {
	y := *x
	y.Packages = slices.Clone(x.Packages)
	y.units = maps.Clone(x.units)
	y.owners = maps.Clone(x.owners)
	y.keys = make(map[*types.Func]string)
	y.structs = maps.Clone(x.structs)
	y.bodies = maps.Clone(x.bodies)
	y.byDecl = make(map[*Package]map[string][]*Unit)
	y.kept = make(map[any]any)
	x.memos.Lock()
	y.ofPackages = maps.Clone(x.ofPackages)
	y.methods = maps.Clone(x.methods)
	x.memos.Unlock()
	y.impls = make(map[string][]*types.Func)
	y.embedded = make(map[*Package][]types.Type)
	y.seen = make(map[string][]*Unit)
	y.facts = maps.Clone(x.facts)
	x.memos.Lock()
	y.borders = maps.Clone(x.borders)
	x.memos.Unlock()
	y.assigns = maps.Clone(x.assigns)
	y.models = maps.Clone(x.models)
	for _, p := range x.Packages {
		if p.ID != id {
			continue
		}
		delete(y.units, p)
		delete(y.bodies, p)
		delete(y.methods, p.Types)
		delete(y.owners, p.Types)
		delete(y.structs, p.Types)
		delete(y.borders, x.facts[p.Path])
		delete(y.assigns, p)
		delete(y.models, p)
		y.forgetPackage(p)
	}
	return &y
}

func (x *Program) addUnits(p *Package) {
	x.units[p] = unitsOf(p)
	x.bodies[p] = byPosition(x.units[p])
	for _, u := range x.units[p] {
		if u.Lit != nil {
			x.lits[u.Lit] = u
		} else if k := u.key(); k != "" && (x.byKey[k] == nil || strings.Contains(p.ID, "[")) {
			x.byKey[k] = u
		}
	}
}

// LitUnit returns the unit of a function literal.
func (x *Program) LitUnit(lit *ast.FuncLit) *Unit {
	for y := x; y != nil; y = y.base {
		if u := y.lits[lit]; u != nil {
			return u
		}
	}
	return nil
}

// KeyOf is a cached [FuncKey].
func (x *Program) KeyOf(fn *types.Func) string {
	fn = fn.Origin()
	x.memos.Lock()
	defer x.memos.Unlock()
	k, ok := x.keys[fn]
	if !ok {
		k = fn.FullName()
		x.keys[fn] = k
	}
	return k
}

// UnitOf returns the unit that declares a function, or nil.
func (x *Program) UnitOf(fn *types.Func) *Unit {
	key := x.KeyOf(fn)
	for y := x; y != nil; y = y.base {
		if u := y.byKey[key]; u != nil {
			return u
		}
	}
	return nil
}

// methodsOf indexes the methods of the package's named types, once.
func (x *Program) methodsOf(p *Package) map[string][]*types.Func {
	if x.base != nil && x.base.units[p] != nil { // as in guardsOf
		return x.base.methodsOf(p)
	}
	return x.methodsIn(p.Types)
}

func (x *Program) methodsIn(p *types.Package) map[string][]*types.Func {
	x.memos.Lock() // units of a package are searched in parallel
	defer x.memos.Unlock()
	if m := x.methods[p]; m != nil {
		return m
	}
	methods := make(map[string][]*types.Func)
	x.methods[p] = methods
	scope := p.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || x.NoTests && x.InTest(tn.Pos()) {
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok || types.IsInterface(named) {
			continue
		}
		for i := range named.NumMethods() {
			m := named.Method(i)
			methods[m.Name()] = append(methods[m.Name()], m)
		}
	}
	return methods
}

// InTest reports whether a position is in a test file.
func (x *Program) InTest(pos token.Pos) bool {
	f := x.Packages[0].Fset.File(pos)
	return f != nil && strings.HasSuffix(f.Name(), "_test.go")
}

// implementations lists the methods of the loaded packages that a call of the
// interface method may reach.
func (x *Program) implementations(m *types.Func) []*types.Func {
	recv := m.Signature().Recv()
	key := types.TypeString(recv.Type(), nil) + "." + m.Name()
	if impl, ok := x.impls[key]; ok {
		return impl
	}
	var impl []*types.Func
	for _, p := range x.Packages {
		impl = append(impl, slices.DeleteFunc(slices.Clone(x.ImplementedIn(p, m, false)), func(c *types.Func) bool { return x.isMock(p, c) })...)
	}
	x.impls[key] = impl
	return impl
}

// isMock reports whether a method is generated, in a package that no other one imports,
// but tests do: only those can make an object that has it.
func (x *Program) isMock(p *Package, m *types.Func) bool {
	if f := p.FileOf(m.Pos()); p.Name == "main" || f == nil || f.Fixed != "generated" {
		return false
	}
	return mocks.Get(x, p, func() bool {
		imports := func(q *types.Package) bool { return q.Path() == p.Path }
		byTest := false
		for _, q := range x.Packages {
			if slices.ContainsFunc(q.Types.Imports(), imports) {
				return false
			}
			byTest = byTest || q.importedByTest(p)
		}
		return byTest
	})
}

// mocks says of packages whether only tests import them.
var mocks PackageMemo[bool]

// An Assigned is a value that is assigned to a variable somewhere in the packages.
type Assigned struct {
	Expr ast.Expr
	Info *types.Info
}

// AssignmentsIn returns what a package assigns to fields and package-level variables:
// in assignments, composite literals and declarations.
func (x *Program) AssignmentsIn(p *Package) map[*types.Var][]Assigned {
	if m := x.assigns[p]; m != nil {
		return m
	}
	if x.base != nil && x.base.units[p] != nil { // as in guardsOf
		return x.base.AssignmentsIn(p)
	}
	all := make(map[*types.Var][]Assigned)
	x.assigns[p] = all
	info := p.Info
	note := func(v *types.Var, e ast.Expr) {
		if v != nil && (v.IsField() || IsGlobal(v)) {
			all[v.Origin()] = append(all[v.Origin()], Assigned{e, info})
		}
	}
	varOf := func(e ast.Expr) *types.Var {
		switch e := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := info.ObjectOf(e).(*types.Var)
			return v
		case *ast.SelectorExpr:
			v, _ := info.ObjectOf(e.Sel).(*types.Var)
			return v
		}
		return nil
	}
	for _, f := range p.Files {
		EachAssignment(f.Syntax, func(lhs, rhs ast.Expr) { note(varOf(lhs), rhs) })
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				EachElement(info, n, note)
			case *ast.CallExpr:
				if tv := info.Types[n.Fun]; tv.IsType() && len(n.Args) == 1 && !info.Types[n.Args[0]].IsNil() && !types.Identical(tv.Type, info.TypeOf(n.Args[0])) {
					eachConverted(tv.Type, note)
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND { // whoever has the address may assign anything
					note(varOf(n.X), nil)
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					note(varOf(n.Key), nil)
					note(varOf(n.Value), nil)
				}
			}
			return true
		})
	}
	return all
}

// eachConverted visits the fields of a struct that a value of another type is converted
// to: they get what the fields of that hold.
func eachConverted(to types.Type, note func(*types.Var, ast.Expr)) {
	if st, ok := StructOf(to); ok {
		for f := range st.Fields() {
			note(f, nil)
		}
	}
}

// EachElement visits the fields that a composite literal of a struct sets.
func EachElement(info *types.Info, lit *ast.CompositeLit, note func(*types.Var, ast.Expr)) {
	st, ok := StructOf(info.TypeOf(lit))
	if !ok {
		return
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				v, _ := info.Uses[id].(*types.Var)
				note(v, kv.Value)
			}
		} else if i < st.NumFields() {
			note(st.Field(i), elt)
		}
	}
}

// EachAssignment visits the assignments and variable declarations in a node. The right
// side is nil where it is not a value of its own: several results of one call, or x op=
// y.
func EachAssignment(root ast.Node, note func(lhs, rhs ast.Expr)) {
	ast.Inspect(root, func(n ast.Node) bool {
		AssignmentsOf(n, note)
		return true
	})
}

// AssignmentsOf visits what one node itself assigns, as EachAssignment does.
func AssignmentsOf(n ast.Node, note func(lhs, rhs ast.Expr)) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
				note(l, n.Rhs[i])
			} else {
				note(l, nil)
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			switch {
			case len(n.Values) == len(n.Names):
				note(id, n.Values[i])
			case len(n.Values) > 0:
				note(id, nil)
			}
		}
	}
}

// Table returns the table of blocking functions outside of the program.
func (x *Program) Table() *blocking.Table { return x.table }

// KnownFacts returns the facts computed so far; see [Program.AllFacts].
func (x *Program) KnownFacts() map[string]*Facts { return x.facts }

// AllFacts returns the facts of the program's packages, and those that it was given
// about others, by path.
func (x *Program) AllFacts() map[string]*Facts {
	for _, f := range x.facts {
		x.Complete(f)
	}
	return x.facts
}

// OwnerOf returns the package-level struct type that declares the field.
func (x *Program) OwnerOf(f *types.Var) *types.Struct {
	if f.Pkg() == nil {
		return nil
	}
	owners := x.owners[f.Pkg()]
	if owners == nil {
		owners = make(map[*types.Var]*types.Struct)
		x.owners[f.Pkg()] = owners
		scope := f.Pkg().Scope()
		for _, name := range scope.Names() {
			if st, ok := scope.Lookup(name).Type().Underlying().(*types.Struct); ok {
				for i := range st.NumFields() {
					owners[st.Field(i).Origin()] = st
				}
			}
		}
	}
	return owners[f]
}

// IsRuntime reports whether a package is the scheduler and allocator. What it waits
// for, it waits for on behalf of any code.
func IsRuntime(path string) bool {
	return path == "runtime" || strings.HasPrefix(path, "internal/runtime/") || path == "reflect" || path == "internal/reflectlite"
}

// Knows reports whether a package is in the program or its facts are known. Packages
// that import it may implement its interfaces.
func (x *Program) Knows(p *types.Package) bool { return p != nil && x.facts[p.Path()] != nil }

// byPosition sorts the units with a body by where it begins.
func byPosition(units []*Unit) []*Unit {
	sorted := slices.Clone(units)
	slices.SortFunc(sorted, func(a, b *Unit) int { return cmp.Compare(a.Body.Pos(), b.Body.Pos()) })
	return sorted
}

// UnitAt returns the innermost unit around a position in a package. For package-level
// initialisers it is a unit without statements.
func (x *Program) UnitAt(p *Package, pos token.Pos) *Unit {
	units := x.bodies[p]
	i, _ := slices.BinarySearchFunc(units, pos, func(u *Unit, pos token.Pos) int {
		if u.Body.Pos() <= pos {
			return -1
		}
		return 1
	})
	for i--; i >= 0; i-- {
		if units[i].Contains(pos) {
			return units[i]
		}
		if units[i].Lit == nil {
			break // declared functions do not nest
		}
	}
	return &Unit{Pkg: p, Body: &ast.BlockStmt{}, name: "init"}
}
