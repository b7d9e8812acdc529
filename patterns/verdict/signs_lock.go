package verdict

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// lockSigns weighs what kind of lock it is.
func (j *judging) lockSigns() {
	s := j.s
	if s.Unit.Fresh(s.Lock.Root) && !s.Lock.Global() {
		j.see("constructor", s.Lock.Root.Pos(), "%s was made in this function, so hardly anybody else can wait for it", s.Lock.Root.Name())
	}
	if s.Try {
		j.see("try-lock", s.Pos(), "the lock is taken by TryLock, which does not wait")
	}
	if s.Mode == patterns.Shared && !j.onlyFlags() {
		j.see("read-lock", s.Pos(), "the lock is taken for reading, so it does not keep readers apart")
	}
	if s.LockVar() != nil && !s.Lock.Global() && oneOfMany(s) {
		j.see("keyed-lock", s.Lock.Root.Pos(), "the lock is one of many: it comes from a map, a call or a loop")
	}
	j.siblings()
}

// onlyFlags reports whether all that the section uses of the guarded state are flags: it is
// held so that nobody closes what it works on meanwhile.
//
//	s.mu.RLock()
//	defer s.mu.RUnlock()
//	if s.closed {
//		return errClosed
//	}
//	return s.conn.get(key)
func (j *judging) onlyFlags() bool {
	flags := 0
	for _, n := range j.s.Nodes {
		for _, a := range guards.AccessesIn(j.s.Unit, n) {
			switch {
			case !j.guarded(a.Var):
			case !types.Identical(a.Var.Type().Underlying(), types.Typ[types.Bool]):
				return false
			default:
				flags++
			}
		}
	}
	return flags > 0
}

// oneOfMany reports whether the lock, or the object that it belongs to, was
// taken from a map or slice, or a lock from a call.
func oneOfMany(s *locks.Section) bool {
	u := s.Unit
	def := u.DefinedOnce(s.Lock.Root)
	if def == nil {
		return len(s.Lock.Fields) > 0 && rangedOver(u, s.Lock.Root)
	}
	if len(s.Lock.Fields) == 0 {
		return locks.FromContainer(u.Pkg.Info, def)
	}
	_, element := ast.Unparen(def).(*ast.IndexExpr)
	return element
}

// rangedOver reports whether a variable is that of a loop over a map or slice.
func rangedOver(u *patterns.Unit, v *types.Var) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok && patterns.IdentOf(r.Value) != nil && u.Pkg.Info.Defs[patterns.IdentOf(r.Value)] == v {
			found = true
		}
		return !found
	})
	return found
}

// fewShare is the share of a lock's sections up to which they are few.
const fewShare = 0.34

// shareSigns weighs how many sections of the lock there are, and how many wait.
func (j *judging) shareSigns() {
	st, decl := j.stats, j.declaration()
	sites, blocking := len(st.Sites), len(st.Blocking)
	// A lock that keeps callers off one connection or file has few sections, and
	// all wait. What is of one call only no lock keeps anybody off.
	_, op := j.main.Innermost(j.s.Unit)
	perCall := op.Own
	share := float64(blocking) / float64(sites)
	switch {
	case perCall && share > fewShare:
	case share == 1 && sites > 1:
		j.see("all-block", decl, "every one of its %d sections waits", sites)
	case share <= fewShare && sites >= 3:
		j.see("few-block", decl, "only %d of its %d sections may wait", blocking, sites)
	}
}

// siblings weighs another mutex in the struct of the section's mutex, whose sections
// wait less often.
func (j *judging) siblings() {
	lock := j.s.LockVar()
	if lock == nil || !lock.IsField() {
		return
	}
	st := j.x.OwnerOf(lock)
	if st == nil {
		return
	}
	all := j.all()
	for i := range st.NumFields() {
		f := st.Field(i).Origin()
		if f == lock || !isMutex(f.Type()) {
			continue
		}
		if o := all[f]; o != nil && len(o.Sites) > 0 && len(o.Blocking)*len(j.stats.Sites) < len(j.stats.Blocking)*len(o.Sites) {
			j.see("shorter-sibling", f.Pos(), "the struct has another mutex, %s, whose sections wait less often", f.Name())
			return
		}
	}
}

func isMutex(t types.Type) bool {
	n := patterns.NamedOf(t)
	return n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && strings.HasSuffix(n.Obj().Name(), "Mutex")
}
