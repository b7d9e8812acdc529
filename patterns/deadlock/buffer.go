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

// addDoubt puts a doubt in front of those that there are.
func addDoubt(d *finding.Deadlock, doubt string) {
	if d.Doubt != "" {
		doubt += ", and " + d.Doubt
	}
	d.Doubt = doubt
}
