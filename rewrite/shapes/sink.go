package shapes

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Sink takes the lock after the wait.
//
// It applies if the section touches nothing guarded before the wait is over: the lock,
// with its deferred release, moves down to the first statement that needs it, so that
// early returns and error checks after the wait do not take the lock at all.
//
// A plain sleep for a time that never changes has no result, and no effect but the time
// that passes. It moves above the lock even if guarded statements came before it, as
// long as those are plain assignments, which nobody can see before the lock is
// released.
//
// If guarded statements are between two waits, the lock is taken only for them. If the
// section only waits once for another goroutine, and letgo sees nothing guarded in it,
// the lock is not taken at all, unless the reviewer knows a reason for it.
//
// If a section begins by telling a goroutine to end and waiting for it, as many Close
// methods do, that moves before the lock, even if the section waits again later: the
// goroutine may need the lock to end.
//
//	// before
//	func (c *Cache) Load(name string) error {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return err
//		}
//		c.data = data
//		return nil
//	}
//
//	// after
//	func (c *Cache) Load(name string) error {
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return err
//		}
//
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.data = data
//		return nil
//	}
var Sink = Shape{
	Name:    "sink",
	Doc:     "take the lock after the wait: nothing guarded is touched before it",
	Plan:    planSink,
	AnyForm: true,
}

func planSink(s *site.Site) (*plan.Plan, *safety.Refusal) {
	p, refusal := placed(s, "sink")
	if refusal != nil && s.Form() == nil {
		if p, ok := planLift(s); ok {
			return p, nil
		}
	}
	return p, refusal
}

// planLift moves plain sleeps above the lock.
func planLift(s *site.Site) (*plan.Plan, bool) {
	var sleeps []ast.Stmt
	for _, o := range s.Finding.Ops {
		if s.IndexOf(o.Node) < 0 {
			return nil, false
		}
		st, ok := s.Body[s.IndexOf(o.Node)].(*ast.ExprStmt)
		if !ok || o.Category != "sleep" || o.Deferred || !isSleep(s, st, o) {
			return nil, false
		}
		sleeps = append(sleeps, st)
	}
	lastSleep := sleeps[len(sleeps)-1]
	if !plainBefore(s, lastSleep) {
		return nil, false
	}
	w := move.NewWindow(s, nil, sleeps, nil)
	w.Free = true
	if _, refusal := conditions.Prove(w); refusal != nil {
		return nil, false
	}
	return &plan.Plan{
		Title: "Sleep before taking " + s.Section.Lock.String(),
		Script: tree.Script{Decl: s.Unit.Decl, Ops: []tree.Op{
			tree.MoveBefore{Stmts: sleeps, To: s.Lock, Space: tree.Space{After: tree.Blank}},
		}},
		Obligations: w.Obligations(),
	}, true
}

// isSleep reports whether the statement is just a sleep whose duration is the
// same wherever in the section it is computed.
func isSleep(s *site.Site, st *ast.ExprStmt, o *waits.Op) bool {
	call, ok := st.X.(*ast.CallExpr)
	if !ok || ast.Node(call) != o.Node || len(o.Path) > 0 || o.What != "time.Sleep" {
		return false
	}
	return stable(s, call.Args[0])
}

// plainBefore reports whether the statements before st are plain assignments:
// nobody who lacks the lock can see whether they have happened yet.
func plainBefore(s *site.Site, st ast.Stmt) bool {
	for _, b := range s.Body[:s.IndexOf(st)] {
		switch b.(type) {
		case *ast.AssignStmt, *ast.IncDecStmt:
		case *ast.ExprStmt:
			if !s.Waits(b) {
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
		if !plain || slices.ContainsFunc(behaviour.Touches(s, b).List, func(t *site.Touch) bool { return t.Class != site.GuardedUse }) {
			return false
		}
	}
	return true
}

// stable reports whether an expression has the same value everywhere in the
// section: it is made of constants, parameters that are never assigned, and
// fields and package-level variables that do not change.
func stable(s *site.Site, e ast.Expr) bool {
	stable := len(behaviour.Touches(s, e).List) == 0
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
