package panics

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Place is a place in a section that may panic.
type Place struct {
	At   ast.Node
	what string // as a subject: "s.m[k] = v"
	why  string // how it may: "s.m may be nil"; "" where nothing is known
}

// Panics is the clause "the place panics" for a sentence.
func (p *Place) Panics() string {
	if p.why == "" {
		return p.what + " panics"
	}
	return p.what + " panics (" + p.why + ")"
}

// Clause is the clause "the place may panic" for a sentence.
func (p *Place) Clause() string {
	if p.why == "" {
		return p.what + " may panic"
	}
	return p.what + " may panic (" + p.why + ")"
}

// inner says how the function whose body contains the place may panic.
func (p *Place) inner() string {
	if p.why == "" {
		return "it calls " + p.what
	}
	return p.what + ": " + p.why
}

// A panicCheck looks for what may panic.
type panicCheck struct {
	s       *site.Site
	skip    []ast.Stmt
	moved   ast.Expr // evaluated before the statement that contains it, or nil
	to      ast.Node // what stands around that statement
	lifted  ast.Node // the part of a statement that is carried out before, or nil
	info    *types.Info
	unit    *patterns.Unit
	parents map[ast.Node]ast.Node
	list    []ast.Stmt // the code in question, with the lock held throughout
	nonNil  *types.Var // a receiver that is known not to be nil, or nil
	depth   int
	places  []*Place
}

// A fact is something that holds wherever the control flow has come by it: a
// condition that was true or false, an assignment, a loop over a slice, or an
// expression that was evaluated without a panic.
type fact struct {
	since token.Pos // where it begins to hold
	cond  ast.Expr
	holds bool // whether cond does
	as    *ast.AssignStmt
	loop  *ast.RangeStmt
	count *ast.ForStmt // for i := 0; i < len(x); i++
	done  ast.Stmt     // was carried out
}
