package order

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveTickets is the part of S8 about numbers and times that are drawn under the lock
// and passed to a queue:
//
//	ts := o.nextTs
//	o.nextTs++
//	o.mark.Begin(ts)
//
// The lock made the numbers arrive in the order in which they were drawn. If the send, or
// the call that sends, moves out of it, a later number may arrive first. A reader who does
// not know the receiver cannot say whether that is fine: a watermark may pass numbers that
// are still to come, or a log may have its entries in the wrong order.
func ProveTickets(w *move.Window) *safety.Refusal {
	if w.Second != nil {
		return nil
	}
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	drawn := Drawn(w)
	for _, st := range w.Stmts {
		var refusal *safety.Refusal
		syntax.InspectRun(w.Info, st, func(n ast.Node) bool {
			if refusal != nil {
				return false
			}
			switch n := n.(type) {
			case *ast.GoStmt:
				return false
			case *ast.SendStmt:
				for _, e := range madeOf(w, n.Value, nil) {
					if refusal == nil && !asksOfCaller(w, n, e) {
						refusal = overtakes(w, e, "sent on "+types.ExprString(n.Chan), drawn)
					}
				}
			case *ast.CallExpr:
				refusal = handsOut(w, n, drawn)
			}
			return true
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// PassesOnRead is the question of S8 about values that a call passes on.
const PassesOnRead = "The call passes on %s, read under the lock, and two callers can now overtake each other. Is either order fine for the receiver?"

// asksOfCaller asks about a number that is incremented elsewhere and only read here, and is
// sent on a channel that the function gets as an argument: two calls share the channel only
// if their callers do.
//
//	func (t *Tracker) Collect(ch chan<- Metric) {
func asksOfCaller(w *move.Window, send *ast.SendStmt, e ast.Expr) bool {
	id, ok := ast.Unparen(send.Chan).(*ast.Ident)
	if !ok || w.Unit.Lit != nil || !w.OnlySends(syntax.VarOf(w.Info, id)) {
		return false
	}
	var read []string
	for _, g := range comesFrom(w, e) {
		if w.Detached(g) || !syntax.IsOrdered(g.Type()) || advanced(w, g) == nil {
			continue
		}
		if slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool { return t.Access.Var == g && t.Access.Kind.Changes() }) {
			return false
		}
		read = append(read, g.Name())
	}
	if len(read) > 0 {
		w.Ask(safety.PassedOn, syntax.JoinNames(read), safety.S8, e.Pos(), PassesOnRead, syntax.JoinNames(read))
	}
	return len(read) > 0
}

// handsOut refuses a call that gets a ticket and puts it into a queue, or has another
// effect if the section itself has drawn the number.
func handsOut(w *move.Window, c *ast.CallExpr, drawn map[*types.Var]token.Pos) *safety.Refusal {
	queue := enqueues(w, c)
	askUnseen(w, c, queue)
	if !queue && (w.Logs(c) || isOp(w, c) || !behaviour.Effectful(w.Site, w.Unit, c)) {
		return nil
	}
	for _, a := range c.Args {
		how := "given to " + syntax.CallName(c)
		if queue {
			if r := overtakes(w, a, how, drawn); r != nil {
				return r
			}
		} else if t := madeFrom(w, a); t != nil && syntax.IsOrdered(t.Access.Var.Type()) {
			return overtaken(w, a, t.Access, how)
		}
	}
	return nil
}

// askUnseen asks about numbers and times that the section got from an unseen method of
// whatever name, and that a call passes on: the next caller may get a different one.
func askUnseen(w *move.Window, c *ast.CallExpr, queue bool) {
	if !queue && (w.Logs(c) || !isOp(w, c) && !behaviour.Effectful(w.Site, w.Unit, c)) {
		return
	}
	eachGiven(w, slices.Concat(w.Pre, w.Stmts), func(v *types.Var, value ast.Expr) {
		from, ok := ast.Unparen(value).(*ast.CallExpr)
		if !ok || v.IsField() || !syntax.IsOrdered(v.Type()) || !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return syntax.Mentions(w.Info, a, v) }) {
			return
		}
		if fn := sharedMethod(w, from); fn != nil && unseenDraw(w, from, fn) && !drawingName(fn.Name()) {
			w.Assume(safety.S8, v.Pos(), "letgo cannot see into %s. If it returns a different %s to each caller, two callers can now pass theirs on in the wrong order. Is that fine?", syntax.CallName(from), v.Name())
		}
	})
}

// sharedMethod returns the method without arguments that a call runs on something that
// others have, too; nil if it is not such a call.
func sharedMethod(w *move.Window, c *ast.CallExpr) *types.Func {
	fn := patterns.CalleeOf(w.Info, c)
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if fn == nil || !ok || fn.Signature().Recv() == nil || fn.Signature().Params().Len() > 0 {
		return nil
	}
	p, ok := patterns.ReceiverPath(w.Info, sel)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil
	}
	return fn
}

// unseenDraw reports whether an unseen method may give every caller a different value.
func unseenDraw(w *move.Window, c *ast.CallExpr, fn *types.Func) bool {
	callees, known := w.Program.Callees(w.Unit, c)
	return (!known || len(callees) == 0) && !guards.UsedByMany(w.Program, fn) && !behaviour.HasNoEffect(w.Site, w.Unit, c)
}

// overtaken refuses an expression that is made of a number which the section has
// drawn.
func overtaken(w *move.Window, e ast.Expr, a *guards.Access, how string) *safety.Refusal {
	return safety.Refuse(safety.S8, "ticket-order", e.Pos(), "%s is changed at %s under the lock and %s, and two callers can now do that in the wrong order", a.Var.Name(), w.Line(a.Pos()), how)
}

// overtakes refuses if an expression is, or is made of, a ticket.
func overtakes(w *move.Window, e ast.Expr, how string, drawn map[*types.Var]token.Pos) *safety.Refusal {
	const format = "%s is taken at %s under the lock and %s, and two callers can now do that in the wrong order"
	for _, v := range comesFrom(w, e) {
		if w.Detached(v) || !syntax.IsOrdered(v.Type()) {
			continue
		}
		if t := madeFrom(w, e); t != nil && t.Access.Var == v {
			return overtaken(w, e, t.Access, how)
		}
		if at := advanced(w, v); at != nil {
			return safety.Refuse(safety.S8, "ticket-order", e.Pos(), "%s, which advances at %s, is read under the lock and %s, and two callers can now do that in the wrong order", v.Name(), w.Line(at.Pos()), how)
		}
	}
	for _, v := range syntax.SortedVars(drawn) {
		if syntax.Mentions(w.Info, e, v) {
			return safety.Refuse(safety.S8, "ticket-order", e.Pos(), format, v.Name(), w.Line(drawn[v]), how)
		}
	}
	return syntax.FirstOuter(e, func(c *ast.CallExpr) *safety.Refusal {
		if !draws(w, c) {
			return nil
		}
		return safety.Refuse(safety.S8, "ticket-order", c.Pos(), format, types.ExprString(c), w.Line(c.Pos()), how)
	})
}

// advanced returns where the program advances a variable, or nil.
func advanced(w *move.Window, v *types.Var) *guards.Access {
	all := guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses
	i := slices.IndexFunc(all, func(a *guards.Access) bool { return a.Kind == guards.Write && a.Unit.Body != nil && advances(a) })
	if i < 0 {
		return nil
	}
	return all[i]
}

// advances reports whether a change advances a variable: it increments it, computes it from
// its old value, or sets it to the time.
func advances(a *guards.Access) bool {
	if c, ok := behaviour.CountOf(a); ok {
		return c.Up()
	}
	value := behaviour.AssignedValue(a)
	return value != nil && countsOn(a.Unit.Pkg.Info, a.Var, value)
}

// countsOn reports whether an expression is the variable's own value plus
// something, a maximum of it, or the time.
func countsOn(info *types.Info, v *types.Var, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return e.Op == token.ADD && syntax.NamesField(info, e, v)
	case *ast.CallExpr:
		if patterns.BuiltinOf(info, e) == "max" {
			return syntax.NamesField(info, e, v)
		}
		fn := patterns.CalleeOf(info, e)
		return fn != nil && (fn.FullName() == "time.Now" || fn.Name() == "Add" && syntax.NamesField(info, e, v))
	}
	return false
}

// Drawn lists the local variables that hold a number or time which the section gets
// from something that synchronises itself or that letgo cannot see: a counter of
// package sync/atomic, a clock, a generator.
func Drawn(w *move.Window) map[*types.Var]token.Pos {
	out := make(map[*types.Var]token.Pos)
	if w.Inherited != nil {
		maps.Copy(out, w.Inherited.Drawn)
	}
	eachGiven(w, slices.Concat(w.Pre, w.Stmts), func(v *types.Var, value ast.Expr) {
		if c, ok := ast.Unparen(value).(*ast.CallExpr); ok && !v.IsField() && syntax.IsOrdered(v.Type()) && draws(w, c) {
			out[v] = c.Pos()
		}
	})
	return out
}

// draws reports whether a call returns a number or time, and a different one to the next
// caller: it reads the clock, adds to a counter of package sync/atomic, or is a method with
// an effect on something that others have, too, such as an unseen generator.
func draws(w *move.Window, c *ast.CallExpr) bool {
	t := w.Info.TypeOf(c)
	if t == nil || !syntax.IsOrdered(t) || isOp(w, c) {
		return false
	}
	fn := patterns.CalleeOf(w.Info, c)
	if fn == nil {
		return false
	}
	if fn.FullName() == "time.Now" {
		return true
	}
	if syntax.AtomicOf(w.Unit, c) != nil {
		return !syntax.ReadsAtomic(w.Unit, c) && strings.HasPrefix(fn.Name(), "Add")
	}
	if of, ok := ast.Unparen(patterns.ReceiverOf(c.Fun)).(*ast.CallExpr); ok && fn.Signature().Recv() != nil && fn.Signature().Params().Len() == 0 && draws(w, of) { // time.Now().Unix()
		return true
	}
	if sharedMethod(w, c) == nil {
		return false
	}
	if callees, known := w.Program.Callees(w.Unit, c); known && len(callees) > 0 {
		return behaviour.Effectful(w.Site, w.Unit, c)
	}
	return unseenDraw(w, c, fn) && drawingName(fn.Name()) // for other names there is a question
}

// drawingName reports whether the name of an unseen method suggests that every caller gets
// a different number.
func drawingName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"next", "now", "tick", "seq", "incr", "alloc", "generate", "timestamp"}, func(s string) bool { return strings.Contains(name, s) })
}

// enqueues reports whether a call hands its arguments to somebody else in the process: a
// function that it leads to sends on a channel, or its receiver is unseen and has a method
// for that.
func enqueues(w *move.Window, c *ast.CallExpr) bool {
	if w.Logs(c) || w.Info.Types[c.Fun].IsType() || w.Info.Types[c.Fun].IsBuiltin() {
		return false
	}
	sends := false
	signals.EachSend(w, w.Unit, &ast.ExprStmt{X: c}, make(map[*patterns.Unit]bool), func(*ast.CallExpr, *patterns.Unit, *ast.SendStmt) { sends = true })
	if sends {
		return true
	}
	for _, o := range w.Finding.Ops {
		if o.Node == c && (o.Category == "chan" && o.Effect == blocking.EffectWrite || o.Category == "wait" && len(c.Args) > 0) {
			return true
		}
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || w.Info.Selections[sel] == nil {
		return false
	}
	callees, _ := w.Program.Callees(w.Unit, c)
	return len(callees) == 0 && queueingName(sel.Sel.Name) && behaviour.Effectful(w.Site, w.Unit, c)
}

// queueingName reports whether the name of an unseen method suggests that it queues things.
func queueingName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"enqueue", "push", "publish", "begin", "send", "append", "emit", "notify", "submit", "dispatch"}, func(s string) bool { return strings.HasPrefix(name, s) })
}
