package site

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Waits reports whether the node contains a blocking operation of the finding, other
// than in a deferred call.
func (s *Site) Waits(n ast.Node) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return !o.Deferred && syntax.Within(o.Node, n) })
}

// InLoop reports whether a node is in a loop of the window, which would read it in each
// iteration; only where copies are made at all.
func (s *Site) InLoop(n ast.Node) bool {
	if !s.Cloning {
		return false
	}
	for p := s.Parents[n]; p != nil; p = s.Parents[p] {
		switch p.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return s.InBody(p)
		}
	}
	return false
}

// InLiteral reports whether a node of the section's function is in a function literal.
func (s *Site) InLiteral(n ast.Node) bool {
	for ; n != nil; n = s.Parents[n] {
		if _, ok := n.(*ast.FuncLit); ok {
			return true
		}
	}
	return false
}

// LoopAround returns the loop in the section's function that contains a node, or nil.
func (s *Site) LoopAround(n ast.Node) ast.Stmt {
	if n == nil {
		return nil
	}
	for n := s.Parents[n]; n != nil; n = s.Parents[n] {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return n.(ast.Stmt)
		}
	}
	return nil
}

// Since reports whether the language version of the section's file is at least the
// given one. It is that of the module, or of the file's build constraint.
func (s *Site) Since(v string) bool {
	have := cmp.Or(s.Info.FileVersions[s.File.Syntax], s.Pkg.Types.GoVersion())
	return have == "" || version.Compare(have, v) >= 0
}

// Releases reports whether a call releases the section's lock.
func (s *Site) Releases(c *ast.CallExpr) bool {
	return slices.ContainsFunc(s.Section.Releases, func(r locks.Release) bool { return r.Call == c })
}

// InnerLockAt returns a lock that is taken in the section and may still be held before
// one of its statements, or nil.
func (s *Site) InnerLockAt(st ast.Node) *locks.OtherLock {
	held := locks.MayHoldAt(s.Unit, st)
	if s.Inherited != nil && len(held) > 0 {
		return &locks.OtherLock{Lock: held[0], Pos: st.Pos(), Inner: true}
	}
	for i, o := range s.Section.Others {
		if o.Inner && slices.ContainsFunc(held, func(p patterns.Path) bool { return p.String() == o.Lock.String() }) {
			return &s.Section.Others[i]
		}
	}
	return nil
}

// Leaves reports whether a compound statement contains a statement that leaves
// the section.
func (s *Site) Leaves(n ast.Node) bool {
	switch n.(type) {
	case *ast.IfStmt, *ast.SwitchStmt, *ast.ForStmt, *ast.RangeStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
	default:
		return false
	}
	return s.MayLeave(n)
}

// MayLeave reports whether a node contains a jump out of it, or a call that does not
// return: a panic leaves the section as a return does.
func (s *Site) MayLeave(n ast.Node) bool {
	found := syntax.JumpsOut(n, false, false)
	syntax.InspectOuter(n, func(m ast.Node) bool {
		if c, ok := m.(*ast.CallExpr); ok && locks.NeverReturns(s.Info, c) {
			found = true
		}
		return !found
	})
	return found
}

// IsResult reports whether a variable is a named result, which a return assigns.
func (s *Site) IsResult(v *types.Var) bool {
	for u := s.Unit; u != nil; u = u.Outer {
		var sig *types.Signature
		if u.Lit != nil {
			sig, _ = s.Info.TypeOf(u.Lit).(*types.Signature)
		} else if u.Obj != nil {
			sig = u.Obj.Signature()
		}
		for i := range sig.Results().Len() {
			if sig.Results().At(i) == v {
				return true
			}
		}
	}
	return false
}

// IsNil reports whether an expression is the predeclared nil.
func (s *Site) IsNil(e ast.Expr) bool { return s.Info.Types[e].IsNil() }

// IsZero reports whether an expression is plainly the zero value of its type.
func (s *Site) IsZero(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return x.Value == "0" || x.Value == `""`
	case *ast.Ident:
		return s.IsNil(x) || syntax.IsFalse(s.Info, x)
	case *ast.CompositeLit:
		_, isStruct := s.Info.TypeOf(x).Underlying().(*types.Struct)
		return isStruct && len(x.Elts) == 0
	}
	return false
}

// PackageOf returns the loaded package that declares v, or the site's own.
func (s *Site) PackageOf(v *types.Var) *patterns.Package {
	for _, p := range s.Program.Packages {
		if p.Types == v.Pkg() {
			return p
		}
	}
	return s.Pkg
}

// IsReceiver reports whether v is the receiver of the method that contains the section.
func (s *Site) IsReceiver(v *types.Var) bool {
	for u := s.Unit; u != nil; u = u.Outer {
		if u.Obj != nil && u.Obj.Signature().Recv() == v {
			return true
		}
	}
	return false
}

// OfBody reports whether a statement of the section declares a variable.
func (s *Site) OfBody(v *types.Var) bool {
	return v != nil && !v.IsField() && len(s.Body) > 0 && s.Body[0].Pos() <= v.Pos() && v.Pos() < s.Body[len(s.Body)-1].End()
}

// InsideLoop reports whether a break or continue ends something inside the list.
func (s *Site) InsideLoop(b *ast.BranchStmt, list []ast.Stmt) bool {
	for n := s.Parents[b]; n != nil; n = s.Parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return syntax.Within(n, list[0]) || s.InStmts(n, list)
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if b.Tok == token.BREAK {
				return s.InStmts(n, list)
			}
		}
	}
	return false
}

// LeavesSection returns a statement, other than a return, that leaves the list or
// affects the function around it, or nil.
func (s *Site) LeavesSection(list []ast.Stmt) ast.Node {
	var found ast.Node
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.DeferStmt, *ast.LabeledStmt:
				found = n
			case *ast.BranchStmt:
				if n.Label != nil || n.Tok == token.GOTO || !s.InsideLoop(n, list) {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// InStmts reports whether a node is in one of the statements.
func (s *Site) InStmts(n ast.Node, list []ast.Stmt) bool {
	for _, st := range list {
		if syntax.Within(n, st) {
			return true
		}
	}
	return false
}

// AtStart reports whether the section runs only once in a run of the program: it is in
// a function init, or in main, which nothing calls, and in no loop.
func (s *Site) AtStart() bool {
	u := s.Unit
	if u.Decl == nil || u.Lit != nil || u.Decl.Recv != nil || s.LoopAround(s.Lock) != nil {
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

// PlainWrapper reports whether the function that takes the lock for the section does
// nothing else.
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

// IsLoaded reports whether the source of a package is loaded.
func (s *Site) IsLoaded(p *types.Package) bool {
	for _, q := range s.Program.Packages {
		if q.Types == p {
			return true
		}
	}
	return false
}

// IsRelease reports whether a statement releases the section's lock.
func (s *Site) IsRelease(st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	return ok && s.Releases(syntax.CallOf(e.X))
}

// IsWaiting is Waits for a statement.
func (s *Site) IsWaiting(st ast.Stmt) bool { return s.Waits(st) }
