package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A Site is one finding as the shapes see it: the section as a stretch of one
// statement list.
type Site struct {
	Program *patterns.Program
	Finding *patterns.Finding
	Section *patterns.Section
	Unit    *patterns.Unit
	Pkg     *patterns.Package
	Info    *types.Info
	File    *patterns.File

	List  []ast.Stmt      // the statement list that the Lock stands in
	Lock  *ast.ExprStmt   // the statement that takes the lock
	Defer *ast.DeferStmt  // the deferred release, or nil
	Body  []ast.Stmt      // the statements under the lock, in List, without Lock and Defer
	Final *ast.ExprStmt   // the explicit release in List that ends the section, or nil
	Exits []*ast.ExprStmt // the explicit releases inside Body, in source order

	form      *Refusal            // why the section is no stretch of one list, or nil; see [Site.Form]
	detach    *detachment         // made before the wait and not after it, or nil
	flags     map[*types.Var]bool // memo of isFlag
	own       map[*types.Var]bool // memo of ownVariable
	stay      []*patterns.Op      // waits that are left under the lock
	early     bool                // what needs the lock only for values that it reads can do without, see [Site.Early]
	inherited *inheritance        // of a function that runs under its callers' lock, or nil
	cloning   bool                // guarded maps and slices may be copied, for the window to loop over
	underLock []ast.Stmt          // what must run under the lock although it does not need it
	explicit  bool                // no release is deferred

	parents       map[ast.Node]ast.Node                    // of the nodes of the function
	otherParents  map[*patterns.Unit]map[ast.Node]ast.Node // the parents of the nodes of other functions
	reach         map[*patterns.Unit]*touched              // memo of reached
	names         map[string]bool                          // taken in the function, or given away for the plan that is being made
	valueNames    map[string]string                        // by path
	imports       *[]Import                                // that the code made so far needs and the file lacks
	countsAreNone bool                                     // of effects: counting does not count
	effects       map[*patterns.Unit]bool                  // memo of effectfulUnit
}

// NewSite lays the section of a finding out, or says why its form is not one
// that the shapes can work on.
func NewSite(x *patterns.Program, f *patterns.Finding) (*Site, *Refusal) {
	return newSite(x, f, nil)
}

// newSite is NewSite for a section of the same lock as that of another site, if it is
// not nil: what is known of the lock from there is not found out again.
func newSite(x *patterns.Program, f *patterns.Finding, like *Site) (*Site, *Refusal) {
	s := f.Section
	u := s.Unit
	site := bareSite(x, f)
	if like != nil {
		site.flags = like.flags
	}
	if u.Decl == nil {
		return nil, Inapplicable(s.Pos(), "the section is in a function literal outside of any function")
	}
	if u.File.Fixed != "" {
		return nil, Inapplicable(s.Pos(), "this file is never rewritten: %s", u.File.Fixed)
	}
	if s.Problem != "" && s.Problem != patterns.OnSomePaths {
		return nil, Refuse(S11, "unclear", s.ProblemPos, "%s", s.Problem)
	}
	if s.Try {
		return nil, Refuse(S9, "trylock", s.Pos(), "the lock is taken by TryLock, so whoever fails to get it does something else")
	}
	if like == nil {
		if r := site.refuseTryLock(); r != nil {
			return nil, r
		}
	}
	if r := site.refuseCycle(); r != nil {
		return nil, r
	}
	if s.Problem != "" {
		site.form = Refuse(S11, "unclear", s.ProblemPos, "%s", s.Problem)
	} else {
		site.form = site.layOut()
	}
	if site.form == nil {
		return site, nil
	}
	return site, site.layOutLoosely()
}

// Form says why the section is not a stretch of one statement list; nil if it is
// one. Shapes that need one refuse with it.
func (s *Site) Form() *Refusal { return s.form }

// layOutLoosely lays out a section of any form: as the whole function, from the
// statement in which the lock is taken on.
func (s *Site) layOutLoosely() *Refusal {
	lock, ok := s.parents[s.Section.Acquire].(*ast.ExprStmt)
	if !ok || s.listOf(lock) == nil || len(s.Section.Releases) == 0 {
		return s.form
	}
	s.Lock = lock
	for _, r := range s.Section.Releases {
		if r.Closure {
			return s.form
		}
		if d, ok := s.parents[r.Call].(*ast.DeferStmt); ok && r.Deferred {
			s.Defer = d
			continue
		}
		if e, ok := s.parents[r.Call].(*ast.ExprStmt); !ok || s.listOf(e) == nil {
			return s.form
		}
	}
	if s.Section.Problem != "" && s.Defer == nil {
		return s.form // which paths go together, the conditions of the branches say
	}
	s.Exits, s.Final = nil, nil
	s.List = s.Unit.Body.List
	i := slices.IndexFunc(s.List, func(st ast.Stmt) bool { return within(s.Lock, st) })
	if i < 0 {
		return s.form
	}
	s.Body = s.List[i:]
	return s.otherDefers()
}

// refuseCycle refuses sections in which a call releases the lock and takes it
// again, other than to wait for a condition variable of this lock.
func (s *Site) refuseCycle() *Refusal {
	for _, c := range s.Section.Cycles {
		if slices.Contains(s.Section.CondWaits, c) {
			continue
		}
		fn := patterns.CalleeOf(s.Info, c)
		if fn != nil && fn.FullName() == "(*sync.Cond).Wait" {
			return Refuse(S18, "releases-itself", c.Pos(), "%s may release the lock while it waits and retake it", types.ExprString(c.Fun))
		}
		held := s.Unit.HeldAt(c)
		for _, o := range s.Section.Others {
			if o.Inner && slices.ContainsFunc(held, func(p patterns.Path) bool { return p.String() == o.Lock.String() }) {
				return Refuse(S13, "lock-order", c.Pos(), "%s releases and retakes %s while %s is held, which is taken under it elsewhere", types.ExprString(c.Fun), s.Section.Lock, o.Lock)
			}
		}
		return Refuse(S14, "releases-itself", c.Pos(), "%s releases and retakes %s, so what was seen before it may not hold after it", types.ExprString(c.Fun), s.Section.Lock)
	}
	return nil
}

// refuseCondWaits refuses sections that wait for a condition variable, on
// behalf of shapes that do not look at that.
func (s *Site) refuseCondWaits() *Refusal {
	if len(s.Section.CondWaits) == 0 {
		return nil
	}
	c := s.Section.CondWaits[0]
	return Refuse(S18, "releases-itself", c.Pos(), "%s releases the lock while it waits and retakes it", types.ExprString(c.Fun))
}

// bareSite is the site of a finding before its statements are laid out.
func bareSite(x *patterns.Program, f *patterns.Finding) *Site {
	u := f.Section.Unit
	return &Site{
		Program: x, Finding: f, Section: f.Section, Unit: u, Pkg: u.Pkg, Info: u.Pkg.Info, File: u.File,
		parents: parentsOf(u.Body), otherParents: make(map[*patterns.Unit]map[ast.Node]ast.Node), imports: new([]Import),
		reach: make(map[*patterns.Unit]*touched), effects: make(map[*patterns.Unit]bool), own: make(map[*types.Var]bool), flags: make(map[*types.Var]bool),
	}
}

// layOut finds the statements of the section.
func (s *Site) layOut() *Refusal {
	lock, ok := s.parents[s.Section.Acquire].(*ast.ExprStmt)
	if !ok {
		return Refuse(S11, "lock-form", s.Section.Pos(), "the call that takes the lock is part of a larger statement")
	}
	s.Lock = lock
	s.List = s.listOf(lock)
	at := slices.Index(s.List, ast.Stmt(lock))
	if at < 0 {
		return Refuse(S11, "lock-form", lock.Pos(), "the lock is not taken in a plain list of statements")
	}
	if r, ok := s.Section.Deferred(); ok {
		return s.layOutDeferred(r, at)
	}
	return s.layOutExplicit(at)
}

func (s *Site) layOutDeferred(r patterns.Release, at int) *Refusal {
	if r.Closure {
		return Refuse(S12, "unlock-form", r.Call.Pos(), "a deferred function literal releases the lock, and it may do more than that")
	}
	s.Defer, _ = s.parents[r.Call].(*ast.DeferStmt)
	d := slices.Index(s.List, ast.Stmt(s.Defer))
	if s.Defer == nil || d < at {
		return Refuse(S11, "unlock-form", r.Call.Pos(), "the unlock is deferred in a different block from the one that takes the lock")
	}
	if s.parents[s.Lock] != ast.Node(s.Unit.Body) {
		return Refuse(S11, "lock-form", s.Lock.Pos(), "the lock is taken in an inner block and held until the function returns")
	}
	if r := s.refuseBetween(s.List[at+1 : d]); r != nil {
		return r
	}
	s.Body = slices.Concat(s.List[at+1:d], s.List[d+1:])
	return s.otherDefers()
}

// refuseBetween refuses statements between the lock and its deferred release
// that may keep this from being registered, or that wait.
func (s *Site) refuseBetween(list []ast.Stmt) *Refusal {
	for _, st := range list {
		if _, plain := st.(*ast.ExprStmt); !plain || s.mayPanic([]ast.Stmt{st}, nil) != nil || s.waits(st) {
			return Refuse(S12, "unlock-form", s.Defer.Pos(), "statements run between the lock and its deferred unlock")
		}
	}
	return nil
}

// otherDefers refuses sections in which other deferred calls run under the
// lock and touch what it guards.
func (s *Site) otherDefers() *Refusal {
	for _, st := range s.Body {
		var found *Refusal
		inspectOuter(st, func(n ast.Node) bool {
			d, ok := n.(*ast.DeferStmt)
			if !ok || found != nil {
				return found == nil
			}
			if t := s.touches(d); t.guarded() != nil {
				found = Refuse(S1, "deferred-uses-guarded", d.Pos(), "this deferred call runs under the lock and uses %s, which the lock guards", t.guarded().name())
			}
			return true
		})
		if found != nil {
			return found
		}
	}
	return nil
}

func (s *Site) layOutExplicit(at int) *Refusal {
	rest := s.List[at+1:]
	end := len(rest)
	for _, r := range s.Section.Releases {
		if r.Deferred {
			return Refuse(S11, "unlock-form", r.Call.Pos(), "the lock is released both by a deferred call and explicitly")
		}
		st, ok := s.parents[r.Call].(*ast.ExprStmt)
		if !ok {
			return Refuse(S11, "unlock-form", r.Call.Pos(), "the call that releases the lock is part of a larger statement")
		}
		i := slices.Index(rest, ast.Stmt(st))
		if i < 0 {
			s.Exits = append(s.Exits, st)
			continue
		}
		if s.Final != nil {
			return Refuse(S11, "unlock-form", r.Call.Pos(), "the lock is released twice in one list of statements")
		}
		s.Final, end = st, i
	}
	if len(s.Section.Releases) == 0 {
		return Refuse(S11, "unlock-form", s.Lock.Pos(), "the lock is never released in this function")
	}
	s.Body = rest[:end]
	for _, e := range s.Exits {
		if !s.inBody(e) {
			return Refuse(S11, "unlock-form", e.Pos(), "the lock is released outside of the block that takes it")
		}
	}
	if s.Final == nil && (len(s.Body) == 0 || !terminates(s.Info, s.Body[len(s.Body)-1])) {
		return Refuse(S11, "unlock-form", s.Lock.Pos(), "the lock is released in inner blocks only")
	}
	return nil
}

// inBody reports whether a node stands in a statement of Body.
func (s *Site) inBody(n ast.Node) bool { return s.indexOf(n) >= 0 }

// indexOf returns the index of the statement of Body that contains n, or -1.
func (s *Site) indexOf(n ast.Node) int {
	return slices.IndexFunc(s.Body, func(st ast.Stmt) bool { return st.Pos() <= n.Pos() && n.End() <= st.End() })
}

// terminates reports whether control never passes the end of the statement:
// a simple form of the language's terminating statements.
func terminates(info *types.Info, st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.BlockStmt:
		return len(st.List) > 0 && terminates(info, st.List[len(st.List)-1])
	case *ast.IfStmt:
		return st.Else != nil && terminates(info, st.Body) && terminates(info, st.Else)
	case *ast.LabeledStmt:
		return terminates(info, st.Stmt)
	case *ast.ForStmt:
		return st.Cond == nil && !hasBreak(st.Body)
	case *ast.SwitchStmt:
		return clausesTerminate(info, st.Body, false)
	case *ast.TypeSwitchStmt:
		return clausesTerminate(info, st.Body, false)
	case *ast.SelectStmt:
		return clausesTerminate(info, st.Body, true)
	case *ast.ExprStmt:
		if call, ok := st.X.(*ast.CallExpr); ok {
			return patterns.BuiltinOf(info, call) == "panic"
		}
	}
	return false
}

func clausesTerminate(info *types.Info, body *ast.BlockStmt, isSelect bool) bool {
	hasDefault := isSelect
	for _, c := range body.List {
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			list = c.Body
			hasDefault = hasDefault || c.List == nil
		case *ast.CommClause:
			list = c.Body
		}
		if len(list) == 0 || !terminates(info, list[len(list)-1]) || hasBreak(c) {
			return false
		}
	}
	return hasDefault
}

// hasBreak reports whether a node contains a break, wherever it leads.
func hasBreak(n ast.Node) bool {
	found := false
	inspectOuter(n, func(m ast.Node) bool {
		if b, ok := m.(*ast.BranchStmt); ok && b.Tok == token.BREAK {
			found = true
		}
		return !found
	})
	return found
}

// listOf returns the statement list that directly contains st, or nil.
func (s *Site) listOf(st ast.Stmt) []ast.Stmt {
	switch p := s.parents[st].(type) {
	case *ast.BlockStmt:
		return p.List
	case *ast.CaseClause:
		return p.Body
	case *ast.CommClause:
		if p.Comm != st {
			return p.Body
		}
	}
	return nil
}

// parentsOf maps every node of a body to the node around it; the parent of a
// parenthesised expression's operand is what stands around the parentheses.
func parentsOf(body *ast.BlockStmt) map[ast.Node]ast.Node {
	parents := make(map[ast.Node]ast.Node)
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		return true
	})
	return parents
}

// parentsIn is parentsOf for the body of any function.
func (s *Site) parentsIn(u *patterns.Unit) map[ast.Node]ast.Node {
	if u == s.Unit {
		return s.parents
	}
	if s.otherParents[u] == nil {
		s.otherParents[u] = parentsOf(u.Body)
	}
	return s.otherParents[u]
}

// inspectOuter is ast.Inspect without entering function literals.
func inspectOuter(n ast.Node, f func(ast.Node) bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		if _, ok := m.(*ast.FuncLit); ok {
			return false
		}
		if m == nil {
			return true
		}
		return f(m)
	})
}

// LockText and UnlockText are the calls as the source spells them.
func (s *Site) LockText() string {
	if s.inherited != nil {
		return s.inherited.lock
	}
	return types.ExprString(s.Section.Acquire)
}

// UnlockText is the call that releases the lock, as the source spells it.
func (s *Site) UnlockText() string {
	if s.inherited != nil {
		return s.inherited.unlock
	}
	return types.ExprString(s.Section.Releases[0].Call)
}

// returnsIn lists the return statements in statements, without those of
// function literals.
func returnsIn(list []ast.Stmt) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok {
				out = append(out, r)
			}
			return true
		})
	}
	return out
}

// IndexOf returns the index of the statement of Body that contains n, or -1.
func (s *Site) IndexOf(n ast.Node) int { return s.indexOf(n) }

// RefuseGuarded refuses because the statements use something guarded.
func (s *Site) RefuseGuarded(list []ast.Stmt) *Refusal {
	t := s.touches(stmtNodes(list)...).guarded()
	if t == nil {
		return nil
	}
	return Refuse(S1, "needed-before", t.access.Pos(), "%s is used before the wait is over, and %s guards it: %s", t.name(), s.Section.Lock, t.why)
}

// PlainBefore reports whether the statements before st are plain assignments:
// nobody who lacks the lock can see whether they have happened yet.
func (s *Site) PlainBefore(st ast.Stmt) bool {
	for _, b := range s.Body[:s.indexOf(st)] {
		switch b.(type) {
		case *ast.AssignStmt, *ast.IncDecStmt:
		case *ast.ExprStmt:
			if !s.waits(b) {
				return false
			}
			continue // another sleep that moves, too
		default:
			return false
		}
		plain := true
		ast.Inspect(b, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if tv := s.Info.Types[n.Fun]; !tv.IsType() && !tv.IsBuiltin() {
					plain = false
				}
			case *ast.FuncLit:
				plain = false
			case *ast.UnaryExpr:
				plain = plain && n.Op != token.ARROW
			}
			return plain
		})
		if !plain || slices.ContainsFunc(s.touches(b).touches, func(t *touch) bool { return t.class != guardedUse }) {
			return false
		}
	}
	return true
}

// Stable reports whether an expression has the same value everywhere in the
// section: it is made of constants, parameters that are never assigned, and
// fields and package-level variables that do not change.
func (s *Site) Stable(e ast.Expr) bool {
	stable := len(s.touches(e).touches) == 0
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if !s.Info.Types[n.Fun].IsType() {
				stable = false
			}
		case *ast.Ident:
			if v, ok := s.Info.Uses[n].(*types.Var); ok && !v.IsField() && s.Unit.Assigned(v, s.Body) {
				stable = false
			}
		}
		return stable
	})
	return stable
}

// Obligations returns the obligations recorded so far.
func (w *Window) Obligations() []Obligation { return w.obligations }

// PlainWrapper reports whether the function that takes the lock for the section
// does nothing else.
func (s *Site) PlainWrapper() bool {
	callees, known := s.Program.Callees(s.Unit, s.Section.Acquire)
	if !known || len(callees) != 1 || len(callees[0].Body.List) != 1 {
		return false
	}
	st, ok := callees[0].Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	return ok && patterns.IsLockCall(callees[0].Pkg.Info, call)
}

// source returns the text of a node as it stands in the file.
func (s *Site) source(n ast.Node) string {
	f := s.Pkg.Fset.File(n.Pos())
	return string(s.File.Content[f.Offset(n.Pos()):f.Offset(n.End())])
}

// line says where a position is, for a message: "file.go:12".
func (s *Site) line(pos token.Pos) string {
	p := s.Pkg.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename[strings.LastIndexAny(p.Filename, `/\`)+1:], p.Line)
}

// leavesSection returns a statement, other than a return, that leaves the list
// or works on the function around it, or nil.
func (s *Site) leavesSection(list []ast.Stmt) ast.Node {
	var found ast.Node
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.DeferStmt, *ast.LabeledStmt:
				found = n
			case *ast.BranchStmt:
				if n.Label != nil || n.Tok == token.GOTO || !s.insideLoop(n, list) {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// insideLoop reports whether a break or continue ends something in the list.
func (s *Site) insideLoop(b *ast.BranchStmt, list []ast.Stmt) bool {
	for n := s.parents[b]; n != nil; n = s.parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return within(n, list[0]) || s.inStmts(n, list)
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if b.Tok == token.BREAK {
				return s.inStmts(n, list)
			}
		}
	}
	return false
}

// inStmts reports whether a node stands in one of the statements.
func (s *Site) inStmts(n ast.Node, list []ast.Stmt) bool {
	for _, st := range list {
		if within(n, st) {
			return true
		}
	}
	return false
}

// atStart reports whether the section runs once in a run of the program: it stands
// in a function init, or in main, which nothing can call, and in no loop.
func (s *Site) atStart() bool {
	u := s.Unit
	if u.Decl == nil || u.Lit != nil || u.Decl.Recv != nil || s.loopAround(s.Lock) != nil {
		return false
	}
	return u.Decl.Name.Name == "init" || u.Decl.Name.Name == "main" && u.Pkg.Types.Name() == "main" && !s.mentioned(u)
}

// mentioned reports whether any code of the package uses the function as a name.
func (s *Site) mentioned(u *patterns.Unit) bool {
	for _, obj := range u.Pkg.Info.Uses {
		if obj == u.Pkg.Info.Defs[u.Decl.Name] {
			return true
		}
	}
	return false
}

// isRelease reports whether a statement releases the section's lock.
func (s *Site) isRelease(st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	return ok && s.releases(callOf(e.X))
}

// waits reports whether a blocking operation of the finding stands in the node,
// other than in a deferred call.
func (s *Site) waits(n ast.Node) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *patterns.Op) bool { return !o.Deferred && within(o.Node, n) })
}
