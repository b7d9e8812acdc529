package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Lift is the part of a statement that waits and that can be carried out
// before the rest, which needs the lock: the init statement of an if, or the
// right-hand side of an assignment to something guarded, as in
//
//	s.data, err = fetch(url)
//
// whose result is kept in a local variable until the lock is held.
type Lift struct {
	Part ast.Stmt // what is carried out first; a statement of its own, made up if it has to be

	s      *Site
	of     ast.Stmt        // the statement of the section
	init   ast.Stmt        // the init statement of the if that is lifted, in whole or in part, or nil
	commit *ast.AssignStmt // the assignment that is taken apart, or nil
	keeps  []bool          // by target of commit: whether it is a local variable, and stays
	code   string          // of the part, where it is not that of the source
	names  []string        // the new local variables by target, once they have names
}

// IsInit reports whether the part is a whole init statement.
func (l *Lift) IsInit() bool { return l.commit == nil }

// LiftOf finds the part of a statement that waits and can come before the rest.
func (s *Site) LiftOf(st ast.Stmt) (*Lift, bool) {
	if init, ok := s.initOf(st); ok {
		return &Lift{Part: init, s: s, of: st, init: init}, true
	}
	if as, ok := st.(*ast.AssignStmt); ok {
		return s.takeApart(&Lift{s: s, of: st, commit: as})
	}
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init == nil || s.waits(ifs.Cond) || s.waits(ifs.Body) || ifs.Else != nil && s.waits(ifs.Else) {
		return nil, false
	}
	if as, ok := ifs.Init.(*ast.AssignStmt); ok && as.Tok == token.ASSIGN {
		return s.takeApart(&Lift{s: s, of: st, init: as, commit: as})
	}
	return nil, false
}

// needsLock reports whether a statement that waits uses guarded state otherwise than by
// values that can be read before.
func (s *Site) needsLock(st ast.Stmt) bool {
	return !readsOnlyIn(s.touches(st), s.extractions([]ast.Stmt{st}))
}

// initOf returns the init statement of an if statement of the section that
// waits and can be made a statement before it: it needs no lock, while the rest
// of the if statement does, and its variables hide nothing.
func (s *Site) initOf(st ast.Stmt) (ast.Stmt, bool) {
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init == nil || !s.waits(ifs.Init) || s.needsLock(ifs.Init) {
		return nil, false
	}
	for _, n := range []ast.Node{ifs.Cond, ifs.Body} {
		if s.waits(n) {
			return nil, false
		}
	}
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok {
		_, ok := ifs.Init.(*ast.ExprStmt)
		return ifs.Init, ok
	}
	return as, as.Tok != token.DEFINE || s.hidesNothing(ifs, as)
}

// hidesNothing reports whether the variables that the init statement of an if declares
// would hide nothing in the block around it.
func (s *Site) hidesNothing(ifs *ast.IfStmt, init *ast.AssignStmt) bool {
	scope := s.Info.Scopes[ifs]
	return scope != nil && !slices.ContainsFunc(init.Lhs, func(l ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		if !ok {
			return true
		}
		_, obj := scope.Parent().LookupParent(id.Name, token.NoPos)
		return obj != nil && id.Name != "_" && obj.Parent() != types.Universe
	})
}

// takeApart checks that the right-hand side of the commit can come before the
// assignment to its guarded targets, and names the variables in between.
func (s *Site) takeApart(l *Lift) (*Lift, bool) {
	as := l.commit
	if as.Tok == token.DEFINE || len(as.Rhs) != 1 || !s.waits(as.Rhs[0]) {
		return nil, false
	}
	l.Part = &ast.ExprStmt{X: as.Rhs[0]}
	if s.needsLock(l.Part) {
		return nil, false
	}
	guarded := false
	for _, target := range as.Lhs {
		if s.touches(target).guarded() == nil {
			if _, ok := target.(*ast.Ident); !ok {
				return nil, false
			}
			l.keeps = append(l.keeps, true)
			continue
		}
		if !s.plainTarget(target) {
			return nil, false
		}
		guarded = true
		l.keeps = append(l.keeps, false)
	}
	return l, guarded && (l.canDefine() || l.canDeclare())
}

// part is the node of the source that is carried out first.
func (l *Lift) part() ast.Node {
	if l.commit != nil {
		return l.commit.Rhs[0]
	}
	return l.init
}

// canDeclare reports whether the file can spell the types of the new variables.
func (l *Lift) canDeclare() bool {
	for i := range l.commit.Lhs {
		if _, ok := l.s.typeText(l.targetType(i)); !ok && !l.keeps[i] {
			return false
		}
	}
	return true
}

// name returns the name of the new variable for the i-th target.
func (l *Lift) name(i int) string {
	if l.names == nil {
		for i, target := range l.commit.Lhs {
			switch {
			case l.keeps[i]:
				l.names = append(l.names, types.ExprString(target))
			case l.commit.Tok != token.ASSIGN:
				l.names = append(l.names, l.s.freshName("n"))
			default:
				l.names = append(l.names, l.s.freshName(targetName(target)))
			}
		}
	}
	return l.names[i]
}

// plainTarget reports whether a target of an assignment means the same after
// the wait: a selection, or an element whose index is a constant or a variable.
func (s *Site) plainTarget(e ast.Expr) bool {
	e = ast.Unparen(e)
	if ix, ok := e.(*ast.IndexExpr); ok {
		index := ast.Unparen(ix.Index)
		if _, isIdent := index.(*ast.Ident); !isIdent && s.Info.Types[index].Value == nil {
			return false
		}
		e = ix.X
		if s.touches(index).guarded() != nil {
			return false
		}
	}
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return s.extractableRoot(e)
	}
	return false
}

// targetName is the base of the name of a variable that holds what is assigned
// to the target later.
func targetName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return singular(targetName(e.X))
	}
	return "v"
}

// singular guesses the name of one element from that of a collection; "v" if
// it cannot.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "shes"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && len(name) > 2:
		return name[:len(name)-1]
	}
	return "v"
}

// declaration returns what must come before the lifted call, "" if the call
// itself can declare the new variables by :=.
func (l *Lift) declaration() string {
	if l.commit.Tok != token.ASSIGN || l.canDefine() {
		return ""
	}
	var b strings.Builder
	for i := range l.commit.Lhs {
		if !l.keeps[i] {
			text, _ := l.s.typeText(l.targetType(i)) // takeApart has seen to it that it can be spelled
			b.WriteString("var " + l.name(i) + " " + text + "\n")
		}
	}
	return b.String()
}

// targetType is the type of the value that the i-th target is given.
func (l *Lift) targetType(i int) types.Type {
	t := l.s.Info.TypeOf(l.commit.Rhs[0])
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.At(i).Type()
	}
	return l.s.Info.TypeOf(l.commit.Lhs[i])
}

// canDefine reports whether the targets that stay would be the same variables
// in an assignment by :=, because they are declared in the same block.
func (l *Lift) canDefine() bool {
	scope := l.s.scopeOf(l.of)
	for i, target := range l.commit.Lhs {
		id, ok := target.(*ast.Ident)
		if !l.keeps[i] || ok && id.Name == "_" {
			continue
		}
		if obj := l.s.Info.ObjectOf(id); obj == nil || scope == nil || obj.Parent() != scope {
			return false
		}
	}
	return true
}

// scopeOf returns the scope of the block that a statement is an element of.
func (s *Site) scopeOf(st ast.Stmt) *types.Scope {
	parent := s.parents[st]
	if parent != ast.Node(s.Unit.Body) {
		return s.Info.Scopes[parent]
	}
	if s.Unit.Lit != nil {
		return s.Info.Scopes[s.Unit.Lit.Type]
	}
	return s.Info.Scopes[s.Unit.Decl.Type]
}

// Before are the operations that put the part before its statement. The
// extracted values take the place of what they were read from.
func (l *Lift) Before(xs []Extraction) []tree.Op {
	if l.commit == nil {
		return []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{l.init}, To: l.of}}
	}
	var targets []string
	for i := range l.commit.Lhs {
		targets = append(targets, l.name(i))
	}
	decl, op := l.declaration(), " := "
	if decl != "" {
		op = " = "
	}
	code := decl + strings.Join(targets, ", ") + op + cmp.Or(l.code, l.s.sourceWith(l.commit.Rhs[0], xs))
	ops := []tree.Op{tree.InsertBefore{Stmt: l.of, Code: code, Under: true}}
	if d := l.declaredBefore(); d != nil && decl == "" {
		ops = []tree.Op{tree.ReplaceStmt{Stmt: d, Code: code}}
	}
	if l.init != nil {
		ops = append(ops, tree.Remove{Stmt: l.init})
	}
	return ops
}

// declaredBefore returns the statement before, if it does nothing but declare a
// variable that the call, by :=, declares as well:
//
//	var err error
//	s.data, err = fetch(url)
func (l *Lift) declaredBefore() ast.Stmt {
	list := l.s.listOf(l.of)
	at := slices.Index(list, l.of)
	if at < 1 || l.commit.Tok != token.ASSIGN {
		return nil
	}
	d, ok := list[at-1].(*ast.DeclStmt)
	if !ok {
		return nil
	}
	g := d.Decl.(*ast.GenDecl)
	if g.Tok != token.VAR || len(g.Specs) != 1 {
		return nil
	}
	spec := g.Specs[0].(*ast.ValueSpec)
	if len(spec.Names) != 1 || len(spec.Values) > 0 || l.s.commented(d, l.of) {
		return nil
	}
	v := l.s.Info.Defs[spec.Names[0]]
	for i, target := range l.commit.Lhs {
		if id, ok := target.(*ast.Ident); ok && l.keeps[i] && l.s.Info.Uses[id] == v && types.Identical(v.Type(), l.targetType(i)) {
			return d
		}
	}
	return nil
}

// commented reports whether a comment stands at the statement or before the next
// one.
func (s *Site) commented(st, next ast.Stmt) bool {
	return slices.ContainsFunc(s.File.Syntax.Comments, func(c *ast.CommentGroup) bool {
		return st.Pos() <= c.Pos() && c.End() <= next.End() || c.End() <= st.Pos() && s.lineOf(st.Pos())-s.lineOf(c.End()) <= 1
	})
}

func (s *Site) lineOf(pos token.Pos) int { return s.Pkg.Fset.Position(pos).Line }

// After are the operations that leave the rest of the statement in its place.
func (l *Lift) After() []tree.Op {
	if l.commit == nil {
		return nil
	}
	var targets, values []string
	for i, target := range l.commit.Lhs {
		if !l.keeps[i] {
			targets, values = append(targets, l.s.source(target)), append(values, l.name(i))
		}
	}
	code := strings.Join(targets, ", ") + " " + l.commit.Tok.String() + " " + strings.Join(values, ", ")
	if l.init != nil {
		return []tree.Op{tree.InsertBefore{Stmt: l.of, Code: code}}
	}
	return []tree.Op{tree.ReplaceStmt{Stmt: l.of, Code: code}}
}

// touches lists what the statement uses besides its lifted part.
func (l *Lift) touches() *touched {
	all, part := l.s.touches(l.of), l.s.touches(l.Part)
	out := &touched{}
	gone := make(map[*touch]int) // what a called function uses is the same touch each time
	for _, t := range part.touches {
		if t.via != nil {
			gone[t]++
		}
	}
	for _, t := range all.touches {
		switch {
		case t.via != nil && gone[t] > 0:
			gone[t]--
		case t.via != nil || !within(t.access.Node, l.Part):
			out.touches = append(out.touches, t)
		}
	}
	for _, u := range all.unknown {
		if !slices.Contains(part.unknown, u) {
			out.unknown = append(out.unknown, u)
		}
	}
	return out
}

// mentions reports whether the statement uses a variable besides its lifted
// part.
func (l *Lift) mentions(v *types.Var) bool {
	found := false
	ast.Inspect(l.of, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && l.s.Info.Uses[id] == v && !within(id, l.Part) {
			found = true
		}
		return !found
	})
	return found
}

// sourceWith returns the text of a node with the extracted values in place of
// what they were read from.
func (s *Site) sourceWith(n ast.Node, xs []Extraction) string {
	names := make(map[ast.Node]string)
	for _, x := range xs {
		for _, u := range x.Uses {
			if within(u, n) {
				names[u] = s.nameOf(x)
			}
		}
	}
	return s.replaced(n, names)
}

// sourceRenamed returns the text of a node with variables under other names.
func (s *Site) sourceRenamed(n ast.Node, rename map[*types.Var]string) string {
	names := make(map[ast.Node]string)
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok {
			if v := varOf(s.Info, id); v != nil && rename[v] != "" {
				names[id] = rename[v]
			}
		}
		return true
	})
	return s.replaced(n, names)
}

// replaced returns the text of a node with other text in the place of some of
// its parts, which do not overlap.
func (s *Site) replaced(n ast.Node, by map[ast.Node]string) string {
	parts := make([]ast.Node, 0, len(by))
	for p := range by {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b ast.Node) int { return int(b.Pos() - a.Pos()) })
	text := s.source(n)
	for _, p := range parts {
		text = text[:p.Pos()-n.Pos()] + by[p] + text[p.End()-n.Pos():]
	}
	return text
}
