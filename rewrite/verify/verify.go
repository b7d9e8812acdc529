// Package verify applies a plan to a copy of its package and checks the result.
package verify

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Verify applies a plan to a copy of its files and checks the result: it type-checks; the
// finding is gone and there is no new one; every path locks and unlocks equally often; no
// guarded access loses its lock; the lock is taken in the same modes; no call, send or receive
// is gone; every comment is still there; and nothing has changed outside of the functions and
// places that the plan names. If a check fails, Verify returns a refusal that names it.
func Verify(x *patterns.Program, p *plan.Plan) (*Verified, *safety.Refusal) {
	d, refusal := NewDraft(p)
	if refusal != nil {
		return nil, refusal
	}
	return d.Verify(x)
}

// NewDraft does the first part of [Verify]. It does not use the program, so others may use the
// program at the same time.
func NewDraft(p *plan.Plan) (*Draft, *safety.Refusal) {
	d, refusal := carryOut(p)
	if refusal != nil {
		return nil, refusal
	}
	return d, d.typeCheck()
}

// typeCheck type-checks a draft and sets its changed package.
func (d *Draft) typeCheck() *safety.Refusal {
	q, err := d.Plan.Finding.Section.Unit.Pkg.WithContents(contentsOf(d.Changes))
	if err != nil {
		return unverified(d.Plan, "", "the result does not type-check: "+plainError(err))
	}
	d.Package = q
	return nil
}

// Verify does the second part of [Verify]. The program must be that of the plan's finding.
func (d *Draft) Verify(x *patterns.Program) (*Verified, *safety.Refusal) {
	return d.compare(newCensus(x, d.Plan.Finding.Section.Unit.Pkg), newCensus(analyse.With(x, d.Package), d.Package))
}

// compare compares the original package with the changed one.
func (d *Draft) compare(before, after *census) (*Verified, *safety.Refusal) {
	v := &Verified{Plan: d.Plan, Changes: d.Changes, Program: after.program, Package: after.pkg}
	for _, c := range d.Changes {
		if c.File.Syntax == nil {
			continue // go.mod and go.sum, which their library prints
		}
		if why := before.checkText(c, d.regions[c.File]); why != "" {
			return nil, unverified(d.Plan, "", why)
		}
	}
	if c, why := v.check(before, after); why != "" {
		return nil, unverified(d.Plan, c, why)
	}
	return v, nil
}

func unverified(p *plan.Plan, c safety.Condition, why string) *safety.Refusal {
	return &safety.Refusal{Shape: p.Shape, Condition: c, Pos: p.Finding.Section.Pos(), Reason: FaultPrefix + why}
}

// FaultPrefix begins the reason of a refusal by the verification.
const FaultPrefix = "verification: "

// carryOut applies a plan without type-checking the result.
func carryOut(p *plan.Plan) (*Draft, *safety.Refusal) {
	d := &Draft{Plan: p, edits: make(map[*patterns.File][]textedit.Edit), regions: make(map[*patterns.File][]region)}
	err := d.makeEdits()
	if err == nil {
		d.Changes, err = changesOf(p.Finding.Section.Unit.Pkg, maps.Clone(d.edits), p.Imports)
	}
	if err == nil && len(d.Changes) == 0 {
		err = errors.New("the plan changes nothing")
	}
	if err != nil {
		return nil, unverified(p, "", err.Error())
	}
	d.Changes = append(d.Changes, ModuleChanges(p.Requires)...)
	slices.SortFunc(d.Changes, func(a, b Change) int { return cmp.Compare(a.File.Name, b.File.Name) })
	return d, nil
}

// makeEdits makes all edits but those of import declarations.
func (d *Draft) makeEdits() error {
	pkg := d.Plan.Finding.Section.Unit.Pkg
	for _, script := range d.Plan.Scripts() {
		f := pkg.FileOf(script.Decl.Pos())
		if f == nil || f.Fixed != "" {
			return errors.New("the edit reaches into a file that is never rewritten")
		}
		e := tree.NewEditor(pkg.Fset, f.Syntax, f.Content)
		es, err := e.Apply(script)
		if err != nil {
			return fmt.Errorf("the edit cannot be carried out: %v", err)
		}
		es = textedit.Trim(f.Content, es)
		if !withinDecl(pkg.Fset, script.Decl, es) {
			return errors.New("the edit reaches outside of the function")
		}
		start, end, err := e.Range(script.Decl)
		if err != nil {
			return err
		}
		d.edits[f] = append(d.edits[f], es...)
		d.regions[f] = append(d.regions[f], declRegion(f.Content, start, end))
	}
	for _, i := range d.Plan.Imports {
		d.regions[i.File] = append(d.regions[i.File], importRegion(pkg.Fset, i.File))
	}
	for _, o := range d.Plan.Outside {
		if inFunction(pkg.Fset, o) {
			return errors.New("an edit outside of functions reaches into one")
		}
		d.edits[o.File] = append(d.edits[o.File], o.Edit)
	}
	return nil
}

// changesOf adds the imports to the edits and turns them into changes.
func changesOf(pkg *patterns.Package, byFile map[*patterns.File][]textedit.Edit, list []plan.Import) ([]Change, error) {
	imports := make(map[*patterns.File][]plan.Import)
	for _, i := range list {
		if !i.Placed {
			imports[i.File] = append(imports[i.File], i)
		}
	}
	for f, is := range imports {
		byFile[f] = append(byFile[f], edits.ImportEdits(f, pkg.Fset, is)...)
	}
	var changes []Change
	for f, es := range byFile {
		if len(es) == 0 {
			continue
		}
		if _, err := textedit.Apply(f.Content, es); err != nil {
			return nil, err
		}
		es = slices.Clone(es)
		slices.SortStableFunc(es, func(a, b textedit.Edit) int { return a.Start - b.Start })
		changes = append(changes, Change{File: f, Edits: es})
	}
	return changes, nil
}

// plainError returns the text of a type error without its position, which would be in the
// changed file.
func plainError(err error) string {
	var te types.Error
	if errors.As(err, &te) {
		return te.Msg
	}
	return err.Error()
}

// withinDecl reports whether all edits are inside the declaration.
func withinDecl(fset *token.FileSet, d ast.Decl, edits []textedit.Edit) bool {
	f := fset.File(d.Pos())
	start, end := f.Offset(d.Pos()), f.Offset(d.End())
	for _, e := range edits {
		if e.Start < start || e.End > end+1 { // a trimmed edit may end with the line
			return false
		}
	}
	return true
}

// inFunction reports whether an edit that should be outside of functions overlaps one or its doc
// comment.
func inFunction(fset *token.FileSet, o plan.OutsideEdit) bool {
	tok := fset.File(o.File.Syntax.FileStart)
	return slices.ContainsFunc(o.File.Syntax.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			return false
		}
		start := fn.Pos()
		if fn.Doc != nil {
			start = fn.Doc.Pos()
		}
		if fn == o.Doc {
			return tok.Offset(fn.Pos()) < o.Edit.End
		}
		return o.Edit.Start < tok.Offset(fn.End()) && tok.Offset(start) < o.Edit.End
	})
}

// ModuleChanges returns the changes to go.mod and go.sum that the requirements need, once per
// file.
func ModuleChanges(list []*patterns.Requirement) []Change {
	var out []Change
	for _, r := range list {
		for _, f := range r.Files {
			if slices.ContainsFunc(out, func(c Change) bool { return c.File.Name == f.File.Name }) {
				continue
			}
			edits := textedit.Trim(f.File.Content, []textedit.Edit{{Start: 0, End: len(f.File.Content), New: string(f.Content)}})
			out = append(out, Change{File: f.File, Edits: edits})
		}
	}
	return out
}

// check runs the checks that need the changed package.
func (v *Verified) check(before, after *census) (safety.Condition, string) {
	x := before.program
	accesses := func() string { return v.checkAccesses(x) }
	if v.Plan.Semaphore { // there is no mutex left to hold
		accesses = func() string { return v.checkInPlace(x) }
	}
	for _, step := range []struct {
		of    safety.Condition
		check func() string
	}{
		{"", v.checkNames},
		{safety.S15, func() string { return v.checkFindings(before, after) }},
		{safety.S11, func() string { return v.checkBalance(x) }},
		{safety.S11, v.checkConverted},
		{safety.S1, accesses},
		{safety.S16, func() string { return v.checkModes(x) }},
		{safety.S17, v.checkKept},
	} {
		if safety.VerificationBroken(step.of) {
			continue
		}
		if why := step.check(); why != "" {
			return step.of, why
		}
	}
	return "", ""
}

// checkFindings compares the findings in the package before and after.
func (v *Verified) checkFindings(x, y *census) string {
	f := v.Plan.Finding
	opts := f.Options()
	before, after := x.keysWith(opts), y.keysWith(opts)
	for _, key := range sortedStrings(after) {
		if after[key] > before[key] && !(before[key] == 0 && v.isOfAdded(key)) {
			return "the result has a finding that was not there: " + key
		}
	}
	key := f.Key()
	if v.Plan.Stays > 0 && after[key] == before[key] {
		if x.opsWith(opts)[key]-y.opsWith(opts)[key] != len(f.Ops)-v.Plan.Stays {
			return "the lock is still held across what should wait without it"
		}
		return ""
	}
	if after[key] >= before[key] {
		return "the finding is still there"
	}
	return ""
}

// isOfAdded reports whether the key of a finding is for a section of the mutex that the plan
// adds, which is meant to be held during the wait.
func (v *Verified) isOfAdded(key string) bool {
	lock := strings.Split(key, "|")[2]
	return v.Plan.Adds != "" && lock[strings.LastIndexByte(lock, '.')+1:] == v.Plan.Adds
}

// checkBalance looks for sections in the changed functions whose extent is no longer certain,
// and for sections that became empty.
func (v *Verified) checkBalance(x *patterns.Program) string {
	for _, script := range v.Plan.Scripts() {
		d, ok := script.Decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if v.Plan.OpensWindow(d) { // it releases and takes its callers' lock
			if !v.keepsLock(d, v.Plan.Finding.Section.LockVar().Name()) {
				return "the helper does not take the lock again on every path"
			}
			continue
		}
		before, empty := problems(x, v.Plan.Finding.Section.Unit.Pkg, d)
		after, emptyNow := problems(v.Program, v.Package, d)
		for _, why := range sortedStrings(after) {
			if after[why] > before[why] && !(sharing(why) && v.balances(d)) {
				return why
			}
		}
		if emptyNow > empty {
			return "the result locks and unlocks with nothing in between"
		}
	}
	return ""
}

// sharing reports whether the problem of a section is that it shares statements with another
// section, because paths have met on which different calls took the lock.
func sharing(why string) bool { return why == locks.OnSomePaths || why == locks.AlsoEnds }

// balances reports whether, at each point in a changed function, the section's lock is held on
// all paths or on none.
func (v *Verified) balances(d *ast.FuncDecl) bool {
	lock := v.Plan.Finding.Section.LockVar().Name()
	return !slices.ContainsFunc(v.Program.UnitsOf(v.Package, d), func(u *patterns.Unit) bool { return !locks.Balances(u, lock) })
}

// keepsLock reports whether the lock is held when a changed function returns to its callers.
func (v *Verified) keepsLock(d *ast.FuncDecl, lock string) bool {
	return slices.ContainsFunc(v.Program.UnitsOf(v.Package, d), func(u *patterns.Unit) bool { return u.Lit == nil && locks.KeepsLock(u, lock) })
}

// problems counts the problems of the sections in a function, and its empty sections.
func problems(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl) (why map[string]int, empty int) {
	why = make(map[string]int)
	for _, s := range locks.SectionsOf(x, p, d) {
		if s.Problem != "" {
			why[s.Problem]++
		}
		if len(s.Nodes) == 0 {
			empty++
		}
	}
	return why, empty
}

// checkAccesses checks S1: no changed function may use a variable that the lock guards without
// the lock more often than before.
func (v *Verified) checkAccesses(x *patterns.Program) string {
	s := v.Plan.Finding.Section
	guarded := make(map[string]bool)
	site := site.New(x, v.Plan.Finding)
	for _, g := range guards.GuardedBy(x, s.Unit.Pkg, s.LockVar()) {
		local := !g.Var.IsField() && !syntax.IsGlobal(g.Var)
		if !local || s.Unit.Decl != nil && s.Unit.Decl.Pos() <= g.Var.Pos() && g.Var.Pos() < s.Unit.Decl.End() && !behaviour.OwnVariable(site, g.Var) {
			guarded[accessedName(g.Var)] = true
		}
	}
	for _, w := range v.Plan.Serialized {
		delete(guarded, accessedName(w))
	}
	for _, script := range v.Plan.Scripts() {
		d, ok := script.Decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		before := unlockedUses(x, s.Unit.Pkg, d, s.Lock, guarded, nil)
		after := unlockedUses(v.Program, v.Package, d, s.Lock, guarded, v.Plan.TakesOut)
		for _, name := range sortedStrings(after) {
			if after[name] > before[name] {
				return fmt.Sprintf("%s would be used without %s", name, s.Lock)
			}
		}
	}
	return ""
}

// isLent reports whether an access is to an object that the function got as an argument and has
// not passed on yet, which S1 asks about.
func isLent(x *patterns.Program, p *patterns.Package, a *guards.Access) bool {
	return a.Path.Root != nil && a.Unit.Obj != nil && a.Path.Root != a.Unit.Obj.Signature().Recv() && len(a.Path.Fields) == 1 &&
		a.Unit.IsParam(a.Path.Root) && x.StorageOf(p).OwnerAt(a.Node, a.Pos()) == ownership.Lent
}

// accessedName names a variable for counting its uses. It distinguishes a local variable from a
// field of the same name.
func accessedName(v *types.Var) string {
	if v.IsField() || syntax.IsGlobal(v) {
		return v.Name()
	}
	return "local variable " + v.Name()
}

// unlockedUses counts the uses of guarded variables in a function without the lock. It compares
// variables by name, because the function may be in the original or in the changed program. The
// path to the lock is not a use, nor is the use of something taken out, under another name.
func unlockedUses(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl, lock patterns.Path, guarded map[string]bool, taken []*types.Var) map[string]int {
	n := make(map[string]int)
	last := lock.Last()
	isOn := func(v *types.Var) bool {
		return slices.ContainsFunc(lock.Fields, func(f *types.Var) bool { return f.Name() == v.Name() })
	}
	for _, u := range x.UnitsOf(p, d) {
		for _, a := range guards.OwnAccesses(x, u) {
			held := false
			for _, h := range a.Held {
				held = held || h.Name() == last.Name()
			}
			if a.Leads && isOn(a.Var) || a.Alias && slices.ContainsFunc(taken, func(v *types.Var) bool { return v.Name() == a.Var.Name() }) {
				continue
			}
			if guarded[accessedName(a.Var)] && !held && !a.Fresh && !behaviour.OwnCopy(a) && !behaviour.OfOwnObject(x, a) && !(a.Kind == guards.Read && (a.Alias || a.Whole || isLent(x, p, a))) {
				n[accessedName(a.Var)]++
			}
		}
	}
	return n
}
