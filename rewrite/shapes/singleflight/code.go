package singleflight

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// flightOps are the operations that put the fetch of a fill into a call of a
// flight group, whose name is given:
//
//	lookup, with the lock held for its reads only; a hit returns
//	v, err, _ := group.Do(key, func() (any, error) {
//		the same look-up once more
//		fetch
//		lock; store; return
//	})
//	return v.(T), nil
//
// The lookup is repeated in the flight because another flight may have ended, and stored
// its value, since the first lookup. If the function also looked up before it took the
// lock, its second lookup moves into the flight.
func (f *fill) flightOps(group string) ([]tree.Op, *safety.Refusal) {
	key, refusal := f.keyCode()
	if refusal != nil {
		return nil, refusal
	}
	ops := f.lookupOps()
	first, last := f.Miss[0], f.Miss[len(f.Miss)-1]
	if f.Nested {
		body := f.Hit.Body.List
		rest := f.Miss[len(body)]
		changes := f.valueChanges()
		ops = append(ops,
			tree.MoveBefore{Stmts: body, To: rest, Space: tree.Space{Before: tree.Blank}},
			tree.ReplaceStmt{Stmt: f.Hit, Code: f.hitCode(changes)})
	}
	body := tree.Body
	if f.Checked {
		first = f.Lock
	} else {
		body = f.lookupCode() + "\n" + body
	}
	ops = append(ops, tree.Wrap{First: first, Last: last, Code: f.doCode(group, key, body), Space: tree.Space{Before: tree.Blank}})
	ops = append(ops, f.storeOps()...)
	return append(ops, f.useOps()...), nil
}

// storeOps take the lock for the store, and drop the releases of the paths that
// no longer hold it.
func (f *fill) storeOps() []tree.Op {
	var ops []tree.Op
	at := f.Miss[f.At]
	if f.Lift != nil {
		ops = append(ops, f.Lift.Before(f.look.values)...)
	}
	code := f.LockText()
	if f.Defer != nil {
		code += "\ndefer " + f.UnlockText()
	}
	ops = append(ops, tree.InsertBefore{Stmt: at, Code: code, Space: tree.Space{Before: tree.Blank}})
	if f.Lift != nil {
		ops = append(ops, f.Lift.After()...)
	}
	for _, e := range f.Exits {
		if f.InStmts(e, f.Miss[:f.At]) {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	return ops
}

// useOps change what the flight returns, and put the extracted values where
// they are used.
func (f *fill) useOps() []tree.Op {
	var ops []tree.Op
	var done []ast.Node
	list := slices.Clone(f.Miss)
	if f.Checked {
		list = append(slices.Clone(f.look.tests), list...)
	}
	for _, r := range syntax.ReturnsIn(list) {
		for _, c := range f.returnChanges(r) {
			done = append(done, c.node)
			if st, ok := c.node.(ast.Stmt); ok {
				ops = append(ops, tree.ReplaceStmt{Stmt: st, Code: c.text})
			} else {
				ops = append(ops, tree.ReplaceExpr{Expr: c.node.(ast.Expr), Code: c.text})
			}
		}
	}
	if f.Nested {
		done = append(done, f.Hit.Cond, f.hitReturn())
	}
	if f.Lift != nil && f.Lift.Commit != nil {
		done = append(done, f.Lift.Part)
	}
	if f.Checked { // the assignments of the second look-up declare variables of the flight
		for _, st := range f.look.reads {
			if as, ok := st.(*ast.AssignStmt); ok && f.redefines(as) {
				ops = append(ops, tree.ReplaceStmt{Stmt: as, Code: f.defined(as)})
			}
		}
	}
	for _, x := range f.look.values {
		for _, u := range x.Uses {
			if !slices.ContainsFunc(done, func(n ast.Node) bool { return syntax.Within(u, n) }) {
				ops = append(ops, tree.ReplaceExpr{Expr: u, Code: extract.NameOf(f.Window.Site, x)})
			}
		}
	}
	return ops
}

// doCode is the call of the flight and what comes after it.
func (f *fill) doCode(group, key, body string) string {
	res := f.results
	v, errName, assign := "_", "_", ":="
	if res.value {
		v = f.FreshName("v")
	}
	if res.err && (!res.value || res.zero != "" || res.loose) {
		errName = f.errName()
	}
	if !res.value && f.declared(errName) {
		assign = "="
	}
	code := fmt.Sprintf("%s, %s, _ %s %s.Do(%s, func() (any, error) {\n%s\n})\n", v, errName, assign, group, key, body)
	value := v
	if res.typ != "any" && res.typ != "interface{}" {
		value = v + ".(" + res.typ + ")"
	}
	switch {
	case !res.value:
		return code + "return " + errName
	case res.loose && value != v:
		name := f.FreshName("result")
		code += name + ", _ := " + value + "\n"
		value = name
	case res.err && res.zero != "" && !res.loose:
		code += "if " + errName + " != nil {\nreturn " + res.zero + ", " + errName + "\n}\n"
	}
	code += "return " + f.wrapped(value)
	switch {
	case res.loose && res.err:
		code += ", " + errName
	case res.err:
		code += ", nil"
	}
	return code
}

// errName is the name of the variable for the flight's error.
func (f *fill) errName() string {
	scope := extract.ScopeOf(f.Window.Site, f.Lock)
	if scope == nil {
		return f.FreshName("err")
	}
	obj := scope.Lookup("err")
	if obj != nil && !patterns.IsError(obj.Type()) {
		return f.FreshName("err")
	}
	return "err"
}

// declared reports whether the block of the section has a variable of that name
// before the section.
func (f *fill) declared(name string) bool {
	scope := extract.ScopeOf(f.Window.Site, f.Lock)
	obj := scope.Lookup(name)
	return obj != nil && obj.Pos() < f.Lock.Pos()
}

// redefines reports whether an assignment sets only local variables of the function, so
// that it can declare variables of the flight instead.
func (f *fill) redefines(as *ast.AssignStmt) bool {
	if as.Tok.String() != "=" {
		return false
	}
	return !slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" {
			return true
		}
		v, ok := f.Info.Uses[id].(*types.Var)
		return !ok || v.IsField() || !f.Unit.Contains(v.Pos()) || f.Unit.Captured(v) || len(as.Rhs) == len(as.Lhs) && !types.Identical(f.Info.TypeOf(as.Rhs[slices.Index(as.Lhs, l)]), v.Type())
	})
}

// defined is an assignment as a declaration.
func (f *fill) defined(as *ast.AssignStmt) string {
	file := f.Pkg.Fset.File(as.Pos())
	at := file.Offset(as.TokPos) - file.Offset(as.Pos())
	text := f.Source(as)
	return text[:at] + ":" + text[at:]
}

// keyCode is the key of the flight: a string that is different for different
// keys of the cache.
func (f *fill) keyCode() (string, *safety.Refusal) {
	if f.Key == nil {
		return fmt.Sprintf("%q", f.Cache.Name()), nil
	}
	text := f.Source(f.Key)
	t := f.Info.TypeOf(f.Key)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return f.basicKey(u, t, text)
	case *types.Array:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			if _, isVar := ast.Unparen(f.Key).(*ast.Ident); isVar {
				return "string(" + text + "[:])", nil
			}
		}
	}
	return "", safety.Refuse(safety.S5, "key-type", f.Key.Pos(), "the key %s of type %s cannot be turned into a string that differs for different keys", text, t)
}

func (f *fill) basicKey(b *types.Basic, t types.Type, text string) (string, *safety.Refusal) {
	is := func(kind types.BasicKind) bool { return types.Identical(t, types.Typ[kind]) }
	convert := func(kind types.BasicKind) string {
		return cmp.Or(map[bool]string{true: text}[is(kind)], types.Typ[kind].Name()+"("+text+")")
	}
	if b.Info()&types.IsString != 0 {
		if is(types.String) || b.Info()&types.IsUntyped != 0 {
			return text, nil
		}
		return "string(" + text + ")", nil
	}
	conv := f.Qualifier("strconv")
	switch {
	case b.Info()&types.IsBoolean != 0:
		if !is(types.Bool) {
			text = "bool(" + text + ")"
		}
		return conv + ".FormatBool(" + text + ")", nil
	case is(types.Int):
		return conv + ".Itoa(" + text + ")", nil
	case b.Info()&types.IsUnsigned != 0:
		return conv + ".FormatUint(" + convert(types.Uint64) + ", 10)", nil
	case b.Info()&types.IsInteger != 0:
		return conv + ".FormatInt(" + convert(types.Int64) + ", 10)", nil
	}
	return "", safety.Refuse(safety.S5, "key-type", f.Key.Pos(), "the key %s is of type %s, and equal keys may print differently", text, t)
}
