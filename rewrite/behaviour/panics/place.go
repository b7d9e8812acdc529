package panics

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Place is code in a section that may panic.
type Place struct {
	At   ast.Node
	what string // as the subject of a sentence: "s.m[k] = v"
	why  string // why it may panic: "s.m may be nil"; "" if nothing is known
}

// Panics returns the clause "the place panics".
func (p *Place) Panics() string {
	if p.why == "" {
		return p.what + " panics"
	}
	return p.what + " panics (" + p.why + ")"
}

// Clause returns the clause "the place may panic".
func (p *Place) Clause() string {
	if p.why == "" {
		return p.what + " may panic"
	}
	return p.what + " may panic (" + p.why + ")"
}

// inner describes the panic from the point of view of a caller of the function that contains the
// place.
func (p *Place) inner() string {
	if p.why == "" {
		return "it calls " + p.what
	}
	return p.what + ": " + p.why
}

// A panicCheck looks for code that may panic.
type panicCheck struct {
	s       *site.Site
	skip    []ast.Stmt
	moved   ast.Expr // evaluated before the statement that contains it, or nil
	to      ast.Node // the parent of that statement
	lifted  ast.Node // the part of a statement that runs before it, or nil
	info    *types.Info
	unit    *patterns.Unit
	parents map[ast.Node]ast.Node
	list    []ast.Stmt // the code in question; the lock is held throughout
	nonNil  *types.Var // a receiver that is known not to be nil, or nil
	depth   int
	places  []*Place
}

// A fact is something that holds once control flow has passed it: a condition that was true or
// false, an assignment, a loop over a slice, or an expression that was evaluated without
// panicking.
type fact struct {
	since token.Pos // where it starts to hold
	cond  ast.Expr
	holds bool // whether cond holds
	as    *ast.AssignStmt
	loop  *ast.RangeStmt
	count *ast.ForStmt // for i := 0; i < len(x); i++
	done  ast.Stmt     // was executed
}
