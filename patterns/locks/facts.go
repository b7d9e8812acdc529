package locks

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

func EffectFact(e Effect) patterns.EffectFact {
	fact := patterns.EffectFact{Root: e.Root, Kind: int(e.Kind), Mode: e.Mode, Method: e.method, Handed: e.handed, Type: lockType(e.Path.Last())}
	if e.Root == FreeRoot {
		fact.Global, fact.Pkg = e.Path.Root.Name(), e.Path.Root.Pkg().Path()
	}
	for _, v := range e.Path.Fields {
		fact.Fields = append(fact.Fields, v.Name())
	}
	return fact
}

// lockType says what matters about the type of a variable that holds a lock.
func lockType(v *types.Var) string {
	switch t := types.TypeString(v.Type(), nil); {
	case t == "sync.Mutex" || t == "sync.RWMutex":
		return t
	case patterns.IsReference(v.Type()):
		return "*"
	}
	return ""
}

func effectsOf(x *patterns.Program, from *patterns.Package, fn *types.Func) []Effect {
	if u := x.SummaryOf(from, fn); u != nil {
		return Effects.Of(u)
	}
	return nil
}

func litEffects(x *patterns.Program, lit *ast.FuncLit) []Effect {
	if u := x.LitUnit(lit); u != nil {
		return Effects.Of(u)
	}
	return nil
}

// effectOf translates an effect into variables of the importing package.
func effectOf(x *patterns.Program, fn *types.Func, e patterns.EffectFact) (Effect, bool) {
	ef := Effect{Root: e.Root, Kind: eventKind(e.Kind), Mode: e.Mode, method: e.Method, handed: e.Handed}
	sig := fn.Signature()
	switch {
	case e.Root == ReceiverRoot:
		ef.Path.Root = sig.Recv()
	case e.Root == FreeRoot:
		ef.Path = globalPath(x, fn.Pkg(), e)
		return ef, true
	case e.Root < sig.Params().Len():
		ef.Path.Root = sig.Params().At(e.Root)
	}
	if ef.Path.Root == nil {
		return ef, false
	}
	t := ef.Path.Root.Type()
	for _, name := range e.Fields {
		f := fieldNamed(t, name)
		if f == nil {
			return ef, false
		}
		ef.Path.Fields = append(ef.Path.Fields, f)
		t = f.Type()
	}
	return ef, true
}

// fieldNamed returns the field of a struct as it is declared.
func fieldNamed(t types.Type, name string) *types.Var {
	if n := patterns.NamedOf(t); n != nil {
		t = n
	}
	st, ok := patterns.StructOf(t)
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

// globalPath returns a path below a package-level variable of another package. Export data
// has no unexported variables, so such a variable stands for itself.
func globalPath(x *patterns.Program, from *types.Package, e patterns.EffectFact) patterns.Path {
	p := patterns.Path{}
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
		p = patterns.Path{}
	}
	key := e.Pkg + "." + e.Name()
	if known, ok := x.Globals[key]; ok {
		return known
	}
	pkg := types.NewPackage(e.Pkg, e.Pkg)
	p.Root = types.NewVar(token.NoPos, pkg, e.Global, lockTypeOf(e.Type))
	pkg.Scope().Insert(p.Root)
	for _, name := range e.Fields {
		p.Fields = append(p.Fields, types.NewField(token.NoPos, pkg, name, lockTypeOf(e.Type), false))
	}
	x.Globals[key] = p
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
