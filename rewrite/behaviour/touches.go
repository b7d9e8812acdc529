package behaviour

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/callbacks"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Touches lists what the nodes use, directly and through the functions that they call. It
// includes function literals, which run no earlier than the code around them.
func Touches(s *site.Site, nodes ...ast.Node) *site.Touches {
	return TouchesOutside(s, func(ast.Node) bool { return false }, nodes...)
}

// TouchesOutside is Touches without what is in the nodes for which leftOut returns true.
func TouchesOutside(s *site.Site, leftOut func(ast.Node) bool, nodes ...ast.Node) *site.Touches {
	out := &site.Touches{}
	for _, n := range nodes {
		for _, a := range guards.AccessesIn(s.Unit, n) {
			if s.Detach.Has(a.Node) && !s.Detach.Has(n) || leftOut(a.Node) || inLiteralUnderItsOwn(s, a.Node) {
				continue
			}
			if t := Classify(s, a, nil); t != nil {
				out.List = append(out.List, t)
			}
		}
		eachCallIn(s, n, func(c *ast.CallExpr) {
			if !leftOut(c) && !inLiteralUnderItsOwn(s, c) {
				out.Add(CallTouches(s, s.Unit, c))
			}
		})
	}
	return out
}

// eachCallIn visits the calls in a node, including those of iterators that are ranged over.
func eachCallIn(s *site.Site, n ast.Node, visit func(*ast.CallExpr)) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CallExpr:
			visit(m)
		case *ast.RangeStmt:
			if c := s.Unit.IteratorCall(m.X); c != nil {
				visit(c)
			}
		}
		return true
	})
}

// MaxUnits limits how many functions letgo follows for one call.
const MaxUnits = 2000

// CallTouches lists what a call uses inside the functions of the loaded packages that it
// reaches. It leaves out what those functions access under a lock of their own, since that lock
// protects it.
func CallTouches(s *site.Site, from *patterns.Unit, c *ast.CallExpr) *site.Touches {
	out := &site.Touches{}
	callees, known := CalleesOf(s, from, c)
	if !known {
		out.Unknown = append(out.Unknown, site.UnknownCall{Pos: c.Pos(), What: types.ExprString(c.Fun)})
	}
	for _, u := range callees {
		if Follows(s, u) {
			out.Add(reached(s, calleeOf(s, site.Callee{Unit: from}, c, u)))
		}
		out.List = append(out.List, copiedByMethod(s, from, c, u)...)
	}
	for _, h := range callbacks.HeldIn(s.Program, from, c) {
		list := reached(s, site.Callee{Unit: h.Unit}).List
		if !h.Now {
			list = usesOf(s, site.Callee{Unit: h.Unit}).Touches.List
		}
		for _, t := range list {
			if t = asHeld(s, t, h.Now); t != nil {
				out.List = append(out.List, t)
			}
		}
	}
	if from == s.Unit {
		dropResponse(s, c, out)
	}
	return out
}

// maxGiven bounds how many variables letgo goes through to find where a function value comes
// from.
const maxGiven = 4

// CalleesOf is like [patterns.Program.Callees], but also follows a function value back through
// the parameters of the package's functions to what their callers pass, and a function that
// cancels something to a literal of the package. Of a table of functions it lists those that
// are seen, beside which there may be others.
func CalleesOf(s *site.Site, u *patterns.Unit, c *ast.CallExpr) (callees []*patterns.Unit, known bool) {
	callees, known = s.Program.Callees(u, c)
	if known && !patterns.IsCancel(u.Pkg.Info.TypeOf(c.Fun)) || patterns.CalleeOf(u.Pkg.Info, c) != nil || s.Program.AssignedLeftOut(u, c.Fun) {
		return callees, known
	}
	g := givenTo.Get(s.Program, c, func() givenFunctions {
		if units := guards.FunctionsOf(s.Program, u, c.Fun, maxGiven); len(units) > 0 {
			return givenFunctions{units, true}
		}
		return givenFunctions{values.UnitsOf(s.Program, u, c.Fun), false}
	})
	return append(callees, g.units...), known || g.all
}

// givenFunctions are the functions that a function value may be, as far as they are seen.
type givenFunctions struct {
	units []*patterns.Unit
	all   bool // there are no others
}

// givenTo has them by the call of the value.
var givenTo patterns.Memo[*ast.CallExpr, givenFunctions]

// asHeld adjusts a use by a function that the callee may run although this call does not pass
// it; see [callbacks.HeldIn]. If no section uses the variable under the lock, only a change
// counts, as a question, because others may run the function without the lock; reads and method
// calls are dropped. If now is set, the function runs during the call or not at all. Otherwise,
// uses of what sections use under the lock become questions.
func asHeld(s *site.Site, t *site.Touch, now bool) *site.Touch {
	under := t.Class == site.GuardedUse && guards.AnyUnder(s.Program, s.PackageOf(t.Access.Var), t.Access.Var, s.Section.LockVar())
	switch {
	case under && now:
		return t
	case !under && (!now || !t.Access.Kind.Changes() || t.Access.By != ""):
		return nil
	}
	c := *t
	c.Class = site.Assumable
	return &c
}

// A variableUse is one way to use a variable. More uses of the same kind add nothing.
type variableUse struct {
	v    *types.Var
	kind guards.AccessKind
}

// reached lists what a unit uses, directly and indirectly.
func reached(s *site.Site, root site.Callee) *site.Touches {
	if t, ok := s.Reach[root]; ok {
		return t
	}
	out := &site.Touches{}
	s.Reach[root] = out
	seen := map[site.Callee]bool{root: true}
	work := []site.Callee{root}
	noted := make(map[variableUse]bool)
	held := heldQueue{seen: make(map[callbacks.Held]bool)} // processed last, with everything they call
	var in *callbacks.Held
	for len(work) > 0 && len(seen) < MaxUnits {
		u := usesOf(s, work[0])
		work = work[1:]
		for i, t := range u.Touches.List {
			if in != nil {
				t = asHeld(s, t, in.Now)
			}
			if t == nil {
				continue
			}
			use := variableUse{t.Access.Var, t.Access.Kind}
			if i < u.Accesses && noted[use] {
				continue
			}
			noted[use] = noted[use] || i < u.Accesses
			out.List = append(out.List, t)
		}
		if in == nil {
			out.Unknown = append(out.Unknown, u.Touches.Unknown...)
		}
		if in != nil && !in.Now {
			u = &site.UnitUses{} // do not follow its calls any further
		}
		held.add(u.Held)
		for _, v := range u.Callees {
			if !seen[v] {
				seen[v] = true
				work = append(work, v)
			}
		}
		for len(work) == 0 && len(held.list) > 0 {
			in = held.next()
			if next := (site.Callee{Unit: in.Unit}); !seen[next] {
				seen[next] = true
				work = append(work, next)
			}
		}
	}
	if len(work) > 0 { // too many functions to follow
		out.Unknown = append(out.Unknown, site.UnknownCall{Pos: root.Unit.Body.Pos(), What: root.Unit.Name()})
	}
	return out
}

// A heldQueue holds functions that may run, each once.
type heldQueue struct {
	list   []callbacks.Held
	seen   map[callbacks.Held]bool
	sorted bool
}

func (q *heldQueue) add(list []callbacks.Held) {
	for _, h := range list {
		if !q.seen[h] {
			q.seen[h], q.sorted = true, false
			q.list = append(q.list, h)
		}
	}
}

// next takes out the function of the highest rank, of several the one that was added first.
func (q *heldQueue) next() *callbacks.Held {
	if !q.sorted {
		slices.SortStableFunc(q.list, func(a, b callbacks.Held) int { return cmp.Compare(b.Rank(), a.Rank()) })
		q.sorted = true
	}
	h := q.list[0]
	q.list = q.list[1:]
	return &h
}

// usesOf returns what a unit uses itself and what it calls. Each variable is recorded once per
// kind of use. Uses that do not count are not recorded: one may be of the function's own copy,
// and the next one not.
func usesOf(s *site.Site, callee site.Callee) *site.UnitUses {
	if callee.Unit.Decl == s.Unit.Decl {
		out, ok := s.OwnUses[callee]
		if !ok {
			out = findUses(s, callee)
			s.OwnUses[callee] = out
		}
		return out
	}
	out := s.Uses.Of(callee)
	if out == nil {
		out = findUses(s, callee)
		s.Uses.Keep(callee, out)
	}
	return out
}

func findUses(s *site.Site, callee site.Callee) *site.UnitUses {
	u, own := callee.Unit, callee.Own
	out := &site.UnitUses{}
	model := s.Program.StorageOf(u.Pkg)
	noted := make(map[variableUse]bool)
	for _, a := range guards.OwnAccesses(s.Program, u) {
		use := variableUse{a.Var, a.Kind}
		if noted[use] || a.Fresh || !a.Through && model.OwnThroughCalls(a.Node, a.Pos()) || UnderOther(s, a) || underItsOwn(s, a) || givenFromOutside(s, a) || ofOwnOperand(s, u, a, own) {
			continue
		}
		if t := Classify(s, a, u); t != nil {
			noted[use] = true
			out.Touches.List = append(out.Touches.List, t)
		}
	}
	out.Accesses = len(out.Touches.List)
	var locked map[*ast.CallExpr]bool
	if callee.Locks {
		locked = underReceivers(s, u)
	}
	for _, c := range u.Calls() {
		if locked[c] {
			continue
		}
		callees, known := CalleesOf(s, u, c)
		if !known {
			out.Touches.Unknown = append(out.Touches.Unknown, site.UnknownCall{Pos: c.Pos(), What: types.ExprString(c.Fun)})
		}
		if !calledUnderItsOwn(s, u, c) {
			out.Touches.List = append(out.Touches.List, readThrough(s, u, c, own)...)
		}
		for _, v := range callbacks.HeldIn(s.Program, u, c) {
			if !slices.Contains(out.Held, v) {
				out.Held = append(out.Held, v)
			}
		}
		for _, v := range callees {
			out.Touches.List = append(out.Touches.List, copiedByMethod(s, u, c, v)...)
			if !Follows(s, v) {
				continue
			}
			if next := calleeOf(s, callee, c, v); !slices.Contains(out.Callees, next) {
				out.Callees = append(out.Callees, next)
			}
		}
	}
	return out
}

// copiedByMethod lists what a call of an interface's method reads because it copies the value
// whose method runs.
func copiedByMethod(s *site.Site, u *patterns.Unit, c *ast.CallExpr, method *patterns.Unit) []*site.Touch {
	var out []*site.Touch
	for _, a := range guards.CopiedByMethod(u, c, method) {
		var via *patterns.Unit
		if u != s.Unit {
			via = u
		}
		if t := Classify(s, a, via); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// readThrough lists the guarded fields in the arguments that a unit passes to an unknown
// function, which may read all of an object.
func readThrough(s *site.Site, u *patterns.Unit, c *ast.CallExpr, own site.Operands) []*site.Touch {
	var out []*site.Touch
	model := s.Program.StorageOf(u.Pkg)
	for _, a := range HandedOn(s, u, c) {
		for _, in := range Contents(u, a) {
			f := HeldGuarded(s, u, c, in)
			if f == nil || model.OwnThroughCalls(in, in.Pos()) || isOwnOperand(s, u, in, own) {
				continue
			}
			out = append(out, &site.Touch{
				Access: &guards.Access{Var: f, Kind: guards.Read, Node: in, Unit: u, Alias: true},
				Class:  site.GuardedUse, Via: u,
				Why: types.ExprString(in) + " is given to " + types.ExprString(c.Fun) + ", which may read all of it",
			})
		}
	}
	return out
}

// Follows reports whether to look into a function that the section's function may call, directly
// or not, as far as the types tell. Functions of another main package are left out: they belong
// to another program.
func Follows(s *site.Site, u *patterns.Unit) bool {
	return !synchronises(u.Pkg.Path) && (u.Pkg.Name != "main" || s.Pkg.Name != "main" || u.Pkg.Path == s.Pkg.Path)
}

// synchronises reports whether a package implements locks. Its functions protect what they use
// themselves. Only a run over the standard library loads such packages.
func synchronises(path string) bool {
	switch path {
	case "sync", "sync/atomic", "internal/sync", "internal/race", "runtime":
		return true
	}
	return strings.HasPrefix(path, "internal/runtime/")
}

// underItsOwn reports whether the unit that makes an access takes the section's lock for it.
// Called from the section, it must do so in another goroutine or for another object, since it
// would deadlock otherwise, and it still does once the section has released the lock.
func underItsOwn(s *site.Site, a *guards.Access) bool { return a.UnderOwn(s.Section.LockVar()) }

// inLiteralUnderItsOwn is underItsOwn for what a literal in the section does.
//
//	return func() {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		delete(s.subs, id)
//	}
func inLiteralUnderItsOwn(s *site.Site, n ast.Node) bool {
	if len(s.Unit.Lits) == 0 {
		return false
	}
	u := s.Program.UnitAt(s.Pkg, n.Pos())
	return u != nil && u != s.Unit && u.Lit != nil && syntax.Within(u.Lit, s.Unit.Body) && slices.Contains(locks.Vars(locks.HeldAt(u, n)), s.Section.LockVar())
}

// calledUnderItsOwn is underItsOwn for a call.
func calledUnderItsOwn(s *site.Site, u *patterns.Unit, c *ast.CallExpr) bool {
	return slices.Contains(locks.Vars(locks.HeldAt(u, c)), s.Section.LockVar())
}

// givenFromOutside reports whether an access is to a field of another package's object, in a
// function that has the object as a parameter and that only unknown code calls: the request
// passed to a transport belongs to this one call.
func givenFromOutside(s *site.Site, a *guards.Access) bool {
	u := a.Unit
	id, ok := syntax.RootIdent(a.Node)
	if !ok || u.Obj == nil || u.Lit != nil {
		return false
	}
	if v := syntax.VarOf(u.Pkg.Info, id); v == nil || !u.IsParam(v) || v == u.Obj.Signature().Recv() {
		return false
	}
	ofProgram := slices.ContainsFunc(s.Program.Packages, func(p *patterns.Package) bool { return p.Types == a.Var.Pkg() })
	calls, _ := guards.CallersOf(s.Program, u)
	return !ofProgram && len(calls) == 0
}

// UnderOther reports whether an access is made under a lock other than the section's, taken by
// the called function or by all of its callers, and every change of the variable is made under
// that lock.
func UnderOther(s *site.Site, a *guards.Access) bool {
	return slices.ContainsFunc(a.Held, func(l *types.Var) bool {
		if l == s.Section.LockVar() {
			return false
		}
		sharing := guards.SharingOf(s.Program, s.PackageOf(a.Var), a.Var)
		return sharing.Changed(func(o *guards.Access) bool { return !o.Under(l) }) == nil
	})
}

// Classify says what an access would mean without the lock. It returns nil if the lock does not
// matter for it.
func Classify(s *site.Site, a *guards.Access, via *patterns.Unit) *site.Touch {
	lock := s.Section.LockVar()
	if a.Var == lock || slices.Contains(s.Section.Lock.Fields, a.Var) && (a.Leads || !a.Kind.Changes()) {
		return nil
	}
	if OwnVariable(s, a.Var) || s.Second.Guards(a.Var) || ofOwnResponse(s, a) {
		return nil
	}
	t := &site.Touch{Access: a, Via: via}
	if guards.NeedsNoLock(s.Program, s.PackageOf(a.Var), a) || OwnCopy(a) || inOwnVariable(s, a) || (via == nil || via.Lit != nil) && OfTakenContents(s, a) || via == nil && (ofTaken(s, a) || a.Unit == s.Unit && OfOwnObject(s.Program, a)) {
		return nil
	}
	if guards.AtomicOnly(s.Program, s.PackageOf(a.Var), a.Var) {
		return nil
	}
	sharing := guards.SharingOf(s.Program, s.PackageOf(a.Var), a.Var)
	if !a.Alias && (syntax.IsChannel(a.Var.Type()) || syntax.IsFunction(a.Var.Type())) {
		sharing = sharing.OfVariable()
	}
	if !a.Alias && guards.SelfSynchronised(a.Var.Type()) {
		sharing = sharing.OfAssignments()
		if a.Kind != guards.Write && a.Kind.Changes() { // such as by a method, which needs no lock
			read := *a
			read.Kind = guards.Read
			a, t.Access = &read, &read
		}
	}
	if guards.CalledWithout(s.Program, sharing, a, s.Section.LockVar()) {
		t.Class, t.Why = site.Assumable, "it changes elsewhere without the lock"
		return t
	}
	if a.Kind == guards.Close {
		t.Class, t.Why = site.GuardedUse, "it closes a channel"
		return t
	}
	if a.Kind.Changes() {
		return classifyChange(s, t, sharing)
	}
	return classifyRead(s, t, sharing)
}

// classifyRead is Classify for an access that changes nothing.
func classifyRead(s *site.Site, t *site.Touch, sharing guards.Sharing) *site.Touch {
	a, via, lock := t.Access, t.Via, s.Section.LockVar()
	together := func(o *guards.Access) bool { return readTogether(s, o) }
	counts := func(o *guards.Access) bool {
		return !guards.CalledWithout(s.Program, sharing, o, s.Section.LockVar()) && !together(o)
	}
	change := sharing.Changed(counts)
	switch {
	case change == nil && sharing.Changed(together) != nil && sharing.Changed(func(o *guards.Access) bool { return !together(o) }) == nil:
		return nil
	case change == nil && sharing.Changed(nil) != nil:
		t.Class, t.Why = site.Assumable, "it changes elsewhere without the lock"
	case change == nil && isSentinel(s, a.Var):
		return nil
	case change == nil && foreignLock(s, a.Var) && s.PackageOf(a.Var) == s.Pkg:
		t.Class, t.Why = site.Assumable, "package "+lock.Pkg().Name()+", which declares the lock, may change it"
	case change == nil && (!sharing.Exported || a.Var.Pkg() != s.Pkg.Types && !foreignLock(s, a.Var)):
		return nil
	case change == nil && via != nil && guards.IsPrivateLock(s.Program, s.Pkg, lock):
		return nil // other packages can set it, but never under the lock
	case change == nil:
		t.Class, t.Why = site.Assumable, "other packages can set it"
	case sharing.Changed(func(o *guards.Access) bool { return o.Under(lock) && counts(o) }) != nil:
		t.Class, t.Why = site.GuardedUse, "it changes under the lock"
		if via == nil && isCallers(s, a) {
			t.Class, t.Why = site.Assumable, a.Path.Root.Name()+" comes from the caller, and others may have it"
		}
	case (via == nil || a.Var.Pkg() == lock.Pkg()) && changeByOthers(s, sharing) != nil:
		t.Class, t.Why = site.GuardedUse, whyByOthers(s, changeByOthers(s, sharing))
	case via == nil && guards.Guards(s.Program, s.Pkg, lock, a.Var) && sharing.Changed(func(o *guards.Access) bool { return len(o.Held) > 0 }) == nil:
		t.Class, t.Why = site.GuardedUse, "it is used under the lock and declared below it, and nothing else guards it"
	case via != nil && guards.IsPrivateLock(s.Program, s.Pkg, lock) && sharing.Changed(func(o *guards.Access) bool { return mayBeWith(s, o) }) == nil:
		return nil // code that changes it cannot take the lock
	default:
		t.Class, t.Why = site.Assumable, "it changes elsewhere without the lock"
	}
	return t
}

// readTogether reports whether the section has the lock for reading only, and so has an access:
// the lock never kept the two apart.
func readTogether(s *site.Site, a *guards.Access) bool {
	return s.Section.Mode == patterns.Shared && a.UnderRead(s.Section.LockVar())
}

// mayBeWith reports whether a change may be made under the section's lock, or in the package
// that declares the lock, which may know that no section is running.
func mayBeWith(s *site.Site, a *guards.Access) bool {
	lock := s.Section.LockVar()
	return a.Unit.Pkg.Types == lock.Pkg() || a.MayBeUnder(lock)
}

// foreignLock reports whether another package declares both the section's lock and the variable.
// Sections of that package may guard the variable by the lock, too.
func foreignLock(s *site.Site, v *types.Var) bool {
	lock := s.Section.LockVar()
	return lock != nil && lock.Pkg() != s.Pkg.Types && lock.Pkg() == v.Pkg()
}

// isCallers reports whether an access is to an object that the section's function got as an
// argument and has not stored anywhere yet. It counts as the caller's own, unless a visible
// caller got it from somewhere else.
func isCallers(s *site.Site, a *guards.Access) bool {
	v := a.Path.Root
	if v == nil || s.Unit.Obj == nil || v == s.Section.Lock.Root || len(a.Path.Fields) != 1 || s.IsReceiver(v) {
		return false
	}
	params := s.Unit.Obj.Signature().Params()
	n := slices.IndexFunc(slices.Collect(params.Variables()), func(p *types.Var) bool { return p == v })
	if n < 0 || s.Unit.Assigned(v, s.Unit.Body.List) || s.Program.StorageOf(s.Pkg).OwnerAt(a.Node, a.Pos()) != ownership.Lent {
		return false
	}
	return !slices.ContainsFunc(callsOf(s, s.Unit.Obj), func(c *ast.CallExpr) bool {
		return n >= len(c.Args) || s.Program.StorageOf(s.Pkg).OwnerOf(c.Args[n]) < ownership.Lent
	})
}

// callsOf lists the calls of a function inside the package.
func callsOf(s *site.Site, fn *types.Func) []*ast.CallExpr {
	return callsMemo.Get(s.Program, s.Pkg, func() map[*types.Func][]*ast.CallExpr {
		calls := make(map[*types.Func][]*ast.CallExpr)
		for _, u := range s.Program.UnitsIn(s.Pkg) {
			for _, c := range u.Calls() {
				if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
					calls[fn.Origin()] = append(calls[fn.Origin()], c)
				}
			}
		}
		return calls
	})[fn]
}

var callsMemo patterns.Memo[*patterns.Package, map[*types.Func][]*ast.CallExpr]

// OthersReach reports whether code other than this call may reach what e, an expression that
// starts at root, refers to. What is reached through a parameter counts as the caller's own,
// except for the receiver and the owner of the lock.
func OthersReach(s *site.Site, e ast.Expr, root *types.Var) bool {
	owner := s.Program.StorageOf(s.Pkg).OwnerOf(e)
	ours := root == s.Section.Lock.Root || s.IsReceiver(root)
	return owner < ownership.Lent || owner == ownership.Lent && ours
}

// OwnVariable reports whether the lock has nothing to do with a local variable of the section's
// function or of a function that it calls: it is a number or string that stays what it is, or only
// the call that declares the variable can reach it, and if that call's goroutines can, none of
// them takes the lock to synchronize with the section.
func OwnVariable(s *site.Site, v *types.Var) bool {
	if v.IsField() || syntax.IsGlobal(v) {
		return false
	}
	own, ok := s.Own[v]
	if !ok {
		own = isOwnVariable(s, v)
		s.Own[v] = own
	}
	return own
}

// keepsValue reports whether a variable of a unit has the value that it is declared with for ever.
func keepsValue(u *patterns.Unit, v *types.Var) bool {
	return u != nil && u.DefinedOnce(v) != nil && syntax.HasOuter(u.Body, func(as *ast.AssignStmt) bool {
		return as.Tok == token.DEFINE && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return l.Pos() == v.Pos() })
	})
}

func isOwnVariable(s *site.Site, v *types.Var) bool {
	if syntax.IsBasic(v.Type()) && keepsValue(s.Program.UnitAt(s.PackageOf(v), v.Pos()), v) {
		return true
	}
	sharers, ok := s.Program.StorageOf(s.PackageOf(v)).SharersOf(v)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(sharers, func(g ownership.Sharer) bool {
		if isSet(s, v, g) {
			return false
		}
		if syntax.Within(s.Section.Acquire, g.Lit) {
			return true
		}
		u := s.Program.LitUnit(g.Lit)
		if u != nil && g.Join.IsValid() && !usedMeanwhile(u, v, g.Join) {
			return false // starting and joining the goroutine orders the accesses
		}
		return waits.MayTake(s.Program, u, s.Section.LockVar())
	})
}

// isSet reports whether a variable keeps its value once a goroutine has started, and refers to
// nothing that could change.
func isSet(s *site.Site, v *types.Var, g ownership.Sharer) bool {
	if k := syntax.RefsOf(v.Type(), 0); k != syntax.NoRefs && k != syntax.ChanRef {
		return false
	}
	p := s.PackageOf(v)
	model := s.Program.StorageOf(p)
	return guards.SharingOf(s.Program, p, v).Changed(func(a *guards.Access) bool {
		return model.MayFollow(v, g.Lit.Pos(), a.Pos())
	}) == nil
}

// usedMeanwhile reports whether a function uses a variable between starting a goroutine that
// uses it, too, and joining that goroutine.
func usedMeanwhile(goroutine *patterns.Unit, v *types.Var, join token.Pos) bool {
	return syntax.Has(goroutine.Decl, func(id *ast.Ident) bool {
		return goroutine.Pkg.Info.Uses[id] == v && goroutine.Lit.End() <= id.Pos() && id.Pos() < join
	})
}

// classifyChange is Classify for an access that changes something. Without the lock two of these
// changes may overlap, so it counts as guarded unless nobody else can see it.
func classifyChange(s *site.Site, t *site.Touch, sharing guards.Sharing) *site.Touch {
	if t.Access.Fresh && !guards.AnyUnder(s.Program, s.PackageOf(t.Access.Var), t.Access.Var, s.Section.LockVar()) {
		return nil
	}
	if t.Via != nil && !guards.AnyUnder(s.Program, s.PackageOf(t.Access.Var), t.Access.Var, s.Section.LockVar()) {
		// Other code calls it without this lock, so the lock did not serialize it.
		if t.Via.Lit != nil { // its callers and their locks are unknown
			t.Class, t.Why = site.GuardedUse, "it is changed here"
			return t
		}
		t.Class, t.Why = site.Assumable, "it is changed here"
		if t.Via.Pkg == s.Pkg {
			switch shared, without := guards.ChangedUnder(s.Program, t.Access, s.Section.LockVar()); {
			case !shared:
				return nil
			case !without:
				t.Class = site.GuardedUse
			}
		}
		return t
	}
	t.Class, t.Why = site.GuardedUse, "it is changed here"
	return t
}

// OwnCopy reports whether an access is to part of a struct that a local variable holds by value,
// so that each call of the function has its own.
func OwnCopy(a *guards.Access) bool {
	p := a.Path
	if p.Root == nil || p.Global() || a.Alias || a.Unit.Captured(p.Root) || a.Unit.Addressed(p.Root) {
		return false
	}
	return p.ByValue() && a.Kind != guards.Content && a.Kind != guards.Close
}

// inOwnVariable is like OwnCopy, for a local variable whose address is taken but not passed to
// anything that keeps it.
func inOwnVariable(s *site.Site, a *guards.Access) bool {
	p := a.Path
	if p.Root == nil || p.Global() || p.Root.IsField() || a.Unit.Captured(p.Root) || !a.Unit.Declares(p.Root) {
		return false
	}
	return p.ByValue() && a.Kind != guards.Content && a.Kind != guards.Close && !a.Alias && s.Program.StorageOf(a.Unit.Pkg).OwnVariable(p.Root, a.Pos())
}

// OfOwnObject reports whether an access is to a field of an object that a local variable points
// to and that only this call of the function can reach at that point:
//
//	e = &entry{}
//	err := row.Scan(&e.value)
func OfOwnObject(x *patterns.Program, a *guards.Access) bool {
	p := a.Path
	if p.Root == nil || p.Global() || p.Root.IsField() || len(p.Fields) == 0 || a.Alias || a.Kind == guards.Close || len(p.Fields) > 1 && !ofDereferenced(a) {
		return false
	}
	_, ptr := p.Root.Type().Underlying().(*types.Pointer)
	given := a.Unit.IsParam(p.Root) && !a.Unit.IsResult(p.Root) && !x.StorageOf(a.Unit.Pkg).GivenAnew(p.Root, a.Pos())
	return ptr && !given && x.Owns(a.Unit.Pkg, a.Node)
}

// ofDereferenced reports whether an access copies or sets the whole object that a variable
// points to: *p.
func ofDereferenced(a *guards.Access) bool {
	star, ok := ast.Unparen(a.Node).(*ast.StarExpr)
	if !ok || !a.Whole {
		return false
	}
	_, ok = ast.Unparen(star.X).(*ast.Ident)
	return ok
}

// Bare reports whether a node also runs without the section's lock, on a path that does not take
// it.
func Bare(s *site.Site, n ast.Node) bool {
	if s.FormRefusal == nil || s.Section.Problem == "" {
		return false
	}
	if e, ok := n.(*ast.ExprStmt); ok {
		n = e.X
	}
	return !slices.ContainsFunc(locks.HeldAt(s.Unit, n), func(p patterns.Path) bool { return p.String() == s.Section.Lock.String() })
}
