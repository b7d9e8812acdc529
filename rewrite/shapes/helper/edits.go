package helper

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// place finds the cheapest placement of the callers' lock in the helper.
func (h *helperSite) place() (*placement.Placement, *safety.Refusal) {
	for _, o := range h.Finding.Ops {
		if o.Deferred {
			return nil, safety.Refuse(safety.S15, "deferred-wait", o.Pos(), "%s is deferred: it runs when %s returns, when the lock is held again", o.Call(), h.Unit.Name())
		}
	}
	if len(h.Finding.Ops) == 0 {
		return nil, safety.Inapplicable(h.of.Lock.Pos(), "%s does not wait under the lock", h.Unit.Name())
	}
	p, refusal := placement.PlaceWith(h.Site, false, false)
	if p == nil {
		return nil, h.nearest(refusal)
	}
	if len(p.Stay) > 0 {
		return nil, h.nearest(safety.Refuse(safety.S15, "several-functions", p.Stay[0].Pos(), "%s would stay under the lock", p.Stay[0].Call()))
	}
	if h.Detach != nil {
		if refusal := p.Empty(); refusal != nil {
			return nil, refusal
		}
	}
	return p, nil
}

// nearest says what keeps the waits under the lock, if it is a single thing.
func (h *helperSite) nearest(refusal *safety.Refusal) *safety.Refusal {
	first, last := len(h.Body), -1
	for _, o := range h.Finding.Ops {
		if i := h.IndexOf(o.Node); i >= 0 {
			first, last = min(first, i), max(last, i)
		}
	}
	if refusal.Condition != safety.S1 || last < 0 {
		return refusal
	}
	if r := refuseGuarded(h.Site, h.Body[first:last+1]); r != nil {
		return r
	}
	return refusal
}

// refuseGuarded refuses if the statements use something guarded.
func refuseGuarded(s *site.Site, list []ast.Stmt) *safety.Refusal {
	t := behaviour.Touches(s, syntax.StmtNodes(list)...).Guarded()
	if t == nil {
		return nil
	}
	return safety.Refuse(safety.S1, "needed-before", t.Access.Pos(), "%s is used before the wait is over, and %s guards it: %s", t.Name(), s.Section.Lock, t.Why)
}

// stays returns how many of the section's waits stay under the lock.
func (h *helperSite) stays() int {
	n := 0
	for _, o := range h.of.Finding.Ops {
		if !slices.Contains(o.Callees(), h.Unit) {
			n++
		}
	}
	return n
}

// WorthIt refuses if what stays under the section's lock may take as long as the helper's
// wait.
func (h *helperSite) worthIt() *safety.Refusal {
	var left []*waits.Op
	for _, o := range h.of.Finding.Ops {
		if !slices.Contains(o.Callees(), h.Unit) {
			left = append(left, o)
		}
	}
	if len(left) == 0 || placement.WorthIt(h.of, left) {
		return nil
	}
	return safety.Refuse(safety.S15, "several-functions", left[0].Pos(), "the section waits in several functions")
}

// proveLockOrder is S13: no lock that the helper has taken under the callers'
// lock may still be held when that is taken again after the window.
func (h *helperSite) proveLockOrder() *safety.Refusal {
	for _, o := range h.Finding.Ops {
		for _, p := range locks.MayHoldAt(h.Unit, o.Node) {
			return safety.Refuse(safety.S13, "lock-order", o.Pos(), "%s may be held here and was taken while %s was held; it would still be held when that is taken again", p, h.Section.Lock)
		}
	}
	return nil
}

// ops are the operations that release the lock for the window and take it again
// after it. Where a panic must find it held, the window is a literal that takes it by
// defer, if it can be one.
func (h *helperSite) ops(p *placement.Placement) ([]tree.Op, *safety.Refusal) {
	if !h.Inherited.Deferred {
		p.Proved(safety.S12, "no caller releases the lock by defer")
		return p.Ops()
	}
	open := p.StmtsWhere(p.Site, func(st *placement.PlacedStep) bool { return st.Free() && st.Mode.From != place.Gone }, nil)
	for _, st := range p.Steps {
		if st.Mode.Kind == placement.Commit {
			open = append(open, st.Lift.Part)
		}
	}
	if ops := h.literalOps(p); ops != nil {
		p.Proved(safety.S12, "a caller releases the lock by defer, so it is taken again by defer")
		return slices.Insert(ops, min(len(p.Releases[0].Values), 1), p.DetachOps()...), nil
	}
	at := panics.MayPanic(h.Site, open, nil)
	switch {
	case len(open) == 0:
		p.Proved(safety.S12, "a caller releases the lock by defer, so it is taken again by defer")
	case at == nil:
		p.Proved(safety.S12, "a caller releases the lock by defer, and nothing that runs without it can panic")
	default:
		also := p.DropPanicQuestion()
		p.Assume(safety.S12, at.At.Pos(), "If %s, a deferred unlock finds %s unlocked and ends the program. Is it certain that this does not happen?", at.Panics(), h.Section.Lock)
		p.Recorded[len(p.Recorded)-1].Also = also
	}
	return p.Ops()
}

// literalOps are the operations of a placement with one window, in one statement list, that
// affects what comes after it by one value at most; nil for any other.
func (h *helperSite) literalOps(p *placement.Placement) []tree.Op {
	if len(p.Releases) != 1 || len(p.Locks) != 1 || p.Releases[0].Gone || len(p.Leaves) > 0 {
		return nil
	}
	r, l := p.Releases[0], p.Locks[0]
	list := h.ListOf(r.At)
	first, last := slices.Index(list, r.At), slices.Index(list, l.At)
	if r.After || first < 0 || last < first {
		return nil
	}
	if l.Commit != nil {
		return h.literalLift(p, r.Values, l)
	}
	if !l.After {
		last--
	}
	stmts := list[first : last+1]
	for len(stmts) > 0 && isDefer(stmts[0]) { // a deferred call belongs to the helper, not to the literal
		stmts = stmts[1:]
	}
	if len(stmts) == 0 || panics.MayPanic(h.Site, stmts, nil) == nil {
		return nil
	}
	ops := edits.ExtractOps(p.Window, r.Values, stmts[0])
	rhs := valueOf(stmts[0])
	if rhs == nil || len(stmts) > 1 {
		if slices.ContainsFunc(stmts, func(st ast.Stmt) bool { return syntax.JumpsOut(st, false, false) || declares(st) || defers(st) }) {
			return nil
		}
		code := "func() {\n" + h.UnlockText() + "\ndefer " + h.LockText() + "\n" + tree.Body + "\n}()"
		return append(ops, tree.Wrap{First: stmts[0], Last: stmts[len(stmts)-1], Code: code})
	}
	code, ok := h.literal(rhs, extract.SourceWith(h.Site, rhs, r.Values))
	if !ok {
		return nil
	}
	return append(usesOutside(ops, rhs), tree.ReplaceExpr{Expr: rhs, Code: code})
}

// usesOutside leaves out the operations that use an extracted value in an expression whose code
// contains the use already.
func usesOutside(ops []tree.Op, e ast.Expr) []tree.Op {
	return slices.DeleteFunc(ops, func(op tree.Op) bool {
		use, ok := op.(tree.ReplaceExpr)
		return ok && syntax.Within(use.Expr, e)
	})
}

// literalLift is literalOps for a window that is part of a statement.
func (h *helperSite) literalLift(p *placement.Placement, xs []extract.Extraction, l *placement.LockPlace) []tree.Op {
	lift := l.Commit.Lift
	part := lift.Init
	if lift.Commit != nil {
		part = lift.Commit
	}
	rhs := valueOf(part)
	if rhs == nil || p.Releases[0].At != lift.Of {
		return nil
	}
	code, ok := h.literal(rhs, extract.SourceWith(h.Site, rhs, xs))
	if !ok {
		return nil
	}
	ops := edits.ExtractOps(p.Window, xs, lift.Of)
	if lift.Commit == nil {
		ops = append(usesOutside(ops, rhs), lift.Before(xs)...)
		return append(ops, tree.ReplaceExpr{Expr: rhs, Code: code})
	}
	lift.Code = code
	return append(append(ops, lift.Before(xs)...), lift.After()...)
}

// literal is a function literal, called in place, that computes the value
// without the lock. ok is false if the type of its result cannot be spelled.
func (h *helperSite) literal(value ast.Expr, code string) (text string, ok bool) {
	result, ok := resultText(h.Site, value)
	return "func() " + result + " {\n" + h.UnlockText() + "\ndefer " + h.LockText() + "\nreturn " + code + "\n}()", ok
}

// valueOf returns the only value that a statement computes, or nil.
func valueOf(st ast.Stmt) ast.Expr {
	switch st := st.(type) {
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 && (st.Tok == token.DEFINE || st.Tok == token.ASSIGN) {
			return st.Rhs[0]
		}
	case *ast.ReturnStmt:
		if len(st.Results) == 1 {
			return st.Results[0]
		}
	}
	return nil
}

func isDefer(st ast.Stmt) bool {
	_, ok := st.(*ast.DeferStmt)
	return ok
}

// defers reports whether a statement defers a call until the function around it returns.
func defers(st ast.Stmt) bool {
	return syntax.HasOuter(st, func(*ast.DeferStmt) bool { return true })
}

func declares(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.DeclStmt:
		return true
	case *ast.AssignStmt:
		return st.Tok == token.DEFINE
	}
	return false
}

// resultText spells the type of an expression as the result of a function.
func resultText(s *site.Site, e ast.Expr) (string, bool) {
	t := s.Info.TypeOf(e)
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return s.TypeText(t)
	}
	var texts []string
	for i := range tuple.Len() {
		text, ok := s.TypeText(tuple.At(i).Type())
		if !ok {
			return "", false
		}
		texts = append(texts, text)
	}
	return "(" + strings.Join(texts, ", ") + ")", true
}

// TakesAgain is the last sentence of a helper's documentation once it opens a window.
const TakesAgain = " while it waits, and takes it again."

// doc is the edit that makes the documentation of the helper say that it releases the lock.
// There is none if the documentation already says so, or is not written in // lines.
func (h *helperSite) doc() []plan.OutsideEdit {
	d := h.Unit.Decl
	lock, ok := strings.CutSuffix(h.LockText(), "."+h.Section.Mode.Acquire()+"()")
	if !ok {
		return nil
	}
	if lock == h.Section.Lock.Root.Name() && len(h.Section.Lock.Fields) > 0 { // the mutex is embedded
		lock = "the lock of " + lock
	}
	does := " releases " + lock + TakesAgain
	at, text := d.Pos(), "// "+d.Name.Name+does+"\n"
	if d.Doc != nil {
		lines := slices.DeleteFunc(slices.Clone(d.Doc.List), func(c *ast.Comment) bool { return c.Text == "//" || isDirective(c.Text) })
		switch {
		case len(lines) == 0:
			at = d.Doc.Pos()
		case !strings.HasPrefix(lines[0].Text, "//") || strings.Contains(d.Doc.Text(), "releases "+lock):
			return nil
		default:
			at, text = lines[len(lines)-1].End(), "\n// It"+does
		}
	}
	offset := h.Pkg.Fset.File(at).Offset(at)
	return []plan.OutsideEdit{{File: h.File, Edit: textedit.Edit{Start: offset, End: offset, New: text}, Doc: d}}
}

// isDirective reports whether a comment is for a tool, and not documentation.
func isDirective(text string) bool {
	rest, ok := strings.CutPrefix(text, "//")
	return ok && rest != "" && rest[0] != ' ' && rest[0] != '\t'
}
