package patterns

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Judgement says whether a lock looks held across the wait by accident.
type Judgement string

const (
	Incidental Judgement = "incidental" // by accident: the wait needs no lock
	Deliberate Judgement = "deliberate" // on purpose: the lock serialises the wait
	Unsure     Judgement = "unsure"
)

// A Verdict is a judgement with the evidence it is the sum of.
type Verdict struct {
	Judgement Judgement
	Score     int // sum of the weights: positive speaks for accident
	Evidence  []Evidence
}

// An Evidence is one sign for accident (positive weight) or purpose (negative).
type Evidence struct {
	Sign   string
	Weight int
	Detail string
	Pos    token.Position // not valid if it stands nowhere in particular
}

// The limits of the score between the judgements.
const (
	incidentalFrom = 2
	deliberateTo   = -2
)

func (v *Verdict) add(sign string, weight int, format string, args ...any) {
	v.Evidence = append(v.Evidence, Evidence{Sign: sign, Weight: weight, Detail: fmt.Sprintf(format, args...)})
	v.Score += weight
}

// judge weighs the signs of a finding. The signs, and their order of strength,
// come from a reading of 135 sections of real code that block directly: 84
// held on purpose, 31 by accident.
func (x *Program) judge(f *Finding, st lockStats) Verdict {
	var v Verdict
	x.judgeLock(f, st, &v)
	x.judgeWords(f, &v)
	x.judgeWork(f, &v)
	switch {
	case v.Score >= incidentalFrom:
		v.Judgement = Incidental
	case v.Score <= deliberateTo:
		v.Judgement = Deliberate
	default:
		v.Judgement = Unsure
	}
	return v
}

// judgeLock weighs how the package uses the mutex.
func (x *Program) judgeLock(f *Finding, st lockStats, v *Verdict) {
	switch {
	case st.sites <= 2:
		v.add("few-sites", -2, "only %d section(s) of this lock in the package", st.sites)
	case st.sites >= 8:
		v.add("many-sites", 2, "%d sections of this lock in the package", st.sites)
	case st.sites >= 5:
		v.add("many-sites", 1, "%d sections of this lock in the package", st.sites)
	}
	share := float64(st.blocking) / float64(st.sites)
	switch {
	case share == 1 && st.sites > 1:
		v.add("all-block", -3, "every one of its %d sections waits", st.sites)
	case share > 0.6:
		v.add("most-block", -2, "%d of its %d sections wait", st.blocking, st.sites)
	case share <= 0.34 && st.sites >= 3:
		v.add("few-block", 1, "only %d of its %d sections wait", st.blocking, st.sites)
	}
	s := f.Section
	if s.Unit.fresh(s.Lock.Root) {
		v.add("constructor", -3, "%s was made in this function, so nobody else can wait for it", s.Lock.Root.Name())
	}
	if s.Try {
		v.add("try-lock", -3, "TryLock: others do not wait for this lock here")
	}
	if s.LockVar() != nil && len(s.Lock.Fields) == 0 && !s.Lock.Global() && fromContainer(s.Unit.Pkg.Info, s.Unit.definedOnce(s.Lock.Root)) {
		v.add("keyed-lock", -3, "the lock comes from a map or a call: one of many")
	}
	if name := x.siblingMutex(s); name != "" {
		v.add("sibling", -1, "the struct has another mutex, %s", name)
	}
}

// siblingMutex names another mutex in the struct of the section's mutex.
func (x *Program) siblingMutex(s *Section) string {
	lock := s.LockVar()
	if lock == nil || !lock.IsField() {
		return ""
	}
	st := x.ownerOf(lock)
	if st == nil {
		return ""
	}
	for i := range st.NumFields() {
		f := st.Field(i)
		if f.Origin() == lock {
			continue
		}
		if n := namedOf(f.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && strings.HasSuffix(n.Obj().Name(), "Mutex") {
			return f.Name()
		}
	}
	return ""
}

var purposeWords = []string{
	"serialize", "serialise", "sequence", "in order", "ordering", "held while", "hold the lock", "holding the lock",
	"concurrent write", "concurrent call", "only one", "at most one", "one at a time", "to avoid closing",
	"mutually exclusive", "exclusively", "must not be called concurrently", "simultaneous", "synchroni",
	"before any", "at the same time", "must not run",
}

var purposeNames = []string{
	"write", "send", "wmu", "io", "dial", "refresh", "rotate", "sync", "connect", "flush", "close", "wrmu", "update", "startstop", "restart", "clean", "reload",
}

var lifecycleNames = []string{"close", "stop", "shutdown", "destroy", "teardown", "init", "start", "open", "reset", "restore", "new"}

// judgeWords weighs comments and names. The words are those that stood on real
// locks held on purpose; none decides alone.
func (x *Program) judgeWords(f *Finding, v *Verdict) {
	text := strings.ToLower(x.commentsAt(f))
	for _, w := range purposeWords {
		if strings.Contains(text, w) {
			v.add("comment", -2, "a comment on the lock or the function says %q", w)
			break
		}
	}
	if lock := f.Section.LockVar(); lock != nil {
		name := strings.ToLower(lock.Name())
		for _, w := range purposeNames {
			if strings.Contains(name, w) {
				v.add("lock-name", -2, "the lock is called %s", lock.Name())
				break
			}
		}
	}
	if d := f.Section.Unit.Decl; d != nil {
		name := strings.ToLower(d.Name.Name)
		for _, w := range lifecycleNames {
			if strings.HasPrefix(name, w) {
				v.add("lifecycle", -1, "%s is called once in an object's life", d.Name.Name)
				break
			}
		}
	}
}

// judgeWork weighs what the waiting needs.
func (x *Program) judgeWork(f *Finding, v *Verdict) {
	s := f.Section
	main := f.Main()
	if call, ok := main.Node.(*ast.CallExpr); ok {
		if recv := x.guardedReceiver(s, call, f.Guarded); recv != "" {
			if len(f.Guarded) <= 2 {
				v.add("guards-receiver", -2, "the lock guards %s, on which the call is made, and little else", recv)
			} else {
				v.add("guards-receiver", -1, "the call is made on %s, which the lock guards", recv)
			}
		} else if !x.touches(s, call, f.Guarded) {
			v.add("needs-nothing", 2, "the call needs nothing that the lock guards")
		}
		if at := x.unlockedElsewhere(s, main, call); at != "" {
			v.add("unlocked-elsewhere", 2, "the same call is made without the lock at %s", at)
		}
	} else if main.Category == "sleep" || main.Category == "wait" {
		v.add("needs-nothing", 1, "the wait needs nothing that the lock guards")
	}
	if len(main.Path) > 2 {
		v.add("deep", -1, "the wait is %d calls away", len(main.Path)-1)
	}
	if main.Weak != "" {
		v.add("weak", -1, "weak evidence that it blocks: %s", main.Weak)
	}
}

// guardedReceiver names the guarded variable that a call is made on, if any.
func (x *Program) guardedReceiver(s *Section, call *ast.CallExpr, guarded []Guarded) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	p, ok := PathOf(s.Unit.Pkg.Info, sel.X)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return ""
	}
	for _, g := range guarded {
		if g.Var == p.Last() {
			return p.String()
		}
	}
	if base, ok := s.Lock.Base(); ok && len(p.Fields) > 0 {
		if b, _ := p.Base(); b.key() == base.key() && len(guarded) == 0 {
			return p.String()
		}
	}
	return ""
}

// touches reports whether a call uses a guarded variable: in its operands, or
// in the functions that it reaches.
func (x *Program) touches(s *Section, call *ast.CallExpr, guarded []Guarded) bool {
	is := func(a *Access) bool {
		return slices.ContainsFunc(guarded, func(g Guarded) bool { return g.Var == a.Var })
	}
	if slices.ContainsFunc(s.Unit.AccessesIn(call), is) {
		return true
	}
	callees, _ := x.Callees(s.Unit, call)
	seen := make(map[*Unit]bool)
	for len(callees) > 0 && len(seen) < 300 {
		u := callees[0]
		callees = callees[1:]
		if seen[u] || u.Pkg != s.Unit.Pkg {
			continue
		}
		seen[u] = true
		if slices.ContainsFunc(x.OwnAccesses(u), is) {
			return true
		}
		for _, c := range u.calls {
			next, _ := x.Callees(u, c)
			callees = append(callees, next...)
		}
	}
	return false
}

// unlockedElsewhere finds a call of the same function, in the same package,
// that is made while no lock is held.
func (x *Program) unlockedElsewhere(s *Section, o *Op, call *ast.CallExpr) string {
	fn := calleeOf(s.Unit.Pkg.Info, call)
	if fn == nil || o.Category == "sleep" || fn.Pkg() != s.Unit.Pkg.Types {
		return "" // a call of some library elsewhere is no evidence
	}
	for _, c := range x.unlockedCalls(s.Unit.Pkg)[fn] {
		if c.Unit != s.Unit {
			p := c.Unit.Position(c.Call.Pos())
			return fmt.Sprintf("%s:%d", p.Filename[strings.LastIndex(p.Filename, "/")+1:], p.Line)
		}
	}
	return ""
}

// unlockedCalls indexes, for every function of the package, the first calls
// from two units that are made while no lock is held.
func (x *Program) unlockedCalls(p *Package) map[*types.Func][]Call {
	g := x.guardsOf(p)
	if g.unlocked != nil {
		return g.unlocked
	}
	g.unlocked = make(map[*types.Func][]Call)
	for _, u := range x.units[p] {
		if u.Body == nil {
			continue
		}
		x.eachCall(u, func(c *ast.CallExpr, held []*types.Var, _ bool) {
			fn := calleeOf(p.Info, c)
			if fn == nil || fn.Pkg() != p.Types || len(held) > 0 {
				return
			}
			if known := g.unlocked[fn]; len(known) == 0 || len(known) == 1 && known[0].Unit != u {
				g.unlocked[fn] = append(known, Call{u, c})
			}
		})
	}
	return g.unlocked
}
