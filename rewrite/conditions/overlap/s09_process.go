package overlap

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askProcess asks about what the window, or the section before it, sets for the whole
// process, which the next caller may set anew before this one is done:
//
//	os.Setenv("TZ", zone)
//	out, err := exec.Command("date").Output()
//
// Functions of the standard library are taken to do so if they get nothing to write to and
// are not known to have no effect. asked is false if there is nothing to ask about.
func askProcess(w *move.Window) (asked bool) {
	if w.Section.Mode == patterns.Shared {
		return false
	}
	var names []string
	first := token.NoPos
	seen := make(map[*patterns.Unit]bool)
	note := func(u *patterns.Unit, c *ast.CallExpr) {
		if name := syntax.CallName(c); setsProcess(w, u, c) && !slices.Contains(names, name) {
			if names = append(names, name); len(names) == 1 {
				first = c.Pos()
			}
		}
	}
	for _, st := range slices.Concat(w.Pre, w.Stmts) {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) { signals.EachCallBelow(w.Site, w.Unit, c, seen, note) })
	}
	switch len(names) {
	case 0:
	case 1:
		w.Assume(safety.S9, first, "%s acts on the whole process, and another caller's can now come in between. Is that all right?", names[0])
	default:
		w.Assume(safety.S9, first, "%s act on the whole process, and another caller's can now come in between. Is that all right?", syntax.JoinNames(names))
	}
	return len(names) > 0
}

// setsProcess reports whether a call of a function of the standard library can only be
// made for what it does to the process.
func setsProcess(w *move.Window, u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || fn.Signature().Recv() != nil || !patterns.IsStd(fn.Pkg().Path()) {
		return false
	}
	if w.IsLoaded(fn.Pkg()) {
		return false // its body is looked at
	}
	for p := range fn.Signature().Params().Variables() {
		if syntax.RefsOf(p.Type(), 0) != syntax.NoRefs {
			return false
		}
	}
	if behaviour.HasNoEffect(w.Site, u, c) || behaviour.ReturnsMore(fn) && !returnsOld(u, c, fn) {
		return false // it is called for what it returns
	}
	ops := waits.OpsOf(w.Program, u)
	i := slices.IndexFunc(ops, func(o *waits.Op) bool { return o.Node == c })
	return i < 0 || ops[i].Effect == "read" && !behaviour.ReturnsMore(fn) // what writes is asked about
}

// returnsOld reports whether what a call returns is thrown away, or given to the same
// function again, as the value that was set before:
//
//	defer syscall.Umask(syscall.Umask(0o077))
func returnsOld(u *patterns.Unit, c *ast.CallExpr, fn *types.Func) bool {
	old := make(map[types.Object]bool)
	dropped := false
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ExprStmt:
			dropped = dropped || ast.Unparen(n.X) == c
		case *ast.DeferStmt:
			dropped = dropped || n.Call == c
		case *ast.AssignStmt:
			if len(n.Rhs) != 1 || ast.Unparen(n.Rhs[0]) != c {
				break
			}
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					old[u.Pkg.Info.ObjectOf(id)] = id.Name != "_"
				}
			}
		}
		return true
	})
	again := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		k, ok := n.(*ast.CallExpr)
		if !ok || k == c || patterns.CalleeOf(u.Pkg.Info, k) != fn {
			return true
		}
		for _, a := range k.Args {
			id, isName := ast.Unparen(a).(*ast.Ident)
			again = again || ast.Unparen(a) == c || isName && old[u.Pkg.Info.Uses[id]]
		}
		return true
	})
	return dropped || again
}
