package buffer

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// shape decides what happens to the last statement with a write. Up to there the section
// must not return once something was written.
func (b *buffering) shape(s *site.Site) *safety.Refusal {
	last := b.writes[len(b.writes)-1]
	for _, st := range s.Body[b.first:b.last] {
		if syntax.JumpsOut(st, false, false) || syntax.Terminates(s.Info, st) {
			return safety.Inapplicable(st.Pos(), "the section may be left between two writes")
		}
	}
	switch st := s.Body[b.last].(type) {
	case *ast.IfStmt:
		if b.isTested(st) {
			b.form = tested
			return b.named(s, st.Init.(*ast.AssignStmt), st.Cond)
		}
	case *ast.ReturnStmt:
		if len(st.Results) != 1 || st.Results[0] != ast.Expr(last.call) || !patterns.IsError(s.Info.TypeOf(last.call)) {
			return safety.Inapplicable(st.Pos(), "the result of the write is part of a larger expression")
		}
		b.form = returned
		return nil
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 && st.Rhs[0] == ast.Expr(last.call) && !blank(st) {
			b.form = assigned
			return b.named(s, st, nil)
		}
	}
	if syntax.JumpsOut(s.Body[b.last], false, false) || !b.drops(s) {
		return safety.Inapplicable(last.call.Pos(), "what the section does depends on the result of the write")
	}
	return nil
}

// named refuses an assignment other than of an error to a plain variable, or whose variable
// shadows another one.
func (b *buffering) named(s *site.Site, as *ast.AssignStmt, cond ast.Expr) *safety.Refusal {
	id, ok := as.Lhs[len(as.Lhs)-1].(*ast.Ident)
	if !ok || id.Name == "_" || slices.ContainsFunc(as.Lhs[:len(as.Lhs)-1], func(e ast.Expr) bool { return !syntax.IsBlank(e) }) {
		return safety.Inapplicable(as.Pos(), "the section uses how much was written")
	}
	if !b.drops(s) || !patterns.IsError(s.Info.TypeOf(id)) {
		return safety.Inapplicable(as.Pos(), "what the section does depends on the result of a write")
	}
	if cond == nil || as.Tok == token.ASSIGN {
		return nil
	}
	scope := s.Pkg.Types.Scope().Innermost(as.Pos())
	if outer := scope.Parent(); outer != nil && outer.Lookup(id.Name) != nil {
		return safety.Inapplicable(as.Pos(), "%s would be declared twice", id.Name)
	}
	if later := b.hides(s, id); later != nil {
		return safety.Inapplicable(later.Pos(), "%s would hide another variable of that name", id.Name)
	}
	return nil
}

// hides returns where the statements after the last write use another variable of the name
// that its test declares.
func (b *buffering) hides(s *site.Site, declared *ast.Ident) *ast.Ident {
	at := slices.Index(s.List, s.Body[b.last])
	for _, st := range s.List[at+1:] {
		later := syntax.First(st, func(id *ast.Ident) *ast.Ident {
			obj := s.Info.Uses[id]
			if obj != nil && id.Name == declared.Name && obj.Parent() != nil && obj.Pos() < st.Pos() {
				return id
			}
			return nil
		})
		if later != nil {
			return later
		}
	}
	return nil
}

// drops reports whether the results of all writes but the last are not used, and of the
// last only as its form says.
func (b *buffering) drops(s *site.Site) bool {
	for i, w := range b.writes {
		switch st := s.Parents[w.call].(type) {
		case *ast.ExprStmt:
			continue
		case *ast.AssignStmt:
			if blank(st) {
				continue
			}
		}
		if i < len(b.writes)-1 || b.form == dropped {
			return false
		}
	}
	return true
}

func blank(as *ast.AssignStmt) bool {
	return !slices.ContainsFunc(as.Lhs, func(e ast.Expr) bool { return !syntax.IsBlank(e) })
}

// ops are the operations of the plan.
func (b *buffering) ops() ([]tree.Op, *safety.Refusal) {
	buf := b.FreshName("buf")
	ops := []tree.Op{tree.InsertBefore{Stmt: b.Lock, Code: "var " + buf + " " + b.Qualifier("bytes") + ".Buffer"}}
	done := make(map[*ast.Ident]bool)
	for _, w := range b.writes {
		if !done[w.to] && (b.form != returned || !syntax.Within(w.to, b.Body[b.last])) {
			ops = append(ops, tree.ReplaceExpr{Expr: w.to, Code: w.spell(buf)})
		}
		done[w.to] = true
	}
	release, r := b.release()
	if r != nil {
		return nil, r
	}
	ops = append(ops, release...)
	return append(ops, b.handOn(buf)...), nil
}

// release releases the lock on the paths that leave before anything is written, and removes
// the release at the end, which handOn replaces.
func (b *buffering) release() ([]tree.Op, *safety.Refusal) {
	if b.Defer == nil {
		if p := panics.MayPanic(b.Site, b.Pre[b.first:], b.sureWrites()); p != nil {
			b.Assume(safety.S12, p.At.Pos(), "If %s here, what was written before is no longer sent. Is that right?", p.Panics())
		}
		if b.last == len(b.Body)-1 && b.form == dropped {
			return nil, nil
		}
		return b.removeReleases(), nil
	}
	ops, free := []tree.Op{tree.Remove{Stmt: b.Defer, Gap: tree.None}}, b.sureWrites()
	for _, ret := range syntax.ReturnsIn(b.Body[:b.first]) {
		if list := b.leavesFrom(ret); list != nil {
			ops = append(ops, tree.InsertBefore{Stmt: list[0], Code: b.UnlockText(), Space: tree.Space{After: tree.None}})
			free = append(free, list...)
			continue
		}
		early, r := edits.ReleaseAtReturn(b.Window, ret)
		if r != nil {
			return nil, r
		}
		ops = append(ops, early...)
	}
	return ops, edits.ReleaseExplicitly(b.Window, b.Pre, free)
}

// removeReleases takes away the explicit releases after the last write.
func (b *buffering) removeReleases() []tree.Op {
	var ops []tree.Op
	if b.Final != nil {
		ops = append(ops, tree.Remove{Stmt: b.Final, Gap: tree.Auto})
	}
	for _, e := range b.Exits {
		if e.Pos() > b.writes[len(b.writes)-1].call.End() {
			ops = append(ops, tree.Remove{Stmt: e, Gap: tree.Auto})
		}
	}
	return ops
}

// sureWrites lists the statements that cannot panic, since a buffer accepts every write:
// those that write strings and numbers, or encode values without methods.
func (b *buffering) sureWrites() []ast.Stmt {
	var out []ast.Stmt
	for _, w := range b.writes {
		st, ok := b.Parents[w.call].(ast.Stmt)
		encodes := patterns.CalleeOf(b.Info, w.call).FullName() == "(*encoding/json.Encoder).Encode"
		sure := ok && w.whole && (w.in == w.call || encodes)
		for _, a := range w.call.Args {
			_, basic := b.Info.TypeOf(a).(*types.Basic) // without methods
			plain := basic || encodes && panics.IsPlain(b.Info.TypeOf(a))
			sure = sure && (a == ast.Expr(w.to) || plain && panics.MayPanic(b.Site, []ast.Stmt{&ast.ExprStmt{X: a}}, nil) == nil)
		}
		if sure {
			out = append(out, st)
		}
	}
	return out
}

// leavesFrom returns a return statement and those before it that do not need the lock: an
// answer to the request, say. It is nil if there is only the return.
func (b *buffering) leavesFrom(ret *ast.ReturnStmt) []ast.Stmt {
	list := b.ListOf(ret)
	at := slices.Index(list, ast.Stmt(ret))
	if at < 0 || slices.Contains(b.Body, ast.Stmt(ret)) {
		return nil
	}
	from := at + 1
	for from > 0 && behaviour.Touches(b.Site, list[from-1]).Guarded() == nil {
		from--
	}
	if from >= at {
		return nil
	}
	return list[from : at+1]
}

// handOn writes what is in the buffer after the last statement with a write.
func (b *buffering) handOn(buf string) []tree.Op {
	code := b.to.Name() + ".Write(" + buf + ".Bytes())"
	last := b.Body[b.last]
	unlock := b.UnlockText()
	paragraph := tree.Space{Before: tree.Blank}
	switch b.form {
	case returned:
		err := b.FreshName("err")
		call := b.writes[len(b.writes)-1].call
		return []tree.Op{
			tree.InsertBefore{Stmt: last, Code: err + " := " + b.sourceOf(buf) + "\n" + unlock, Space: tree.Space{After: tree.Blank}},
			tree.InsertBefore{Stmt: last, Code: "if " + err + " != nil {\nreturn " + err + "\n}\n_, " + err + " = " + code, Space: paragraph},
			tree.ReplaceExpr{Expr: call, Code: err},
		}
	case tested:
		ifs := last.(*ast.IfStmt)
		err := ifs.Init.(*ast.AssignStmt).Lhs[len(ifs.Init.(*ast.AssignStmt).Lhs)-1].(*ast.Ident).Name
		return []tree.Op{
			tree.MoveBefore{Stmts: []ast.Stmt{ifs.Init}, To: last},
			tree.InsertBefore{Stmt: last, Code: unlock, Space: tree.Space{After: tree.Blank}},
			tree.InsertBefore{Stmt: last, Code: "if " + err + " == nil {\n_, " + err + " = " + code + "\n}", Space: paragraph},
		}
	case assigned:
		as := last.(*ast.AssignStmt)
		err := as.Lhs[len(as.Lhs)-1].(*ast.Ident).Name
		return []tree.Op{tree.InsertAfter{Stmt: last, Code: unlock + "\n\nif " + err + " == nil {\n_, " + err + " = " + code + "\n}"}}
	}
	if b.mayBeEmpty() {
		code = "if " + buf + ".Len() > 0 {\n" + code + "\n}"
	}
	if b.Defer == nil && b.last == len(b.Body)-1 {
		return []tree.Op{tree.InsertAfter{Stmt: b.Final, Code: code, Space: paragraph}}
	}
	return []tree.Op{tree.InsertAfter{Stmt: last, Code: unlock + "\n\n" + code}}
}

// mayBeEmpty reports whether the section may write nothing, and somebody notices if the
// writer then gets an empty slice: it sends the status of a response, or an empty packet.
func (b *buffering) mayBeEmpty() bool {
	for _, w := range b.writes {
		st, ok := b.Parents[w.call].(ast.Stmt)
		if ok && w.whole && slices.Contains(b.Body, st) {
			return false
		}
	}
	if !behaviour.IsResponse(b.Site, b.writes[0].to) || b.LoopAround(b.Lock) != nil || b.Unit.Results().Len() > 0 {
		return true
	}
	return syntax.First(b.Unit.Body, func(id *ast.Ident) *ast.Ident {
		if id.Pos() > b.Body[b.last].End() && b.Info.Uses[id] == types.Object(b.to) {
			return id
		}
		return nil
	}) != nil
}

// sourceOf is the text of the last write with the buffer in place of the writer.
func (b *buffering) sourceOf(buf string) string {
	w := b.writes[len(b.writes)-1]
	text := b.Source(w.call)
	if !syntax.Within(w.to, w.call) {
		return text
	}
	return text[:int(w.to.Pos()-w.call.Pos())] + w.spell(buf) + text[int(w.to.End()-w.call.Pos()):]
}

// spell is how the code names the buffer in place of the writer.
func (w *write) spell(buf string) string {
	if w.method {
		return buf
	}
	return "&" + buf
}
