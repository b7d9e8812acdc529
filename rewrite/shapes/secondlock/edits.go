package secondlock

import (
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Add adds to a plan what takes the second lock: its declaration, and a Lock and a deferred
// Unlock in every section that takes it.
func Add(s *site.Site, p *plan.Plan) *safety.Refusal {
	p.Serialized = s.Second.Vars
	if s.Second.There != nil {
		return nil
	}
	lock := s.Section.LockVar()
	suffix := "CallMu"
	if slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return o.Effect == blocking.EffectWrite }) {
		suffix = "WriteMu"
	}
	beside, r := edits.DeclareBeside(s, "sync", "Mutex // serializes "+callsOf(s)+"; taken before "+lock.Name(), suffix, lock)
	if r != nil {
		return r
	}
	name := beside.Expr[strings.LastIndexByte(beside.Expr, '.')+1:]
	p.Adds = name
	p.Title += ", which " + name + " serializes"
	p.Outside = append(p.Outside, beside.Edit)
	p.Imports = append(p.Imports, beside.Imports...)
	for _, o := range s.Second.Sections {
		op := tree.InsertBefore{Stmt: lockIn(s, o), Code: takes(o, lock, name)}
		if o.Acquire == s.Section.Acquire {
			p.Script.Ops = append([]tree.Op{op}, p.Script.Ops...)
			continue
		}
		p.Others = append(p.Others, tree.Script{Decl: o.Unit.Decl, Ops: []tree.Op{op}})
	}
	return nil
}

// takes is the code that takes the second lock before a section, and releases it after it.
func takes(o *locks.Section, lock *types.Var, name string) string {
	expr := name
	if lock.IsField() {
		held := o.Lock
		held.Fields = withoutLast(held.Fields)
		expr = held.String() + "." + name
	}
	return expr + ".Lock()\ndefer " + expr + ".Unlock()"
}

// callsOf names the calls of the finding: functions by their package, methods alone.
func callsOf(s *site.Site) string {
	var names []string
	for _, o := range s.Finding.Ops {
		name := o.Call()
		if strings.HasPrefix(name, "(") {
			name = name[strings.LastIndexByte(name, '.')+1:]
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return syntax.JoinNames(names)
}
