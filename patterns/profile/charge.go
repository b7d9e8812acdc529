package profile

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"time"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// Delays says which sections of a program cause the delay in profiles.
type Delays struct {
	checkout *checkout
	sections map[place]*charge
	locks    map[place]*amount // waits for a lock, by where the mutex is declared

	Released, Locked amount // all of that kind in the profiles

	// Of the delay that releases have caused, Elsewhere is in packages that were not
	// looked at, and Gone where the code has changed since, so that it cannot be told
	// which section it was.
	Elsewhere, Gone time.Duration

	elsewhere map[string]time.Duration // by package
}

// Outside returns the package that caused the most delay among those that were not
// analysed, or "".
func (d *Delays) Outside() string {
	most := ""
	for _, pkg := range slices.Sorted(maps.Keys(d.elsewhere)) {
		if most == "" || d.elsewhere[pkg] > d.elsewhere[most] {
			most = pkg
		}
	}
	return most
}

// A place is a position without what differs between variants of a package: in a
// function, counted from its beginning, so that it stays right while code before the
// function changes; otherwise in a file.
type place struct {
	in     string
	offset int
}

// placeOf returns where a section begins.
func placeOf(s *locks.Section) place {
	if d := s.Unit.Decl; d != nil {
		return place{s.Unit.Pkg.Path + "." + patterns.DeclName(d), int(s.Pos() - d.Type.Func)}
	}
	p := s.Position()
	return place{p.Filename, p.Offset}
}

// An amount of delay.
type amount struct {
	Time  time.Duration
	Count int64
	P99   time.Duration // the time that one of a hundred waits exceeds; 0 if only their sum is known

	each []time.Duration
}

func (a *amount) add(s *Sample) {
	a.Time += s.Time
	a.Count += s.Count
	a.each = append(a.each, s.each...)
}

// finish finds the percentile, once all is added.
func (a *amount) finish() {
	if n := len(a.each); n > 0 && int64(n) == a.Count {
		slices.Sort(a.each)
		a.P99 = a.each[(99*n-1)/100]
	}
}

// A charge is what the profiles have against one section.
type charge struct {
	section  *locks.Section
	released amount // others waited for it
	held     amount // it waited itself
	shared   bool
	example  []Frame // the stack with most delay: of held, if there is one
	at       int     // index of the section's function in it
}

// Locate assigns the delay in profiles to the sections of a program.
func Locate(x *patterns.Program, profiles []*Profile) *Delays {
	d := &Delays{checkout: newCheckout(x), sections: make(map[place]*charge), locks: make(map[place]*amount), elsewhere: make(map[string]time.Duration)}
	for _, p := range profiles {
		for _, s := range p.Released {
			d.release(s)
		}
		for _, s := range p.Waited {
			d.wait(s)
		}
	}
	for _, c := range d.sections {
		c.released.finish()
	}
	for _, a := range d.locks {
		a.finish()
	}
	return d
}

// release charges the delay of a release.
func (d *Delays) release(s *Sample) {
	d.Released.add(s)
	list, at, res := d.around(s.Stack, ends)
	switch {
	case len(list) > 0:
		for _, sec := range list {
			c := d.charge(sec)
			c.released.add(s)
			c.shared = c.shared || len(list) > 1
			if c.example == nil {
				c.example, c.at = s.Stack, at
			}
		}
	case res == elsewhere:
		d.Elsewhere += s.Time
		d.elsewhere[parseSymbol(s.Stack[min(at, len(s.Stack)-1)].Func).pkg] += s.Time
	default:
		d.Gone += s.Time
	}
}

// wait charges what a goroutine waited: to the lock, if it waited for one, and to the
// sections that held theirs meanwhile.
func (d *Delays) wait(s *Sample) {
	if isAcquire(innermost(s.Stack)) {
		d.Locked.add(s)
		seen := make(map[place]bool)
		list, _, _ := d.around(s.Stack, begins)
		for _, sec := range list {
			if lock, ok := lockPlace(sec); ok && !seen[lock] {
				seen[lock] = true
				if d.locks[lock] == nil {
					d.locks[lock] = &amount{}
				}
				d.locks[lock].add(s)
			}
		}
	}
	charged := make(map[*charge]bool)
	for i := 1; i < len(s.Stack); i++ {
		at, res := d.checkout.locate(s.Stack[i])
		if res != located || at.line == 0 {
			continue
		}
		for _, sec := range at.sections {
			if c := d.charge(sec); !charged[c] && at.within(sec, s.Stack[:i]) {
				charged[c] = true
				if c.held.Time < s.Time {
					c.example, c.at = s.Stack, i
				}
				c.held.add(s)
			}
		}
	}
}

// lockPlace returns where the mutex of a section is declared.
func lockPlace(s *locks.Section) (place, bool) {
	v := s.LockVar()
	if v == nil {
		return place{}, false
	}
	p := s.Unit.Position(v.Pos())
	return place{p.Filename, p.Offset}, true
}

func (d *Delays) charge(s *locks.Section) *charge {
	key := placeOf(s)
	if d.sections[key] == nil {
		d.sections[key] = &charge{section: s}
	}
	return d.sections[key]
}

// around finds the sections that a stack enters or leaves: its innermost functions are
// those of the lock itself, then wrappers of that, then the function of the section.
func (d *Delays) around(stack []Frame, match func(spot, *locks.Section, symbol) bool) (list []*locks.Section, at int, res result) {
	inner := symbol{}
	res = elsewhere
	for i, f := range stack {
		s := parseSymbol(f.Func)
		if f.File == "<autogenerated>" || s.isWrapper() || s.pkg == "runtime" {
			continue
		}
		if !syncPackages[s.pkg] {
			where, r := d.checkout.locate(f)
			if r == located {
				if list = where.sectionsThat(match, inner); len(list) > 0 {
					return unique(list), i, located
				}
			}
			res = min(max(res, r), gone)
			if !isLockName(s.base()) && (r != located || len(where.sections) > 0) {
				return nil, i, res
			}
		}
		inner = s
	}
	return nil, 0, res
}

// isLockName reports whether a function may be a wrapper of a lock's own, so that the
// section is that of its caller.
func isLockName(name string) bool {
	switch name {
	case "Lock", "RLock", "Unlock", "RUnlock", "lock", "rlock", "unlock", "runlock", "rLock", "rUnlock":
		return true
	}
	return false
}

// unique takes out what stands at the same place: files belong to a package and to its
// tests.
func unique(list []*locks.Section) []*locks.Section {
	seen := make(map[place]bool)
	return slices.DeleteFunc(slices.Clone(list), func(s *locks.Section) bool {
		known := seen[placeOf(s)]
		seen[placeOf(s)] = true
		return known
	})
}

// sectionsThat lists the sections of the spot's function that the call of inner there
// begins or ends. Where the line says nothing, the only section that it can be is it.
func (at spot) sectionsThat(match func(spot, *locks.Section, symbol) bool, inner symbol) []*locks.Section {
	var exact, possible []*locks.Section
	for _, s := range at.sections {
		if at.unit != "" && s.Unit.Name() != at.unit && !at.deferredIn(s) {
			continue
		}
		if at.line > 0 && match(at, s, inner) {
			exact = append(exact, s)
		} else if match(spot{at.function, 0, at.unit}, s, inner) {
			possible = append(possible, s)
		}
	}
	if len(exact) == 0 && len(possible) == 1 {
		return possible
	}
	return exact
}

// deferredIn reports whether the spot is in a literal that the section's function
// defers to release the lock.
func (at spot) deferredIn(s *locks.Section) bool {
	return slices.ContainsFunc(s.Releases, func(r locks.Release) bool { return r.Closure })
}

// ends reports whether a call of inner at the spot releases the section's lock. A spot
// without a line matches any release of that name.
func ends(at spot, s *locks.Section, inner symbol) bool {
	for _, r := range s.Releases {
		name := calleeName(r.Call)
		if r.Closure { // the call is that of the literal
			name = s.Mode.Release()
		}
		if name != inner.base() {
			continue
		}
		if at.line == 0 || r.Deferred && !r.Closure {
			return true // a deferred call runs at whichever line returns
		}
		if lineOf(s, r.Call.Pos()) <= at.line && at.line <= lineOf(s, r.Call.End()) {
			return true
		}
	}
	return at.line > 0 && isCondWait(inner) && slices.ContainsFunc(s.Nodes, func(n ast.Node) bool {
		return lineOf(s, n.Pos()) <= at.line && at.line <= lineOf(s, n.End())
	})
}

// isCondWait reports whether a function is that of a condition variable which releases
// its lock. Which lock that is the section that calls it most often says.
func isCondWait(s symbol) bool { return s.pkg == "sync" && s.name == "(*Cond).Wait" }

// begins reports whether a call of inner at the spot takes the section's lock.
func begins(at spot, s *locks.Section, inner symbol) bool {
	if calleeName(s.Acquire) != inner.base() {
		return false
	}
	return at.line == 0 || onLine(s, []*ast.CallExpr{s.Acquire}, at.line)
}

func onLine(s *locks.Section, calls []*ast.CallExpr, line int) bool {
	return slices.ContainsFunc(calls, func(c *ast.CallExpr) bool {
		return lineOf(s, c.Pos()) <= line && line <= lineOf(s, c.End())
	})
}

// within reports whether the section holds its lock while the call at the spot runs
// that leads to the inner part of a stack.
func (at spot) within(s *locks.Section, inner []Frame) bool {
	if at.unit != "" && s.Unit.Name() != at.unit || onLine(s, s.Cycles, at.line) || onLine(s, []*ast.CallExpr{s.Acquire}, at.line) {
		return false
	}
	callee := parseSymbol(inner[len(inner)-1].Func)
	if isCondWait(callee) || callee.pkg == "runtime" && slices.Contains([]string{"deferreturn", "gopanic", "Goexit"}, callee.name) {
		return false // what is deferred may run after the release
	}
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool {
		return lineOf(s, n.Pos()) <= at.line && at.line <= lineOf(s, n.End()) && mayLeadTo(n, at.line, s, callee)
	})
}

// mayLeadTo reports whether a node may have made a call on the line: of a function with
// the name of the callee, of a function value, or of the runtime, as for a channel. What
// a function defers runs at the line that returns, and perhaps after the release.
func mayLeadTo(n ast.Node, line int, s *locks.Section, callee symbol) bool {
	if callee.pkg == "runtime" || callee.lits != "" {
		_, returns := n.(*ast.ReturnStmt)
		return callee.pkg == "runtime" || !returns
	}
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if c, ok := m.(*ast.CallExpr); ok && lineOf(s, c.Pos()) <= line && line <= lineOf(s, c.End()) {
			fn := s.Unit.Pkg.Info.Uses[nameOf(c)]
			_, value := fn.(*types.Var)
			found = found || value || fn != nil && fn.Name() == callee.base()
		}
		return !found
	})
	return found
}

func lineOf(s *locks.Section, pos token.Pos) int { return s.Unit.Position(pos).Line }

// calleeName returns the name by which a function is called.
func calleeName(c *ast.CallExpr) string {
	if id := nameOf(c); id != nil {
		return id.Name
	}
	return ""
}

func nameOf(c *ast.CallExpr) *ast.Ident {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return nameOf(&ast.CallExpr{Fun: f.X})
	}
	return nil
}

// Attach adds the delay in the profiles to the findings.
func (d *Delays) Attach(found []*finding.Finding) {
	if d == nil {
		return // there are no profiles
	}
	for _, f := range found {
		if delay := d.of(f.Section); delay != nil {
			f.Delay = delay
		}
	}
}

// of returns what the profiles say of a section. What releases have caused is known of
// each section; a wait for a lock only says which lock it was.
func (d *Delays) of(s *locks.Section) *finding.Delay {
	out := &finding.Delay{Measure: finding.MutexDelay, All: d.Released.Time}
	c := d.sections[placeOf(s)]
	if c != nil {
		out.Time, out.Waits, out.P99, out.Shared = c.released.Time, c.released.Count, c.released.P99, c.shared
		out.Held, out.HeldWaits = c.held.Time, c.held.Count
	}
	if d.Released.Count == 0 {
		out.Measure, out.All = finding.LockDelay, d.Locked.Time
		if lock, ok := lockPlace(s); ok && d.locks[lock] != nil {
			a := d.locks[lock]
			out.Time, out.Waits, out.P99 = a.Time, a.Count, a.P99
		}
	}
	if out.Waits == 0 && out.HeldWaits == 0 {
		return nil
	}
	return out
}

// charges lists what the profiles have against sections, the most first.
func (d *Delays) charges() []*charge {
	return slices.SortedFunc(maps.Values(d.sections), func(a, b *charge) int {
		p, q := a.section.Position(), b.section.Position()
		return cmp.Or(cmp.Compare(b.released.Time, a.released.Time), cmp.Compare(b.held.Time, a.held.Time),
			cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
	})
}
