package extract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Lift is the part of a waiting statement that can run before the rest, which needs the lock:
// the init statement of an if, or the right-hand side of an assignment to something guarded, as
// in
//
//	s.data, err = fetch(url)
//
// A local variable holds the result until the lock is taken.
type Lift struct {
	Part ast.Stmt // what runs first; a synthetic statement if there is none in the source

	Site   *site.Site
	Of     ast.Stmt        // the statement of the section
	Init   ast.Stmt        // the init statement that is lifted, in whole or in part, or nil
	Commit *ast.AssignStmt // the assignment that is split, or nil
	Keeps  []bool          // by target of Commit: whether it is a local variable and remains
	Code   string          // code of the part if it differs from the source
	names  []string        // the new local variables by target, once they are named
}

// IsInit reports whether the part is an entire init statement.
func (l *Lift) IsInit() bool { return l.Commit == nil }

// LiftOf returns the part of a waiting statement that can run before the rest.
func LiftOf(s *site.Site, st ast.Stmt) (*Lift, bool) {
	if init, ok := initOf(s, st); ok {
		return &Lift{Part: init, Site: s, Of: st, Init: init}, true
	}
	if as, ok := st.(*ast.AssignStmt); ok {
		return takeApart(s, &Lift{Site: s, Of: st, Commit: as})
	}
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init == nil || s.Waits(ifs.Cond) || s.Waits(ifs.Body) || ifs.Else != nil && s.Waits(ifs.Else) {
		return nil, false
	}
	if as, ok := ifs.Init.(*ast.AssignStmt); ok && as.Tok == token.ASSIGN {
		return takeApart(s, &Lift{Site: s, Of: st, Init: as, Commit: as})
	}
	return nil, false
}

// NeedsLock reports whether a waiting statement uses guarded state other than values that can be
// read before it.
func NeedsLock(s *site.Site, st ast.Stmt) bool {
	return !ReadsOnlyIn(behaviour.Touches(s, st), Extractions(s, []ast.Stmt{st}))
}

// takeApart checks that the right-hand side of the commit can run before the assignment to its
// guarded targets, and fills in the lift.
func takeApart(s *site.Site, l *Lift) (*Lift, bool) {
	as := l.Commit
	if as.Tok == token.DEFINE || len(as.Rhs) != 1 || !s.Waits(as.Rhs[0]) {
		return nil, false
	}
	l.Part = &ast.ExprStmt{X: as.Rhs[0]}
	if NeedsLock(s, l.Part) {
		return nil, false
	}
	guarded := false
	for _, target := range as.Lhs {
		if behaviour.Touches(s, target).Guarded() == nil {
			if _, ok := target.(*ast.Ident); !ok {
				return nil, false
			}
			l.Keeps = append(l.Keeps, true)
			continue
		}
		if !plainTarget(s, target) {
			return nil, false
		}
		guarded = true
		l.Keeps = append(l.Keeps, false)
	}
	return l, guarded && (l.canDefine() || l.canDeclare())
}

// Lifted returns the node in the source that runs first.
func (l *Lift) Lifted() ast.Node {
	if l.Commit != nil {
		return l.Commit.Rhs[0]
	}
	return l.Init
}

// canDeclare reports whether the file can spell the types of the new variables.
func (l *Lift) canDeclare() bool {
	for i := range l.Commit.Lhs {
		if _, ok := l.Site.TypeText(l.TargetType(i)); !ok && !l.Keeps[i] {
			return false
		}
	}
	return true
}

// Name returns the name of the new variable for the i-th target, or of the target itself if it
// remains.
func (l *Lift) Name(i int) string {
	if l.names == nil {
		for i, target := range l.Commit.Lhs {
			switch {
			case l.Keeps[i]:
				l.names = append(l.names, types.ExprString(target))
			case l.Commit.Tok != token.ASSIGN:
				l.names = append(l.names, l.Site.FreshName("n"))
			case l.spare(i) != "":
				l.names = append(l.names, l.spare(i))
			default:
				l.names = append(l.names, l.Site.FreshName(targetName(target)))
			}
		}
	}
	return l.names[i]
}

// spare returns the name of a variable for the error of the i-th target: one that the block has
// declared for the errors of earlier calls, and that nothing uses any more. It is "" if there is
// none.
//
//	resp, err := http.Get(url)
//	..
//	last, err := io.ReadAll(resp.Body)
//	mu.Lock()
//	c.last, c.err = last, err
func (l *Lift) spare(i int) string {
	scope := ScopeOf(l.Site, l.Of)
	if i == 0 || l.Init != nil || l.Keeps[0] || scope == nil || !l.canDefine() || !patterns.IsError(l.TargetType(i)) {
		return ""
	}
	v, ok := scope.Lookup("err").(*types.Var)
	if !ok || v.Pos() >= l.Of.Pos() || !patterns.IsError(v.Type()) || l.Site.Unit.IsParam(v) || l.Site.Unit.IsResult(v) || l.Site.Unit.Captured(v) || l.Site.Unit.Addressed(v) {
		return ""
	}
	later := syntax.Has(l.Site.Unit.Body, func(id *ast.Ident) bool { return id.Pos() >= l.Of.Pos() && l.Site.Info.Uses[id] == types.Object(v) })
	if later {
		return ""
	}
	return v.Name()
}

// plainTarget reports whether the target of an assignment means the same after the wait: a
// variable, a field, an element whose index is a constant or a variable, or a field of the object
// that a local variable points to.
func plainTarget(s *site.Site, e ast.Expr) bool {
	e = ast.Unparen(e)
	if ix, ok := e.(*ast.IndexExpr); ok {
		index := ast.Unparen(ix.Index)
		if _, isIdent := index.(*ast.Ident); !isIdent && s.Info.Types[index].Value == nil {
			return false
		}
		e = ix.X
		if behaviour.Touches(s, index).Guarded() != nil {
			return false
		}
	}
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return ExtractableRoot(s, e) || ofLocalPointer(s, e)
	}
	return false
}

// ofLocalPointer reports whether an expression is a field of the object that a local variable
// points to, and nothing but the statements of the function can assign the variable.
//
//	job := q.jobs[id]
//	job.result, job.err = fetch(job.url)
func ofLocalPointer(s *site.Site, e ast.Expr) bool {
	p, ok := patterns.PathOf(s.Info, e)
	if !ok || p.Root == nil || p.Global() || p.Root.IsField() || len(p.Fields) != 1 {
		return false
	}
	_, ptr := p.Root.Type().Underlying().(*types.Pointer)
	return ptr && !s.Unit.Captured(p.Root) && !s.Unit.Addressed(p.Root)
}

// targetName returns a base name for the variable that holds what is later assigned to the
// target.
func targetName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return syntax.Singular(targetName(e.X))
	}
	return "v"
}

// declaration returns the declarations to put before the lifted call, or "" if the call can
// declare the new variables with :=.
func (l *Lift) declaration() string {
	if l.Commit.Tok != token.ASSIGN || l.canDefine() {
		return ""
	}
	var b strings.Builder
	for i := range l.Commit.Lhs {
		if !l.Keeps[i] {
			text, _ := l.Site.TypeText(l.TargetType(i)) // takeApart checked that it can be spelled
			b.WriteString("var " + l.Name(i) + " " + text + "\n")
		}
	}
	return b.String()
}

// TargetType returns the type of the value assigned to the i-th target.
func (l *Lift) TargetType(i int) types.Type {
	t := l.Site.Info.TypeOf(l.Commit.Rhs[0])
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.At(i).Type()
	}
	return l.Site.Info.TypeOf(l.Commit.Lhs[i])
}

// canDefine reports whether := would reuse the targets that remain, because they are declared in
// the same block.
func (l *Lift) canDefine() bool {
	scope := ScopeOf(l.Site, l.Of)
	for i, target := range l.Commit.Lhs {
		id, ok := target.(*ast.Ident)
		if !l.Keeps[i] || ok && id.Name == "_" {
			continue
		}
		if obj := l.Site.Info.ObjectOf(id); obj == nil || scope == nil || obj.Parent() != scope {
			return false
		}
	}
	return true
}

// ScopeOf returns the scope of the block that contains a statement.
func ScopeOf(s *site.Site, st ast.Stmt) *types.Scope {
	parent := s.Parents[st]
	if parent != ast.Node(s.Unit.Body) {
		return s.Info.Scopes[parent]
	}
	if s.Unit.Lit != nil {
		return s.Info.Scopes[s.Unit.Lit.Type]
	}
	return s.Info.Scopes[s.Unit.Decl.Type]
}

// Before returns the operations that put the part before its statement, with the extracted
// values replaced by their variables.
func (l *Lift) Before(xs []Extraction) []tree.Op {
	if l.Commit == nil {
		return []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{l.Init}, To: l.Of}}
	}
	var targets []string
	for i := range l.Commit.Lhs {
		targets = append(targets, l.Name(i))
	}
	decl, op := l.declaration(), " := "
	if decl != "" {
		op = " = "
	}
	code := decl + strings.Join(targets, ", ") + op + cmp.Or(l.Code, SourceWith(l.Site, l.Commit.Rhs[0], xs))
	ops := []tree.Op{tree.InsertBefore{Stmt: l.Of, Code: code, Under: true}}
	if d := l.declaredBefore(); d != nil && decl == "" {
		ops = []tree.Op{tree.ReplaceStmt{Stmt: d, Code: code}}
	}
	if l.Init != nil {
		ops = append(ops, tree.Remove{Stmt: l.Init})
	}
	return ops
}

// declaredBefore returns the statement before, if it does nothing but declare a variable that
// the call can declare itself with :=, or nil.
//
//	var err error
//	s.data, err = fetch(url)
func (l *Lift) declaredBefore() ast.Stmt {
	list := l.Site.ListOf(l.Of)
	at := slices.Index(list, l.Of)
	if at < 1 || l.Commit.Tok != token.ASSIGN {
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
	if len(spec.Names) != 1 || len(spec.Values) > 0 || commented(l.Site, d, l.Of) {
		return nil
	}
	v := l.Site.Info.Defs[spec.Names[0]]
	for i, target := range l.Commit.Lhs {
		if id, ok := target.(*ast.Ident); ok && l.Keeps[i] && l.Site.Info.Uses[id] == v && types.Identical(v.Type(), l.TargetType(i)) {
			return d
		}
	}
	return nil
}

// commented reports whether there is a comment next to the statement or before the next one.
func commented(s *site.Site, st, next ast.Stmt) bool {
	return slices.ContainsFunc(s.File.Syntax.Comments, func(c *ast.CommentGroup) bool {
		return st.Pos() <= c.Pos() && c.End() <= next.End() || c.End() <= st.Pos() && lineOf(s, st.Pos())-lineOf(s, c.End()) <= 1
	})
}

func lineOf(s *site.Site, pos token.Pos) int { return s.Pkg.Fset.Position(pos).Line }

// After returns the operations that leave the rest of the statement in place.
func (l *Lift) After() []tree.Op {
	if l.Commit == nil {
		return nil
	}
	var targets, values []string
	for i, target := range l.Commit.Lhs {
		if !l.Keeps[i] {
			targets, values = append(targets, l.Site.Source(target)), append(values, l.Name(i))
		}
	}
	code := strings.Join(targets, ", ") + " " + l.Commit.Tok.String() + " " + strings.Join(values, ", ")
	if l.Init != nil {
		return []tree.Op{tree.InsertBefore{Stmt: l.Of, Code: code}}
	}
	return []tree.Op{tree.ReplaceStmt{Stmt: l.Of, Code: code}}
}

// Touches lists what the statement uses outside of the lifted part.
func (l *Lift) Touches() *site.Touches {
	all, part := behaviour.Touches(l.Site, l.Of), behaviour.Touches(l.Site, l.Part)
	out := &site.Touches{}
	gone := make(map[*site.Touch]int) // uses inside a called function are the same touch each time
	for _, t := range part.List {
		if t.Via != nil {
			gone[t]++
		}
	}
	for _, t := range all.List {
		switch {
		case t.Via != nil && gone[t] > 0:
			gone[t]--
		case t.Via != nil || !syntax.Within(t.Access.Node, l.Part):
			out.List = append(out.List, t)
		}
	}
	for _, u := range all.Unknown {
		if !slices.Contains(part.Unknown, u) {
			out.Unknown = append(out.Unknown, u)
		}
	}
	return out
}

// Mentions reports whether the statement uses a variable outside of the lifted part.
func (l *Lift) Mentions(v *types.Var) bool {
	return syntax.Has(l.Of, func(id *ast.Ident) bool { return l.Site.Info.Uses[id] == v && !syntax.Within(id, l.Part) })
}

// SourceWith returns the source of a node with the extracted values replaced by their variables.
func SourceWith(s *site.Site, n ast.Node, xs []Extraction) string {
	names := make(map[ast.Node]string)
	for _, x := range xs {
		for _, u := range x.Uses {
			if syntax.Within(u, n) {
				names[u] = NameOf(s, x)
			}
		}
	}
	return replaced(s, n, names)
}

// SourceRenamed returns the source of a node with some variables renamed.
func SourceRenamed(s *site.Site, n ast.Node, rename map[*types.Var]string) string {
	names := make(map[ast.Node]string)
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok {
			if v := syntax.VarOf(s.Info, id); v != nil && rename[v] != "" {
				names[id] = rename[v]
			}
		}
		return true
	})
	return replaced(s, n, names)
}

// replaced returns the source of a node with some of its parts replaced. The parts must not
// overlap.
func replaced(s *site.Site, n ast.Node, by map[ast.Node]string) string {
	parts := make([]ast.Node, 0, len(by))
	for p := range by {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b ast.Node) int { return int(b.Pos() - a.Pos()) })
	text := s.Source(n)
	for _, p := range parts {
		text = text[:p.Pos()-n.Pos()] + by[p] + text[p.End()-n.Pos():]
	}
	return text
}

// initOf returns the init statement of an if statement that waits and can become a statement of
// its own before the if: it does not need the lock, and its variables shadow nothing.
func initOf(s *site.Site, st ast.Stmt) (ast.Stmt, bool) {
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init == nil || !s.Waits(ifs.Init) || NeedsLock(s, ifs.Init) {
		return nil, false
	}
	for _, n := range []ast.Node{ifs.Cond, ifs.Body} {
		if s.Waits(n) {
			return nil, false
		}
	}
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok {
		_, ok := ifs.Init.(*ast.ExprStmt)
		return ifs.Init, ok
	}
	return as, as.Tok != token.DEFINE || HidesNothing(s, ifs, as)
}

// HidesNothing reports whether the variables declared in the init statement of an if would
// shadow nothing in the block around it.
func HidesNothing(s *site.Site, ifs *ast.IfStmt, init *ast.AssignStmt) bool {
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

// ReadsOnlyIn reports whether all guarded uses are reads inside the values.
func ReadsOnlyIn(t *site.Touches, values []Extraction) bool { return Beyond(t, values) == nil }

// Beyond returns the first guarded use that is not a read inside the values, or nil.
func Beyond(t *site.Touches, values []Extraction) *site.Touch {
	i := slices.IndexFunc(t.List, func(u *site.Touch) bool {
		return u.Class == site.GuardedUse && (u.Via != nil || !InValues(values, u.Access)) && !slices.ContainsFunc(values, func(x Extraction) bool { return x.Covers(u) })
	})
	if i < 0 {
		return nil
	}
	return t.List[i]
}
