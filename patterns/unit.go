package patterns

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// A Unit is one function body: a declared function or a function literal. letgo follows
// locks through one unit at a time; what a unit does to its callers' locks is its
// effect (see [EffectFact]).
type Unit struct {
	Pkg   *Package
	File  *File
	Decl  *ast.FuncDecl // the enclosing declaration; nil in a package-level initialiser
	Lit   *ast.FuncLit  // nil for the declared function itself
	Body  *ast.BlockStmt
	Obj   *types.Func // the declared function; nil for literals
	Outer *Unit       // the unit that a literal stands in, or nil

	name      string
	calls     []*ast.CallExpr            // calls made by this unit itself, in source order
	Iterators map[ast.Expr]*ast.CallExpr // those of them that are ranges over a function, by what is ranged over
	Branches  []ast.Node                 // if and switch statements, && and ||, in source order
	Lits      []*Unit                    // literals directly inside, in source order
	facts     *LocalFacts
	caught    map[*types.Var]bool // locals that literals capture

	addressed map[*types.Var]bool // memo of Addressed
	given     map[*types.Var][]ast.Expr

	// A unit may stand for those calls of another one, Of, that give constants for
	// parameters, see [Unit.ForCalls].
	Of    *Unit
	Known map[*types.Var]constant.Value

	slots [maxSlots]any // of Slot
}

// Name returns the name of the function as a reader would look it up: "Get",
// "(*Server).Put", or "(*Server).Put.func1" for its first literal.
func (u *Unit) Name() string { return u.name }

// key identifies a declared function in all loaded packages.
func (u *Unit) key() string {
	if u.Obj == nil {
		return ""
	}
	return FuncKey(u.Obj)
}

func FuncKey(fn *types.Func) string { return fn.Origin().FullName() }

// Position returns the position of pos in the source.
func (u *Unit) Position(pos token.Pos) token.Position { return u.Pkg.Fset.Position(pos) }

func (u *Unit) Signature() *types.Signature {
	if u.Obj != nil {
		return u.Obj.Signature()
	}
	if s, ok := u.Pkg.Info.TypeOf(u.Lit).(*types.Signature); ok {
		return s
	}
	return types.NewSignatureType(nil, nil, nil, nil, nil, false)
}

// unitsOf lists the units of a package, literals after the unit they stand in.
func unitsOf(p *Package) []*Unit {
	var units []*Unit
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Body == nil {
					continue
				}
				u := &Unit{Pkg: p, File: f, Decl: d, Body: d.Body, name: DeclName(d)}
				u.Obj, _ = p.Info.Defs[d.Name].(*types.Func)
				units = u.collect(d.Body, append(units, u))
			case *ast.GenDecl:
				root := &Unit{Pkg: p, File: f, name: "init"}
				units = root.collect(d, units)
			}
		}
	}
	return units
}

// collect records the calls and literals of the unit and appends the literals.
func (u *Unit) collect(root ast.Node, units []*Unit) []*Unit {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			lit := &Unit{Pkg: u.Pkg, File: u.File, Decl: u.Decl, Lit: n, Body: n.Body, Outer: u}
			if u.Body == nil {
				lit.Outer = nil
			}
			u.Lits = append(u.Lits, lit)
			lit.name = fmt.Sprintf("%s.func%d", u.name, len(u.Lits))
			units = lit.collect(n.Body, append(units, lit))
			return false
		case *ast.RangeStmt:
			u.addIterator(n)
		case *ast.CallExpr:
			u.calls = append(u.calls, n)
		case *ast.IfStmt, *ast.SwitchStmt:
			u.Branches = append(u.Branches, n)
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				u.Branches = append(u.Branches, n)
			}
		}
		return true
	})
	return units
}

// DeclName returns the name of a declared function as a reader would look it up: "Get"
// or "(*Server).Put".
func DeclName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	star := ""
	if s, ok := ast.Unparen(t).(*ast.StarExpr); ok {
		star, t = "*", s.X
	}
	switch x := ast.Unparen(t).(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	name := types.ExprString(t)
	if star != "" {
		name = "(*" + name + ")"
	}
	return name + "." + d.Name.Name
}

// Contains reports whether pos is in the body of the unit, including literals.
func (u *Unit) Contains(pos token.Pos) bool {
	return u.Body != nil && u.Body.Pos() <= pos && pos < u.Body.End()
}

// LocalFacts says how the local variables of a unit are defined.
type LocalFacts struct {
	Defs     map[*types.Var][]ast.Expr // nil expression: defined by something else (range, multi-value, parameter, address taken)
	returned map[*types.Var]int        // how often the address is taken to be returned: nobody has it before
}

// Definitions returns the expressions assigned to each variable in the outermost
// function around the unit, including literals.
func (u *Unit) Definitions() *LocalFacts {
	top := TopOf(u)
	if top.facts != nil {
		return top.facts
	}
	f := &LocalFacts{Defs: make(map[*types.Var][]ast.Expr), returned: make(map[*types.Var]int)}
	info := u.Pkg.Info
	note := func(lhs, rhs ast.Expr) {
		if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
			if v, ok := info.ObjectOf(id).(*types.Var); ok {
				f.Defs[v] = append(f.Defs[v], rhs)
			}
		}
	}
	params := func(lists ...*ast.FieldList) {
		eachName(lists, func(id *ast.Ident) { note(id, nil) }) // what the caller gives
	}
	if top.Lit != nil {
		params(top.Lit.Type.Params)
	} else if top.Decl != nil {
		params(top.Decl.Recv, top.Decl.Type.Params)
	}
	EachAssignment(top.Body, note)
	ast.Inspect(top.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			params(n.Type.Params)
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				if v := addressOf(info, r); v != nil {
					f.returned[v]++
				}
			}
		case *ast.RangeStmt:
			note(n.Key, nil)
			note(n.Value, nil)
		case *ast.IncDecStmt:
			note(n.X, nil)
		case *ast.CaseClause: // of a type switch, which declares a variable in each
			if v, ok := info.Implicits[n].(*types.Var); ok {
				f.Defs[v] = append(f.Defs[v], nil)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X, nil)
			}
		}
		return true
	})
	top.facts = f
	return f
}

// eachName visits the names in lists of parameters.
func eachName(lists []*ast.FieldList, visit func(*ast.Ident)) {
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, field := range l.List {
			for _, id := range field.Names {
				visit(id)
			}
		}
	}
}

// addressOf returns the variable whose address an expression takes, or nil.
func addressOf(info *types.Info, e ast.Expr) *types.Var {
	un, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || un.Op != token.AND {
		return nil
	}
	id, ok := ast.Unparen(un.X).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := info.ObjectOf(id).(*types.Var)
	return v
}

// DefinedOnce returns the only expression that is ever assigned to a local variable. It
// is nil if there is more than one assignment, if one is not a plain assignment, or if
// the code takes the variable's address.
func (u *Unit) DefinedOnce(v *types.Var) ast.Expr {
	if v == nil || v.IsField() || IsGlobal(v) {
		return nil
	}
	for o := u; o != nil; o = o.Outer {
		if o.IsParam(v) { // the caller defines it, too
			return nil
		}
	}
	if defs := u.Definitions().Defs[v]; len(defs) == 1 {
		return defs[0]
	}
	return nil
}

// LookedUpOnce returns the index expression of the only statement that assigns to a
// local variable, v, ok := m[k]. It is nil if there is another assignment, or none.
func (u *Unit) LookedUpOnce(v *types.Var) ast.Expr {
	if v == nil || v.IsField() || IsGlobal(v) || len(u.Definitions().Defs[v]) != 1 {
		return nil
	}
	var found ast.Expr
	ast.Inspect(u.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if ok && as.Tok == token.DEFINE && len(as.Lhs) == 2 && len(as.Rhs) == 1 {
			ix, isIndex := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
			if id, ok := as.Lhs[0].(*ast.Ident); ok && isIndex && u.Pkg.Info.Defs[id] == v {
				found = ix
			}
		}
		return found == nil
	})
	return found
}

// Given lists the expressions that give a local variable its values in the outermost
// function around the unit: for one of several results the call, for an element what is
// ranged over. What the caller gives, and what is written through its address, is none.
func (u *Unit) Given(v *types.Var) []ast.Expr {
	top := TopOf(u)
	if top.given != nil {
		return top.given[v]
	}
	top.given = make(map[*types.Var][]ast.Expr)
	note := func(lhs, rhs ast.Expr) {
		if id, ok := lhs.(*ast.Ident); ok {
			if v, ok := u.Pkg.Info.ObjectOf(id).(*types.Var); ok {
				top.given[v] = append(top.given[v], ast.Unparen(rhs))
			}
		}
	}
	ast.Inspect(top.Body, func(n ast.Node) bool {
		GivenBy(n, note)
		if r, ok := n.(*ast.RangeStmt); ok {
			note(r.Key, r.X)
			note(r.Value, r.X)
		}
		return true
	})
	return top.given[v]
}

// GivenBy visits what an assignment or a variable declaration gives to what: for one of
// several results the call.
func GivenBy(n ast.Node, note func(lhs, rhs ast.Expr)) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			note(l, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) > 0 {
				note(id, n.Values[min(i, len(n.Values)-1)])
			}
		}
	}
}

// IsParam reports whether v is a parameter, receiver or named result of the unit.
func (u *Unit) IsParam(v *types.Var) bool {
	return v == u.Signature().Recv() || isIn(u.Signature().Params(), v) || u.IsResult(v)
}

// IsResult reports whether v is a named result of the unit, which has no value of the
// caller's.
func (u *Unit) IsResult(v *types.Var) bool { return isIn(u.Signature().Results(), v) }

func isIn(t *types.Tuple, v *types.Var) bool {
	for o := range t.Variables() {
		if o == v {
			return true
		}
	}
	return false
}

// LitCalled returns the literal that a call runs before it returns: a literal called in
// place, or one assigned to a local variable that is assigned once.
func (u *Unit) LitCalled(call *ast.CallExpr) *ast.FuncLit {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return f
	case *ast.Ident:
		v, _ := u.Pkg.Info.Uses[f].(*types.Var)
		lit, _ := u.DefinedOnce(v).(*ast.FuncLit)
		return lit
	}
	return nil
}

// Captured reports whether a function literal uses a local variable that is declared
// outside of it.
func (u *Unit) Captured(v *types.Var) bool {
	top := TopOf(u)
	if top.caught == nil {
		top.caught = make(map[*types.Var]bool)
		top.eachLit(func(lit *ast.FuncLit) {
			ast.Inspect(lit.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if w, ok := u.Pkg.Info.Uses[id].(*types.Var); ok && !w.IsField() && !IsGlobal(w) && (w.Pos() < lit.Pos() || w.Pos() >= lit.End()) {
						top.caught[w] = true
					}
				}
				return true
			})
		})
	}
	return top.caught[v]
}

func (u *Unit) eachLit(f func(*ast.FuncLit)) {
	if u.Body == nil {
		return
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if l, ok := n.(*ast.FuncLit); ok {
			f(l)
		}
		return true
	})
}

// Fresh reports whether v is a local variable of the unit that holds an object made
// there: a composite literal, new, or a zero value.
func (u *Unit) Fresh(v *types.Var) bool {
	if v == nil || v.IsField() || IsGlobal(v) || u.IsParam(v) || !u.Contains(v.Pos()) {
		return false
	}
	facts := u.Definitions()
	defs := slices.Clone(facts.Defs[v])
	for range facts.returned[v] {
		if i := slices.Index(defs, nil); i >= 0 {
			defs = slices.Delete(defs, i, i+1)
		}
	}
	if len(defs) == 0 {
		_, isStruct := v.Type().Underlying().(*types.Struct)
		return isStruct
	}
	if len(defs) != 1 || defs[0] == nil {
		return false
	}
	e := ast.Unparen(defs[0])
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		return BuiltinOf(u.Pkg.Info, e) == "new"
	}
	return false
}

// TopOf returns the outermost function around a unit, the unit itself if there is none.
func TopOf(u *Unit) *Unit {
	for u.Outer != nil {
		u = u.Outer
	}
	return u
}

// declKey names a declared function in all versions of its package.
func declKey(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	return types.ExprString(d.Recv.List[0].Type) + "." + d.Name.Name
}

// UnitsOf lists the units of a declared function in a package of the program. That
// package may be another version of the one that the declaration was parsed for.
func (x *Program) UnitsOf(p *Package, d *ast.FuncDecl) []*Unit {
	x.memos.Lock()
	defer x.memos.Unlock()
	index := x.byDecl[p]
	if index == nil {
		index = make(map[string][]*Unit)
		for _, u := range x.units[p] {
			if u.Decl != nil {
				k := declKey(u.Decl)
				index[k] = append(index[k], u)
			}
		}
		x.byDecl[p] = index
	}
	return index[declKey(d)]
}
