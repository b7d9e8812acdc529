package overlap

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveDialogue refuses to separate what a section sends to a peer from the answer that it
// reads, or to let other callers in between:
//
//	io.WriteString(c.conn, request)
//	answer, err := c.br.ReadString('\n') // to the request of another caller
func proveDialogue(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	for _, o := range w.Finding.Ops {
		if o.Category != "net" || o.Effect != "write" || o.Deferred || OwnRequest(w, o) || localReceiver(w, o) {
			continue
		}
		inWindow := w.InStmts(o.Node, w.Stmts)
		for _, st := range slices.Concat(w.Stmts, w.Post, w.Body) {
			read := answerIn(w, st, o)
			if read != nil && (inWindow || w.InStmts(read, w.Stmts)) {
				return safety.Refuse(safety.S1, "guards-sequence", o.Pos(), "%s answers what %s sends here, and %s keeps other callers from reading the answer (%s)", syntax.CallName(read), o.Call(), w.Section.Lock, w.Line(read.Pos()))
			}
		}
	}
	return nil
}

// answerIn returns a call in a statement that comes after an operation and reads from a
// stream that others have, too; nil if there is none.
func answerIn(w *move.Window, st ast.Stmt, o *waits.Op) *ast.CallExpr {
	var found *ast.CallExpr
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		if found != nil || c.Pos() < o.Node.End() || exclusivelyAt(w, o, c) {
			return
		}
		signals.EachCallBelow(w.Site, w.Unit, c, make(map[*patterns.Unit]bool), func(u *patterns.Unit, k *ast.CallExpr) {
			sel, ok := ast.Unparen(k.Fun).(*ast.SelectorExpr)
			if ok && found == nil && readsStream(patterns.CalleeOf(u.Pkg.Info, k)) && (u != w.Unit || ofOthers(w, sel.X)) && !w.Program.Owns(u.Pkg, sel.X) {
				found = c
			}
		})
	})
	return found
}

// exclusivelyAt is [exclusively] for an operation and a call.
func exclusivelyAt(w *move.Window, o *waits.Op, c *ast.CallExpr) bool {
	return exclusively(w, o, &waits.Op{Node: c})
}

// readsStream reports whether a function is a method by which a type of another package reads
// from what a value of it was made with: Read, or one with a result, of a type that a function
// of its package makes with an [io.Reader] as the first argument.
func readsStream(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil || fn.Signature().Recv() == nil || fn.Signature().Results().Len() == 0 {
		return false
	}
	recv := fn.Signature().Recv().Type()
	if fn.Name() == "Read" {
		return isRead(fn)
	}
	p, ok := recv.(*types.Pointer)
	if !ok {
		return false
	}
	scope := fn.Pkg().Scope()
	return slices.ContainsFunc(scope.Names(), func(name string) bool {
		made, ok := scope.Lookup(name).(*types.Func)
		return ok && ast.IsExported(name) && makesWithReader(made, p)
	})
}

// makesWithReader reports whether a function returns a type and takes something to read from.
func makesWithReader(fn *types.Func, t types.Type) bool {
	sig := fn.Signature()
	if sig.Results().Len() == 0 || !types.Identical(sig.Results().At(0).Type(), t) || sig.Params().Len() == 0 {
		return false
	}
	iface, ok := sig.Params().At(0).Type().Underlying().(*types.Interface)
	if !ok || iface.NumMethods() != 1 {
		return false
	}
	return isRead(iface.Method(0))
}

// isRead reports whether a function is the method of an [io.Reader].
func isRead(fn *types.Func) bool {
	sig := fn.Signature()
	if fn.Name() != "Read" || sig.Params().Len() != 1 || sig.Results().Len() != 2 {
		return false
	}
	return types.Identical(sig.Params().At(0).Type(), types.NewSlice(types.Typ[types.Byte])) && types.Identical(sig.Results().At(0).Type(), types.Typ[types.Int]) && patterns.IsError(sig.Results().At(1).Type())
}
