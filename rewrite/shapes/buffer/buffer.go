// Package buffer writes into a buffer under the lock what a section writes to somebody
// who may be slow, and hands that on after the release.
package buffer

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A buffering is a section that can write into a buffer.
type buffering struct {
	*move.Window
	to     *types.Var // the writer
	writes []*write   // in source order

	first, last int  // the statements of the section's list with the first and the last write
	form        form // what happens to the last one
	stays       int  // writes that stay as they are: short answers on paths that leave
}

// A write is a call that waits for nothing but the writer.
type write struct {
	call   *ast.CallExpr
	to     *ast.Ident    // the writer, as the code names it
	in     *ast.CallExpr // the call with that name: the call, or what makes its encoder
	method bool          // it is a method of the writer itself
	whole  bool          // if it fails, it has written nothing
}

// A form says how the last statement with a write uses its result.
type form byte

const (
	dropped  form = iota // not at all
	tested               // if err := write(w); err != nil { ... }
	returned             // return write(w)
	assigned             // err := write(w)
)

// Plan plans the shape for a section.
func Plan(s *site.Site) (*plan.Plan, *safety.Refusal) {
	if r := s.Form(); r != nil {
		return nil, r
	}
	b, r := find(s)
	if r != nil {
		return nil, r
	}
	if r := b.prove(); r != nil {
		return nil, r
	}
	ops, r := b.ops()
	if r != nil {
		return nil, r
	}
	return &plan.Plan{
		Title:       "Write into a buffer under " + s.Section.Lock.String() + ", and to " + b.to.Name() + " after its release",
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Stays:       b.stays,
		Obligations: b.Obligations(),
	}, nil
}

// find finds the writes of a section. All that it waits for must be one writer.
func find(s *site.Site) (*buffering, *safety.Refusal) {
	b := &buffering{}
	var others []*waits.Op
	for _, o := range s.Finding.Ops {
		w := writeOf(s, o.Node)
		switch {
		case w == nil || o.Deferred:
			others = append(others, o)
		case b.to == nil:
			b.to = syntax.VarOf(s.Info, w.to)
		case b.to != syntax.VarOf(s.Info, w.to):
			return nil, safety.Inapplicable(o.Pos(), "the section writes to several writers")
		}
	}
	if b.to == nil {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the section writes nothing to a writer that it is given")
	}
	for _, st := range s.Body { // short texts count, too, though they are no wait
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if w := writeOf(s, n); w != nil && b.to == syntax.VarOf(s.Info, w.to) {
				b.writes = append(b.writes, w)
			}
			return true
		})
	}
	b.writes = slices.DeleteFunc(b.writes, func(w *write) bool { return reports(s, b.writes, w) })
	b.first, b.last = s.IndexOf(b.writes[0].call), s.IndexOf(b.writes[len(b.writes)-1].call)
	if w := b.writes[0]; len(b.writes) == 1 && w.method && behaviour.Touches(s, w.call.Args[0]).Guarded() == nil && s.LoopAround(w.call) == s.LoopAround(s.Lock) {
		return nil, safety.Inapplicable(w.call.Pos(), "there is nothing to encode: what the section writes stands in a variable")
	}
	for _, o := range others {
		if o.Deferred || !b.answers(s, o.Node) {
			return nil, safety.Inapplicable(o.Pos(), "%s waits for something else than %s", o.Call(), b.to.Name())
		}
		b.stays++
	}
	if r := b.shape(s); r != nil {
		return nil, r
	}
	under, after := b.divide(s)
	b.Window = move.NewWindow(s, under, after, nil)
	if b.ownWriter() {
		delete(b.Derived, b.to) // the buffer gets what is written, and nobody else has the writer
	}
	if r := b.usesWriter(); r != nil {
		return nil, r
	}
	return b, b.usesHolder()
}

// reports reports whether a write is in the body of the test of another write's error, as the
// last statement of the section with a write: it stays as it is, after the release.
//
//	if err := t.Execute(w, data); err != nil {
//		fmt.Fprintln(w, err)
//	}
func reports(s *site.Site, writes []*write, w *write) bool {
	ifs, ok := s.Body[s.IndexOf(writes[len(writes)-1].call)].(*ast.IfStmt)
	if !ok || ifs.Else != nil || !syntax.Within(w.call, ifs.Body) {
		return false
	}
	as, ok := ifs.Init.(*ast.AssignStmt)
	return ok && len(as.Rhs) == 1 && slices.ContainsFunc(writes, func(o *write) bool { return as.Rhs[0] == ast.Expr(o.call) })
}

// divide lists what runs before the release, and what runs after it.
func (b *buffering) divide(s *site.Site) (under, after []ast.Stmt) {
	under, after = slices.Clone(s.Body[:b.last+1]), s.Body[b.last+1:]
	if b.form == tested {
		ifs := under[b.last].(*ast.IfStmt)
		under[b.last] = ifs.Init
		after = slices.Concat([]ast.Stmt{&ast.ExprStmt{X: ifs.Cond}}, ifs.Body.List, after)
	}
	return under, after
}

// writers are functions that wait for nothing but the writer in their first argument; true
// if they write nothing when they fail.
var writers = map[string]bool{
	"fmt.Fprint": true, "fmt.Fprintf": true, "fmt.Fprintln": true, "io.WriteString": true, "encoding/binary.Write": true,
	"(*text/template.Template).Execute": false, "(*text/template.Template).ExecuteTemplate": false,
	"(*html/template.Template).Execute": false, "(*html/template.Template).ExecuteTemplate": false,
}

// encoders are methods that wait for nothing but the writer that their receiver was made
// for; true if they write nothing when they fail.
var encoders = map[string]bool{
	"(*encoding/json.Encoder).Encode": true, "(*encoding/xml.Encoder).Encode": false, "(*encoding/gob.Encoder).Encode": false,
}

// makers make such receivers.
var makers = []string{"encoding/json.NewEncoder", "encoding/xml.NewEncoder", "encoding/gob.NewEncoder"}

// writeOf returns a node as a write to a local variable or parameter, or nil.
func writeOf(s *site.Site, n ast.Node) *write {
	c, ok := n.(*ast.CallExpr)
	if !ok || !s.InBody(c) || s.InLiteral(c) {
		return nil
	}
	fn := patterns.CalleeOf(s.Info, c)
	if fn == nil {
		return nil
	}
	sel, _ := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	w := &write{call: c, in: c}
	if whole, ok := writers[fn.FullName()]; ok && len(c.Args) > 0 {
		w.to, _ = c.Args[0].(*ast.Ident)
		w.whole = whole
	} else if whole, ok := encoders[fn.FullName()]; ok && sel != nil {
		if w.in = makerOf(s, sel.X); w.in == nil {
			return nil
		}
		w.to, _ = w.in.Args[0].(*ast.Ident)
		w.whole = whole
	} else if sel != nil && (fn.Name() == "Write" || fn.Name() == "WriteString") && isWrite(fn) {
		w.to, _ = sel.X.(*ast.Ident)
		w.method, w.whole = true, true
	} else {
		w.to = passedTo(s, c)
	}
	if w.to == nil {
		return nil
	}
	v := syntax.VarOf(s.Info, w.to)
	if v == nil || v.IsField() || syntax.IsGlobal(v) || !s.Unit.Declares(v) || v.Pos() > s.Lock.Pos() || !hasWrite(v.Type()) {
		return nil
	}
	return w
}

// passedTo returns the variable that a call passes to a function of the package as an
// [io.Writer], if that only writes to it; nil otherwise.
func passedTo(s *site.Site, c *ast.CallExpr) *ast.Ident {
	if fn := patterns.CalleeOf(s.Info, c); slices.Contains(makers, fn.FullName()) {
		return nil // which writes nothing itself
	}
	var to *ast.Ident
	for i, a := range c.Args {
		if id, ok := a.(*ast.Ident); ok && onlyWritten(s, s.Unit, c, i, 0) {
			if to != nil {
				return nil
			}
			to = id
		}
	}
	return to
}

// maxPassed bounds how many functions a passed writer is followed through.
const maxPassed = 3

// onlyWritten reports whether a call does nothing with one of its arguments but write to
// it.
func onlyWritten(s *site.Site, u *patterns.Unit, c *ast.CallExpr, arg, depth int) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || depth == maxPassed {
		return false
	}
	if _, ok := writers[fn.FullName()]; ok || slices.Contains(makers, fn.FullName()) {
		return arg == 0
	}
	callees, known := s.Program.Callees(u, c)
	params := fn.Signature().Params()
	if !known || len(callees) != 1 || callees[0].Body == nil || fn.Signature().Variadic() || arg >= params.Len() || types.TypeString(params.At(arg).Type(), nil) != "io.Writer" {
		return false
	}
	callee, v := callees[0], params.At(arg).Origin()
	parents := s.ParentsIn(callee)
	return syntax.First(callee.Body, func(id *ast.Ident) *ast.Ident {
		if callee.Pkg.Info.Uses[id] != types.Object(v) {
			return nil
		}
		if outlives(parents, id) {
			return id
		}
		switch p := parents[id].(type) {
		case *ast.CallExpr:
			if i := slices.Index(p.Args, ast.Expr(id)); i >= 0 && onlyWritten(s, callee, p, i, depth+1) {
				return nil
			}
		case *ast.SelectorExpr:
			if _, called := parents[p].(*ast.CallExpr); called && p.Sel.Name == "Write" {
				return nil
			}
		}
		return id
	}) == nil
}

// outlives reports whether a node is in a literal or a go statement, which may run when
// the function has returned.
func outlives(parents map[ast.Node]ast.Node, n ast.Node) bool {
	for ; n != nil; n = parents[n] {
		switch n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return true
		}
	}
	return false
}

// makerOf returns the call that makes the encoder in an expression: json.NewEncoder(w), or
// a variable that only ever holds that.
func makerOf(s *site.Site, e ast.Expr) *ast.CallExpr {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		v := syntax.VarOf(s.Info, id)
		if v == nil || v.IsField() || syntax.IsGlobal(v) || !onlyCalled(s, v) {
			return nil
		}
		e = s.Unit.DefinedOnce(v)
	}
	c, ok := e.(*ast.CallExpr)
	if !ok || len(c.Args) != 1 || !s.InBody(c) {
		return nil
	}
	fn := patterns.CalleeOf(s.Info, c)
	if fn == nil || !slices.Contains(makers, fn.FullName()) {
		return nil
	}
	return c
}

// onlyCalled reports whether the section uses a variable only to call methods on it.
func onlyCalled(s *site.Site, v *types.Var) bool {
	return syntax.First(s.Unit.Body, func(id *ast.Ident) *ast.Ident {
		if s.Info.Uses[id] != types.Object(v) {
			return nil
		}
		sel, ok := s.Parents[id].(*ast.SelectorExpr)
		if c, called := s.Parents[sel].(*ast.CallExpr); ok && called && c.Fun == ast.Expr(sel) && s.InBody(c) && !s.InLiteral(c) {
			return nil
		}
		return id
	}) == nil
}

// isWrite reports whether a method takes bytes or a string and returns how many it has
// written, like those of [io.Writer] and [io.StringWriter].
func isWrite(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() != nil && sig.Params().Len() == 1 && sig.Results().Len() == 2 && patterns.IsError(sig.Results().At(1).Type())
}

// hasWrite reports whether values of a type are writers.
func hasWrite(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Write")
	fn, ok := obj.(*types.Func)
	return ok && isWrite(fn)
}

// answers reports whether a node is an answer to the request on a path that leaves the
// section before anything is written, or after the release: http.Error(w, ...). It stays
// as it is.
func (b *buffering) answers(s *site.Site, n ast.Node) bool {
	c, ok := n.(*ast.CallExpr)
	if i := s.IndexOf(n); i < 0 || i >= b.first && i <= b.last && !b.inTestOf(s, n) {
		return false
	}
	if !ok || len(c.Args) == 0 || !behaviour.IsResponse(s, c.Args[0]) {
		return false
	}
	fn := patterns.CalleeOf(s.Info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "net/http" {
		return false
	}
	if b.inTestOf(s, c) {
		return true
	}
	st, ok := s.Parents[c].(ast.Stmt)
	list := s.ListOf(st)
	return ok && len(list) > 0 && !slices.Contains(s.Body, st) && syntax.Terminates(s.Info, list[len(list)-1])
}

// inTestOf reports whether a node is in the body of an if whose init statement is the last
// write: that runs after the release.
func (b *buffering) inTestOf(s *site.Site, n ast.Node) bool {
	ifs, ok := s.Body[b.last].(*ast.IfStmt)
	return ok && b.isTested(ifs) && syntax.Within(n, ifs.Body)
}

// isTested reports whether a statement is the last write with a test of its error.
func (b *buffering) isTested(ifs *ast.IfStmt) bool {
	as, ok := ifs.Init.(*ast.AssignStmt)
	return ok && ifs.Else == nil && len(as.Rhs) == 1 && as.Rhs[0] == ast.Expr(b.writes[len(b.writes)-1].call)
}
