package shapes

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Sink takes the lock after the wait.
//
// It applies where nothing guarded is touched before the wait is over: the
// lock, with its deferred release, moves down to the first statement that
// needs it, so that early returns and error checks after the wait do not take
// the lock at all.
//
// A plain sleep on a value that never changes has no result and no effect that
// anybody can see but the time that passes. It moves above the lock even if
// guarded statements stood before it, as long as those are plain assignments,
// which nobody can see before the lock is released.
//
// Where guarded statements stand between two waits, the lock is taken for those
// alone. Where the section does nothing but wait once for another goroutine, and
// uses nothing that the lock is seen to guard, the lock is not taken at all, if
// whoever reviews it finds no other reason for it.
//
// A section that begins by telling a goroutine to end and waiting for it, as many
// Close methods do, does that before it takes the lock, even if it waits again
// later: the goroutine may need the lock to end.
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
var Sink = rewrite.Shape{
	Name:    "sink",
	Doc:     "take the lock after the wait: nothing guarded is touched before it",
	Plan:    planSink,
	AnyForm: true,
}

func planSink(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	if form := s.Form(); form != nil {
		return placed(s, "sink", form)
	}
	p, refusal := sink(s)
	if refusal == nil {
		return p, nil
	}
	if part, at, ok := s.Joining(); ok {
		if p, ok := planJoin(part, at); ok {
			p.Stays = len(s.Finding.Ops) - len(part.Finding.Ops)
			return p, nil
		}
	}
	return placed(s, "sink", refusal)
}

// planJoin takes the lock after another goroutine was told to end, and has
// ended, and leaves what comes then as it is.
func planJoin(s *rewrite.Site, at int) (*rewrite.Plan, bool) {
	w := s.NewWindow(nil, s.Body[:at], s.Body[at:])
	w.Free = true
	if _, refusal := w.Prove(); refusal != nil {
		return nil, false
	}
	return &rewrite.Plan{
		Title: "Take " + s.Section.Lock.String() + " after " + subject(s.Finding),
		Script: tree.Script{Decl: s.Unit.Decl, Ops: []tree.Op{
			tree.MoveBefore{Stmts: s.Body[:at], To: s.Lock, Space: tree.Space{After: tree.Blank}},
		}},
		Obligations: w.Obligations(),
	}, true
}

func sink(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	_, last, refusal := opRange(s)
	if refusal != nil {
		return nil, refusal
	}
	guarded := firstGuarded(s, s.Body, 0)
	if guarded <= last {
		if p, ok := planLift(s); ok {
			return p, nil
		}
	}
	if guarded == len(s.Body) {
		return planWithout(s)
	}
	if guarded <= last && guarded > 0 {
		if p, ok := planBetween(s, guarded); ok {
			return p, nil
		}
	}
	at := guarded
	window := append([]ast.Stmt(nil), s.Body[:at]...)
	lift, ok := s.LiftOf(s.Body[at])
	if ok && at == last && s.RefuseGuarded([]ast.Stmt{lift.Part}) == nil {
		window = append(window, lift.Part)
	} else if at <= last { // the wait comes after, or inside, something guarded
		return nil, s.RefuseGuarded(s.Body[:last+1])
	} else {
		lift = nil
	}
	w := s.NewWindow(nil, window, s.Body[at:])
	w.Free = true
	w.TakeLift(lift)
	if _, refusal := w.Prove(); refusal != nil {
		return nil, refusal
	}
	var ops []tree.Op
	if lift != nil {
		ops = append(ops, lift.Before(nil)...)
	}
	move := []ast.Stmt{s.Lock}
	if s.Defer != nil {
		move = append(move, s.Defer)
	}
	ops = append(ops, tree.MoveBefore{Stmts: move, To: s.Body[at], Space: tree.Space{Before: tree.Blank}})
	if lift != nil {
		ops = append(ops, lift.After()...)
	}
	for _, e := range s.Exits {
		if e.Pos() < s.Body[at].Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	return &rewrite.Plan{
		Title:       "Take " + s.Section.Lock.String() + " after " + subject(s.Finding),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, nil
}

// planBetween keeps the lock for what stands between two waits: the first ones
// move above it, and it is released before the others.
func planBetween(s *rewrite.Site, at int) (*rewrite.Plan, bool) {
	head, rest := s.Body[:at], s.Body[at:]
	tails, refusal := s.Tails(rest)
	if refusal != nil || len(s.TailStmts(tails)) == 0 || !s.Waits(head) {
		return nil, false
	}
	for _, e := range s.Exits {
		if e.Pos() < s.Body[at].Pos() {
			return nil, false
		}
	}
	first := s.NewWindow(nil, head, rest)
	first.Free = true
	if _, refusal := first.Prove(); refusal != nil {
		return nil, false
	}
	w := s.NewWindow(rest[:s.LastNeeded(rest)+1], s.TailStmts(tails), nil)
	for _, t := range tails {
		w.Values = append(w.Values, t.Values...)
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, false
	}
	release, refusal := w.ReleaseBeforeTails(rest, tails, false)
	if refusal != nil {
		return nil, false
	}
	w.Join(first)
	return &rewrite.Plan{
		Title: "Take " + s.Section.Lock.String() + " between the waits only",
		Script: tree.Script{Decl: s.Unit.Decl, Ops: append([]tree.Op{
			tree.MoveBefore{Stmts: head, To: s.Lock, Space: tree.Space{After: tree.Blank}},
		}, release...)},
		Obligations: w.Obligations(),
	}, true
}

// planWithout gives up the lock of a section that does nothing but wait.
func planWithout(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	if refusal := s.RefuseWithout(); refusal != nil {
		return nil, refusal
	}
	w := s.NewWindow(nil, s.Body, nil)
	w.Free = true
	w.AssumeWithout()
	if _, refusal := w.Prove(); refusal != nil {
		return nil, refusal
	}
	ops := []tree.Op{tree.Remove{Stmt: s.Lock, Gap: tree.None}}
	if s.Defer != nil {
		ops = append(ops, tree.Remove{Stmt: s.Defer, Gap: tree.None})
	}
	if s.Final != nil {
		ops = append(ops, tree.Remove{Stmt: s.Final})
	}
	for _, e := range s.Exits {
		ops = append(ops, tree.Remove{Stmt: e})
	}
	return &rewrite.Plan{
		Title:       "Wait without " + s.Section.Lock.String(),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, nil
}

// planLift moves plain sleeps above the lock.
func planLift(s *rewrite.Site) (*rewrite.Plan, bool) {
	var sleeps []ast.Stmt
	for _, o := range s.Finding.Ops {
		st, ok := s.Body[s.IndexOf(o.Node)].(*ast.ExprStmt)
		if !ok || o.Category != "sleep" || o.Deferred || !isSleep(s, st, o) {
			return nil, false
		}
		sleeps = append(sleeps, st)
	}
	lastSleep := sleeps[len(sleeps)-1]
	if !s.PlainBefore(lastSleep) {
		return nil, false
	}
	w := s.NewWindow(nil, sleeps, nil)
	w.Free = true
	if _, refusal := w.Prove(); refusal != nil {
		return nil, false
	}
	return &rewrite.Plan{
		Title: "Sleep before taking " + s.Section.Lock.String(),
		Script: tree.Script{Decl: s.Unit.Decl, Ops: []tree.Op{
			tree.MoveBefore{Stmts: sleeps, To: s.Lock, Space: tree.Space{After: tree.Blank}},
		}},
		Obligations: w.Obligations(),
	}, true
}

// isSleep reports whether the statement is just a sleep whose duration is the
// same wherever in the section it is computed.
func isSleep(s *rewrite.Site, st *ast.ExprStmt, o *patterns.Op) bool {
	call, ok := st.X.(*ast.CallExpr)
	if !ok || ast.Node(call) != o.Node || len(o.Path) > 0 || o.What != "time.Sleep" {
		return false
	}
	return s.Stable(call.Args[0])
}
