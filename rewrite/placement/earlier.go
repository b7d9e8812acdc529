package placement

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// An earlierValue is a list that the whole section goes through as it was before the wait. It is
// kept in a variable from the first statement on that uses it.
type earlierValue struct {
	value extract.Extraction
	at    ast.Stmt
}

// goThroughEarlier keeps what the loops after the wait go through, see [shapes.Earlier]. It
// refuses where the list cannot be read before the first use, or the section changes it.
func (p *Placement) goThroughEarlier(s *site.Site) *safety.Refusal {
	for _, loop := range s.Earlier {
		if slices.ContainsFunc(p.earlier, func(e earlierValue) bool { return slices.Contains(e.value.Uses, loop.X) }) {
			continue
		}
		all := extract.Extractions(s, s.Body)
		i := slices.IndexFunc(all, func(x extract.Extraction) bool { return !x.Part && slices.Contains(x.Uses, loop.X) })
		if i < 0 {
			return safety.Inapplicable(loop.Pos(), "%s cannot be read before the wait", s.Source(loop.X))
		}
		if changed := slices.IndexFunc(behaviour.Touches(s, syntax.StmtNodes(s.Body)...).List, func(t *site.Touch) bool {
			return all[i].Reads(t.Access.Var) && t.Access.Kind.Changes()
		}); changed >= 0 {
			return safety.Inapplicable(loop.Pos(), "the section changes %s itself", s.Source(loop.X))
		}
		slices.SortFunc(all[i].Uses, func(a, b ast.Expr) int { return int(a.Pos() - b.Pos()) })
		first := s.IndexOf(all[i].Uses[0])
		if first < 0 || len(p.Releases) == 0 || p.Releases[0].At.Pos() < s.Body[first].Pos() {
			return safety.Inapplicable(loop.Pos(), "%s is not used before the wait", s.Source(loop.X))
		}
		for _, r := range p.Releases {
			r.Values = slices.DeleteFunc(r.Values, func(x extract.Extraction) bool {
				return !x.Operand && x.Path.Root == all[i].Path.Root && x.Path.String() == all[i].Path.String()
			})
		}
		p.earlier = append(p.earlier, earlierValue{all[i], s.Body[first]})
	}
	return nil
}

// earlierOps returns the operations that keep those lists and use them.
func (p *Placement) earlierOps() []tree.Op {
	var ops []tree.Op
	for _, e := range p.earlier {
		ops = append(ops, edits.ExtractOps(p.Window, []extract.Extraction{e.value}, e.at)...)
	}
	return ops
}

// earlierValues lists those lists.
func (p *Placement) earlierValues() []extract.Extraction {
	var out []extract.Extraction
	for _, e := range p.earlier {
		out = append(out, e.value)
	}
	return out
}

// usesEarlier reports whether a node is in a use of those lists.
func (p *Placement) usesEarlier(n ast.Node) bool {
	return slices.ContainsFunc(p.earlier, func(e earlierValue) bool {
		return slices.ContainsFunc(e.value.Uses, func(u ast.Expr) bool { return syntax.Within(n, u) })
	})
}
