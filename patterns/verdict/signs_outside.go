package verdict

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// outsideSigns weighs what the section works on outside of the process, and whether it is
// a step of a stream.
func (j *judging) outsideSigns() {
	j.keepsApart()
	j.writesState()
	if isStreamStep(j.s) {
		j.see("stream", j.s.Unit.Decl.Name.Pos(), "%s is a step of a stream, whose steps come one after the other", j.s.Unit.Name())
	}
}

// keepsApart weighs a wait for something outside of the process that another section of
// the lock works on, too, where one of the two changes it. Only what the package itself does
// counts: a list of findings does not read the code of others, and has to say the same.
func (j *judging) keepsApart() {
	here := func(o *waits.OutsideUse) bool { return o.Last().Unit.Pkg == j.s.Unit.Pkg }
	own := slices.DeleteFunc(slices.Clone(waits.OutsideUses(j.x, j.s)), func(o *waits.OutsideUse) bool {
		return !here(o) || !slices.ContainsFunc(j.f.Ops, func(op *waits.Op) bool { return op.Node == o.Chain[0].Call })
	})
	if len(own) == 0 {
		return
	}
	for _, s := range locks.SectionsOfLock(j.x, j.s.Unit.Pkg, j.s.LockVar()) {
		if s.Acquire == j.s.Acquire {
			continue
		}
		for _, theirs := range waits.OutsideUses(j.x, s) {
			for _, o := range own {
				if here(theirs) && o.Same(theirs) && (o.Writes || theirs.Writes) {
					j.see("keeps-apart", theirs.Last().Call.Pos(), "another section of the lock works on the same thing outside of the process (%s)", o.Names())
					return
				}
			}
		}
	}
}

// streamSteps are the methods by which package io reads and writes a stream, with their
// results but for the error.
var streamSteps = map[string]types.BasicKind{
	"Read": types.Int, "Write": types.Int, "ReadAt": types.Int, "WriteAt": types.Int, "WriteString": types.Int,
	"Seek": types.Int64, "ReadFrom": types.Int64, "WriteTo": types.Int64,
}

// isStreamStep reports whether the section's function is a method of package io, and the
// lock belongs to its receiver: it keeps the position of the stream, and what comes in
// between.
func isStreamStep(s *locks.Section) bool {
	if s.Unit.Decl == nil || s.Unit.Lit != nil || s.Unit.Decl.Recv == nil {
		return false
	}
	sig := s.Unit.Signature()
	kind, ok := streamSteps[s.Unit.Decl.Name.Name]
	if !ok || sig.Results().Len() != 2 || s.Lock.Root != sig.Recv() || !patterns.IsError(sig.Results().At(1).Type()) {
		return false
	}
	b, ok := sig.Results().At(0).Type().(*types.Basic)
	return ok && b.Kind() == kind
}

// writesState weighs a wait that writes, outside of the process, what comes from the
// guarded state or becomes a part of it: the lock keeps the two in step.
func (j *judging) writesState() {
	call, ok := j.main.Node.(*ast.CallExpr)
	if !ok || j.main.Effect != blocking.EffectWrite || !slices.Contains([]string{"disk", "fsync", "db"}, j.main.Category) {
		return
	}
	shared := j.sharedLocals()
	if slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return mentionsAny(j.s.Unit.Pkg.Info, e, shared) }) {
		j.see("writes-state", call.Pos(), "what it writes comes from guarded state or becomes part of it")
	}
}

// sharedLocals lists the local variables of the section that have something of the guarded
// state, or become a part of it.
func (j *judging) sharedLocals() map[types.Object]bool {
	info := j.s.Unit.Pkg.Info
	shared := make(map[types.Object]bool)
	assigned := func(l, r ast.Expr) {
		if id, ok := ast.Unparen(l).(*ast.Ident); ok && (mentionsAny(info, r, shared) || usesAny(j.x, j.s.Unit, r, j.f.Guarded)) {
			if o := cmp.Or(info.Defs[id], info.Uses[id]); o != nil && !patterns.IsError(o.Type()) {
				shared[o] = true
			}
			return
		}
		if p, ok := patterns.PathOf(info, l); ok && j.guarded(p.Last()) {
			if from := patterns.IdentOf(r); from != nil && info.Uses[from] != nil {
				shared[info.Uses[from]] = true
			}
		}
	}
	for n := -1; n != len(shared); {
		n = len(shared)
		for _, node := range j.s.Nodes {
			ast.Inspect(node, func(n ast.Node) bool {
				as, ok := n.(*ast.AssignStmt)
				if !ok {
					_, lit := n.(*ast.FuncLit)
					return !lit
				}
				for i, l := range as.Lhs {
					assigned(l, as.Rhs[min(i, len(as.Rhs)-1)])
				}
				return true
			})
		}
	}
	return shared
}

// mentionsAny reports whether an expression names one of the variables.
func mentionsAny(info *types.Info, e ast.Expr, vars map[types.Object]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && vars[info.Uses[id]]
		return !found
	})
	return found
}
