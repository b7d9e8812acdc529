package tree

import (
	"go/ast"
	"go/token"
)

// A Script is a list of edits to one top-level declaration, as data: it can be
// printed, compared and carried out any number of times. Its operations name
// nodes of the file that was parsed and type-checked; that file is never
// modified.
//
// The operations are carried out in order, and a later one sees what an
// earlier one did: a statement that was moved is found where it is now. A
// removed statement still marks its old place, so that code can be inserted
// before or after it.
type Script struct {
	Decl ast.Decl // a function, or a var declaration with a function literal
	Ops  []Op
}

// An Op is one step of a [Script]: [InsertBefore], [InsertAfter], [Remove],
// [MoveBefore], [MoveAfter], [ReplaceExpr], [ReplaceStmt], [Wrap],
// [KeyToValue], [DeferToCall] or [CallToDefer].
//
// A statement that an Op names must be an element of a statement list (a
// block, or the body of a case), unless the Op says otherwise.
type Op interface {
	// String describes the step on one line, for a person.
	String(fset *token.FileSet) string

	// apply carries the step out. It is unexported because the set of
	// operations is closed.
	apply(*edit) error
}

// Spacing says whether there is an empty line between two statements.
type Spacing uint8

const (
	Auto  Spacing = iota // what reads best, from the empty lines that were there
	None                 // no empty line
	Blank                // one empty line
)

// Space is the [Spacing] around what an operation puts into a statement list.
// With Auto, new statements take over the empty line that stood at their
// place on the outer side and have none towards the statement they were put
// next to; but moved statements that were a paragraph of their own are one
// again, with an empty line on either side.
//
// A hint counts at both ends of a gap: if one operation asks for Blank and its
// neighbour for None, the later one wins. No hint makes an empty line directly
// after the opening brace or before the closing one.
type Space struct {
	Before, After Spacing
}

// InsertBefore puts the statements of Code before Stmt. They go below a
// comment that is detached from Stmt by an empty line, and above a comment
// that stands directly over Stmt.
//
// If Stmt carries a label, so that Stmt is the statement after the colon,
// they go between the label and Stmt, unless Stmt is one that a labelled break
// or continue may refer to: then they go above the label, and if a goto jumps
// there the operation is refused.
type InsertBefore struct {
	Stmt  ast.Stmt
	Code  string // statements and comments
	Space Space

	// Under puts Code below the comments above Stmt, so that they are above
	// Code: for code that does what they say.
	Under bool
}

// InsertAfter puts the statements of Code after Stmt and its trailing comment,
// and before comments that stand below Stmt with an empty line or the end of
// the block after them.
type InsertAfter struct {
	Stmt  ast.Stmt
	Code  string // statements and comments
	Space Space
}

// Remove takes Stmt out. Its comments stay: they pass to the next statement,
// or to the end of the block if there is none. Besides an element of a list it
// takes the init statement of an if, for or switch and the post statement of a
// for.
//
// If Stmt carries a label, the label passes to the next statement.
type Remove struct {
	Stmt ast.Stmt

	// Gap is what stands between the neighbours of Stmt once it is gone. Auto
	// keeps the empty line if there was one on either side, except that
	// `x.Open(); defer x.Close()` forming a paragraph of their own lose the
	// empty line after them together with the defer, unless a comment begins
	// the next paragraph.
	Gap Spacing
}

// MoveBefore moves Stmts, with the comments directly above them and trailing
// ones, to just before To and in the order given. Comments detached above by
// an empty line stay behind, and so do those below with an empty line or the
// end of the block after them; but all that stands between two statements of
// a run moves with it. Besides elements of a list it takes an init statement out of its if,
// for or switch; if To is that statement, the comments above it go above the
// one that is moved.
type MoveBefore struct {
	Stmts []ast.Stmt
	To    ast.Stmt // as [InsertBefore].Stmt
	Space Space
}

// MoveAfter is like [MoveBefore] but moves Stmts to just after To.
type MoveAfter struct {
	Stmts []ast.Stmt
	To    ast.Stmt // as [InsertAfter].Stmt
	Space Space
}

// ReplaceExpr puts the expression Code at the place of Expr, with parentheses
// if it needs them there. Comments at either end of Expr stay where they are;
// those inside it go above the statement, but for those that some Code of the
// script contains.
type ReplaceExpr struct {
	Expr ast.Expr
	Code string
}

// ReplaceStmt puts the statements of Code at the place of Stmt. Comments above
// and after Stmt stay; those inside it go above, but for those that some Code
// of the script contains. Stmt may also be an init or post statement or the
// communication of a select case, if Code is a single simple statement.
type ReplaceStmt struct {
	Stmt ast.Stmt
	Code string
}

// KeyToValue turns `for k := range x` into `for _, k := range x`, where x becomes a list
// of the keys.
type KeyToValue struct{ Loop *ast.RangeStmt }

// Body is the identifier that stands for the wrapped statements in the code of
// a [Wrap].
const Body = "__BODY__"

// Wrap replaces the statements First to Last of one list by the statements of
// Code, in which a statement that consists of the identifier [Body] stands for
// them. Comments on them go inside; those detached from First by an empty line
// stay above, and those below Last stay below.
type Wrap struct {
	First, Last ast.Stmt
	Code        string
	Space       Space
}

// DeferToCall turns `defer f()` into `f()`.
type DeferToCall struct{ Stmt *ast.DeferStmt }

// CallToDefer turns `f()` into `defer f()`.
type CallToDefer struct{ Stmt *ast.ExprStmt }
