package overlap

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askProcess asks about what the window sets for the whole process, which the next
// caller may set anew before this one is done:
//
//	os.Setenv("TZ", zone)
//	out, err := exec.Command("date").Output()
//
// The functions of the standard library that do so are told by what they are not: they
// are given nothing to write to, and are not known to have no effect.
func askProcess(w *move.Window) {
	if w.Section.Mode == patterns.Shared {
		return
	}
	seen := make(map[*patterns.Unit]bool)
	var visit func(u *patterns.Unit, n ast.Node)
	visit = func(u *patterns.Unit, n ast.Node) {
		syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
			if setsProcess(w, u, c) {
				w.Assume(safety.S9, c.Pos(), "%s acts on the whole process, and another caller's can now come in between. Is that all right?", syntax.CallName(c))
			}
			callees, _ := w.Program.Callees(u, c)
			for _, v := range callees {
				if !seen[v] && v.Body != nil && v.Pkg == w.Pkg && len(seen) < behaviour.MaxUnits {
					seen[v] = true
					visit(v, v.Body)
				}
			}
		})
	}
	for _, st := range w.Stmts {
		visit(w.Unit, st)
	}
}

// setsProcess reports whether a call of a function of the standard library can only be
// made for what it does to the process.
func setsProcess(w *move.Window, u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || fn.Signature().Recv() != nil || !plan.IsStd(fn.Pkg().Path()) {
		return false
	}
	if slices.ContainsFunc(w.Program.Packages, func(p *patterns.Package) bool { return p.Types == fn.Pkg() }) {
		return false // its body is looked at
	}
	for p := range fn.Signature().Params().Variables() {
		if syntax.RefsOf(p.Type(), 0) != syntax.NoRefs {
			return false
		}
	}
	r := fn.Signature().Results()
	if r.Len() > 1 || r.Len() == 1 && !syntax.IsError(r.At(0).Type()) || behaviour.HasNoEffect(w.Site, u, c) {
		return false // it is called for what it returns
	}
	ops := waits.OpsOf(w.Program, u)
	i := slices.IndexFunc(ops, func(o *waits.Op) bool { return o.Node == c })
	return i < 0 || ops[i].Effect == "read" // what writes is asked about
}
