package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A Window is the stretch of a section that a shape wants to run without the
// lock, with what stays under the lock before and after it.
type Window struct {
	*Site
	Pre    []ast.Stmt   // under the lock, before the window
	Stmts  []ast.Stmt   // the window
	Post   []ast.Stmt   // under the lock again, after it; nil if the lock is not taken again
	Values []Extraction // guarded values that are read before the window, for it
	copies []Extraction // guarded maps and slices that local variables are given copies of

	// Free: the window comes first, before the lock is taken at all.
	Free bool

	// Lift is the part of the first statement of Post that belongs to the
	// window, or nil.
	Lift *Lift

	recheck       *Recheck                // what is repeated after it, or nil
	tests         []enclosingTest         // made under the lock, and the window depends on them
	pre, in, post *touched                // what Pre, Stmts and Post touch
	derived       map[*types.Var][]*touch // what is guarded and local variables come from, before the window
	flagged       map[*types.Var][]*touch // what the window derives from flags
	obligations   []Obligation            // recorded so far
	later, again  []*touch                // what is set after the window: only then, or before it, too
	older         []changedToo            // what is overwritten after the window although it changes elsewhere

	passed     string        // the guarded values that a call passes on, if S8 asks about them
	alone      bool          // a busy flag keeps two calls of the function from running at once
	locked     []*panicPlace // what would leave the lock locked
	lockedText string        // what is asked about that
}

// NewWindow prepares a window for proof.
func (s *Site) NewWindow(pre, window, post []ast.Stmt) *Window {
	w := &Window{Site: s, Pre: pre, Stmts: window, Post: post}
	w.pre = s.touches(s.onTheWay(pre)...)
	w.in = s.touches(stmtNodes(window)...)
	w.post = s.touches(stmtNodes(post)...)
	w.derived = s.derived(pre)
	w.flagged = s.derivedFromFlags(window)
	if s.detach != nil {
		for _, st := range s.detach.stmts {
			w.pre.add(s.touches(st))
		}
	}
	return w
}

// TakeLift tells the window that its last statement is a part of the first
// statement after it.
func (w *Window) TakeLift(l *Lift) {
	if l == nil || l.commit == nil {
		return
	}
	w.Lift = l
	w.post = l.touches()
	w.post.add(w.touches(stmtNodes(w.Post[1:])...))
}

// usedAfter reports whether a statement after the window uses a variable under
// the lock.
func (w *Window) usedAfter(st ast.Stmt, v *types.Var) bool {
	if w.Lift != nil && st == w.Lift.of {
		return w.Lift.mentions(v)
	}
	return mentions(w.Info, st, v)
}

// on returns a check of windows as one of this window, to stand in a list with others.
func (w *Window) on(check func(*Window) *Refusal) func() *Refusal {
	return func() *Refusal { return check(w) }
}

// Prove discharges the conditions one by one. It returns all obligations,
// proved or assumed, or the first condition that is broken.
func (w *Window) Prove() ([]Obligation, *Refusal) {
	checks := []func(*Window) *Refusal{
		(*Window).proveGuarded, (*Window).proveJoin, (*Window).proveAlias, (*Window).proveStale, (*Window).proveUpdates, (*Window).proveLifetime,
		(*Window).proveChannels, (*Window).proveOnce, (*Window).proveUndone, (*Window).proveTickets, (*Window).proveAnswered,
		(*Window).proveOwnAnswers, (*Window).proveOrder, (*Window).proveOverlap, (*Window).proveHalfDone, (*Window).proveRest, (*Window).askOutdated,
	}
	for _, check := range checks {
		if r := check(w); r != nil {
			return nil, r.tried()
		}
	}
	w.obligations = joinQuestions(w.obligations)
	return w.obligations, nil
}

// proved records why a condition holds.
func (w *Window) proved(c Condition, format string, args ...any) {
	w.obligations = append(w.obligations, Obligation{Condition: c, Status: Proved, Text: fmt.Sprintf(format, args...)})
}

// ask is assume for a question that may be asked together with others, about what
// it names.
func (w *Window) ask(about topic, what string, c Condition, pos token.Pos, format string, args ...any) {
	n := len(w.obligations)
	w.assume(c, pos, format, args...)
	if len(w.obligations) > n {
		w.obligations[n].about, w.obligations[n].what = about, what
	}
}

// assume records a question that a reviewer must answer, once.
func (w *Window) assume(c Condition, pos token.Pos, format string, args ...any) {
	if isBroken(c) {
		return
	}
	text := fmt.Sprintf(format, args...)
	for _, o := range w.obligations {
		if o.Condition == c && o.Text == text {
			return
		}
	}
	w.obligations = append(w.obligations, Obligation{Condition: c, Status: Assumed, Text: text, Pos: pos})
}

// has reports whether an obligation for the condition is recorded already.
func (w *Window) has(c Condition) bool {
	return slices.ContainsFunc(w.obligations, func(o Obligation) bool { return o.Answers(c) })
}

// asksAbout reports whether a question of the condition names the line of a position.
func (w *Window) asksAbout(c Condition, pos token.Pos) bool {
	line := regexp.MustCompile(regexp.QuoteMeta(w.line(pos)) + `\b`)
	return slices.ContainsFunc(w.obligations, func(o Obligation) bool { return o.Status == Assumed && o.Answers(c) && line.MatchString(o.Text) })
}

// extracted reports whether the access is one that is made before the window.
func (w *Window) extracted(a *patterns.Access) bool {
	for _, x := range w.Values {
		for _, u := range x.Uses {
			if u.Pos() <= a.Node.Pos() && a.Node.End() <= u.End() {
				return true
			}
		}
	}
	return false
}

// proveGuarded is S1: what the window uses is not protected by the lock.
func (w *Window) proveGuarded() *Refusal {
	var through, direct []*touch // what called functions use, and the window itself
	for _, t := range w.in.touches {
		if t.via == nil && w.extracted(t.access) {
			continue
		}
		if t.class == guardedUse && t.via == nil && !t.access.Kind.Changes() && w.bare(t.access.Node) {
			w.assume(S1, t.access.Pos(), "%s is already read here without %s on one path. Is that safe on the other one too?", t.name(), w.Section.Lock)
			continue
		}
		switch t.class {
		case guardedUse:
			if t.access.Kind == patterns.Close {
				if r := w.proveClosed(t); r != nil {
					return r
				}
				continue // S7 looks at the rest
			}
			return Refuse(S1, "wait-uses-guarded", t.access.Pos(), "the code that waits uses %s, which %s guards: %s", t.name(), w.Section.Lock, t.why)
		case assumable:
			if t.via != nil {
				through = append(through, t)
				continue
			}
			direct = append(direct, t)
		}
	}
	w.assumeDirect(direct)
	if r := w.assumeThrough(through); r != nil {
		return r
	}
	if r := w.refuseEarly(); r != nil {
		return r
	}
	for _, u := range w.in.unknown {
		w.assume(S1, u.pos, "letgo cannot see into %s. Is it safe to call without %s?", u.what, w.Section.Lock)
	}
	if r := w.provePointers(); r != nil {
		return r
	}
	if r := w.proveArguments(); r != nil {
		return r
	}
	w.askPassed()
	if !w.has(S1) {
		w.proved(S1, "the window uses only locals, parameters and values that do not change")
	}
	return nil
}

// refuseEarly refuses to take a value out before a call that cannot be seen and comes
// before its use: the call runs in this goroutine, and may change it even though the
// lock is held.
func (w *Window) refuseEarly() *Refusal {
	values := slices.Concat(w.Values, w.copies)
	if len(values) == 0 {
		return nil
	}
	changed := w.changedByCalls()
	for _, x := range values {
		for _, v := range x.sources() {
			if c := changed[v]; c != nil {
				return Refuse(S1, "read-too-early", c.Pos(), "%s changes %s, which would now be read before that", callName(c), x)
			}
		}
	}
	for _, x := range w.Values {
		for _, use := range x.Uses {
			for _, u := range w.in.unknown {
				if u.pos > use.Pos() && w.Unit.Contains(u.pos) {
					continue
				}
				for _, v := range x.sources() {
					other := w.Program.SharingOf(w.packageOf(v), v).Changed(func(a *patterns.Access) bool { return !w.contains(a) })
					if other != nil {
						return Refuse(S1, "read-too-early", use.Pos(), "%s is read after the call of %s, which letgo cannot see into and which may change it", x, u.what)
					}
				}
			}
		}
	}
	return nil
}

// changedByCalls returns the variables that functions change which the window calls,
// under whatever lock, each with the call.
func (w *Window) changedByCalls() map[*types.Var]*ast.CallExpr {
	out := make(map[*types.Var]*ast.CallExpr)
	inOperand := func(n ast.Node) bool {
		return slices.ContainsFunc(w.Values, func(x Extraction) bool {
			return x.Operand && slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return within(n, u) })
		})
	}
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || inOperand(c) {
				return true
			}
			seen := make(map[*patterns.Unit]bool)
			work, _ := w.Program.Callees(w.Unit, c)
			for len(work) > 0 && len(seen) < maxUnits {
				u := work[len(work)-1]
				work = work[:len(work)-1]
				if seen[u] || synchronises(u.Pkg.Path) {
					continue
				}
				seen[u] = true
				for _, a := range w.Program.OwnAccesses(u) {
					if a.Kind.Changes() && !a.Fresh && out[a.Var] == nil {
						out[a.Var] = c
					}
				}
				for _, d := range u.Calls() {
					more, _ := w.Program.Callees(u, d)
					work = append(work, more...)
				}
			}
			return true
		})
	}
	return out
}

// provePointers looks at local pointers to guarded variables: following one, or
// passing it on, is a use of the variable. Fields that are selected through it
// are looked at as accesses.
func (w *Window) provePointers() *Refusal {
	var refusal *Refusal
	check := func(e ast.Expr) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok || refusal != nil {
			return
		}
		v, _ := w.Info.Uses[id].(*types.Var)
		if v == nil || len(w.derived[v]) == 0 {
			return
		}
		w.eachValue(v, func(def ast.Expr) {
			if u, ok := ast.Unparen(def).(*ast.UnaryExpr); ok && u.Op == token.AND && refusal == nil {
				if t := w.touches(u.X).guarded(); t != nil {
					refusal = Refuse(S1, "points-to-guarded", id.Pos(), "%s points to %s, which %s guards: %s", v.Name(), types.ExprString(u.X), w.Section.Lock, t.why)
				}
			}
		})
	}
	for _, st := range w.Stmts {
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StarExpr:
				check(n.X)
				if refusal == nil {
					refusal = w.pointee(n)
				}
			case *ast.CallExpr:
				for _, a := range n.Args {
					check(a)
				}
			}
			return refusal == nil
		})
	}
	return refusal
}

// pointee looks at what a pointer points to that was read from guarded state: the
// lock guards that, too, if a section changes it, or a part of it.
func (w *Window) pointee(star *ast.StarExpr) *Refusal {
	id, ok := ast.Unparen(star.X).(*ast.Ident)
	if !ok {
		return w.extractedPointee(star)
	}
	v := varOf(w.Info, id)
	if v == nil || w.taken(v) || reachedThrough(w.derived[v]) == nil || w.Program.Owns(w.Pkg, id) {
		return nil
	}
	if f := w.holdsGuarded(w.Info.TypeOf(star), 0, make(map[types.Type]bool)); f != nil {
		return Refuse(S1, "points-to-guarded", star.Pos(), "%s points to an object whose %s changes under %s", v.Name(), f.Name(), w.Section.Lock)
	}
	if _, isStruct := structType(w.Info.TypeOf(star)); isStruct {
		return nil // whose fields are looked at
	}
	for _, t := range w.derived[v] {
		g := t.access.Var
		if _, ptr := g.Type().Underlying().(*types.Pointer); ptr && !w.detached(g) && (w.writtenTo(star) || w.storageChange(g) != nil) {
			return Refuse(S1, "points-to-guarded", star.Pos(), "%s points to something reached through %s, which changes under %s", v.Name(), g.Name(), w.Section.Lock)
		}
	}
	w.assume(S1, star.Pos(), "%s points to something reached through %s. Is it true that nobody changes it under %s?", v.Name(), w.derived[v][0].access.Var.Name(), w.Section.Lock)
	return nil
}

// structType returns the struct that a type is, and whether it is one.
func structType(t types.Type) (*types.Struct, bool) {
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

// writtenTo reports whether an expression is assigned to.
func (w *Window) writtenTo(e ast.Expr) bool {
	switch p := w.parents[e].(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return slices.Contains(p.Lhs, e)
	}
	return false
}

// assumeDirect asks about what the window itself uses and, as far as can be
// seen, never changes under the lock: one question for each reason.
func (w *Window) assumeDirect(direct []*touch) {
	for len(direct) > 0 {
		first := direct[0]
		var same, rest []*touch
		for _, t := range direct {
			if t.why == first.why {
				same = append(same, t)
			} else {
				rest = append(rest, t)
			}
		}
		names := touchNames(same)
		who := strings.Join(names, ", ")
		if len(names) > 1 {
			who = "each of " + who
		}
		w.assume(S1, first.access.Pos(), "%s is now used without %s, but %s. Is that as safe as before?", who, w.Section.Lock, first.why)
		direct = rest
	}
}

// maxThrough bounds how many variables of called functions a reviewer is asked
// about.
const maxThrough = 8

// assumeThrough asks about what called functions use without any lock that is
// seen.
func (w *Window) assumeThrough(through []*touch) *Refusal {
	if len(through) == 0 {
		return nil
	}
	names := touchNames(through)
	if len(names) > maxThrough {
		return Refuse(S1, "callees-use-shared", through[0].access.Pos(), "the functions that would run without the lock use %d variables that change elsewhere, %s among them", len(names), names[0])
	}
	w.assume(S1, through[0].access.Pos(), "The called functions use %s without a lock of their own, and now without %s. Is that as safe as before?", strings.Join(names, ", "), w.Section.Lock)
	return nil
}

// touchNames lists what is touched, each once, and a struct not beside its own
// fields.
func touchNames(ts []*touch) []string {
	var names []string
	for _, t := range ts {
		if !slices.Contains(names, t.name()) {
			names = append(names, t.name())
		}
	}
	return slices.DeleteFunc(names, func(n string) bool {
		return slices.ContainsFunc(names, func(o string) bool { return strings.HasPrefix(o, n+".") })
	})
}

// proveArguments looks at what the window passes to functions that cannot be
// seen: they may read everything that an object holds.
func (w *Window) proveArguments() *Refusal {
	for _, st := range w.Stmts {
		var refusal *Refusal
		inspectOuter(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || refusal != nil {
				return refusal == nil
			}
			for _, a := range w.handedOn(w.Unit, c) {
				refusal = cmp.Or(refusal, w.provePassed(a))
			}
			return true
		})
		if refusal != nil {
			return refusal
		}
	}
	return w.proveContexts()
}

// handedOn lists the operands of a call that a function which is not seen gets, and
// may read all of: those of such a function itself, and those that a function of
// the loaded packages takes as a value of any type.
func (s *Site) handedOn(u *patterns.Unit, c *ast.CallExpr) []ast.Expr {
	info := u.Pkg.Info
	if tv := info.Types[c.Fun]; tv.IsType() || tv.IsBuiltin() {
		return nil
	}
	if callees, _ := s.Program.Callees(u, c); len(callees) == 0 {
		return operandsOf(info, c)
	}
	sig, ok := info.TypeOf(c.Fun).(*types.Signature)
	if !ok {
		return nil
	}
	var out []ast.Expr
	for i, a := range c.Args {
		if sig.Params().Len() == 0 {
			break
		}
		t := sig.Params().At(min(i, sig.Params().Len()-1)).Type()
		if sl, ok := t.(*types.Slice); ok && sig.Variadic() && i >= sig.Params().Len()-1 {
			t = sl.Elem()
		}
		if iface, ok := t.Underlying().(*types.Interface); ok && iface.NumMethods() == 0 {
			out = append(out, a)
		}
	}
	return out
}

// operandsOf lists what a call gives to the function: its arguments, and what a
// method is called on. A promoted method is called on what is embedded.
func operandsOf(info *types.Info, c *ast.CallExpr) []ast.Expr {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		if m := info.Selections[sel]; m != nil && m.Kind() == types.MethodVal && len(m.Index()) == 1 && !patterns.IsLockCall(info, c) {
			return append([]ast.Expr{sel.X}, c.Args...)
		}
	}
	return c.Args
}

// holdsGuardedIn is holdsGuarded for the value of an expression. Of a struct that
// this call has copied, only what its fields refer to is others', too; of a copy of a
// map or slice, what its elements refer to.
func (w *Window) holdsGuardedIn(e ast.Expr) *types.Var {
	t := w.Info.TypeOf(e)
	_, isStruct := structType(t)
	extracted := slices.IndexFunc(w.Values, func(x Extraction) bool { return slices.Contains(x.Uses, e) })
	switch {
	case extracted >= 0 && w.Values[extracted].Cloned || w.holdsCopies(e):
		return w.holdsBehind(t, 1)
	case isStruct && (extracted >= 0 || isPlain(e) && w.Program.Owns(w.Pkg, e)):
		return w.holdsBehind(t, 0)
	}
	return w.holdsGuarded(t, 0, make(map[types.Type]bool))
}

// holdsBehind is holdsGuarded for a value that is this call's own, with the elements of
// maps and slices up to a depth.
func (w *Window) holdsBehind(t types.Type, own int) *types.Var {
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if refsOf(f.Type(), 0) == noRefs {
				continue
			}
			if v := w.holdsBehind(f.Type(), own); v != nil {
				return v
			}
		}
		return nil
	case *types.Array:
		return w.holdsBehind(u.Elem(), own)
	case *types.Slice:
		elem = u.Elem()
	case *types.Map:
		elem = u.Elem()
	}
	if elem == nil || own == 0 {
		return w.holdsGuarded(t, 1, make(map[types.Type]bool))
	}
	if refsOf(elem, 0) == noRefs {
		return nil
	}
	return w.holdsBehind(elem, own-1)
}

// holdsCopies reports whether an expression is a local variable that was given copies
// of the maps and slices that it is made of.
func (w *Window) holdsCopies(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	def := w.Unit.DefinedOnce(varOf(w.Info, id))
	return def != nil && slices.ContainsFunc(w.copies, func(x Extraction) bool { return within(x.Uses[0], def) })
}

// holdsGuarded returns a field, reachable from a value of type t, that changes
// under the lock; nil if there is none.
func (w *Site) holdsGuarded(t types.Type, depth int, seen map[types.Type]bool) *types.Var {
	if t == nil || depth > 4 || seen[t] {
		return nil
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return w.holdsGuarded(u.Elem(), depth, seen)
	case *types.Slice:
		return w.holdsGuarded(u.Elem(), depth+1, seen)
	case *types.Array:
		return w.holdsGuarded(u.Elem(), depth+1, seen)
	case *types.Map:
		return w.holdsGuarded(u.Elem(), depth+1, seen)
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i).Origin()
			sh := w.Program.SharingOf(w.packageOf(f), f)
			if sh.Changed(func(a *patterns.Access) bool { return a.Under(w.Section.LockVar()) }) != nil && !patterns.SelfSynchronised(f.Type()) {
				return f
			}
			if v := w.holdsGuarded(f.Type(), depth+1, seen); v != nil {
				return v
			}
		}
	}
	return nil
}

// usedValue is a guarded value that the window uses after it was read under
// the lock: extracted, or derived by a statement before the window.
type usedValue struct {
	name string
	typ  types.Type
	pos  token.Pos
	from []*types.Var // the guarded variables that it comes from
	of   *types.Var   // the derived variable, nil for an extracted value

	taken  bool // the variables that it comes from were emptied since, so nobody else has it
	copied bool // it is a copy of a map or slice; typ is that of what the two share
	own    bool // nothing in it leads to what others can reach
}

// ownersOf lists the variables of which any changes what a path names: its last
// field, and the structs that this is a part of.
func ownersOf(p patterns.Path) []*types.Var {
	owners := []*types.Var{p.Last()}
	for i := len(p.Fields) - 2; i >= 0; i-- {
		if _, isStruct := structType(p.Fields[i].Type()); !isStruct {
			return owners
		}
		owners = append(owners, p.Fields[i])
	}
	if _, isStruct := structType(p.Root.Type()); isStruct && len(p.Fields) > 0 {
		owners = append(owners, p.Root)
	}
	return owners
}

// extractedPointee refuses a pointer that is taken out before the window, which then
// follows it to what a section changes: what it points to is to be taken out.
func (w *Window) extractedPointee(star *ast.StarExpr) *Refusal {
	for _, x := range w.Values {
		if !slices.Contains(x.Uses, star.X) {
			continue
		}
		for _, g := range x.sources() {
			if _, ptr := g.Type().Underlying().(*types.Pointer); !ptr || w.detached(g) {
				continue
			}
			if a := w.storageChange(g); a != nil {
				return Refuse(S1, "points-to-guarded", star.Pos(), "what %s points to changes under %s, at %s", types.ExprString(star.X), w.Section.Lock, w.line(a.Pos()))
			}
		}
	}
	return nil
}

// guardedValues lists the guarded values that the window uses.
func (w *Window) guardedValues() []usedValue {
	var out []usedValue
	for _, x := range w.Values {
		v := usedValue{name: types.ExprString(x.Uses[0]), typ: w.Info.TypeOf(x.Uses[0]), pos: x.Uses[0].Pos(), from: x.sources(), copied: x.Cloned}
		if x.Cloned {
			v.typ = elementType(v.typ)
		}
		out = append(out, v)
	}
	seen := make(map[*types.Var]bool)
	for _, e := range w.selections(w.Stmts) {
		id, ok := rootIdent(e)
		if !ok {
			continue
		}
		v, _ := w.Info.Uses[id].(*types.Var)
		if ts := w.derived[v]; len(ts) > 0 && !seen[v] {
			seen[v] = true
			val := usedValue{name: v.Name(), typ: v.Type(), pos: e.Pos(), of: v, own: reachedThrough(ts) == nil}
			switch def := w.Unit.DefinedOnce(v); {
			case clones(w.Info, def):
				val.typ = types.Typ[types.Invalid] // shares nothing
			case slices.ContainsFunc(w.copies, func(x Extraction) bool { return x.Uses[0] == def }):
				val.typ, val.copied = elementType(v.Type()), true
			case def != nil && w.holdsPlainCopies(def):
				val.typ, val.copied = types.Typ[types.Invalid], true
			}
			for _, t := range ts {
				val.from = append(val.from, t.access.Var)
			}
			val.taken = w.taken(v)
			out = append(out, val)
		}
	}
	return out
}

// holdsPlainCopies reports whether an expression makes a value of copies, and the
// elements of those lead nowhere.
func (w *Window) holdsPlainCopies(def ast.Expr) bool {
	copied := 0
	for _, x := range w.copies {
		if !within(x.Uses[0], def) {
			continue
		}
		if refsOf(elementType(w.Info.TypeOf(x.Uses[0])), 0) != noRefs {
			return false
		}
		copied++
	}
	return copied > 0
}

// rootIdent returns the name that a chain of selectors, indexes and the like begins with.
func rootIdent(e ast.Expr) (*ast.Ident, bool) {
	for e != nil {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			return id, true
		}
		e = ownerOf(e)
	}
	return nil, false
}

// ownerOf returns what an expression selects a field or element of, or what it
// dereferences; nil for any other.
func ownerOf(e ast.Expr) ast.Expr {
	switch x := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return x.X
	case *ast.StarExpr:
		return x.X
	case *ast.IndexExpr:
		return x.X
	}
	return nil
}

// proveAlias is S2: a value taken from under the lock shares no storage that a
// section changes.
func (w *Window) proveAlias() *Refusal {
	for _, v := range w.guardedValues() {
		if r := w.refuseObject(v); r != nil {
			return r
		}
		if refsOf(v.typ, 0) != aliases || v.taken {
			continue
		}
		for _, g := range aliasSources(v) {
			if v.of != nil && (v.own || g.Pkg() == w.Pkg.Types && w.Program.ApartVariables(w.Pkg, v.of, g)) {
				continue
			}
			if a := w.storageChange(g); a != nil && !w.detached(g) {
				return Refuse(S2, "shared-elements", v.pos, "%s shares its elements with %s, which changes at %s", v.name, g.Name(), w.line(a.Pos()))
			}
		}
	}
	w.askHolders()
	if !w.has(S2) {
		w.proved(S2, "no value used in the window shares storage that a section changes")
	}
	return nil
}

// refuseObject refuses a pointer or interface that is taken from under the lock
// where what it refers to is changed by methods, or through pointers, under it:
// taking the reference takes nothing of that.
func (w *Window) refuseObject(v usedValue) *Refusal {
	if refsOf(v.typ, 0) != object || v.taken || v.copied || v.own {
		return nil
	}
	for _, g := range v.from {
		if w.detached(g) || refsOf(g.Type(), 0) != object {
			continue
		}
		change := w.Program.SharingOf(w.packageOf(g), g).Changed(func(a *patterns.Access) bool {
			return a.Alias && a.Kind == patterns.Content && a.Under(w.Section.LockVar())
		})
		if change != nil {
			return Refuse(S2, "shared-object", v.pos, "%s refers to the same object as %s, which changes at %s", v.name, g.Name(), w.line(change.Pos()))
		}
	}
	return nil
}

// askHolders asks about objects that were made from a whole map or slice, and may
// go on using its elements: a reader of a buffer, a value in an interface, a context.
func (w *Window) askHolders() {
	for _, v := range w.guardedValues() {
		if k := refsOf(v.typ, 0); v.taken || v.own || k == noRefs && !isContext(v.typ) || k == aliases {
			continue
		}
		for _, t := range w.derived[v.of] {
			g := t.access.Var
			if refsOf(g.Type(), 0) != aliases || w.detached(g) || !usedWhole(t.access) {
				continue
			}
			if a := w.storageChange(g); a != nil {
				w.assume(S2, v.pos, "%s was made from %s, whose elements change at %s. Does it share none of them?", v.name, g.Name(), w.line(a.Pos()))
			}
		}
	}
}

// usedWhole reports whether an access takes a map or slice as a whole, not only
// one element after the other, its length, or whether it is nil.
func usedWhole(a *patterns.Access) bool {
	whole := true
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(a.Unit.Pkg.Info, e)
		return ok && p.Last() == a.Var && within(a.Node, e)
	}
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr:
			whole = whole && !is(n.X)
		case *ast.RangeStmt:
			whole = whole && !is(n.X)
		case *ast.BinaryExpr:
			whole = whole && !is(n.X) && !is(n.Y)
		case *ast.CallExpr:
			if b := patterns.BuiltinOf(a.Unit.Pkg.Info, n); b == "len" || b == "cap" {
				whole = whole && !is(n.Args[0])
			}
		}
		return whole
	})
	return whole
}

// aliasSources lists the variables whose elements a value shares: where it is a
// struct, its fields that are maps or slices, and those that it was made of.
func aliasSources(v usedValue) []*types.Var {
	st, ok := v.typ.Underlying().(*types.Struct)
	if !ok {
		return v.from
	}
	var fields []*types.Var
	for _, g := range v.from {
		switch g.Type().Underlying().(type) {
		case *types.Slice, *types.Map:
			if !holdsType(g.Type(), v.typ) {
				fields = append(fields, g)
			}
		}
	}
	for i := range st.NumFields() {
		f := st.Field(i).Origin()
		if refsOf(f.Type(), 0) != aliases {
			continue
		}
		if _, inner := f.Type().Underlying().(*types.Struct); inner {
			return v.from
		}
		fields = append(fields, f)
	}
	return fields
}

// holdsType reports whether the elements of a map or slice are of the type: a
// value of it then is one of them.
func holdsType(t, elem types.Type) bool {
	e := elementType(t)
	return e != nil && types.Identical(e, elem)
}

// storageChange returns an access that changes the elements that a map or slice
// shares with its copies, or nil. Assigning a whole new value does not.
func (s *Site) storageChange(v *types.Var) *patterns.Access {
	return s.Program.SharingOf(s.packageOf(v), v).Changed(func(a *patterns.Access) bool {
		return a.Kind != patterns.Write || !wholeAssignment(a)
	})
}

// wholeAssignment reports whether an assignment gives a variable a value that
// shares nothing with its old one: nil, a literal, make, or a parameter.
func wholeAssignment(a *patterns.Access) bool {
	whole := false
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, l := range as.Lhs {
			if l.Pos() <= a.Node.Pos() && a.Node.End() <= l.End() {
				whole = freshValue(a.Unit.Pkg.Info, as.Rhs[i])
			}
		}
		return true
	})
	return whole
}

// freshValue reports whether an expression makes a value that nothing else refers to.
func freshValue(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.BasicLit:
		return true
	case *ast.Ident:
		return info.Types[e].IsNil()
	case *ast.CallExpr:
		return isMake(info, e)
	}
	return false
}

// isMake reports whether a call is one of the built-in make.
func isMake(info *types.Info, c *ast.CallExpr) bool {
	return patterns.BuiltinOf(info, c) == "make"
}

// clones reports whether an expression is a copy that shares no elements with
// what it was made of, whose elements themselves hold no references.
func clones(info *types.Info, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(info, c)
	if fn == nil || !slices.Contains([]string{"slices.Clone", "maps.Clone", "bytes.Clone"}, fn.FullName()) {
		return false
	}
	switch t := info.TypeOf(c).Underlying().(type) {
	case *types.Slice:
		return refsOf(t.Elem(), 0) == noRefs
	case *types.Map:
		return refsOf(t.Elem(), 0) == noRefs && refsOf(t.Key(), 0) == noRefs
	}
	return false
}
