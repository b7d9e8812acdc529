package patterns

import (
	"cmp"
	"go/ast"
	"slices"
	"strings"
)

// Shown reports whether the default list shows the finding: all but those that
// look held on purpose. A wait that may never end is shown whatever else speaks
// for it.
func (f *Finding) Shown() bool { return f.Verdict.Judgement != Deliberate || f.MayDeadlock() }

// MayDeadlock reports whether whoever is waited for may need the section's lock,
// no timer ends the wait, and no directive says that this is meant.
func (f *Finding) MayDeadlock() bool {
	return f.Deadlock != nil && !f.Deadlock.Timed && (f.Directive == nil || f.Verdict.Judgement != Deliberate)
}

// CompareWorth orders findings by what it is worth to look at them: possible
// deadlocks, then by judgement, by what is waited for (the network before the
// disk before sleep), by the number of sections that wait meanwhile, by the
// loops around the wait, exclusive locks before read locks, and by place.
func CompareWorth(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(a.class(), b.class()),
		cmp.Compare(categoryRank(a.Main().Category), categoryRank(b.Main().Category)),
		cmp.Compare(b.Sites, a.Sites),
		cmp.Compare(b.loops(), a.loops()),
		cmp.Compare(b.Section.Mode, a.Section.Mode),
		strings.Compare(a.Position().Filename, b.Position().Filename),
		cmp.Compare(a.Position().Offset, b.Position().Offset),
	)
}

// class is what a finding is listed under: its place in the list.
func (f *Finding) class() int {
	switch {
	case f.MayDeadlock() && f.Deadlock.Doubt == "":
		return 0
	case f.MayDeadlock():
		return 1
	}
	return 2 + slices.Index([]Judgement{Incidental, Unsure, Deliberate}, f.Verdict.Judgement)
}

func categoryRank(name string) int {
	return slices.IndexFunc(tableCategories, func(c CategoryInfo) bool { return c.Name == name })
}

// loops counts the loops of the section's function around the main operation.
func (f *Finding) loops() int {
	n, pos := 0, f.Main().Pos()
	ast.Inspect(f.Section.Unit.Body, func(m ast.Node) bool {
		if m == nil || pos < m.Pos() || m.End() <= pos {
			return false
		}
		switch m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			n++
		}
		return true
	})
	return n
}
