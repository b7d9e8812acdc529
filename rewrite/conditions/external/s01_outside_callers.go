package external

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// keepsCallersApart reports whether the lock keeps two callers of the section apart who
// would otherwise write one file at once: a file that each run of the section opens by
// the same name, or an open one that it changes by several calls. What may be repeated
// may be done at once, unless the section both removes the thing and makes it.
func keepsCallersApart(s *site.Site, o *outside.Use, own []*outside.Use) bool {
	if !onDisk(o) || !o.Writes || s.Section.Mode != patterns.Exclusive || writesShared(s, o) || entersOnce(s, o) {
		return false
	}
	switch {
	case !o.Fixed:
		return false
	case slices.Contains(repeatable, o.What):
		return slices.ContainsFunc(own, func(p *outside.Use) bool { return p.Fixed && (removesMade(o, p) || removesMade(p, o)) })
	}
	return o.Named || changesTwice(o, own)
}

func refuseCallers(s *site.Site, o *outside.Use) *safety.Refusal {
	return safety.Refuse(safety.S1, "guards-file", o.Last().Call.Pos(), "two callers could now run %s for the same file or directory at once (%s), and %s serializes them", o.What, o.Names(), s.Section.Lock)
}

// repeatable are calls that may be made for one file or directory by two callers: what
// is there in the end is the same as after one call.
var repeatable = []string{"os.Mkdir", "os.MkdirAll", "os.Remove", "os.RemoveAll", "os.Chmod", "os.Chown", "os.Lchown", "os.Chtimes",
	"(*os.File).Chmod", "(*os.File).Chown", "(*os.File).Sync", "(*os.File).WriteAt"}

// changesTwice reports whether the section changes by another call, too, what a use works
// on.
func changesTwice(o *outside.Use, own []*outside.Use) bool {
	return slices.ContainsFunc(own, func(p *outside.Use) bool {
		return p.Last().Call != o.Last().Call && onDisk(p) && p.Writes && o.Same(p) && !slices.Contains(repeatable, p.What) && !exclusiveUses(o, p)
	})
}

// entersOnce reports whether a flag lets only one caller come to a use: the section
// returns if it is set, and sets it.
func entersOnce(s *site.Site, o *outside.Use) bool {
	c := o.In(s.Unit)
	tested := make(map[*types.Var]bool)
	for _, st := range s.Body {
		if c == nil || st.Pos() > c.Pos() {
			return false
		}
		switch st := st.(type) {
		case *ast.IfStmt:
			if v := fieldOf(s.Info, st.Cond); v != nil && syntax.ReturnsLast(st.Body) {
				tested[v] = true
			}
		case *ast.AssignStmt:
			for i, l := range st.Lhs {
				if v := fieldOf(s.Info, l); v != nil && tested[v] && len(st.Rhs) == len(st.Lhs) && isTrue(s.Info, st.Rhs[i]) {
					return true
				}
			}
		}
	}
	return false
}

// fieldOf returns the field that an expression is, or nil.
func fieldOf(info *types.Info, e ast.Expr) *types.Var {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return syntax.VarOf(info, sel.Sel)
	}
	return nil
}

func isTrue(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v)
}
