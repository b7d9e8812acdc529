package shapes

import (
	"go/ast"

	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Split releases the lock for the wait and takes it again afterwards: extract,
// unlock, wait, relock, commit.
//
// It applies where guarded state is touched before and after the wait but not
// during it, and where what comes after does not rest on what was seen before:
// tests that would have to be made again, values that may be out of date and
// writes that may undo somebody else's are refused. The lock is taken again
// just before the first statement that needs it, so that error checks after
// the wait do without it.
//
// If no stretch of one statement list will do, the lock is released and taken wherever
// [rewrite.Site.Place] finds it cheapest: in branches, and in each round of a loop.
//
//	// before
//	func (c *Cache) Refresh(name string) error {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.tries++
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return err
//		}
//		c.data = data
//		return nil
//	}
//
//	// after
//	func (c *Cache) Refresh(name string) error {
//		c.mu.Lock()
//		c.tries++
//		c.mu.Unlock()
//
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
var Split = rewrite.Shape{
	Name:    "split",
	Doc:     "release the lock for the wait and take it again to commit the result",
	Plan:    planSplit,
	AnyForm: true,
}

func planSplit(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) { return placed(s, "split") }

// split plans the shape and also returns the window that it is proved for.
func split(s *rewrite.Site) (*rewrite.Plan, *rewrite.Window, *rewrite.Refusal) {
	if s.Section.Wrapper && !s.PlainWrapper() {
		return nil, nil, rewrite.Refuse(rewrite.S1, "lock-does-more", s.Lock.Pos(), "%s does more than take the lock, and would do it twice", s.LockText())
	}
	c, refusal := cutSection(s)
	if refusal != nil {
		return nil, nil, refusal
	}
	if c.at == len(s.Body) {
		return nil, nil, rewrite.Inapplicable(s.Lock.Pos(), "nothing after the wait needs the lock")
	}
	tails, refusal := s.Tails(c.rest)
	if refusal != nil {
		return nil, nil, refusal
	}
	return splitAround(s, c, tails, nil)
}

// splitAround plans a section with the lock released during the window of a cut,
// and before the tails after it. What recheck says, if it is not nil, is
// repeated.
func splitAround(s *rewrite.Site, c cut, tails []rewrite.Tail, recheck *rewrite.Recheck) (*rewrite.Plan, *rewrite.Window, *rewrite.Refusal) {
	head := rewrite.Tail{Stmts: c.window, Values: s.Extractions(c.window)}
	if c.last >= 0 {
		head.After = s.Body[c.last]
	}
	if c.last < 0 && len(head.Values) == 0 {
		return nil, nil, rewrite.Inapplicable(s.Lock.Pos(), "nothing before the wait needs the lock")
	}
	post := s.Body[c.at:]
	w := s.NewWindow(s.Body[:c.last+1], append(c.window, s.TailStmts(tails)...), post)
	w.TakeLift(c.lift)
	w.TakeRecheck(recheck)
	w.Values = head.Values
	for _, t := range tails {
		w.Values = append(w.Values, t.Values...)
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, nil, refusal
	}
	ops, refusal := splitOps(w, c, head, tails, recheck)
	if refusal != nil {
		return nil, nil, refusal
	}
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " during " + subject(s.Finding) + " and take it again",
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, w, nil
}

// A cut divides a section around its first wait.
type cut struct {
	last   int           // index of the last statement before the wait that needs the lock, or -1
	window []ast.Stmt    // what runs without it
	at     int           // index of the first statement after the wait that needs it again
	lift   *rewrite.Lift // the part of Body[at] that becomes part of the window, or nil
	rest   []ast.Stmt    // the statements from at on, where later waits may stand
}

// cutSection finds the cut of a section.
func cutSection(s *rewrite.Site) (cut, *rewrite.Refusal) {
	first, _, refusal := opRange(s)
	if refusal != nil {
		return cut{}, refusal
	}
	c := cut{last: s.LastNeeded(s.Body[:first])}
	if lift, ok := s.LiftOf(s.Body[first]); ok && s.NeedsLock(s.Body[first]) {
		c.lift, c.at = lift, first
		c.window = append(c.window, s.Body[c.last+1:first]...)
		c.window = append(c.window, lift.Part)
		c.rest = s.Body[first+1:]
		return c, nil
	}
	if s.NeedsLock(s.Body[first]) {
		return c, s.RefuseGuarded(s.Body[first : first+1])
	}
	c.at = firstGuarded(s, s.Body, first+1)
	c.window = append(c.window, s.Body[c.last+1:c.at]...)
	c.rest = s.Body[c.at:]
	return c, nil
}

// splitOps are the operations of a split: release before the window, take the
// lock again before what needs it, and release it before later waits.
func splitOps(w *rewrite.Window, c cut, head rewrite.Tail, tails []rewrite.Tail, recheck *rewrite.Recheck) ([]tree.Op, *rewrite.Refusal) {
	s := w.Site
	var ops []tree.Op
	if c.lift != nil && len(c.window) == 1 {
		head.Stmts = []ast.Stmt{s.Body[c.at]}
	}
	release, refusal := w.ReleaseHead(head, s.Body[:c.last+1])
	if refusal != nil {
		return nil, refusal
	}
	ops = append(ops, release...)
	if c.lift != nil {
		ops = append(ops, c.lift.Before(head.Values)...)
	}
	for _, e := range s.Exits {
		if s.Body[c.last+1].Pos() <= e.Pos() && e.Pos() < s.Body[c.at].Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	ops = append(ops, relock(s, s.Body[c.at], len(tails) == 0, recheck))
	if c.lift != nil {
		ops = append(ops, c.lift.After()...)
	}
	if recheck != nil && recheck.Closes() {
		after, refusal := w.RelockExplicitly()
		if refusal != nil {
			return nil, refusal
		}
		ops = append(ops, after...)
	}
	if len(tails) > 0 {
		after, refusal := w.ReleaseBeforeTails(s.Body[c.at:], tails, true)
		if refusal != nil {
			return nil, refusal
		}
		ops = append(ops, after...)
	}
	return ops, nil
}

// relock takes the lock again before a statement, with a deferred release if
// the section had one and nothing after it waits, and looks again at what was
// tested before.
func relock(s *rewrite.Site, at ast.Stmt, deferred bool, recheck *rewrite.Recheck) tree.Op {
	code := s.LockText()
	if s.Defer != nil && deferred && (recheck == nil || !recheck.Closes()) {
		code += "\ndefer " + s.UnlockText()
	}
	if recheck != nil {
		code += "\n" + recheck.Code()
	}
	return tree.InsertBefore{Stmt: at, Code: code, Space: tree.Space{Before: tree.Blank}}
}
