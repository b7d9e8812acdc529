package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An action is a statement of a section that waits, and that is to run once the lock is
// released: a call whose results are not used, or a send. What it needs is evaluated in
// place, as before.
type action struct {
	Stmt  ast.Stmt // an *ast.ExprStmt or *ast.SendStmt in a plain list
	Ops   []*waits.Op
	Takes []ast.Expr // what has to be kept until it runs, in source order
	Rest  locks.Rest

	call    *ast.CallExpr // nil for a send
	targets []ast.Expr    // what is called or sent on
	args    []ast.Expr
	values  map[ast.Expr]ast.Expr // of arguments that are addresses: the value that is kept for it
	later   *[]*change            // memo of laterChanges
}

// A collection is the window of a collect: actions that are decided on under
// the lock and carried out after its release.
type collection struct {
	*move.Window
	Actions []*action // in source order, at least one
	mixed   bool      // there are many kinds, or several that alternate, so functions are collected: not what a person would write

	effects map[*patterns.Unit]*effects
	storage *storage.Scope // memo of scope
}

// A change is a write to storage, or a call that may write.
type change struct {
	node    ast.Node
	kind    changeKind
	own     *types.Var     // the local variable that is written itself, in whole or in part
	through ast.Expr       // otherwise: what the storage is reached through
	storage storage.Region // that is written
}

type changeKind byte

const (
	ownWrite     changeKind = iota // v = x, v.f = x, v[i] = x for an array
	fieldWrite                     // of a struct that a reference leads to
	elementWrite                   // of a slice or map, or of what a pointer points to
	calledWrite                    // by a function of the loaded packages
	outsideWrite                   // by a function outside of them
)

// effects is what some code reads and changes, under whatever locks. It decides whether the
// code may change places with other code of the same goroutine.
type effects struct {
	reads, changes map[*types.Var]token.Pos
	channels       map[*types.Var]token.Pos // sends, receives, and looks at how full they are
	closes         map[*types.Var]token.Pos
	unknown        []site.UnknownCall // calls that cannot be followed
	outside        []site.UnknownCall // calls of functions outside of the loaded packages
}

// A form is how actions are kept until they run.
type form byte

const (
	list     form = iota // var closing []*conn: the actions are made on each, in order
	single               // var closing *conn: nil if there is nothing to do
	flag                 // var stop bool
	once                 // var stop func(): nil if there is nothing to do
	funcs                // var calls []func(): run in order
	duration             // var wait time.Duration: how long to sleep
	tested               // nothing: the test around the actions is made again, see testAgain
)

// A gathering is a group of actions that are kept in one variable. Each element
// of runs is a run of statements, one after the other in one list and made on
// the same value, that are kept together.
type gathering struct {
	runs    [][]*action
	actions []*action // of all runs
	form    form
	name    string // of the variable
	elem    string // of the variable of the loop that runs a list
	typ     string // of the variable

	loop *ast.RangeStmt // whose elements are all kept, see copyLoops
	copy string         // the expression that copies them, or ""
}

// A kept is something that an action is given and that leads to other storage.
type kept struct {
	expr    ast.Expr
	storage storage.Region
	owner   ownership.Owner // where the action stands
	reads   bool            // the action only reads there
}

// text names an action in a message.
func (a *action) text() string {
	if a.call == nil {
		return "the send on " + types.ExprString(a.targets[0])
	}
	return types.ExprString(a.call.Fun)
}

// taken reports whether a node of an action is evaluated where the action
// stands.
func (a *action) taken(n ast.Node) bool {
	for _, e := range slices.Concat(a.targets, a.args) {
		if !syntax.Within(n, e) {
			continue
		}
		for _, t := range a.Takes {
			if syntax.Within(n, t) {
				return true
			}
			// The same expression once more.
			found := syntax.Has(e, func(x ast.Expr) bool { return types.ExprString(x) == types.ExprString(t) && syntax.Within(n, x) })
			if found {
				return true
			}
		}
	}
	return false
}

// identVar returns the variable that an expression ends in, or nil.
func identVar(info *types.Info, e ast.Expr) *types.Var {
	p, ok := patterns.PathOf(info, e)
	if !ok {
		return nil
	}
	return p.Last()
}

// isAction reports whether a call is collected, or is part of something collected.
func (c *collection) isAction(call *ast.CallExpr) bool {
	return slices.ContainsFunc(c.Actions, func(a *action) bool { return syntax.Within(call, a.Stmt) })
}

// mayFollow reports whether action b may run after action a in one section.
func mayFollow(a, b *action) bool { return a.Rest.Repeats(b.Stmt) }

// rangesOver reports whether a loop of the section assigns the variable.
func rangesOver(s *site.Site, v *types.Var) bool {
	found := false
	for _, st := range s.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			if r, ok := n.(*ast.RangeStmt); ok {
				for _, e := range []ast.Expr{r.Key, r.Value} {
					id, isIdent := e.(*ast.Ident)
					found = found || isIdent && s.Info.ObjectOf(id) == v
				}
			}
			return !found
		})
	}
	return found
}

// partAssigned reports whether a statement of the section assigns to a part of
// what the variable holds by value, or a loop assigns the variable.
func partAssigned(s *site.Site, v *types.Var) bool { return partAssignedIn(s, v, s.Body) }

func partAssignedIn(s *site.Site, v *types.Var, list []ast.Stmt) bool {
	found := false
	assigns := func(e ast.Expr) {
		if id, ok := syntax.RootIdent(e); ok && s.Info.ObjectOf(id) == v {
			if _, ptr := v.Type().Underlying().(*types.Pointer); !ptr || id == ast.Unparen(e) {
				found = true
			}
		}
	}
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			for _, l := range syntax.AssignedBy(n) {
				assigns(l)
			}
			return !found
		})
	}
	return found
}

// restOf lists what runs after an action under the lock, without the other actions.
func (c *collection) restOf(a *action) []ast.Node {
	var out []ast.Node
	add := func(n ast.Node) {
		if !slices.ContainsFunc(c.Actions, func(b *action) bool { return n == ast.Node(b.Stmt) }) {
			out = append(out, n)
		}
	}
	for _, n := range a.Rest.Nodes {
		add(n)
	}
	for _, d := range a.Rest.Defers {
		add(d)
	}
	for _, b := range c.Actions {
		if mayFollow(a, b) {
			for _, e := range slices.Concat(b.targets, b.args) {
				add(e)
			}
		}
	}
	for n := c.Parents[a.Stmt]; n != nil && mayFollow(a, a); n = c.Parents[n] {
		if r, ok := n.(*ast.RangeStmt); ok && c.InBody(r) {
			add(r.X) // each iteration reads on
		}
	}
	return out
}

// loopOf returns the innermost loop of the section around a statement, or nil.
func (c *collection) loopOf(st ast.Stmt) ast.Node {
	for n := c.Parents[st]; n != nil && c.InBody(n); n = c.Parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return n
		}
	}
	return nil
}
