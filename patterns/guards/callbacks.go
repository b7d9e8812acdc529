package guards

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// MaxHandedOn limits through how many functions letgo follows a function value.
const MaxHandedOn = 4

// A handedCall is a call that runs a function passed as an argument.
type handedCall struct {
	by   *patterns.Unit // the unit that makes it
	held []*types.Var   // locks that are certainly held then

	// gave: by is the function that the argument is passed to, so the locks of the passing
	// unit are held, too, except for those in gone.
	gave bool
	gone []*types.Var
}

// runsOf lists the calls by which a called function runs one of its arguments before it
// returns. ok is false if the argument may also run at another time.
func runsOf(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, i, depth int) (calls []handedCall, ok bool) {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || depth > MaxHandedOn || patterns.IsInterfaceMethod(fn) {
		return nil, false
	}
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		if s := u.Pkg.Info.Selections[sel]; s != nil && s.Kind() != types.MethodVal {
			return nil, false
		}
	}
	v := x.UnitOf(fn)
	if v == nil || v.Pkg != u.Pkg {
		if v == nil && x.StorageOf(u.Pkg).RunsInStep(c, c.Args[i]) {
			return []handedCall{{by: u, gave: true}}, true
		}
		return nil, false
	}
	params := v.Signature().Params()
	if i >= params.Len() || v.Signature().Variadic() && i >= params.Len()-1 {
		return nil, false
	}
	return runsOfParameter(x, v, params.At(i), depth)
}

// runsOfParameter lists the calls of a function that a unit gets as a parameter. ok is
// false unless the unit only calls it, passes it on to functions that only call it, and
// compares it with nil.
func runsOfParameter(x *patterns.Program, v *patterns.Unit, p *types.Var, depth int) (calls []handedCall, ok bool) {
	info := v.Pkg.Info
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == p
	}
	uses, seen := 0, 0
	ast.Inspect(v.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if info.Uses[n] == p {
				uses++
			}
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (is(n.X) || is(n.Y)) { // with nil: functions compare only with nil
				seen++
			}
		}
		return true
	})
	eachInner(v, func(w *patterns.Unit) {
		locks.EachCall(x, w, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
			if spawned {
				return
			}
			if is(c.Fun) {
				seen++
				calls = append(calls, handedCall{by: w, held: held, gave: w == v, gone: released(w)})
			}
			for i, a := range c.Args {
				if !is(a) {
					continue
				}
				if inner, ok := runsOf(x, w, c, i, depth+1); ok {
					seen++
					calls = append(calls, passedOn(inner, handedCall{by: w, held: held, gave: w == v, gone: released(w)})...)
				}
			}
		})
	})
	return calls, uses == seen && len(calls) > 0
}

// passedOn translates the calls that a function makes of its argument for the function that
// got the argument first and passes it on in the call outer.
func passedOn(calls []handedCall, outer handedCall) []handedCall {
	for i, c := range calls {
		if c.gave {
			held := slices.DeleteFunc(slices.Clone(outer.held), func(l *types.Var) bool { return slices.Contains(c.gone, l) })
			calls[i].held, calls[i].gone = locks.Union(c.held, held), locks.Union(c.gone, outer.gone)
			calls[i].gave = outer.gave
		}
	}
	return calls
}

// released lists the locks of its callers that a unit releases, for good or for a while.
func released(u *patterns.Unit) []*types.Var {
	var out []*types.Var
	for _, e := range locks.Effects.Of(u) {
		if v := e.Path.Last(); v != nil && e.Kind != locks.EvAcquire {
			out = append(out, v)
		}
	}
	return out
}

// eachInner calls f with the unit and the literals in it, at any depth.
func eachInner(u *patterns.Unit, f func(*patterns.Unit)) {
	f(u)
	for _, l := range u.Lits {
		eachInner(l, f)
	}
}
