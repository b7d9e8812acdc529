package shapes

import (
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Recheck is split in which what was tested before the wait is tested again
// after it.
//
// It applies where the section returns early if guarded state is so or so (the
// entry is there already, the object is closed) and goes on to wait otherwise.
// Once it holds the lock again it makes the same tests, on values read anew: a
// cache entry that somebody else has filled meanwhile is returned and the own
// product dropped, and closed if it can be; an object that was closed meanwhile
// is not written to. What comes after then runs as if the section had begun
// there. Tests that do more than look, and a little on their way out, cannot be
// repeated, and are refused.
//
// Where the section waits once before it touches anything guarded, as one does that
// looks whether a file has changed and then reads it, the lock is taken after that.
//
// Several callers may now do the same work at the same time, all but one of them
// for nothing: the shape singleflight avoids that.
//
//	// before
//	func (c *Cache) Load(name string) ([]byte, error) {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		if data, ok := c.files[name]; ok {
//			return data, nil
//		}
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return nil, err
//		}
//		c.files[name] = data
//		return data, nil
//	}
//
//	// after
//	func (c *Cache) Load(name string) ([]byte, error) {
//		c.mu.Lock()
//		if data, ok := c.files[name]; ok {
//			c.mu.Unlock()
//			return data, nil
//		}
//		c.mu.Unlock()
//
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return nil, err
//		}
//
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		// Look again: the lock was not held meanwhile.
//		if data, ok := c.files[name]; ok {
//			return data, nil
//		}
//		c.files[name] = data
//		return data, nil
//	}
var Recheck = rewrite.Shape{
	Name: "recheck",
	Doc:  "release the lock for the wait, take it again, and test again what was tested before",
	Plan: planRecheck,
}

func planRecheck(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	p, _, refusal := recheck(s)
	if refusal == nil {
		return p, nil
	}
	if p, ok := planAfterFirst(s, recheck); ok {
		return p, nil
	}
	return nil, refusal
}

// planAfterFirst takes the lock after the waits that come before anything guarded,
// and plans the rest of the section by another function.
func planAfterFirst(s *rewrite.Site, plan func(*rewrite.Site) (*rewrite.Plan, *rewrite.Window, *rewrite.Refusal)) (*rewrite.Plan, bool) {
	at := firstGuarded(s, s.Body, 0)
	if at == len(s.Body) || !s.Waits(s.Body[:at]) || !s.Waits(s.Body[at:]) {
		return nil, false
	}
	head := s.NewWindow(nil, s.Body[:at], s.Body[at:])
	head.Free = true
	if _, refusal := head.Prove(); refusal != nil {
		return nil, false
	}
	p, w, refusal := plan(s.From(at))
	if refusal != nil {
		return nil, false
	}
	ops := []tree.Op{tree.MoveBefore{Stmts: s.Body[:at], To: s.Lock, Space: tree.Space{After: tree.Blank}}}
	for _, e := range s.Exits {
		if e.Pos() < s.Body[at].Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	w.Join(head)
	p.Title = "Take " + s.Section.Lock.String() + " after the first wait, and release it for the next"
	p.Script.Ops = append(ops, p.Script.Ops...)
	p.Obligations = w.Obligations()
	return p, true
}

// recheck plans the shape and also returns the window that it is proved for.
func recheck(s *rewrite.Site) (*rewrite.Plan, *rewrite.Window, *rewrite.Refusal) {
	if s.Section.Wrapper && !s.PlainWrapper() {
		return nil, nil, rewrite.Refuse(rewrite.S1, "lock-does-more", s.Lock.Pos(), "%s does more than take the lock, and would do it twice", s.LockText())
	}
	c, refusal := cutSection(s)
	if refusal != nil {
		return nil, nil, refusal
	}
	first, _, refusal := opRange(s)
	if refusal != nil {
		return nil, nil, refusal
	}
	if last := s.LastTest(s.Body[:min(c.at, first)], c.last); last > c.last && len(c.window) > last-c.last {
		c.window, c.last = c.window[last-c.last:], last
	}
	if c.at == len(s.Body) {
		return nil, nil, rewrite.Inapplicable(s.Lock.Pos(), "nothing after the wait needs the lock")
	}
	tails, refusal := s.Tails(c.rest)
	if refusal != nil {
		return nil, nil, refusal
	}
	if len(tails) > 0 {
		return nil, nil, rewrite.Refuse(rewrite.S1, "second-wait", tails[0].Stmts[0].Pos(), "another wait follows")
	}
	r, refusal := s.NewRecheck(s.Body[:c.last+1], c.window, s.Body[c.at:])
	if refusal != nil {
		return nil, nil, refusal
	}
	if n := r.Reaches(c.window); n < len(c.window) && c.lift == nil {
		c.at -= len(c.window) - n
		c.window, c.rest = c.window[:n], s.Body[c.at:]
		if r, refusal = s.NewRecheck(s.Body[:c.last+1], c.window, s.Body[c.at:]); refusal != nil {
			return nil, nil, refusal
		}
	}
	if refusal := r.Check(s.Body[:c.last+1], c.window, c.lift); refusal != nil {
		return nil, nil, refusal
	}
	p, w, refusal := splitAround(s, c, nil, r)
	if refusal != nil {
		return nil, nil, refusal
	}
	p.Title += ", and test again"
	return p, w, nil
}
