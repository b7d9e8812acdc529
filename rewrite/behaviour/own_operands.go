package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An object that the section's function made and that nobody else has stays private in the
// functions it is passed to, unless they keep it. What they do to its fields does not need the
// lock, even if other calls of the same functions get shared objects:
//
//	batch := newBatch(store)
//	s.mu.Lock()
//	batch.put(s.name) // sets batch.pending

// ownOperands returns the operands of a call that only this call of the section's function can
// reach and that the callee does not keep. The parameter own has those of the calling unit.
func ownOperands(s *site.Site, u *patterns.Unit, c *ast.CallExpr, callee *patterns.Unit, own site.Operands) site.Operands {
	var out site.Operands
	for _, o := range s.Program.StorageOf(u.Pkg).Operands(c) {
		// An interface may hold a struct whose embedded pointer has the method.
		behind := o.Through || o.N == storage.Receiver && types.IsInterface(u.Pkg.Info.TypeOf(o.Expr))
		if o.N == storage.Function || !o.Through && !isOwnOperand(s, u, o.Expr, own) || behind && !s.Program.StorageOf(u.Pkg).OwnsBehind(o.Expr) {
			continue
		}
		sum, ok := s.Program.StorageOf(callee.Pkg).SummaryOf(callee.Obj.Origin())
		if !ok {
			return 0
		}
		if !sum.Retains(o.N) {
			out = out.With(o.N)
		}
	}
	return out
}

// calleeOf returns a unit that a call may run, with what is known of its operands: something
// only if the unit is the function that the call names, or a method that implements it.
func calleeOf(s *site.Site, from site.Callee, c *ast.CallExpr, callee *patterns.Unit) site.Callee {
	fn := patterns.CalleeOf(from.Unit.Pkg.Info, c)
	if fn == nil || callee.Obj == nil || callee.Obj.Origin() != fn && !(patterns.IsInterfaceMethod(fn) && callee.Obj.Name() == fn.Name()) {
		return site.Callee{Unit: callee}
	}
	return site.Callee{Unit: callee, Own: ownOperands(s, from.Unit, c, callee, from.Own), Locks: callee.Obj.Origin() == fn && onLocked(s, from, c)}
}

func isOwnOperand(s *site.Site, u *patterns.Unit, e ast.Expr, own site.Operands) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && isOwnParam(u, syntax.VarOf(u.Pkg.Info, id), own) {
		return true
	}
	return s.Program.StorageOf(u.Pkg).OwnerIs(e, ownership.Own)
}

// isOwnParam reports whether v is one of the unit's own operands and is never assigned to.
func isOwnParam(u *patterns.Unit, v *types.Var, own site.Operands) bool {
	if own == 0 || v == nil || u.Obj == nil || u.Lit != nil {
		return false
	}
	n := storage.Receiver
	if sig := u.Obj.Signature(); v != sig.Recv() {
		if n = slices.Index(slices.Collect(sig.Params().Variables()), v); n < 0 {
			return false
		}
	}
	return own.Has(n) && !u.Assigned(v, u.Body.List)
}

// ofOwnOperand reports whether an access reads or sets a field of one of the unit's own
// operands, or passes the operand to a function that changes it. What the field refers to may
// belong to somebody else.
func ofOwnOperand(s *site.Site, u *patterns.Unit, a *guards.Access, own site.Operands) bool {
	p := a.Path
	if own == 0 || !isOwnParam(u, p.Root, own) {
		return false
	}
	if a.Alias {
		model := s.Program.StorageOf(u.Pkg)
		return len(p.Fields) == 0 && a.Class != 0 && model.Same(a.Class) == model.Same(model.Refers(a.Node))
	}
	if len(p.Fields) == 0 {
		return false
	}
	for _, f := range p.Fields[:len(p.Fields)-1] {
		if _, isStruct := f.Type().Underlying().(*types.Struct); !isStruct {
			return false
		}
	}
	return a.Kind == guards.Read || a.Kind == guards.Write || a.Kind == guards.Content && syntax.RefsOf(a.Var.Type(), 0) == syntax.NoRefs
}
