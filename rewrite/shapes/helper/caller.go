package helper

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A helperSite is a function that is only called with the lock held, and waits:
// the function from inside, and every call of it, or of a function that leads to
// it, up to the sections that take the lock.
type helperSite struct {
	*site.Site // of the function: its whole body is under the lock

	of    *site.Site // of the section that the plan is for
	under *underLock
	unit  *lockedUnit
}

// A helperCaller is a call of the helper, or of a function that leads to it: in a
// section, or in a function that runs under its callers' lock as a whole.
type helperCaller struct {
	*site.Site
	unit      *patterns.Unit
	section   *locks.Section // or nil
	outer     *lockedUnit    // where there is no section
	call      *ast.CallExpr
	callee    *patterns.Unit
	pre, post []ast.Stmt      // what runs under the lock before and after the call
	tests     []ast.Expr      // the conditions under which the call is made
	assign    *ast.AssignStmt // that has the call on its right side, or nil
	loops     []*callLoop     // around the call, the inner one first
}

// underLock finds and lays out functions that run under the lock of a section.
type underLock struct {
	of    *site.Site
	found map[*patterns.Unit]*lockedUnit // nil while it is being examined
}

// A lockedUnit is a function that runs under its callers' lock.
type lockedUnit struct {
	unit  *patterns.Unit
	lock  patterns.Path // as it sees it
	mode  patterns.Mode
	calls []*helperCaller // of it; they have no sites until they are examined
	site  *site.Site

	deferred bool // a caller releases the lock by defer

	looked  bool // its callers have been examined, or that was tried
	refusal *safety.Refusal
}

// A callLoop is a loop around the call of a helper, which releases the lock in each
// iteration.
type callLoop struct {
	stmt          ast.Stmt
	before, after []ast.Stmt // what stands in its body before and after the call
}

// lock is the lock as the caller sees it.
func (h *helperCaller) lock() patterns.Path {
	if h.section != nil {
		return h.section.Lock
	}
	return h.outer.lock
}

func (h *helperCaller) mode() patterns.Mode {
	if h.section != nil {
		return h.section.Mode
	}
	return h.outer.mode
}

// callersOf lists the calls of a function, and of those that lead to it, each once.
func callersOf(l *lockedUnit, seen map[*lockedUnit]bool) []*helperCaller {
	if seen[l] {
		return nil
	}
	seen[l] = true
	var all []*helperCaller
	for _, h := range l.calls {
		if h.outer != nil {
			all = append(all, callersOf(h.outer, seen)...)
		}
	}
	return append(all, l.calls...)
}

// notLookedAt refuses if a condition that a test skips has kept the callers from being
// examined.
func notLookedAt(l *lockedUnit, refusal *safety.Refusal) *safety.Refusal {
	if refusal != nil {
		return refusal
	}
	return safety.Inapplicable(l.unit.Decl.Pos(), "the callers of %s were not looked at", l.unit.Name())
}
