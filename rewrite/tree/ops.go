package tree

import (
	"errors"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/dave/dst"
)

func (o InsertBefore) apply(e *edit) error {
	elems, err := e.parseStmts(o.Code)
	if err != nil {
		return err
	}
	return e.insertBefore(o.Stmt, elems, o.Space, o.Under)
}

func (o InsertAfter) apply(e *edit) error {
	elems, err := e.parseStmts(o.Code)
	if err != nil {
		return err
	}
	return e.insertAfter(o.Stmt, elems, o.Space)
}

func (o Remove) apply(e *edit) error {
	if done, err := e.removeSlot(o.Stmt); done || err != nil {
		return err
	}
	l, i, j, err := e.live(o.Stmt)
	if err != nil {
		return err
	}
	e.detachBelow(l, j-1)
	m := e.newMark(kindGone, (*l.elems)[j-1])
	for _, s := range (*l.elems)[i:j] {
		m.Decs.Start = append(m.Decs.Start, e.comments(s)...)
	}
	m.Decs.Before = (*l.elems)[i].Decorations().Before
	if f, ok := e.forced[(*l.elems)[i]]; ok {
		e.forced[m] = f
	}
	e.force(m, o.Gap)
	*l.elems = slices.Replace(*l.elems, i, j, dst.Stmt(m))
	e.place[o.Stmt] = span{m, m}
	return nil
}

// removeSlot removes s if it is an init or post statement, and reports whether
// it did. Comments go above the statement it was part of.
func (e *edit) removeSlot(s ast.Stmt) (done bool, err error) {
	d, err := e.node(s)
	if err != nil {
		return false, err
	}
	stmt, ok := d.(dst.Stmt)
	if !ok {
		return false, nil
	}
	slot := e.slot(stmt)
	if slot == nil {
		return false, nil
	}
	*slot = nil
	if comments := e.comments(stmt); len(comments) > 0 {
		if err := e.above(slot, comments); err != nil {
			return false, err
		}
	}
	return true, nil
}

// slot returns the field of an if, for or switch that holds s as its init or
// post statement, or nil if there is none.
func (e *edit) slot(s dst.Stmt) *dst.Stmt {
	var found *dst.Stmt
	dst.Inspect(e.decl, func(n dst.Node) bool {
		for _, f := range slotsOf(n) {
			if *f == s {
				found = f
			}
		}
		return found == nil
	})
	return found
}

func slotsOf(n dst.Node) []*dst.Stmt {
	switch n := n.(type) {
	case *dst.IfStmt:
		return []*dst.Stmt{&n.Init}
	case *dst.ForStmt:
		return []*dst.Stmt{&n.Init, &n.Post}
	case *dst.SwitchStmt:
		return []*dst.Stmt{&n.Init}
	case *dst.TypeSwitchStmt:
		return []*dst.Stmt{&n.Init}
	}
	return nil
}

// above adds comments directly above the list element that contains the slot.
func (e *edit) above(slot *dst.Stmt, comments dst.Decorations) error {
	var owner dst.Node
	dst.Inspect(e.decl, func(n dst.Node) bool {
		if slices.Contains(slotsOf(n), slot) {
			owner = n
		}
		return owner == nil
	})
	s := e.enclosing(owner)
	if s == nil {
		return errors.New("no statement can take its comments")
	}
	decs := s.Decorations()
	decs.Start = append(slices.Clone(decs.Start), comments...)
	return nil
}

func (o MoveBefore) apply(e *edit) error {
	init := len(o.Stmts) > 0 && e.isInitOf(o.Stmts[0], o.To)
	elems, space, err := e.takeOut(o.Stmts, o.To, o.Space)
	if err != nil {
		return err
	}
	return e.insertBefore(o.To, elems, space, init)
}

func (o MoveAfter) apply(e *edit) error {
	elems, space, err := e.takeOut(o.Stmts, o.To, o.Space)
	if err != nil {
		return err
	}
	return e.insertAfter(o.To, elems, space)
}

// isInitOf reports whether s is the init statement of to.
func (e *edit) isInitOf(s, to ast.Stmt) bool {
	d, ok := e.nodes[s].(dst.Stmt)
	sp, err := e.span(to)
	if !ok || err != nil {
		return false
	}
	slots := slotsOf(sp.last)
	return len(slots) > 0 && *slots[0] == d
}

// takeOut removes statements from their places, to be put at to. The gap
// between two that were adjacent stays as it was. Adjacent statements that
// formed a paragraph form one again, unless space says otherwise.
func (e *edit) takeOut(stmts []ast.Stmt, to ast.Stmt, space Space) ([]dst.Stmt, Space, error) {
	if len(stmts) == 0 {
		return nil, space, errors.New("no statements to move")
	}
	var out []dst.Stmt
	var top, bottom dst.SpaceType // gaps around the statements
	run := true
	for i, s := range stmts {
		var next ast.Stmt
		if i+1 < len(stmts) {
			next = stmts[i+1]
		}
		t, err := e.takeOne(s, out, next)
		if err != nil {
			return nil, space, err
		}
		if !t.neighbour {
			t.elems[0].Decorations().Before = dst.NewLine
			run = run && i == 0
			top = t.above
		}
		bottom = t.below
		out = append(out, t.elems...)
	}
	if run && top != dst.NewLine && bottom != dst.NewLine && max(top, bottom) == dst.EmptyLine {
		if space.Before == Auto {
			space.Before = Blank
		}
		if space.After == Auto {
			space.After = Blank
		}
	}
	sp, err := e.span(to)
	if err != nil {
		return nil, space, err
	}
	if _, _, ok := e.find(sp.first); !ok {
		return nil, space, fmt.Errorf("the statement at %s is not an element of a statement list, or is itself moved", e.at(to))
	}
	return out, space, nil
}

// A taking is a statement that [edit.takeOne] took out.
type taking struct {
	elems        []dst.Stmt
	neighbour    bool          // it directly followed the statement taken out before it
	above, below dst.SpaceType // the gaps around it; None at the ends of the list
}

// takeOne takes out one statement of a move. before holds the elements already
// taken out; next is the statement to take out next, or nil.
func (e *edit) takeOne(s ast.Stmt, before []dst.Stmt, next ast.Stmt) (t taking, err error) {
	if d, ok := e.nodes[s].(dst.Stmt); ok {
		if slot := e.slot(d); slot != nil {
			if _, err := e.node(s); err != nil {
				return t, err
			}
			*slot = nil
			return taking{elems: []dst.Stmt{d}, above: dst.NewLine}, nil
		}
	}
	l, i, j, err := e.whole(s)
	if err != nil {
		return t, err
	}
	if sp, err := e.span(next); next == nil || err != nil || (*l.elems)[j] != sp.first {
		e.detachBelow(l, j-1)
	}
	first := (*l.elems)[i].Decorations()
	gap, start := first.Before, first.Start
	if i > 0 {
		m := e.marks[(*l.elems)[i-1]]
		n := len(before)
		t.neighbour = n > 0 && m != nil && m.removed != nil && m.removed == before[n-1]
		t.above = max(gap, dst.NewLine)
	}
	if next := (*l.elems)[j]; !e.isKind(next, kindEnd) || hasComment(next.Decorations().Start) {
		t.below = max(next.Decorations().Before, dst.NewLine)
	}
	t.elems = e.cut(l, i, j)
	mark := (*l.elems)[i]
	e.marks[mark].removed = t.elems[len(t.elems)-1]
	if t.neighbour {
		first.Before, first.Start = gap, start
		mark.Decorations().Start = nil
	}
	return t, nil
}

func (o ReplaceExpr) apply(e *edit) error {
	old, err := e.node(o.Expr)
	if err != nil {
		return err
	}
	x, err := parseExpr(o.Code)
	if err != nil {
		return err
	}
	e.openLists(x)
	if !contains(e.decl, old) {
		return fmt.Errorf("the expression at %s was removed before", e.at(o.Expr))
	}
	lost := asLines(e.inner(old)...)
	if s := e.enclosing(old); s != nil {
		decs := s.Decorations()
		decs.Start = append(slices.Clone(decs.Start), lost...)
	}
	from := old.Decorations()
	if isOpenLiteral(x) && e.inHeader(old) {
		x = &dst.ParenExpr{X: x}
	}
	to := x.Decorations()
	to.Before, to.After = from.Before, from.After
	if before := e.fitsAfter(o); len(lost)+len(from.Start)+len(to.Start) == 0 && before != nil {
		before.Decorations().After, to.Before = dst.None, dst.None
	}
	to.Start = append(slices.Clone(from.Start), to.Start...)
	to.End = append(slices.Clone(to.End), from.End...)
	_, err = e.replace(old, x)
	return err
}

// fitsAfter returns the argument before the expression, which is the last one of its call and
// begins the only new line in it, if the replacement fits on the line of that argument, which
// then is no longer than the lines were.
func (e *edit) fitsAfter(o ReplaceExpr) dst.Node {
	var before dst.Node
	ast.Inspect(e.from, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) < 2 || c.Args[len(c.Args)-1] != o.Expr {
			return before == nil
		}
		prev := c.Args[len(c.Args)-2]
		start, broken := e.fset.Position(c.Lparen), e.fset.Position(prev.End())
		first, end, last := e.fset.Position(o.Expr.Pos()), e.fset.Position(o.Expr.End()), e.fset.Position(c.Rparen)
		joined := broken.Column + len(", ") + len(o.Code) + len(")")
		if start.Line == broken.Line && first.Line == broken.Line+1 && last.Line == end.Line &&
			!strings.Contains(o.Code, "\n") && joined <= max(broken.Column+len(","), last.Column+len(")")) {
			before, _ = e.node(prev)
		}
		return false
	})
	return before
}

func (o KeyToValue) apply(e *edit) error {
	d, err := e.node(o.Loop)
	if err != nil {
		return err
	}
	loop, ok := d.(*dst.RangeStmt)
	if !ok || loop.Key == nil {
		return errors.New("the loop has no key")
	}
	if loop.Value != nil && hasComment(e.inner(loop.Value)) {
		return errors.New("a comment would be lost")
	}
	loop.Key, loop.Value = dst.NewIdent("_"), loop.Key
	return nil
}

// isOpenLiteral reports whether x contains a composite literal outside of any
// brackets, so that x needs parentheses in the header of a statement.
func isOpenLiteral(x dst.Expr) bool {
	for {
		switch y := x.(type) {
		case *dst.CompositeLit:
			return true
		case *dst.SelectorExpr:
			x = y.X
		case *dst.CallExpr:
			x = y.Fun
		case *dst.IndexExpr:
			x = y.X
		case *dst.SliceExpr:
			x = y.X
		case *dst.TypeAssertExpr:
			x = y.X
		case *dst.StarExpr:
			x = y.X
		case *dst.UnaryExpr:
			x = y.X
		case *dst.BinaryExpr:
			if isOpenLiteral(y.Y) {
				return true
			}
			x = y.X
		default:
			return false
		}
	}
}

// inHeader reports whether n is in the header of an if, for or switch and
// outside of any brackets. There the parser would take the brace of a composite
// literal for the start of the block.
func (e *edit) inHeader(n dst.Node) bool {
	in := false
	var path []bool // for each enclosing node, whether its children are in such a header
	dst.Inspect(e.decl, func(m dst.Node) bool {
		if m == nil {
			path = path[:len(path)-1]
			return true
		}
		open := len(path) > 0 && path[len(path)-1]
		if m == n {
			in = open
		}
		switch m.(type) {
		case *dst.IfStmt, *dst.ForStmt, *dst.RangeStmt, *dst.SwitchStmt, *dst.TypeSwitchStmt:
			open = true
		case *dst.BlockStmt, *dst.ParenExpr, *dst.CallExpr, *dst.IndexExpr, *dst.CompositeLit:
			// What precedes the bracket of a call or index is outside
			// the brackets, but the parser accepts parentheses there too.
			open = false
		}
		path = append(path, open)
		return true
	})
	return in
}

func (o ReplaceStmt) apply(e *edit) error {
	elems, err := e.parseStmts(o.Code)
	if err != nil {
		return err
	}
	l, i, j, err := e.live(o.Stmt)
	if err != nil {
		return e.replaceSlot(o.Stmt, elems, err)
	}
	e.detachBelow(l, j-1)
	first, last := (*l.elems)[i], (*l.elems)[j-1]
	var inner dst.Decorations
	for _, s := range (*l.elems)[i:j] {
		inner = append(inner, asLines(e.inner(s)...)...)
	}
	e.dress(first, last, inner, elems)
	if f, ok := e.forced[first]; ok {
		e.forced[elems[0]] = f
	}
	*l.elems = slices.Replace(*l.elems, i, j, elems...)
	e.place[o.Stmt] = span{elems[0], elems[len(elems)-1]}
	return nil
}

// dress gives elems the gap and the comments of the elements they replace.
func (e *edit) dress(first, last dst.Stmt, inner dst.Decorations, elems []dst.Stmt) {
	to := elems[0].Decorations()
	to.Before = first.Decorations().Before
	start := closeLines(slices.Clone(first.Decorations().Start))
	to.Start = append(append(start, inner...), to.Start...)
	end := elems[len(elems)-1]
	if e.isKind(end, kindGone) {
		end.Decorations().Start.Append(asLines(last.Decorations().End...)...)
		return
	}
	end.Decorations().End.Append(last.Decorations().End...)
}

// replaceSlot replaces a simple statement that is not an element of a list, such
// as the init statement of an if. It returns notInList if s is not one.
func (e *edit) replaceSlot(s ast.Stmt, elems []dst.Stmt, notInList error) error {
	old, ok := e.nodes[s].(dst.Stmt)
	if _, gone := e.place[s]; !ok || gone || !inDecl(e.from, s) || !isSimple(old) {
		return notInList
	}
	if len(elems) != 1 || !isSimple(elems[0]) {
		return fmt.Errorf("the code has to be one simple statement to stand at %s", e.at(s))
	}
	inner := asLines(e.inner(old)...)
	if len(inner) > 0 {
		enclosing := e.enclosing(old).Decorations()
		enclosing.Start = append(slices.Clone(enclosing.Start), inner...)
	}
	from, to := old.Decorations(), elems[0].Decorations()
	to.Before, to.After = from.Before, from.After
	to.Start = append(slices.Clone(from.Start), to.Start...)
	to.End.Append(from.End...)
	found, err := e.replace(old, elems[0])
	if err == nil && !found {
		return notInList
	}
	e.nodes[s] = elems[0]
	return err
}

// isSimple reports whether s is a simple statement in the sense of the language
// specification.
func isSimple(s dst.Stmt) bool {
	switch s.(type) {
	case *dst.ExprStmt, *dst.SendStmt, *dst.IncDecStmt, *dst.AssignStmt:
		return true
	}
	return false
}

func (o Wrap) apply(e *edit) error {
	code, err := e.parseStmts(o.Code)
	if err != nil {
		return err
	}
	inside, at, err := findBody(code)
	if err != nil {
		return err
	}
	l, i, _, err := e.whole(o.First)
	if err != nil {
		return err
	}
	l2, i2, j, err := e.live(o.Last)
	if err != nil {
		return err
	}
	if l.elems != l2.elems || i2 < i {
		return errors.New("the two statements are not first and last of a run in one list")
	}
	e.detachBelow(l, j-1)
	run := slices.Clone((*l.elems)[i:j])
	e.takeTop(run[0], code[0], false)

	list := &code
	if inside != nil {
		list = inside
	}
	body := (*list)[at]
	run = e.dressBody(body, run)
	*list = slices.Replace(*list, at, at+1, run...)
	*l.elems = slices.Replace(*l.elems, i, j, code...)
	e.force(code[0], o.Space.Before)
	if next := i + len(code); next < len(*l.elems) {
		e.force((*l.elems)[next], o.Space.After)
	}
	return nil
}

// dressBody gives run the gap and the comments of the [Body] statement that it
// replaces.
func (e *edit) dressBody(body dst.Stmt, run []dst.Stmt) []dst.Stmt {
	from, to := body.Decorations(), run[0].Decorations()
	to.Before = from.Before
	to.Start = append(slices.Clone(from.Start), to.Start...)
	if hasComment(from.End) {
		m := e.newMark(kindGone, nil)
		m.Decs.Start, m.Decs.Before = asLines(from.End...), dst.NewLine
		run = append(run, m)
	}
	return run
}

func (o DeferToCall) apply(e *edit) error {
	if o.Stmt == nil {
		return errors.New("a node is missing")
	}
	l, i, j, err := e.live(o.Stmt)
	if err != nil {
		return err
	}
	old, ok := (*l.elems)[i].(*dst.DeferStmt)
	if !ok || j != i+1 {
		return errors.New("the statement is no longer a defer")
	}
	s := &dst.ExprStmt{X: old.Call}
	s.Decs.NodeDecs = old.Decs.NodeDecs
	old.Call.Decs.Start.Prepend(old.Decs.Defer...)
	e.swap(o.Stmt, l, i, s)
	return nil
}

func (o CallToDefer) apply(e *edit) error {
	if o.Stmt == nil {
		return errors.New("a node is missing")
	}
	l, i, j, err := e.live(o.Stmt)
	if err != nil {
		return err
	}
	old, ok := (*l.elems)[i].(*dst.ExprStmt)
	if !ok || j != i+1 {
		return errors.New("the statement is no longer a call")
	}
	call, ok := old.X.(*dst.CallExpr)
	if !ok {
		return errors.New("the statement is not a call")
	}
	s := &dst.DeferStmt{Call: call}
	s.Decs.NodeDecs = old.Decs.NodeDecs
	e.swap(o.Stmt, l, i, s)
	return nil
}

// swap replaces element i, which stands for from, with s.
func (e *edit) swap(from ast.Stmt, l stmtList, i int, s dst.Stmt) {
	if f, ok := e.forced[(*l.elems)[i]]; ok {
		e.forced[s] = f
	}
	(*l.elems)[i] = s
	e.place[from] = span{s, s}
}
