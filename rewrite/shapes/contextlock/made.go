package contextlock

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveMade is the part of S6 that every value of the struct has a semaphore: the zero
// value of a mutex can be used, and a nil semaphore panics. [makers] has refused zero
// values in the loaded packages. Other packages can make an exported type, too, unless its
// constructor is meant for that; whether they use it is a question.
func (c *conversion) proveMade(tn *types.TypeName) *safety.Refusal {
	pos := c.Section.LockVar().Pos()
	if !tn.Exported() || c.Pkg.Name == "main" {
		return nil
	}
	if len(c.makers) == 0 {
		return safety.Refuse(safety.S6, "made-elsewhere", pos, "nothing in the package makes a %s; one made elsewhere would have no semaphore, and its methods would panic", tn.Name())
	}
	if at := c.zeroValuePromised(tn); at.IsValid() {
		return safety.Refuse(safety.S6, "zero-value", at, "the documentation of %s mentions its zero value, which would have no semaphore", tn.Name())
	}
	if !slices.ContainsFunc(c.makers, func(m maker) bool { return constructs(m.Unit, tn) }) {
		return safety.Refuse(safety.S6, "made-elsewhere", pos, "no exported function of the package makes a %s, so other packages make their own, which would have no semaphore and panic", tn.Name())
	}
	c.proof.Assume(safety.S6, pos, "A %s that is not made by this package has no semaphore, and its methods panic. Is it true that no other package makes one?", tn.Name())
	return nil
}

// constructs reports whether a function is exported and returns a value of the
// type, or a pointer to one.
func constructs(u *patterns.Unit, tn *types.TypeName) bool {
	if u.Obj == nil || !u.Obj.Exported() {
		return false
	}
	for v := range u.Obj.Signature().Results().Variables() {
		t := v.Type()
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Origin().Obj() == tn || types.IsInterface(v.Type()) && types.Implements(types.NewPointer(tn.Type()), v.Type().Underlying().(*types.Interface)) {
			return true
		}
	}
	return false
}

// zeroValuePromised returns where the documentation of a type mentions its zero value.
func (c *conversion) zeroValuePromised(tn *types.TypeName) (at token.Pos) {
	f := c.Pkg.FileOf(tn.Pos())
	if f == nil {
		return token.NoPos
	}
	for _, g := range f.Syntax.Comments {
		line := c.Pkg.Fset.Position(g.End()).Line
		if g.End() < tn.Pos() && c.Pkg.Fset.Position(tn.Pos()).Line-line <= 1 && strings.Contains(strings.ToLower(g.Text()), "zero value") {
			at = g.Pos()
		}
	}
	return at
}
