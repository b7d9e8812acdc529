package shapes

import (
	"go/ast"

	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Hoist releases the lock before the wait.
//
// It applies where nothing guarded is touched any more once the wait has
// begun. What the wait needs is read before the release: while the lock was
// held throughout nobody could change it in between, so the early value is the
// same value.
//
// A deferred release becomes an explicit one on each path, but only where
// nothing between the lock and the release can panic. Otherwise the guarded
// part keeps its deferred release in a function literal.
//
//	// before
//	func (c *Client) Send(msg string) error {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.sent++
//		return c.post(c.url, msg)
//	}
//
//	// after
//	func (c *Client) Send(msg string) error {
//		c.mu.Lock()
//		c.sent++
//		url := c.url
//		c.mu.Unlock()
//
//		return c.post(url, msg)
//	}
var Hoist = rewrite.Shape{
	Name: "hoist",
	Doc:  "release the lock before the wait: nothing guarded is touched after it",
	Plan: planHoist,
}

func planHoist(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	first, _, refusal := opRange(s)
	if refusal != nil {
		return nil, refusal
	}
	pre, window := s.Body[:first], s.Body[first:]
	w := s.NewWindow(pre, window, nil)
	w.Values = s.ExtractAll(window)
	if firstGuarded(s, pre, 0) == len(pre) && len(w.Values) == 0 {
		return nil, rewrite.Refuse(rewrite.S9, s.Lock.Pos(), "nothing guarded comes before the wait: releasing the lock there would leave it empty")
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, refusal
	}
	at := window[0]
	ops := s.ExtractOps(w.Values, at)
	if s.Defer == nil {
		ops = append(ops, moveRelease(s, at)...)
		w.ProvedPanic()
	} else {
		release, refusal := w.ReleaseEarly(at, tree.Space{Before: tree.None, After: tree.Blank})
		if refusal != nil {
			return nil, refusal
		}
		ops = append(ops, release...)
	}
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " before " + subject(s.Finding),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, nil
}

// moveRelease puts the explicit release before the statement at, and drops the
// releases on the paths that leave the window.
func moveRelease(s *rewrite.Site, at ast.Stmt) []tree.Op {
	var ops []tree.Op
	space := tree.Space{Before: tree.None, After: tree.Blank}
	if s.Final != nil {
		ops = append(ops, tree.MoveBefore{Stmts: []ast.Stmt{s.Final}, To: at, Space: space})
	} else {
		ops = append(ops, tree.InsertBefore{Stmt: at, Code: s.UnlockText(), Space: space})
	}
	for _, e := range s.Exits {
		if e.Pos() > at.Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	return ops
}
