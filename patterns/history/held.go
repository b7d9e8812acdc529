package history

import (
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"strings"

	"github.com/letgo-dev/letgo/patterns/finding"
)

// A question asks whether the waits of a section happen under its lock in another version
// of the function. There is no type information for other versions, so calls are recognized
// by name.
type question struct {
	decl              *ast.FuncDecl // in the checkout
	acquires, release map[string]bool
	waits             map[string]bool
}

// A standing says how many of a function's waits happen while the lock is held (held), and
// how many while no lock seems to be held (free). Waits under another lock are in neither,
// because that may be the same lock under an earlier name.
type standing struct {
	held, free map[string]int
	takesLock  bool
	text       []string // the lines of the function
}

// A lockState says which locks are held: the lock in question, and how many others.
type lockState struct {
	own    bool
	others int
}

func questionOf(f *finding.Finding) *question {
	s := f.Section
	lock := s.Lock.String()
	q := &question{
		decl:     s.Unit.Decl,
		acquires: map[string]bool{lock + ".Lock": true, lock + ".RLock": true, types.ExprString(s.Acquire.Fun): true},
		release:  map[string]bool{lock + ".Unlock": true, lock + ".RUnlock": true},
		waits:    make(map[string]bool),
	}
	for _, r := range s.Releases {
		if !r.Closure {
			q.release[types.ExprString(r.Call.Fun)] = true
		}
	}
	for _, o := range f.Ops {
		if w := waitName(o.Node); w != "" {
			q.waits[w] = true
		}
	}
	return q
}

// waitName returns a name for a wait: the function for a call, or the channel for a channel
// operation. It omits receivers and packages, which may have been renamed.
func waitName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch f := ast.Unparen(n.Fun).(type) {
		case *ast.Ident:
			return f.Name + "()"
		case *ast.SelectorExpr:
			return f.Sel.Name + "()"
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "<-" + types.ExprString(n.X)
		}
	case *ast.SendStmt:
		return types.ExprString(n.Chan) + "<-"
	case *ast.SelectStmt:
		return "select"
	case *ast.RangeStmt:
		return "range " + types.ExprString(n.X)
	}
	return ""
}

// ask answers the question for one version of the file. It follows statements in order. A
// branch that returns does not affect what comes after it.
func (q *question) ask(p *parsed) standing {
	w := &walker{q: q, standing: standing{held: make(map[string]int), free: make(map[string]int)}}
	if d := p.function(q.decl); d != nil {
		w.text = p.text(d)
		w.list(d.Body.List, lockState{})
	}
	return w.standing
}

// all returns the number of locks held.
func (s lockState) all() int {
	if s.own {
		return s.others + 1
	}
	return s.others
}

// A walker analyzes one function.
type walker struct {
	q *question
	standing
}

// list walks statements. It returns the locks held after them, and whether control reaches
// the next statement.
func (w *walker) list(stmts []ast.Stmt, held lockState) (after lockState, goesOn bool) {
	for _, s := range stmts {
		if held, goesOn = w.stmt(s, held); !goesOn {
			return held, false
		}
	}
	return held, true
}

func (w *walker) stmt(s ast.Stmt, held lockState) (after lockState, goesOn bool) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		return w.list(s.List, held)
	case *ast.LabeledStmt:
		return w.stmt(s.Stmt, held)
	case *ast.IfStmt:
		held = w.simple(held, s.Init, s.Cond)
		branches := []ast.Stmt{s.Body, s.Else}
		if s.Else == nil {
			branches[1] = &ast.BlockStmt{}
		}
		return w.branches(branches, held)
	case *ast.ForStmt:
		held = w.simple(held, s.Init, s.Cond)
		w.list(s.Body.List, held)
		return held, true
	case *ast.RangeStmt:
		w.see(waitName(s), held)
		held = w.simple(held, s.X)
		w.list(s.Body.List, held)
		return held, true
	case *ast.SwitchStmt:
		return w.clauses(s.Body, w.simple(held, s.Init, s.Tag))
	case *ast.TypeSwitchStmt:
		return w.clauses(s.Body, w.simple(held, s.Init, s.Assign))
	case *ast.SelectStmt:
		w.see("select", held)
		return w.clauses(s.Body, held)
	case *ast.ReturnStmt, *ast.BranchStmt:
		return w.simple(held, s), false
	case *ast.DeferStmt, *ast.GoStmt:
		w.literals(s)
		return held, true
	}
	return w.simple(held, s), true
}

// clauses walks the clauses of a switch or select.
func (w *walker) clauses(body *ast.BlockStmt, held lockState) (after lockState, goesOn bool) {
	var list []ast.Stmt
	for _, c := range body.List {
		switch c := c.(type) {
		case *ast.CaseClause:
			list = append(list, &ast.BlockStmt{List: c.Body})
		case *ast.CommClause:
			all := c.Body
			if c.Comm != nil {
				all = append([]ast.Stmt{c.Comm}, all...)
			}
			list = append(list, &ast.BlockStmt{List: all})
		}
	}
	return w.branches(list, held)
}

// branches walks alternative statements, one of which runs. A lock is held afterward if it
// is held after every branch that continues.
func (w *walker) branches(list []ast.Stmt, held lockState) (after lockState, goesOn bool) {
	after = lockState{true, math.MaxInt}
	for _, b := range list {
		if h, on := w.stmt(b, held); on {
			after, goesOn = lockState{after.own && h.own, min(after.others, h.others)}, true
		}
	}
	if len(list) == 0 {
		return held, true
	}
	return after, goesOn
}

// simple walks nodes that contain no statements, in source order, and returns the locks held
// after them.
func (w *walker) simple(held lockState, nodes ...ast.Node) lockState {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.FuncLit: // it may run now or later
				w.list(m.Body.List, lockState{others: held.all()})
				return false
			case *ast.CallExpr:
				if lit, ok := ast.Unparen(m.Fun).(*ast.FuncLit); ok {
					w.list(lit.Body.List, held)
					return false
				}
				held = w.after(types.ExprString(m.Fun), held)
			}
			if m != nil {
				w.see(waitName(m), held)
			}
			return true
		})
	}
	return held
}

// literals walks the function literals in a defer or go statement, which do not run here.
func (w *walker) literals(n ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if lit, ok := m.(*ast.FuncLit); ok {
			w.list(lit.Body.List, lockState{})
			return false
		}
		return true
	})
}

// see counts a wait if the question is about it.
func (w *walker) see(wait string, held lockState) {
	switch {
	case !w.q.waits[wait]:
	case held.own:
		w.held[wait]++
	case held.others == 0:
		w.free[wait]++
	}
}

// after returns the locks held after a call of the function with the given source text.
func (w *walker) after(call string, held lockState) lockState {
	switch {
	case w.q.acquires[call]:
		w.takesLock = true
		return lockState{true, held.others}
	case w.q.release[call]:
		return lockState{false, held.others}
	}
	switch strings.ToLower(call[strings.LastIndexByte(call, '.')+1:]) {
	case "lock", "rlock":
		held.others++
	case "unlock", "runlock":
		held.others = max(held.others-1, 0)
	}
	return held
}
