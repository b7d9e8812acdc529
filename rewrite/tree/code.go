package tree

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
)

// parseStmts parses code as statements and returns them as elements of an open
// list, without a kindEnd mark. Comments after the last statement become a
// kindGone mark, so that they pass to the next element. Lists inside the
// statements are open too. The result has at least one element.
func (e *edit) parseStmts(code string) ([]dst.Stmt, error) {
	body, err := parseBody(code)
	if err != nil {
		return nil, err
	}
	if len(body.List) == 0 {
		if !hasComment(body.Decs.Lbrace) {
			return nil, errors.New("the code is empty")
		}
		_, below, _ := splitEnd(body.Decs.Lbrace)
		m := e.newMark(kindGone, nil)
		m.Decs.Start, m.Decs.Before = closeLines(below), dst.NewLine
		return []dst.Stmt{m}, nil
	}
	e.openLists(body)
	n := len(body.List) - 1
	elems, end := body.List[:n:n], body.List[n].(*dst.EmptyStmt)
	if hasComment(end.Decs.Start) {
		m := e.newMark(kindGone, nil)
		m.Decs.Start, m.Decs.Before = closeLines(end.Decs.Start), end.Decs.Before
		elems = append(elems, m)
	}
	return elems, nil
}

// closeLines makes sure that decs ends with a line end.
func closeLines(decs dst.Decorations) dst.Decorations {
	if n := len(decs); n > 0 && decs[n-1] != "\n" && !isLineComment(decs[n-1]) {
		return append(decs, "\n")
	}
	return decs
}

// parseBody parses code as the body of a function.
func parseBody(code string) (*dst.BlockStmt, error) {
	const head, tail = "package p\nfunc _() {\n", "\n}\n"
	f, err := parseCode(head, code, tail)
	if err != nil {
		return nil, err
	}
	fn, ok := f.Decls[0].(*dst.FuncDecl)
	if !ok || len(f.Decls) != 1 {
		return nil, errors.New("the code is not a list of statements: its braces do not match")
	}
	return fn.Body, nil
}

// parseExpr parses code as one expression.
func parseExpr(code string) (dst.Expr, error) {
	const head, tail = "package p\nvar _ = (", ")\n"
	f, err := parseCode(head, code, tail)
	if err != nil {
		return nil, err
	}
	bad := errors.New("the code is not one expression")
	decl, ok := f.Decls[0].(*dst.GenDecl)
	if !ok || len(f.Decls) != 1 || len(decl.Specs) != 1 {
		return nil, bad
	}
	values := decl.Specs[0].(*dst.ValueSpec).Values
	if len(values) != 1 {
		return nil, bad
	}
	paren, ok := values[0].(*dst.ParenExpr)
	if !ok {
		return nil, bad
	}
	x := paren.X
	x.Decorations().Before, x.Decorations().After = dst.None, dst.None
	return x, nil
}

// parseCode parses and decorates the file head+code+tail. It formats the file
// first, because where dst puts a comment depends on indentation.
func parseCode(head, code, tail string) (*dst.File, error) {
	fset := token.NewFileSet()
	src, err := format.Source([]byte(head + code + tail))
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			err = errors.New(list[0].Msg)
		}
		return nil, fmt.Errorf("the code does not parse: %w", err)
	}
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return decorator.NewDecorator(fset).DecorateFile(f)
}

// codeComments counts the comments in the code of ops, by [commentKey]. It skips
// code that doesn't parse, since applying the operation will report that.
func codeComments(ops []Op) map[string]int {
	n := make(map[string]int)
	for _, op := range ops {
		c, ok := op.(interface{ code() string })
		if !ok {
			continue
		}
		fset := token.NewFileSet()
		src := "package p\nfunc _() {\n" + c.code() + "\n}\n"
		f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, text := range CommentsOf(f, f.FileStart, f.FileEnd) {
			n[text]++
		}
	}
	return n
}

func (o InsertBefore) code() string { return o.Code }
func (o InsertAfter) code() string  { return o.Code }
func (o ReplaceExpr) code() string  { return o.Code }
func (o ReplaceStmt) code() string  { return o.Code }
func (o Wrap) code() string         { return o.Code }

// findBody finds the statement [Body] in elements made by parseStmts. It
// returns the list that holds it, or nil for elems itself, and the index in
// that list.
func findBody(elems []dst.Stmt) (list *[]dst.Stmt, index int, err error) {
	found := 0
	look := func(l *[]dst.Stmt, in []dst.Stmt) {
		for i, s := range in {
			if x, ok := s.(*dst.ExprStmt); ok && isBody(x.X) {
				list, index = l, i
				found++
			}
		}
	}
	look(nil, elems)
	for _, s := range elems {
		for _, l := range listsIn(s) {
			look(l.elems, *l.elems)
		}
	}
	if found != 1 {
		return nil, 0, fmt.Errorf("the code has %d statements %s, want 1", found, Body)
	}
	return list, index, nil
}

func isBody(x dst.Expr) bool {
	id, ok := x.(*dst.Ident)
	return ok && id.Name == Body
}

// inDecl reports whether n lies within decl.
func inDecl(decl ast.Decl, n ast.Node) bool {
	return decl.Pos() <= n.Pos() && n.End() <= decl.End()
}
