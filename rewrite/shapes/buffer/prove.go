package buffer

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// prove runs the checks of the register: what is in the buffer was read under the lock, and
// the code without the lock is what follows the last write.
func (b *buffering) prove() *safety.Refusal {
	if t := b.Touches.Guarded(); t != nil {
		return safety.Refuse(safety.S1, "needed-after", t.Access.Pos(), "%s is used after the last write, and %s guards it: %s", t.Name(), b.Section.Lock, t.Why)
	}
	if r := conditions.ProveBut(b.Window, conditions.Own{"outdated": {b.askOld}}); r != nil {
		return r
	}
	// The writes are decided on under the lock, as before.
	b.Recorded = slices.DeleteFunc(b.Recorded, func(o safety.Obligation) bool { return o.About == safety.StillTested })
	b.askUnsent()
	b.askPieces()
	return nil
}

// askOld asks about what was read for the buffer and may have changed when it is sent.
func (b *buffering) askOld() *safety.Refusal {
	for _, t := range b.PreTouches.List {
		if t.Class != site.GuardedUse || t.Access.Kind != guards.Read || b.IndexOf(t.Access.Node) < b.first && !b.feeds(t) {
			continue
		}
		g := t.Access.Var
		change := guards.SharingOf(b.Program, b.PackageOf(g), g).Changed(b.OfOthers)
		if change == nil {
			continue
		}
		if !b.ownWriter() {
			b.Assume(safety.S8, b.writes[0].call.Pos(), "What is sent to %s was read under the lock, and two callers with the same writer can now overtake each other. Is either order fine?", b.to.Name())
		}
		b.Assume(safety.S3, b.writes[0].call.Pos(), "%s can change at %s before what was read of it is sent. Is it fine to send that?", t.Name(), b.Line(change.Pos()))
		return nil
	}
	return nil
}

// feeds reports whether what is read before the first write is used for one.
func (b *buffering) feeds(t *site.Touch) bool {
	for v, from := range b.Derived {
		of := func(d *site.Touch) bool { return d.Access.Node == t.Access.Node }
		if slices.ContainsFunc(from, of) && slices.ContainsFunc(b.Pre[b.first:], func(st ast.Stmt) bool { return syntax.Mentions(b.Info, st, v) }) {
			return true
		}
	}
	return false
}

// ownWriter reports whether the writer belongs to this call only: the response to a
// request, or what the function has made.
func (b *buffering) ownWriter() bool {
	to := b.writes[0].to
	return behaviour.IsResponse(b.Site, to) || b.Program.Owns(b.Pkg, to)
}

// askUnsent asks about what a write has written when it fails.
func (b *buffering) askUnsent() {
	w := b.writes[len(b.writes)-1]
	if b.form != dropped && !w.whole {
		b.Assume(safety.S17, w.call.Pos(), "If %s fails, what it has written by then is no longer sent. Is that right?", types.ExprString(w.call.Fun))
	}
}

// streams are writers for which it is the same whether they get bytes in one piece or in
// several.
var streams = []string{"*os.File", "*bufio.Writer", "*net.TCPConn", "*crypto/tls.Conn", "*compress/gzip.Writer", "*compress/flate.Writer", "*compress/zlib.Writer", "*io.PipeWriter", "*text/tabwriter.Writer"}

// askPieces asks about a writer that may pass on each piece as a message of its own.
func (b *buffering) askPieces() {
	to := b.writes[0].to
	if behaviour.IsResponse(b.Site, to) || slices.Contains(streams, types.TypeString(b.to.Type(), nil)) {
		return
	}
	one := b.writes[0]
	if len(b.writes) == 1 && one.whole && b.Site.LoopAround(b.Body[b.first]) == b.Site.LoopAround(one.call) {
		return
	}
	b.Assume(safety.S8, one.call.Pos(), "%s now gets in one Write what came in several. Is it a stream, rather than one that sends each as a message?", b.to.Name())
}

// usesWriter refuses a section that does something else with the writer, once it has
// written: set a deadline, flush, pass it on.
func (b *buffering) usesWriter() *safety.Refusal {
	for _, st := range b.Pre {
		r := syntax.First(st, func(id *ast.Ident) *safety.Refusal {
			if b.Info.Uses[id] != types.Object(b.to) || b.isWrite(id) || b.setsHeader(id) {
				return nil
			}
			if b.answers(b.Site, b.Parents[id]) {
				return nil
			}
			return safety.Inapplicable(id.Pos(), "%s is also used in another way", id.Name)
		})
		if r != nil {
			return r
		}
	}
	if b.Unit.Assigned(b.to, b.Body) {
		return safety.Inapplicable(b.Lock.Pos(), "%s is replaced in the section", b.to.Name())
	}
	return nil
}

func (b *buffering) isWrite(id *ast.Ident) bool {
	for _, w := range b.writes {
		if w.to == id {
			return true
		}
	}
	return false
}

// setsHeader reports whether the header of a response is used, or its status sent, before
// anything is written: later that has no effect, and now it would.
func (b *buffering) setsHeader(id *ast.Ident) bool {
	sel, ok := b.Parents[id].(*ast.SelectorExpr)
	return ok && b.IndexOf(id) < b.first && behaviour.IsResponse(b.Site, id) && (sel.Sel.Name == "Header" || sel.Sel.Name == "WriteHeader")
}
