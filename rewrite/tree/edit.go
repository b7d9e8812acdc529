package tree

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"sort"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// An edit is a declaration while a script is being applied to it. Its lists are
// open, and nodes are looked up by the nodes of the parsed file.
type edit struct {
	fset  *token.FileSet // of the parsed file; for messages
	from  ast.Decl       // the declaration as parsed
	decl  dst.Decl       // the decorated copy of from
	nodes map[ast.Node]dst.Node

	place    map[ast.Stmt]span // elements of changed statements; overrides nodes
	marks    map[dst.Stmt]*mark
	labelled map[*dst.LabeledStmt]dst.Stmt
	forced   map[dst.Stmt]dst.SpaceType // the gaps before elements that the script asked for

	provided map[string]int // comments in the script's code, not matched yet
	order    map[string]int // index of each comment in the source
}

// A span is a run of elements of one open list that stand for one statement.
type span struct{ first, last dst.Stmt }

func newEdit(fset *token.FileSet, from ast.Decl, decl dst.Decl, nodes map[ast.Node]dst.Node) *edit {
	return &edit{
		fset: fset, from: from, decl: decl, nodes: nodes,
		place:    map[ast.Stmt]span{},
		marks:    map[dst.Stmt]*mark{},
		labelled: map[*dst.LabeledStmt]dst.Stmt{},
		forced:   map[dst.Stmt]dst.SpaceType{},
		order:    map[string]int{},
	}
}

// carryOut applies the operations. It turns a panic, which comes from dst, into
// an error.
func (e *edit) carryOut(ops []Op, comments []string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = e.unsupported(e.from, "dst: %v", r)
		}
	}()
	return e.run(ops, comments)
}

func (e *edit) run(ops []Op, comments []string) error {
	for i, c := range slices.Backward(comments) {
		e.order[c] = i
	}
	e.provided = codeComments(ops)
	e.openLists(e.decl)
	for i, op := range ops {
		if err := op.apply(e); err != nil {
			var u *UnsupportedError
			if errors.As(err, &u) {
				return err
			}
			return &OpError{Index: i, Op: op.String(e.fset), Reason: err.Error()}
		}
	}
	e.closeLists()
	return nil
}

func (e *edit) unsupported(n ast.Node, format string, args ...any) error {
	return &UnsupportedError{Pos: e.fset.Position(n.Pos()), Reason: fmt.Sprintf(format, args...)}
}

// span returns the elements that now stand for s.
func (e *edit) span(s ast.Stmt) (span, error) {
	d, err := e.node(s)
	if err != nil {
		return span{}, err
	}
	if p, ok := e.place[s]; ok {
		return p, nil
	}
	sp := span{d.(dst.Stmt), d.(dst.Stmt)}
	for {
		ls, ok := sp.last.(*dst.LabeledStmt)
		if !ok || e.labelled[ls] == nil {
			return sp, nil
		}
		sp.last = e.labelled[ls]
	}
}

// node returns the decorated node for n, wherever it has moved.
func (e *edit) node(n ast.Node) (dst.Node, error) {
	if isNil(n) {
		return nil, errors.New("a node is missing")
	}
	d, ok := e.nodes[n]
	if !ok || !inDecl(e.from, n) {
		return nil, fmt.Errorf("the %T at %s is not part of the declaration", n, e.fset.Position(n.Pos()))
	}
	return d, nil
}

// find returns the list that has s as an element, and its index.
func (e *edit) find(s dst.Stmt) (l stmtList, i int, ok bool) {
	for _, l := range listsIn(e.decl) {
		if i := slices.Index(*l.elems, s); i >= 0 {
			return l, i, true
		}
	}
	return stmtList{}, 0, false
}

// live returns the list and the indices [i,j) of the elements that stand for
// s. It returns an error if s was removed or is not an element of a list.
func (e *edit) live(s ast.Stmt) (l stmtList, i, j int, err error) {
	sp, err := e.span(s)
	if err != nil {
		return l, 0, 0, err
	}
	if e.isKind(sp.first, kindGone) && sp.first == sp.last {
		return l, 0, 0, fmt.Errorf("the statement at %s was removed before", e.at(s))
	}
	l, i, ok := e.find(sp.first)
	if !ok {
		return l, 0, 0, fmt.Errorf("the statement at %s is not an element of a statement list", e.at(s))
	}
	j = i + 1 + slices.Index((*l.elems)[i:], sp.last)
	if j <= i {
		return l, 0, 0, fmt.Errorf("the statement at %s was taken apart before", e.at(s))
	}
	return l, i, j, nil
}

// whole is like live but includes the labels of a loop, switch or select,
// because its break and continue statements may name them.
func (e *edit) whole(s ast.Stmt) (l stmtList, i, j int, err error) {
	l, i, j, err = e.live(s)
	if err == nil && isLoop((*l.elems)[i]) {
		for i > 0 && e.isKind((*l.elems)[i-1], kindLabel) {
			i--
		}
	}
	return l, i, j, err
}

func (e *edit) at(n ast.Node) string { return shortPos(e.fset, n) }

// insertBefore puts elements before the statement to. They go below the
// comments above it if under is set, otherwise above those directly above it.
func (e *edit) insertBefore(to ast.Stmt, elems []dst.Stmt, space Space, under bool) error {
	sp, err := e.span(to)
	if err != nil {
		return err
	}
	l, i, ok := e.find(sp.first)
	if !ok {
		return fmt.Errorf("the statement at %s is not an element of a statement list", e.at(to))
	}
	if isLoop(sp.first) {
		for i > 0 && e.isKind((*l.elems)[i-1], kindLabel) {
			i--
			name := (*l.elems)[i].(*dst.LabeledStmt).Label.Name
			if hasGoto(e.decl, name) {
				return e.unsupported(to, "a goto jumps to the label %s, and would jump past what comes before it", name)
			}
		}
	}
	anchor := (*l.elems)[i]
	e.takeTop(anchor, elems[0], under)
	anchor.Decorations().Before = dst.NewLine
	e.force(elems[0], space.Before)
	e.force(anchor, space.After)
	*l.elems = slices.Insert(*l.elems, i, elems...)
	return nil
}

// takeTop moves the gap before anchor and the comments above it to first, which
// goes above anchor or replaces it. It moves all the comments, or only those
// that a blank line separates from anchor.
func (e *edit) takeTop(anchor, first dst.Stmt, comments bool) {
	from, to := anchor.Decorations(), first.Decorations()
	to.Before = from.Before
	detached, attached := splitStart(from.Start)
	if comments {
		detached, attached = closeLines(slices.Clone(from.Start)), nil
	}
	from.Start = attached
	to.Start = append(detached, to.Start...)
	if f, ok := e.forced[anchor]; ok {
		e.forced[first] = f
		delete(e.forced, anchor)
	}
}

// detachBelow moves the comments between element i and a blank line below it to
// an element of their own. dst attaches them to the end of element i, but they
// should stay in place whatever happens to the statement above them.
func (e *edit) detachBelow(l stmtList, i int) {
	decs := (*l.elems)[i].Decorations()
	line, below, gap := splitEnd(decs.End)
	if len(below) == 0 {
		return
	}
	decs.End = line
	m := e.newMark(kindGone, nil)
	m.Decs.Start, m.Decs.Before = closeLines(below), gap
	if next := (*l.elems)[i+1].Decorations(); next.Before == dst.EmptyLine {
		m.Decs.Start.Append("\n")
		next.Before = dst.NewLine
	}
	*l.elems = slices.Insert(*l.elems, i+1, dst.Stmt(m))
}

// insertAfter puts elements after the statement to.
func (e *edit) insertAfter(to ast.Stmt, elems []dst.Stmt, space Space) error {
	sp, err := e.span(to)
	if err != nil {
		return err
	}
	l, i, ok := e.find(sp.last)
	if !ok {
		return fmt.Errorf("the statement at %s is not an element of a statement list", e.at(to))
	}
	e.detachBelow(l, i)
	elems[0].Decorations().Before = dst.NewLine
	e.force(elems[0], space.Before)
	e.force((*l.elems)[i+1], space.After)
	*l.elems = slices.Insert(*l.elems, i+1, elems...)
	return nil
}

// force records the gap before an element that a script asks for.
func (e *edit) force(s dst.Stmt, sp Spacing) {
	switch sp {
	case None:
		e.forced[s] = dst.NewLine
	case Blank:
		e.forced[s] = dst.EmptyLine
	}
}

// cut removes the elements [i,j) from a list and leaves a mark in their place
// that holds the comments separated from them by a blank line above.
func (e *edit) cut(l stmtList, i, j int) []dst.Stmt {
	elems := slices.Clone((*l.elems)[i:j])
	m := e.newMark(kindGone, nil)
	e.takeTop(elems[0], m, false)
	*l.elems = slices.Replace(*l.elems, i, j, dst.Stmt(m))
	return elems
}

// inner returns the comments inside n, in source order, without those at its
// start and end. It also leaves out comments that the script's code contains:
// that code was taken from n, so they end up elsewhere.
func (e *edit) inner(n dst.Node) []string {
	decs := n.Decorations()
	start, end := decs.Start, decs.End
	decs.Start, decs.End = nil, nil
	all := commentsIn(n)
	decs.Start, decs.End = start, end

	keep := all[:0]
	for _, c := range all {
		if key := commentKey(c); e.provided[key] > 0 {
			e.provided[key]--
			continue
		}
		keep = append(keep, c)
	}
	sort.SliceStable(keep, func(i, j int) bool {
		return e.order[commentKey(keep[i])] < e.order[commentKey(keep[j])]
	})
	return keep
}

// comments returns all comments of a statement to be removed, one per line.
func (e *edit) comments(s dst.Stmt) dst.Decorations {
	decs := s.Decorations()
	out := closeLines(slices.Clone(decs.Start))
	out = append(out, asLines(e.inner(s)...)...)
	for _, d := range decs.End {
		if isComment(d) {
			out = append(out, asLines(d)...)
		}
	}
	return out
}

// enclosing returns the innermost element of a list that contains n.
func (e *edit) enclosing(n dst.Node) dst.Stmt {
	var found dst.Stmt
	for _, l := range listsIn(e.decl) {
		for _, s := range *l.elems {
			if contains(s, n) {
				found = s
			}
		}
	}
	return found
}

func contains(root, n dst.Node) bool {
	found := false
	dst.Inspect(root, func(m dst.Node) bool {
		found = found || m == n
		return !found
	})
	return found
}

// replace replaces the node from with to and reports whether it found from.
func (e *edit) replace(from, to dst.Node) (found bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The field can't hold a node of this type.
			err = fmt.Errorf("a %T cannot stand at the place of a %T", to, from)
		}
	}()
	dstutil.Apply(e.decl, func(c *dstutil.Cursor) bool {
		if !found && c.Node() == from {
			found = true
			c.Replace(to)
			return false
		}
		return !found
	}, nil)
	return found, nil
}
