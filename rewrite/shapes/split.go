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
	Name: "split",
	Doc:  "release the lock for the wait and take it again to commit the result",
	Plan: planSplit,
}

func planSplit(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	first, last, refusal := opRange(s)
	if refusal != nil {
		return nil, refusal
	}
	pre := s.Body[:first]
	at := firstGuarded(s, s.Body, last+1)
	if at == len(s.Body) {
		return nil, rewrite.Refuse("", s.Lock.Pos(), "nothing guarded comes after the wait: this is for hoist")
	}
	w := s.NewWindow(pre, s.Body[first:at], s.Body[at:])
	w.Values = s.ExtractAll(s.Body[first:at])
	if firstGuarded(s, pre, 0) == len(pre) && len(w.Values) == 0 {
		return nil, rewrite.Refuse("", s.Lock.Pos(), "nothing guarded comes before the wait: this is for sink")
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, refusal
	}
	ops := s.ExtractOps(w.Values, s.Body[first])
	release, refusal := w.ReleaseEarly(s.Body[first], tree.Space{Before: tree.None, After: tree.Blank})
	if refusal != nil {
		return nil, refusal
	}
	ops = append(ops, release...)
	ops = append(ops, relock(s, s.Body[at])...)
	for _, e := range s.Exits {
		if s.Body[first].Pos() <= e.Pos() && e.Pos() < s.Body[at].Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	w.ProvedPanic()
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " during " + subject(s.Finding) + " and take it again",
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, nil
}

// relock takes the lock again before a statement, with a deferred release if
// the section had one.
func relock(s *rewrite.Site, at ast.Stmt) []tree.Op {
	code := s.LockText()
	if s.Defer != nil {
		code += "\ndefer " + s.UnlockText()
	}
	return []tree.Op{tree.InsertBefore{Stmt: at, Code: code, Space: tree.Space{Before: tree.Blank}}}
}
