package deadlock

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/values"
)

// taken judges a receive from a channel with a buffer, for which what was sent at first does
// not count.
func (s *needSearch) taken(u *patterns.Unit, ch ast.Expr, p patterns.Path, uses []values.FlowUse) *finding.Deadlock {
	later := slices.DeleteFunc(slices.Clone(uses), func(use values.FlowUse) bool { return channels.SentAtFirst(s.x, use) })
	d := s.every(u, p, later)
	if d != nil && len(later) < len(uses) {
		addDoubt(d, fmt.Sprintf("if the buffer of %s is empty", types.ExprString(ch)))
	}
	return d
}

// counted reports whether the package asks how many values are in the buffer of a channel,
// and does something else if there is none: it knows before it receives that there is one.
//
//	v := <-q
//	if len(q) == 0 {
//		delete(b.queues, name) // whoever finds q there finds a value in it
//	}
func (s *needSearch) counted(p *patterns.Package, c *values.FlowClass) bool {
	for _, v := range s.x.UnitsIn(p) {
		for _, call := range v.Calls() {
			if patterns.BuiltinOf(p.Info, call) == "len" && values.FlowsOf(s.x, p).ClassOf(call.Args[0]) == c && comparesZero(p.Info, v, call) {
				return true
			}
		}
	}
	return false
}

// comparesZero reports whether a condition of an if statement compares a call's result with 0.
func comparesZero(info *types.Info, u *patterns.Unit, call *ast.CallExpr) (found bool) {
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if ok && contains(f.Cond, call) {
			ast.Inspect(f.Cond, func(n ast.Node) bool {
				b, ok := n.(*ast.BinaryExpr)
				found = found || ok && ast.Unparen(b.X) == ast.Expr(call) && info.Types[b.Y].Value != nil && info.Types[b.Y].Value.ExactString() == "0"
				return true
			})
		}
		return !found
	})
	return found
}

// addDoubt puts a doubt in front of those that there are.
func addDoubt(d *finding.Deadlock, doubt string) {
	if d.Doubt != "" {
		doubt += ", and " + d.Doubt
	}
	d.Doubt = doubt
}
