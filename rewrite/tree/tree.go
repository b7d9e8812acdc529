package tree

import (
	"go/ast"
	"go/token"
)

// A Script is a list of edits to one top-level declaration. It is plain data
// that can be printed, compared and applied any number of times. Its operations
// name nodes of the file that was parsed and type-checked; that file is never
// modified.
//
// Operations are applied in order, and each sees the effect of earlier ones: a
// statement that was moved is found at its new place. A removed statement still
// marks its old place, so code can be inserted before or after it.
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
	// String describes the step on one line, for people to read.
	String(fset *token.FileSet) string

	// apply applies the step. It is unexported because the set of
	// operations is closed.
	apply(*edit) error
}

// Spacing says whether there is a blank line between two statements.
type Spacing uint8

const (
	Auto  Spacing = iota // whatever fits the blank lines that were there
	None                 // no blank line
	Blank                // one blank line
)

// Space is the [Spacing] around what an operation puts into a statement list.
// With Auto, new statements take over the blank line at their place, if there
// was one, on the side away from the statement they were put next to, and have
// none on the side facing it. Moved statements that formed a paragraph form one
// again, with a blank line on either side.
//
// Two operations may give a Spacing for the same gap; the later one wins. There
// is never a blank line directly after the opening brace or before the closing
// one.
type Space struct {
	Before, After Spacing
}

// InsertBefore puts the statements of Code before Stmt. They go above a comment
// directly above Stmt, but below a comment that a blank line separates from it.
//
// If Stmt is the statement after a label, they go between the label and Stmt.
// But if Stmt is one that a labeled break or continue can name, they go above
// the label, and the operation is refused if a goto jumps to the label.
type InsertBefore struct {
	Stmt  ast.Stmt
	Code  string // statements and comments
	Space Space

	// Under puts Code below the comments above Stmt, for code that
	// those comments describe.
	Under bool
}

// InsertAfter puts the statements of Code after Stmt and its trailing comment,
// but before any comments below Stmt that are followed by a blank line or the
// end of the block.
type InsertAfter struct {
	Stmt  ast.Stmt
	Code  string // statements and comments
	Space Space
}

// Remove removes Stmt. Its comments stay: they pass to the next statement, or
// to the end of the block if there is none. Stmt may also be the init statement
// of an if, for or switch, or the post statement of a for.
//
// If Stmt is labeled, the label passes to the next statement.
type Remove struct {
	Stmt ast.Stmt

	// Gap is the gap between the neighbors of Stmt once it is gone. Auto
	// keeps a blank line if there was one on either side. The exception is
	// a paragraph `x.Open(); defer x.Close()`: removing the defer removes
	// the blank line after it too, unless the next paragraph begins with a
	// comment.
	Gap Spacing
}

// MoveBefore moves Stmts to just before To, in the order given. Comments
// directly above them and trailing comments move along. Comments separated by a
// blank line above stay behind, as do comments below that are followed by a
// blank line or the end of the block. But everything between two adjacent
// statements that move together moves with them.
//
// An element of Stmts may also be the init statement of an if, for or switch.
// If To is that if, for or switch, the comments above To end up above the moved
// statement.
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

// ReplaceExpr replaces Expr with the expression Code, parenthesized if needed.
// Comments at either end of Expr stay where they are. Comments inside it go
// above the statement, except those that some Code of the script contains.
type ReplaceExpr struct {
	Expr ast.Expr
	Code string
}

// ReplaceStmt replaces Stmt with the statements of Code. Comments above and
// after Stmt stay. Comments inside it go above, except those that some Code of
// the script contains. If Code is a single simple statement, Stmt may also be
// an init or post statement or the communication clause of a select case.
type ReplaceStmt struct {
	Stmt ast.Stmt
	Code string
}

// KeyToValue turns `for k := range x` into `for _, k := range x`, for use when x
// is replaced by a slice of its keys.
type KeyToValue struct{ Loop *ast.RangeStmt }

// Body is the identifier that stands for the wrapped statements in [Wrap.Code].
const Body = "__BODY__"

// Wrap replaces the statements First to Last of one list with the statements of
// Code, in which the identifier [Body], used as a statement, stands for the
// replaced ones. Their comments go inside, except that comments separated from
// First by a blank line stay above, and comments below Last stay below.
type Wrap struct {
	First, Last ast.Stmt
	Code        string
	Space       Space
}

// DeferToCall turns `defer f()` into `f()`.
type DeferToCall struct{ Stmt *ast.DeferStmt }

// CallToDefer turns `f()` into `defer f()`.
type CallToDefer struct{ Stmt *ast.ExprStmt }
