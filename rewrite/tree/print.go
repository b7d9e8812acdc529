package tree

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// String returns the script as text, one operation per line.
func (s Script) String(fset *token.FileSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "edit %s at %s\n", declName(s.Decl), fset.Position(s.Decl.Pos()))
	for _, op := range s.Ops {
		fmt.Fprintf(&b, "\t%s\n", op.String(fset))
	}
	return b.String()
}

func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return "func " + d.Name.Name
	case *ast.GenDecl:
		return d.Tok.String()
	}
	return "declaration"
}

func (o InsertBefore) String(fset *token.FileSet) string {
	under := ""
	if o.Under {
		under = ", under its comments"
	}
	return fmt.Sprintf("insert before %s: %q%s%s", shortPos(fset, o.Stmt), o.Code, o.Space, under)
}

func (o InsertAfter) String(fset *token.FileSet) string {
	return fmt.Sprintf("insert after %s: %q%s", shortPos(fset, o.Stmt), o.Code, o.Space)
}

func (o Remove) String(fset *token.FileSet) string {
	gap := ""
	if o.Gap != Auto {
		gap = ", gap " + o.Gap.String()
	}
	return fmt.Sprintf("remove %s%s", shortPos(fset, o.Stmt), gap)
}

func (o MoveBefore) String(fset *token.FileSet) string {
	return fmt.Sprintf("move %s before %s%s", positions(fset, o.Stmts), shortPos(fset, o.To), o.Space)
}

func (o MoveAfter) String(fset *token.FileSet) string {
	return fmt.Sprintf("move %s after %s%s", positions(fset, o.Stmts), shortPos(fset, o.To), o.Space)
}

func (o ReplaceExpr) String(fset *token.FileSet) string {
	return fmt.Sprintf("replace expression %s by %q", shortPos(fset, o.Expr), o.Code)
}

func (o ReplaceStmt) String(fset *token.FileSet) string {
	return fmt.Sprintf("replace %s by %q", shortPos(fset, o.Stmt), o.Code)
}

func (o Wrap) String(fset *token.FileSet) string {
	return fmt.Sprintf("wrap %s to %s in %q%s", shortPos(fset, o.First), shortPos(fset, o.Last), o.Code, o.Space)
}

func (o KeyToValue) String(fset *token.FileSet) string {
	return fmt.Sprintf("range over values at %s", shortPos(fset, o.Loop))
}

func (o DeferToCall) String(fset *token.FileSet) string {
	return fmt.Sprintf("call instead of defer %s", shortPos(fset, o.Stmt))
}

func (o CallToDefer) String(fset *token.FileSet) string {
	return fmt.Sprintf("defer instead of call %s", shortPos(fset, o.Stmt))
}

// String returns "auto", "none" or "blank".
func (s Spacing) String() string {
	switch s {
	case None:
		return "none"
	case Blank:
		return "blank"
	}
	return "auto"
}

// String returns "" if both sides are Auto.
func (s Space) String() string {
	if s == (Space{}) {
		return ""
	}
	return fmt.Sprintf(", space %s %s", s.Before, s.After)
}

func positions(fset *token.FileSet, list []ast.Stmt) string {
	var all []string
	for _, s := range list {
		all = append(all, shortPos(fset, s))
	}
	return strings.Join(all, " ")
}

// shortPos prints the position of n as line:column.
func shortPos(fset *token.FileSet, n ast.Node) string {
	if isNil(n) {
		return "nothing"
	}
	p := fset.Position(n.Pos())
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}
