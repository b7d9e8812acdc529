package edits

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// copyInFull returns the statements that copy an extracted value element by element.
func copyInFull(w *move.Window, x extract.Extraction) string {
	name, path := extract.NameOf(w.Site, x), types.ExprString(x.Uses[0])
	typ, _ := w.TypeText(w.CopyType(x))
	key := x.RangedKey(w.Site)
	switch {
	case key != nil:
		return fmt.Sprintf("%s := make(%s, 0, len(%s))\nfor %s := range %s {\n%s = append(%s, %s)\n}", name, typ, path, key.Name, path, name, name, key.Name)
	case w.ValuesOnly(x):
		elem := w.Parents[x.Uses[0]].(*ast.RangeStmt).Value.(*ast.Ident).Name
		return fmt.Sprintf("%s := make(%s, 0, len(%s))\nfor _, %s := range %s {\n%s = append(%s, %s)\n}", name, typ, path, elem, path, name, name, elem)
	case syntax.IsMapType(w.CopyType(x)):
		k, v := "k", "v"
		if name == "k" || name == "v" {
			k, v = "key", "value"
		}
		return fmt.Sprintf("%s := make(%s, len(%s))\nfor %s, %s := range %s {\n%s[%s] = %s\n}", name, typ, path, k, v, path, name, k, v)
	}
	if slices.ContainsFunc(x.Uses, func(e ast.Expr) bool { return !isRanged(w, e) }) {
		return fmt.Sprintf("%s := append(%s[:0:0], %s...)", name, path, path) // nil only if path is
	}
	return fmt.Sprintf("%s := append(%s(nil), %s...)", name, typ, path)
}

// isRanged reports whether a loop ranges over the expression.
func isRanged(w *move.Window, e ast.Expr) bool {
	r, ok := w.Parents[e].(*ast.RangeStmt)
	return ok && r.X == e
}

// ExtractionCode returns the statements that copy the extracted values. A single assignment
// copies all values whose copy is an expression.
func ExtractionCode(w *move.Window, xs []extract.Extraction) string {
	var names, paths []string
	var code []string
	for _, x := range xs {
		if text := w.CopyOf(x); text != "" {
			names = append(names, extract.NameOf(w.Site, x))
			paths = append(paths, text)
		} else {
			code = append(code, copyInFull(w, x))
		}
	}
	if len(names) > 0 {
		code = append([]string{strings.Join(names, ", ") + " := " + strings.Join(paths, ", ")}, code...)
	}
	return strings.Join(code, "\n")
}

// ExtractOps returns the operations that copy the extracted values before a statement and use
// the copies in the window.
func ExtractOps(w *move.Window, xs []extract.Extraction, before ast.Stmt) []tree.Op {
	if len(xs) == 0 {
		return nil
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: before, Code: ExtractionCode(w, xs)}}, useOps(w, xs)...)
}

// useOps returns the operations that use the extracted values in the window.
func useOps(w *move.Window, xs []extract.Extraction) []tree.Op {
	var ops []tree.Op
	for _, x := range xs {
		for _, u := range x.Uses {
			code := extract.NameOf(w.Site, x)
			if x.Pointee {
				code = "&" + code
			}
			// Otherwise the use is part of the code of the lift.
			if w.Lift == nil || w.Lift.Commit == nil || !syntax.Within(u, w.Lift.Part) {
				ops = append(ops, tree.ReplaceExpr{Expr: u, Code: code})
			}
			if x.RangedKey(w.Site) != nil {
				ops = append(ops, tree.KeyToValue{Loop: w.Parents[u].(*ast.RangeStmt)})
			}
		}
	}
	return ops
}
