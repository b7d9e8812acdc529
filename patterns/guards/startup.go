package guards

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// AtStart reports whether a section runs before anybody else can ask for its lock: in a
// function init, under a lock of the package, which starts no goroutine before main runs.
func AtStart(x *patterns.Program, s *locks.Section) bool {
	lock, p := s.Lock.Root, s.Unit.Pkg
	if !isInit(patterns.TopOf(s.Unit)) || s.Unit.StartsGoroutine() || !patterns.IsGlobal(lock) || lock.Pkg() != p.Types || lock.Exported() {
		return false
	}
	return !startsAtInit.Get(x, p, func() bool { return spawnsAtInit(x, p) })
}

var startsAtInit patterns.PackageMemo[bool]

// isInit reports whether a unit is a function init, which nobody can call.
func isInit(u *patterns.Unit) bool {
	return u.Obj != nil && u.Obj.Name() == "init" && u.Obj.Signature().Recv() == nil
}

// spawnsAtInit reports whether a package may start goroutines before main runs: its functions
// init, and what they call, have a go statement, or call what is not seen. Variables count,
// too.
func spawnsAtInit(x *patterns.Program, p *patterns.Package) bool {
	seen := make(map[*patterns.Unit]bool)
	var spawns func(u *patterns.Unit) bool
	spawns = func(u *patterns.Unit) bool {
		if seen[u] || u.Body == nil {
			return false
		}
		seen[u] = true
		found := slices.ContainsFunc(u.Lits, spawns)
		ast.Inspect(u.Body, func(n ast.Node) bool {
			_, isGo := n.(*ast.GoStmt)
			found = found || isGo
			return !found
		})
		return found || slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool {
			callees, _ := x.Callees(u, c)
			return slices.ContainsFunc(callees, spawns)
		})
	}
	return slices.ContainsFunc(x.UnitsIn(p), func(u *patterns.Unit) bool {
		return (isInit(u) || u.Obj == nil && u.Outer == nil) && spawns(u)
	})
}
