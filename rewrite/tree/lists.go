package tree

import (
	"go/token"
	"slices"

	"github.com/dave/dst"
)

// A stmtList is one list of statements: a block, or the body of a case in a
// switch or select. The cases themselves are not a statement list.
type stmtList struct {
	owner dst.Node // *dst.BlockStmt, *dst.CaseClause or *dst.CommClause
	elems *[]dst.Stmt
}

// A mark describes an element of an open list that is not a statement of the
// program.
type mark struct {
	kind    markKind
	removed dst.Stmt // kindGone: the statement that was removed, if it was one
}

type markKind uint8

const (
	kindGone  markKind = iota // where a statement was; holds its comments
	kindEnd                   // the end of the block; holds its comments
	kindLabel                 // a label; the statement it labels comes next
)

// listsIn returns the statement lists in n, outer ones first.
func listsIn(n dst.Node) []stmtList {
	var out []stmtList
	cases := map[*dst.BlockStmt]bool{}
	dst.Inspect(n, func(n dst.Node) bool {
		switch n := n.(type) {
		case *dst.SwitchStmt:
			cases[n.Body] = true
		case *dst.TypeSwitchStmt:
			cases[n.Body] = true
		case *dst.SelectStmt:
			cases[n.Body] = true
		case *dst.BlockStmt:
			if !cases[n] {
				out = append(out, stmtList{n, &n.List})
			}
		case *dst.CaseClause:
			out = append(out, stmtList{n, &n.Body})
		case *dst.CommClause:
			out = append(out, stmtList{n, &n.Body})
		}
		return true
	})
	return out
}

// openLists opens every statement list in n that is not empty. (Empty lists
// can't be edited, since an operation has to name a statement.)
func (e *edit) openLists(n dst.Node) {
	for _, l := range listsIn(n) {
		if len(*l.elems) > 0 {
			e.open(l)
		}
	}
}

// open brings a list into the form for editing:
//
//   - The last element is a kindEnd mark. Its Start holds the comments between
//     the last statement and the end of the block.
//   - A labeled statement is two elements, a kindLabel mark and the statement.
//   - An element's Before is the gap before it. Its After is None, except that
//     the After of the kindEnd mark is the gap before the closing brace.
//
// [edit.close] is the inverse. In a test over the standard library with dst
// v0.28, opening and closing all lists doesn't change the printed text.
func (e *edit) open(l stmtList) {
	if _, ok := l.owner.(*dst.BlockStmt); !ok {
		// dst attaches comments after the last statement to the case.
		decs := l.owner.Decorations()
		last := (*l.elems)[len(*l.elems)-1].Decorations()
		last.End = append(slices.Clone(last.End), decs.End...)
		decs.End = nil
	}
	var elems []dst.Stmt
	for _, s := range *l.elems {
		elems = e.unlabel(elems, s)
	}
	last := elems[len(elems)-1].Decorations()
	end := e.newMark(kindEnd, nil)
	line, below, gap := splitEnd(last.End)
	last.End = line
	end.Decs.Start, end.Decs.Before, end.Decs.After = below, gap, last.After
	elems = append(elems, end)

	for i, s := range elems[:len(elems)-1] {
		decs := s.Decorations()
		if next := elems[i+1].Decorations(); i < len(elems)-2 {
			next.Before = max(next.Before, decs.After)
		}
		decs.After = dst.None
	}
	*l.elems = elems
}

// unlabel appends s to elems. A labeled statement becomes two elements, and a
// label without a statement only a mark.
func (e *edit) unlabel(elems []dst.Stmt, s dst.Stmt) []dst.Stmt {
	ls, ok := s.(*dst.LabeledStmt)
	if !ok {
		return append(elems, s)
	}
	e.marks[ls] = &mark{kind: kindLabel}
	inner := ls.Stmt
	if empty, ok := inner.(*dst.EmptyStmt); ok && empty.Implicit {
		// dst attaches comments after the label to this implicit statement.
		if !hasComment(empty.Decs.Start) {
			ls.Decs.After = max(ls.Decs.After, empty.Decs.Before)
			return append(elems, ls)
		}
		m := e.newMark(kindGone, nil)
		m.Decs.NodeDecs = empty.Decs.NodeDecs
		return append(elems, ls, m)
	}
	decs := inner.Decorations()
	decs.End = append(slices.Clone(decs.End), ls.Decs.End...)
	decs.After = max(decs.After, ls.Decs.After)
	ls.Decs.End, ls.Decs.After = nil, dst.None
	ls.Stmt = &dst.EmptyStmt{Implicit: true}
	e.labelled[ls] = inner
	return e.unlabel(append(elems, ls), inner)
}

// newMark returns a new element that is not a statement.
func (e *edit) newMark(kind markKind, removed dst.Stmt) *dst.EmptyStmt {
	s := &dst.EmptyStmt{Implicit: true}
	e.marks[s] = &mark{kind: kind, removed: removed}
	return s
}

func (e *edit) isKind(s dst.Stmt, kind markKind) bool {
	m := e.marks[s]
	return m != nil && m.kind == kind
}

// closeLists closes every open list.
func (e *edit) closeLists() {
	for _, l := range listsIn(e.decl) {
		if n := len(*l.elems); n > 0 && e.isKind((*l.elems)[n-1], kindEnd) {
			e.close(l)
		}
	}
}

// close turns an open list back into the form that dst prints.
func (e *edit) close(l stmtList) {
	c := closer{edit: e, first: (*l.elems)[0].Decorations().Before}
	for _, s := range *l.elems {
		c.add(s)
	}
	c.spread()
	for i := len(c.live) - 1; i >= 0; i-- {
		if e.isKind(c.live[i], kindLabel) {
			c.relabel(i)
		}
	}
	*l.elems = c.live
	if n := len(c.live); n > 0 {
		putEnd(c.live[n-1], c.tail, c.tailGap)
		c.live[n-1].Decorations().After = c.endGap
		return
	}
	if b, ok := l.owner.(*dst.BlockStmt); ok {
		b.Decs.Lbrace = joinEnd(b.Decs.Lbrace, c.tail, c.tailGap)
		return
	}
	putEnd(l.owner, c.tail, dst.NewLine)
}

// putEnd adds comments to the end of n, on the lines below it.
func putEnd(n dst.Node, comments dst.Decorations, gap dst.SpaceType) {
	decs := n.Decorations()
	before := colon(n)
	decs.End = joinEnd(slices.Concat(before, decs.End), comments, gap)[len(before):]
}

// colon returns the decorations after the colon of a case, or of a label
// without a statement.
func colon(n dst.Node) dst.Decorations {
	switch n := n.(type) {
	case *dst.CaseClause:
		return n.Decs.Colon
	case *dst.CommClause:
		return n.Decs.Colon
	case *dst.LabeledStmt:
		if _, ok := n.Stmt.(*dst.EmptyStmt); ok {
			return n.Decs.Colon
		}
	}
	return nil
}

// A closer collects the elements of a list that is being closed.
type closer struct {
	*edit
	first dst.SpaceType // the gap before the first element of the result
	live  []dst.Stmt    // the statements and labels so far

	// Left behind by the elements since the last live one.
	comments dst.Decorations // of removed statements
	gap      dst.SpaceType
	fixed    bool // the script asked for gap
	join     bool // see [closer.joins]

	tail            dst.Decorations // comments at the end of the block
	tailGap, endGap dst.SpaceType   // before them, and before the closing brace
}

// add takes the next element of the list.
func (c *closer) add(s dst.Stmt) {
	decs := s.Decorations()
	gap := decs.Before
	if c.join && !c.isKind(s, kindGone) && len(decs.Start) == 0 && len(c.comments) == 0 {
		gap = min(gap, dst.NewLine)
	}
	if len(c.comments) > 0 && hasComment(decs.Start) && gap == dst.EmptyLine {
		// The blank line that separated the removed statement from these
		// comments now separates its comments from them.
		c.comments = append(c.comments, "\n")
		gap = dst.NewLine
	}
	if forced, ok := c.forced[s]; ok {
		c.gap, c.fixed = forced, true
	} else if !c.fixed {
		c.gap = max(c.gap, gap)
	}
	switch m := c.marks[s]; {
	case m == nil || m.kind == kindLabel:
		decs.Start = append(c.comments, decs.Start...)
		decs.Before = c.gap
		if len(c.live) == 0 {
			decs.Before = c.first
		}
		c.live = append(c.live, s)
		c.comments, c.gap, c.fixed, c.join = nil, dst.None, false, false
	case m.kind == kindEnd:
		c.tail = append(c.comments, decs.Start...)
		c.tailGap, c.endGap = c.gap, decs.After
	default:
		c.join = c.join || c.joins(m.removed, s)
		c.comments = append(c.comments, decs.Start...)
	}
}

// joins reports whether a removed statement was the second line of a paragraph
// `x.Open(); defer x.Close()`. The first line then joins the next paragraph.
func (c *closer) joins(removed, at dst.Stmt) bool {
	d, ok := removed.(*dst.DeferStmt)
	if !ok || len(c.live) == 0 || at.Decorations().Before == dst.EmptyLine {
		return false
	}
	prev := c.live[len(c.live)-1]
	s, ok := prev.(*dst.ExprStmt)
	if !ok || len(c.live) > 1 && s.Decs.Before != dst.EmptyLine {
		return false
	}
	call, ok := s.X.(*dst.CallExpr)
	if !ok {
		return false
	}
	r := receiver(call)
	return r != "" && r == receiver(d.Call)
}

// receiver returns the source of x in a call x.f(), or "" if x is not a name or
// a chain of selectors.
func receiver(call *dst.CallExpr) string {
	sel, ok := call.Fun.(*dst.SelectorExpr)
	if !ok {
		return ""
	}
	return chain(sel.X)
}

func chain(x dst.Expr) string {
	switch x := x.(type) {
	case *dst.Ident:
		return x.Name
	case *dst.SelectorExpr:
		if inner := chain(x.X); inner != "" {
			return inner + "." + x.Sel.Name
		}
	}
	return ""
}

// spread puts every statement on its own line if the list no longer fits on one
// line.
func (c *closer) spread() {
	several := len(c.tail) > 0
	for i, s := range c.live {
		decs := s.Decorations()
		several = several || i > 0 && decs.Before != dst.None ||
			hasLineEnd(decs.Start) || hasLineEnd(decs.End)
	}
	if !several {
		return
	}
	for _, s := range c.live {
		decs := s.Decorations()
		decs.Before = max(decs.Before, dst.NewLine)
	}
	c.endGap = max(c.endGap, dst.NewLine)
}

func hasLineEnd(decs dst.Decorations) bool {
	return slices.ContainsFunc(decs, func(d string) bool { return d == "\n" || isLineComment(d) })
}

// relabel joins the label at live[i] with the statement that follows it.
func (c *closer) relabel(i int) {
	ls := c.live[i].(*dst.LabeledStmt)
	if i+1 == len(c.live) {
		ls.Stmt = &dst.EmptyStmt{Implicit: true}
		return
	}
	inner := c.live[i+1]
	decs := inner.Decorations()
	ls.Decs.Colon = append(slices.Clone(ls.Decs.Colon), ls.Decs.End...)
	ls.Decs.End = decs.End
	decs.End = nil
	ls.Stmt = inner
	c.live = slices.Delete(c.live, i+1, i+2)
}

// isLoop reports whether a break or continue may name a label of s. That
// includes switch and select.
func isLoop(s dst.Stmt) bool {
	switch s.(type) {
	case *dst.ForStmt, *dst.RangeStmt, *dst.SwitchStmt, *dst.TypeSwitchStmt, *dst.SelectStmt:
		return true
	}
	return false
}

// hasGoto reports whether n contains a goto to label.
func hasGoto(n dst.Node, label string) bool {
	found := false
	dst.Inspect(n, func(n dst.Node) bool {
		if b, ok := n.(*dst.BranchStmt); ok && b.Tok == token.GOTO && b.Label.Name == label {
			found = true
		}
		return !found
	})
	return found
}
