package behaviour

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// ReadsObject reports whether a function outside of the loaded packages only reads its argument
// n, assuming that nothing in the argument refers to anything else.
func ReadsObject(s *site.Site, c *ast.CallExpr, n int) bool {
	fn := patterns.CalleeOf(s.Info, c)
	if fn == nil || fn.Pkg() == nil || s.IsLoaded(fn.Pkg()) {
		return false
	}
	sum, ok := s.Program.StorageOf(s.Pkg).CallSummary(c)
	return ok && !sum.Changes(n) && !sum.PassesOn(n)
}
