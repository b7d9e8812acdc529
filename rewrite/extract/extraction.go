package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An Extraction is a guarded value that is copied to a local variable before the lock is
// released, because the window needs it.
type Extraction struct {
	Path    patterns.Path // of the value, or of what it is an element or length of
	Part    bool          // it is an element or a length
	Operand bool          // it is any expression, evaluated right before the statement
	From    []*types.Var  // what an operand reads; see [Extraction.Sources]
	Uses    []ast.Expr    // in the window, in source order; the first one gives the spelling
	Before  ast.Stmt      // the release to extract it before, if there may be several; else nil

	// Pointee: the operand is a pointer, and the object that it points to is copied, because a
	// section changes its fields. The address of the copy replaces the pointer.
	Pointee bool

	// Params are the parameters by which functions of the package get the copy of a pointee, of
	// which they only read fields.
	Params []*types.Var

	// Cloned: the elements are copied as well, because a section changes them.
	Cloned bool

	// Acts: evaluating the operand may change something, or have another effect. It is
	// evaluated once, right before the statement, and at the same place in the order.
	Acts bool

	// Entry: it is a map entry that the section deletes, itself a map or slice.
	Entry bool
}

// Sources lists the guarded variables that an extracted value comes from.
func (x Extraction) Sources() []*types.Var {
	if x.Operand {
		return x.From
	}
	return ownersOf(x.Path)
}

// Reads reports whether an extracted value comes from the variable.
func (x Extraction) Reads(v *types.Var) bool { return slices.Contains(x.Sources(), v) }

// String spells the value as the source does.
func (x Extraction) String() string {
	if x.Operand || x.Part && (x.Cloned || x.Entry) {
		return types.ExprString(x.Uses[0])
	}
	return x.Path.String()
}

// RangedKey returns the key variable of the loops over a map, if the window needs nothing but
// the map's keys, or nil.
func (x Extraction) RangedKey(s *site.Site) *ast.Ident {
	if !x.Cloned || !syntax.IsMapType(s.Info.TypeOf(x.Uses[0])) {
		return nil
	}
	var key *ast.Ident
	for _, e := range x.Uses {
		r, ok := s.Parents[e].(*ast.RangeStmt)
		if !ok || r.X != e {
			return nil
		}
		k, named := r.Key.(*ast.Ident)
		v, _ := r.Value.(*ast.Ident)
		if !named || k.Name == "_" || r.Value != nil && (v == nil || v.Name != "_") {
			return nil
		}
		key = k
	}
	return key
}

// guardedRead returns the guarded use in reading e, or nil.
func guardedRead(s *site.Site, e ast.Expr) *site.Touch {
	t := &site.Touches{}
	for _, a := range guards.AccessesIn(s.Unit, e) {
		if c := behaviour.Classify(s, a, nil); c != nil {
			t.List = append(t.List, c)
		}
	}
	return t.Guarded()
}

// ExtractableRoot reports whether the variable that e names can be reached wherever the lock
// can.
func ExtractableRoot(s *site.Site, e ast.Expr) bool {
	p, ok := patterns.PathOf(s.Info, e)
	if !ok || p.Root != s.Section.Lock.Root && !p.Global() {
		return false
	}
	if _, ptr := p.Root.Type().Underlying().(*types.Pointer); ptr && p.Root != s.Section.Lock.Root && len(p.Fields) > 0 {
		return false // it may be nil, and reading it early would panic early
	}
	for i, f := range p.Fields[:max(len(p.Fields)-1, 0)] {
		lock := s.Section.Lock.Fields
		if i < len(lock)-1 && lock[i] == f && slices.Equal(lock[:i], p.Fields[:i]) {
			continue // the lock was reached through it
		}
		if _, ptr := f.Type().Underlying().(*types.Pointer); ptr {
			return false
		}
	}
	return true
}

// isValue reports whether the expression is used as a value.
func isValue(s *site.Site, e ast.Expr) bool {
	for n := ast.Node(e); ; {
		p := s.Parents[n]
		switch p := p.(type) {
		case *ast.ParenExpr:
			n = p
			continue
		case *ast.AssignStmt:
			return !slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return l == n })
		case *ast.IncDecStmt:
			return false
		case *ast.UnaryExpr:
			return p.Op != token.AND
		case *ast.KeyValueExpr:
			if p.Key == n {
				_, isField := s.Info.Uses[syntax.IdentOf(e)].(*types.Var)
				return !isField || !s.Info.Uses[syntax.IdentOf(e)].(*types.Var).IsField()
			}
		}
		return true
	}
}

// HoldsLock reports whether values of the type must not be copied, because they contain a lock
// or something with Lock and Unlock methods, as in go vet's copylocks check.
func HoldsLock(t types.Type) bool {
	if t == nil {
		return false
	}
	if _, ptr := t.Underlying().(*types.Pointer); ptr {
		return false
	}
	if guards.SelfSynchronised(t) || !types.IsInterface(t) && locksByPointer(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if HoldsLock(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return HoldsLock(u.Elem())
	}
	return false
}

// locksByPointer reports whether pointers to values of the type can be locked, but not the
// values themselves.
func locksByPointer(t types.Type) bool {
	byPointer, byValue := types.NewMethodSet(types.NewPointer(t)), types.NewMethodSet(t)
	return byPointer.Lookup(nil, "Lock") != nil && byPointer.Lookup(nil, "Unlock") != nil && byValue.Lookup(nil, "Lock") == nil
}

// InValues reports whether an access is inside one of the values.
func InValues(values []Extraction, a *guards.Access) bool {
	for _, x := range values {
		for _, u := range x.Uses {
			if syntax.Within(a.Node, u) {
				return true
			}
		}
	}
	return false
}

// ownersOf lists the variables whose change would change the value of a path: its last field and
// the structs that contain it.
func ownersOf(p patterns.Path) []*types.Var {
	owners := []*types.Var{p.Last()}
	for i := len(p.Fields) - 2; i >= 0; i-- {
		if _, isStruct := syntax.StructOf(p.Fields[i].Type()); !isStruct {
			return owners
		}
		owners = append(owners, p.Fields[i])
	}
	if _, isStruct := syntax.StructOf(p.Root.Type()); isStruct && len(p.Fields) > 0 {
		owners = append(owners, p.Root)
	}
	return owners
}
