package history

import (
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"strings"

	"github.com/letgo-dev/letgo/patterns/finding"
)

// A question is about one section: whether its waits are made under its lock, in
// another state of the function. There are no types in those, so calls are recognised
// by their names.
type question struct {
	decl              *ast.FuncDecl // as the checkout has it
	acquires, release map[string]bool
	waits             map[string]bool
}

// A standing is how a function relates to a lock: how often each wait happens while the
// lock is held, and how often while no lock at all seems to be held, because the lock may
// have had another name.
type standing struct {
	held, free map[string]int
	takesLock  bool
	text       []string // the lines of the function
}

// A lockState says what is held at a place: the lock in question, and how many others.
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

// waitName names what waits, without what may have been called otherwise before: a call
// by its function, a channel operation by its channel.
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

// ask looks a function through. It follows statements in their order: a branch that
// returns says nothing of what comes after it.
func (q *question) ask(p *parsed) standing {
	w := &walker{q: q, standing: standing{held: make(map[string]int), free: make(map[string]int)}}
	if d := p.function(q.decl); d != nil {
		w.text = p.text(d)
		w.list(d.Body.List, lockState{})
	}
	return w.standing
}

// all counts the locks that are held.
func (s lockState) all() int {
	if s.own {
		return s.others + 1
	}
	return s.others
}

// A walker looks one function through.
type walker struct {
	q *question
	standing
}

// list goes through statements, and returns whether the lock is held after them, and
// whether what comes next is reached.
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

// clauses goes through the clauses of a switch or select.
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

// branches goes through alternative statements, one of which runs. What is true after each
// that continues is true after all.
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

// simple goes through nodes without statements in them, in the order of the text, and
// returns whether the lock is held after them.
func (w *walker) simple(held lockState, nodes ...ast.Node) lockState {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.FuncLit: // it may run here, or later
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

// literals goes through the literals of a statement that do not run where they stand.
func (w *walker) literals(n ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if lit, ok := m.(*ast.FuncLit); ok {
			w.list(lit.Body.List, lockState{})
			return false
		}
		return true
	})
}

// see counts a wait, if the question is about it.
func (w *walker) see(wait string, held lockState) {
	switch {
	case !w.q.waits[wait]:
	case held.own:
		w.held[wait]++
	case held.others == 0:
		w.free[wait]++
	}
}

// after returns what is held after a call, which is given as it is written.
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
