package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// readers knows which functions do no more with a parameter than look at plain
// values that it leads to: they neither change what it refers to, nor keep the
// reference, nor pass it to somebody who may.
type readers struct {
	program *patterns.Program
	known   map[*types.Var]bool
}

func newReaders(x *patterns.Program) *readers {
	return &readers{program: x, known: make(map[*types.Var]bool)}
}

// onlyReads reports whether a call in a unit only reads through one of its
// operands, whichever function it calls.
func (r *readers) onlyReads(u *patterns.Unit, c *ast.CallExpr, o operand) bool {
	info := u.Pkg.Info
	fn := patterns.CalleeOf(info, c)
	if fn == nil {
		return false
	}
	if patterns.IsLockCall(info, c) || isQuiet(fn) && !o.receiver {
		return true
	}
	if slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return refsOf(info.TypeOf(a), 0) == opaqueFn }) {
		return false // among the callees are functions that it is given
	}
	callees, known := r.program.Callees(u, c)
	if !known || len(callees) == 0 {
		return false
	}
	return !slices.ContainsFunc(callees, func(v *patterns.Unit) bool {
		p := parameterOf(v, c, o)
		return p == nil || !r.reads(v, p)
	})
}

// parameterOf returns the parameter of a declared function that an operand of a
// call becomes, or nil.
func parameterOf(u *patterns.Unit, c *ast.CallExpr, o operand) *types.Var {
	if u.Obj == nil || u.Body == nil {
		return nil
	}
	sig := u.Obj.Signature()
	switch {
	case o.receiver:
		return sig.Recv()
	case ast.Unparen(c.Fun) == o.expr || o.arg >= sig.Params().Len() || sig.Variadic() && o.arg >= sig.Params().Len()-1:
		return nil
	}
	return sig.Params().At(o.arg)
}

// reads reports whether a function only reads through its parameter p. A call of
// itself adds nothing.
func (r *readers) reads(u *patterns.Unit, p *types.Var) bool {
	if known, ok := r.known[p]; ok {
		return known
	}
	r.known[p] = true
	parents := parentsOf(u.Body)
	only := true
	ast.Inspect(u.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && only && u.Pkg.Info.Uses[id] == types.Object(p) {
			only = r.readsAt(u, parents, id)
		}
		return only
	})
	r.known[p] = only
	return only
}

// readsAt reports whether one use of a parameter only reads through it.
func (r *readers) readsAt(u *patterns.Unit, parents map[ast.Node]ast.Node, id *ast.Ident) bool {
	for n := parents[id]; n != nil; n = parents[n] {
		if _, lit := n.(*ast.FuncLit); lit {
			return false
		}
	}
	info := u.Pkg.Info
	for e := ast.Expr(id); ; {
		switch p := parents[e].(type) {
		case *ast.ParenExpr:
			e = p
			continue
		case *ast.SelectorExpr:
			if m := info.Selections[p]; m == nil || m.Kind() != types.FieldVal {
				return r.readsMethod(u, parents, p)
			}
			e = p
			continue
		case *ast.StarExpr:
			e = p
			continue
		case *ast.IndexExpr:
			if p.X == e {
				e = p
				continue
			}
		case *ast.CallExpr:
			if ast.Unparen(p.Fun) != e && r.readsArgument(u, p, e) {
				return true
			}
		case *ast.BinaryExpr:
			return true
		case *ast.RangeStmt:
			return p.X == e && !carriesAny(info, p.Key, p.Value)
		}
		return !carries(info.TypeOf(e)) && !changesExpr(parents[e], e)
	}
}

// carriesAny reports whether one of the expressions carries references.
func carriesAny(info *types.Info, list ...ast.Expr) bool {
	return slices.ContainsFunc(list, func(e ast.Expr) bool { return e != nil && carries(info.TypeOf(e)) })
}

// changesExpr reports whether a node may change what e, a part of it, names.
func changesExpr(n ast.Node, e ast.Expr) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return slices.Contains(n.Lhs, e)
	case *ast.IncDecStmt:
		return true
	case *ast.UnaryExpr:
		return n.Op == token.AND
	case *ast.RangeStmt:
		return n.Key == e || n.Value == e
	case *ast.SliceExpr:
		return n.X == e
	}
	return false
}

// readsMethod reports whether a selector is that of a method call which only
// reads through what it is called on.
func (r *readers) readsMethod(u *patterns.Unit, parents map[ast.Node]ast.Node, sel *ast.SelectorExpr) bool {
	call, ok := parents[sel].(*ast.CallExpr)
	return ok && call.Fun == ast.Expr(sel) && r.onlyReads(u, call, operand{expr: sel.X, receiver: true})
}

// readsArgument reports whether a call only reads through an argument.
func (r *readers) readsArgument(u *patterns.Unit, c *ast.CallExpr, e ast.Expr) bool {
	info := u.Pkg.Info
	if info.Types[c.Fun].IsType() {
		return !carries(info.TypeOf(c))
	}
	i := slices.Index(c.Args, e)
	switch patterns.BuiltinOf(info, c) {
	case "":
		return r.onlyReads(u, c, operand{expr: e, arg: i})
	case "len", "cap", "print", "println", "min", "max":
		return true
	case "append", "copy":
		return i > 0 && !carries(elemType(info.TypeOf(c.Args[0])))
	}
	return false
}

// isQuiet reports whether calling a function has no effect at all, whatever it is
// given.
func isQuiet(fn *types.Func) bool {
	condition, ok := known.HasNoEffect(fn)
	return ok && condition == known.Always
}
