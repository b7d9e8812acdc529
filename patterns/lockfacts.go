package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
)

func effectFact(e lockEffect) EffectFact {
	fact := EffectFact{Root: e.root, Kind: int(e.kind), Mode: e.mode, Method: e.method, Type: lockType(e.path.Last())}
	if e.root == freeRoot {
		fact.Global, fact.Pkg = e.path.Root.Name(), e.path.Root.Pkg().Path()
	}
	for _, v := range e.path.Fields {
		fact.Fields = append(fact.Fields, v.Name())
	}
	return fact
}

// lockType says what matters of the type of a variable that holds a lock.
func lockType(v *types.Var) string {
	switch t := types.TypeString(v.Type(), nil); {
	case t == "sync.Mutex" || t == "sync.RWMutex":
		return t
	case isReference(v.Type()):
		return "*"
	}
	return ""
}

func (x *Program) effectsOf(from *Package, fn *types.Func) []lockEffect {
	if u := x.summaryOf(from, fn); u != nil {
		return effects.Of(u)
	}
	return nil
}

func (x *Program) litEffects(lit *ast.FuncLit) []lockEffect {
	if u := x.LitUnit(lit); u != nil {
		return effects.Of(u)
	}
	return nil
}

// effectOf says an effect in terms of the variables of the importing package.
func (x *Program) effectOf(fn *types.Func, e EffectFact) (lockEffect, bool) {
	ef := lockEffect{root: e.Root, kind: eventKind(e.Kind), mode: e.Mode, method: e.Method}
	sig := fn.Signature()
	switch {
	case e.Root == receiverRoot:
		ef.path.Root = sig.Recv()
	case e.Root == freeRoot:
		ef.path = x.globalPath(fn.Pkg(), e)
		return ef, true
	case e.Root < sig.Params().Len():
		ef.path.Root = sig.Params().At(e.Root)
	}
	if ef.path.Root == nil {
		return ef, false
	}
	t := ef.path.Root.Type()
	for _, name := range e.Fields {
		f := fieldNamed(t, name)
		if f == nil {
			return ef, false
		}
		ef.path.Fields = append(ef.path.Fields, f)
		t = f.Type()
	}
	return ef, true
}

// fieldNamed returns the field of a struct as it is declared.
func fieldNamed(t types.Type, name string) *types.Var {
	if n := namedOf(t); n != nil {
		t = n
	}
	st, ok := structOf(t)
	if !ok {
		return nil
	}
	for i := range st.NumFields() {
		if f := st.Field(i).Origin(); f.Name() == name {
			return f
		}
	}
	return nil
}

// globalPath returns a path below a package-level variable of another package.
// Export data lacks what is not exported, so such a variable stands for itself.
func (x *Program) globalPath(from *types.Package, e EffectFact) Path {
	p := Path{}
	if v, ok := from.Scope().Lookup(e.Global).(*types.Var); ok && v.Exported() && from.Path() == e.Pkg {
		p.Root = v
		for t, names := v.Type(), e.Fields; len(names) > 0; names = names[1:] {
			f := fieldNamed(t, names[0])
			if f == nil {
				break
			}
			p.Fields, t = append(p.Fields, f), f.Type()
		}
		if len(p.Fields) == len(e.Fields) {
			return p
		}
		p = Path{}
	}
	key := e.Pkg + "." + e.Name()
	if known, ok := x.globals[key]; ok {
		return known
	}
	pkg := types.NewPackage(e.Pkg, e.Pkg)
	p.Root = types.NewVar(token.NoPos, pkg, e.Global, lockTypeOf(e.Type))
	pkg.Scope().Insert(p.Root)
	for _, name := range e.Fields {
		p.Fields = append(p.Fields, types.NewField(token.NoPos, pkg, name, lockTypeOf(e.Type), false))
	}
	x.globals[key] = p
	return p
}

// lockTypeOf is the inverse of lockType.
func lockTypeOf(name string) types.Type {
	sync := types.NewPackage("sync", "sync")
	named := func(n string) types.Type {
		return types.NewNamed(types.NewTypeName(token.NoPos, sync, n, nil), types.NewStruct(nil, nil), nil)
	}
	switch name {
	case "sync.Mutex":
		return named("Mutex")
	case "sync.RWMutex":
		return named("RWMutex")
	case "*":
		return types.NewPointer(named("Mutex"))
	}
	return types.NewStruct(nil, nil)
}
