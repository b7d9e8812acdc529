package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// isSleep reports whether an operation is a call of time.Sleep. Unlike anything else that only
// waits, it can be made after the release: how long it takes is known, and nobody is waited for.
func isSleep(o *waits.Op) bool { return o.What == "time.Sleep" && len(o.Path) == 0 }

// sleeps reports whether an action is a call of time.Sleep.
func (a *action) sleeps() bool { return isSleep(a.Ops[0]) }

// sleepNames are names for how long to sleep.
var sleepNames = []string{"wait", "delay", "pause"}

// chooseSleep settles how a sleep is kept: as how long to sleep, where zero is not at all.
//
//	var wait time.Duration
func (c *collection) chooseSleep(g *gathering) *safety.Refusal {
	t := c.Info.TypeOf(g.actions[0].call.Fun).(*types.Signature).Params().At(0).Type()
	text, ok := c.spell(t)
	if !ok {
		return safety.Inapplicable(g.actions[0].Stmt.Pos(), "this file cannot name the type %s", t)
	}
	g.form, g.typ, g.name = duration, text, c.FreshName(sleepNames[0])
	for _, name := range sleepNames {
		if c.FreshName(name) == name {
			g.name = name
			break
		}
	}
	return nil
}

// proveSleeps is the part of S3 about a sleep that is made later: it is the only action, each path
// sleeps once at most, and nothing that the section does afterwards depends on how late it is.
// It asks whether callers may sleep at the same time.
func (c *collection) proveSleeps() *safety.Refusal {
	i := slices.IndexFunc(c.Actions, (*action).sleeps)
	if i < 0 {
		return nil
	}
	a := c.Actions[i]
	if len(c.Actions) > 1 || mayFollow(a, a) {
		return safety.Refuse(safety.S3, "code-after", a.Stmt.Pos(), "the code after %s may rely on the wait being over", a.text())
	}
	for _, n := range c.restOf(a) {
		if at := c.dependsOnTime(n); at != nil {
			return safety.Refuse(safety.S3, "code-after", at.Pos(), "the code after %s may depend on how late it is then", a.text())
		}
	}
	c.Assume(safety.S9, a.Stmt.Pos(), "So far one caller slept after the other; now several can sleep at the same time, each for the time that it has computed. Is that right?")
	return nil
}

// dependsOnTime returns a part of a node that may do something else if it runs earlier: what
// calls other code than that of times and durations, communicates, or uses what others may
// change without the lock.
func (c *collection) dependsOnTime(n ast.Node) (at ast.Node) {
	for _, t := range behaviour.Touches(c.Window.Site, n).List {
		if t.Class != site.GuardedUse {
			return t.Access.Node
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		depends := false
		switch m := m.(type) {
		case *ast.CallExpr:
			depends = !c.isTimeless(m)
		case *ast.UnaryExpr:
			depends = m.Op == token.ARROW
		case *ast.RangeStmt:
			depends = syntax.IsChannel(c.Info.TypeOf(m.X))
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
			depends = true
		}
		if depends && at == nil {
			at = m
		}
		return at == nil
	})
	return at
}

// isTimeless reports whether a call only computes something of its operands, or belongs to a
// lock: conversions, builtins that do not print or panic, and the methods of times and durations.
func (c *collection) isTimeless(call *ast.CallExpr) bool {
	tv := c.Info.Types[call.Fun]
	if tv.IsType() || patterns.IsLockCall(c.Info, call) {
		return true
	}
	if tv.IsBuiltin() {
		return slices.Contains([]string{"append", "cap", "clear", "copy", "delete", "len", "make", "max", "min", "new"}, patterns.BuiltinOf(c.Info, call))
	}
	fn := patterns.CalleeOf(c.Info, call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "time" && fn.Signature().Recv() != nil && isTimeValue(fn.Signature().Recv().Type())
}

// isTimeValue reports whether a type is time.Time or time.Duration.
func isTimeValue(t types.Type) bool {
	name := types.TypeString(t, nil)
	return name == "time.Time" || name == "time.Duration"
}
