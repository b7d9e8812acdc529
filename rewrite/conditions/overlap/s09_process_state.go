package overlap

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S9 about what other sections of the lock do to the process: the
// window can now run while they do it.
//
//	s.mu.Lock()                      s.mu.Lock()
//	os.Chdir(dir)                    b, err := os.ReadFile("config")
//	defer os.Chdir(old)

// A processChange is a call or an assignment, in a section of the lock, that changes what
// functions of the standard library see.
type processChange struct {
	what string
	of   *types.Package // that keeps what is changed
	on   *types.Var     // instead, what holds the object that is changed for all its users
	unit *patterns.Unit
	at   ast.Node
}

// askProcessState asks about a change of the process under the lock, if the window calls a
// function of the standard library that may see it. It may be one of this section: the next caller
// can now come to it before this one is done.
func askProcessState(w *move.Window) {
	for _, c := range processChanges(w) {
		if c.unit == w.Unit && w.InBody(c.at) && w.Section.Mode == patterns.Shared {
			continue // two callers could do this before
		}
		if c.on != nil {
			if reader := calledOn(w, c.on); reader != nil {
				w.Assume(safety.S9, reader.Pos(), "%s can now run while %s under %s at %s, on the same object. Is that all right?", syntax.CallName(reader), c.what, w.Section.Lock, w.Line(c.at.Pos()))
				return
			}
			continue
		}
		if reader := seesProcess(w, c.of); reader != nil {
			w.Assume(safety.S9, reader.Pos(), "%s can now run while %s under %s at %s, and that acts on the whole process. Is that all right?", syntax.CallName(reader), c.what, w.Section.Lock, w.Line(c.at.Pos()))
			return
		}
	}
}

// askCommand asks about a command that another section of the lock runs, if the window
// reads files: the command may change them.
func askCommand(w *move.Window) {
	for _, o := range w.Freed() {
		if o.Category != "disk" || o.Effect == "write" || ClosesOwn(w, o) || strings.HasPrefix(o.What, "os/exec.") { // which looks for the program
			continue
		}
		if c, ok := o.Node.(*ast.CallExpr); ok && len(o.Path) == 0 && setsProcess(w, w.Unit, c) {
			continue // it looks at nothing
		}
		other := *o
		other.Category = "exec"
		if c := waitsToo(w, &other); c != nil {
			w.Assume(safety.S9, o.Pos(), "%s can now run while %s runs under %s at %s. Is it certain that this command does not change what is read here?", o.Call(), c.Call(), w.Section.Lock, w.Line(c.Pos()))
			return
		}
	}
}

// changesOfProcess has the answers of processChanges.
var changesOfProcess patterns.Memo[lockOf, []processChange]

type lockOf struct {
	p    *patterns.Package
	lock *types.Var
}

// processChanges lists what the sections of the window's lock change of the process,
// themselves and in the functions of the package that they call.
func processChanges(w *move.Window) []processChange {
	return changesOfProcess.Get(w.Program, lockOf{w.Pkg, w.Section.LockVar()}, func() []processChange {
		var out []processChange
		seen := make(map[*patterns.Unit]bool)
		var visit func(u *patterns.Unit, n ast.Node)
		visit = func(u *patterns.Unit, n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt: // what it starts does not run under the lock
					for _, arg := range n.Call.Args {
						visit(u, arg)
					}
					return false
				case *ast.AssignStmt:
					for _, l := range n.Lhs {
						if v := libraryVariable(u, l); v != nil {
							out = append(out, processChange{what: v.Pkg().Name() + "." + v.Name() + " changes", of: v.Pkg(), unit: u, at: n})
						}
					}
				case *ast.CallExpr:
					if fn := patterns.CalleeOf(u.Pkg.Info, n); fn != nil && (setsProcess(w, u, n) || behaviour.KeepsOperand(fn)) && !slices.Contains(selfContainedFunctions, fn.FullName()) {
						out = append(out, processChange{what: syntax.CallName(n) + " runs", of: fn.Pkg(), unit: u, at: n})
					}
					if v := setsObject(u, n); v != nil {
						out = append(out, processChange{what: syntax.CallName(n) + " runs", on: v, unit: u, at: n})
					}
					callees, _ := w.Program.Callees(u, n)
					for _, v := range callees {
						if !seen[v] && v.Body != nil && v.Pkg == w.Pkg && len(seen) < behaviour.MaxUnits {
							seen[v] = true
							visit(v, v.Body)
						}
					}
				}
				return true
			})
		}
		for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
			for _, n := range s.Nodes {
				visit(s.Unit, n)
			}
		}
		return out
	})
}

// libraryVariable returns the variable of the standard library that an expression names, or
// a part of what it holds; nil if it is none.
func libraryVariable(u *patterns.Unit, e ast.Expr) *types.Var {
	for range patterns.MaxNesting {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if v, ok := u.Pkg.Info.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
				if v.Pkg() != u.Pkg.Types && patterns.IsStd(v.Pkg().Path()) {
					return v
				}
				return nil
			}
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		case *ast.Ident:
			v := syntax.VarOf(u.Pkg.Info, x)
			if v == nil || u.DefinedOnce(v) == nil {
				return nil
			}
			if !patterns.IsPointer(v.Type()) {
				return nil
			}
			e = u.DefinedOnce(v)
		default:
			return nil
		}
	}
	return nil
}

// setsObject returns the variable that holds the object of which a call sets something for
// all who use it; nil for other calls.
func setsObject(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || !behaviour.SetsObject(fn) {
		return nil
	}
	if p, ok := patterns.PathOf(u.Pkg.Info, patterns.ReceiverOf(c.Fun)); ok {
		return p.Last()
	}
	return nil
}

// calledOn returns a call in the window of a method of what a variable holds, or nil.
func calledOn(w *move.Window, v *types.Var) *ast.CallExpr {
	for _, st := range w.Stmts {
		found := syntax.First(st, func(c *ast.CallExpr) *ast.CallExpr {
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || w.Info.Selections[sel] == nil || w.Info.Selections[sel].Kind() != types.MethodVal {
				return nil
			}
			if p, ok := patterns.PathOf(w.Info, sel.X); ok && p.Last() == v {
				return c
			}
			return nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// seesProcess returns a call of the window, or of the functions of the package that it
// calls, of a function of the standard library that may see what another of its packages
// keeps for the whole process.
func seesProcess(w *move.Window, of *types.Package) *ast.CallExpr {
	var found *ast.CallExpr
	seen := make(map[*patterns.Unit]bool)
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(top *ast.CallExpr) {
			signals.EachCallBelow(w.Site, w.Unit, top, seen, func(u *patterns.Unit, c *ast.CallExpr) {
				if fn := patterns.CalleeOf(u.Pkg.Info, c); found == nil && fn != nil && maySee(fn, of) {
					found = top
				}
			})
		})
	}
	return found
}

// maySee reports whether a function may look at what a package of the standard library
// keeps for the whole process: it looks at more than its operands, and is of that package
// or of one that may import it.
func maySee(fn *types.Func, of *types.Package) bool {
	p := fn.Pkg()
	switch {
	case p == nil || !patterns.IsStd(p.Path()):
		return false
	case slices.Contains(selfContainedFunctions, fn.FullName()):
		return false
	case p.Path() == of.Path():
		return true
	case slices.Contains(selfContained, p.Path()):
		return false
	}
	return !imports(of, p, make(map[*types.Package]bool)) // export data names only some imports
}

// imports reports whether a package imports another one, directly or not.
func imports(p, other *types.Package, seen map[*types.Package]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	return slices.ContainsFunc(p.Imports(), func(q *types.Package) bool { return q.Path() == other.Path() || imports(q, other, seen) })
}

// selfContained are packages whose functions look at nothing but their operands and what
// the package itself keeps.
var selfContained = []string{
	"bufio", "bytes", "cmp", "compress/flate", "compress/gzip", "compress/zlib", "container/heap", "container/list", "container/ring",
	"context", "encoding/base64", "encoding/binary", "encoding/csv", "encoding/gob", "encoding/hex", "encoding/json", "encoding/xml",
	"errors", "hash", "hash/crc32", "hash/crc64", "hash/fnv", "hash/maphash", "html", "io", "iter", "maps", "math", "math/big", "math/bits",
	"math/rand", "math/rand/v2", "net/url", "path", "reflect", "regexp", "slices", "sort", "strconv", "strings", "sync", "sync/atomic",
	"text/template", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// selfContainedFunctions are such functions of other packages, and those that note something about
// one object which nobody sees before it is gone.
var selfContainedFunctions = []string{
	"fmt.Append", "fmt.Appendf", "fmt.Appendln", "fmt.Errorf", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "fmt.Sprint", "fmt.Sprintf",
	"fmt.Sprintln", "fmt.Sscan", "fmt.Sscanf", "fmt.Sscanln", "os.Getpagesize", "os.Getpid", "os.Getppid",
	"os.Exit", "runtime.AddCleanup", "runtime.Goexit", "runtime.Gosched", "runtime.KeepAlive", "runtime.SetFinalizer",
}
