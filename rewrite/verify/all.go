package verify

import (
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Verdict is the result of verifying a plan. One of the two fields is nil.
type Verdict struct {
	Verified *Verified // without the changed package
	Refusal  *safety.Refusal
}

// All verifies plans for findings of one package, with the same verdicts as [Verify]. Checking
// and analyzing a package takes about as long for one changed function as for a thousand, so All
// applies plans together, in groups:
//
//   - The plans of a group change different functions and do not conflict otherwise.
//   - Each plan is compared with the original on its own: what it changed, and whether
//     the package has a new finding.
//   - No plan changes what the functions of the others depend on (see [analyse.Border]),
//     so that each one would get the same verdict alone.
//
// A plan that may not satisfy this is verified alone.
//
// If the returned State is not nil, it has the first plan of every function applied, and all of
// them are good. It is a by-product.
func All(x *patterns.Program, p *patterns.Package, plans []*plan.Plan) ([]Verdict, *State) {
	a := &all{before: newCensus(x, p), verdicts: make([]Verdict, len(plans))}
	var groups []*group
	for i, pl := range plans {
		d, refusal := carryOut(pl)
		if refusal != nil {
			a.verdicts[i].Refusal = refusal
			continue
		}
		m := &member{Draft: d, index: i}
		at := slices.IndexFunc(groups, func(g *group) bool { return g.fits(m) })
		if at < 0 {
			at = len(groups)
			groups = append(groups, newGroup())
		}
		groups[at].add(m)
	}
	var s *State
	for i, g := range slices.Backward(groups) {
		if t := a.verify(g.members); i == 0 {
			s = t
		}
	}
	return a.verdicts, s
}

// A State is a package with some plans applied together.
type State struct {
	Plans   []*plan.Plan
	Program *patterns.Program
	Package *patterns.Package
}

// Together applies plans for findings of one package all at once, and verifies each of them in
// the result. It returns nil if one of them is not good.
func Together(x *patterns.Program, p *patterns.Package, plans []*plan.Plan) *State {
	a := &all{before: newCensus(x, p), verdicts: make([]Verdict, len(plans))}
	g := newGroup()
	for i, pl := range plans {
		d, refusal := carryOut(pl)
		m := &member{Draft: d, index: i}
		if refusal != nil || !g.fits(m) {
			return nil
		}
		g.add(m)
	}
	q, err := a.together(g.members)
	if err != nil {
		return nil
	}
	after := newCensus(analyse.With(x, q), q)
	for _, m := range g.members {
		if !a.verifyIn(after, m) && len(plans) > 1 {
			forget(p, q)
			return nil
		}
	}
	return &State{Plans: plans, Program: after.program, Package: q}
}

// all is the state of [All].
type all struct {
	before   *census
	verdicts []Verdict
}

// A member is a plan in a group.
type member struct {
	*Draft
	index int // among all plans
}

// A group is a set of plans that can be applied together.
type group struct {
	members []*member
	funcs   map[ast.Decl]bool                // the changed functions
	outside map[*patterns.File]bool          // files with edits outside of functions
	imports map[*patterns.File][]plan.Import // the added imports
}

func newGroup() *group {
	return &group{funcs: make(map[ast.Decl]bool), outside: make(map[*patterns.File]bool), imports: make(map[*patterns.File][]plan.Import)}
}

// fits reports whether a plan changes nothing that the plans in the group change.
func (g *group) fits(m *member) bool {
	for _, s := range m.Plan.Scripts() {
		if g.funcs[s.Decl] {
			return false
		}
	}
	for _, o := range m.Plan.Outside {
		if g.outside[o.File] || len(g.imports[o.File]) > 0 || o.Doc != nil && g.funcs[o.Doc] {
			return false
		}
	}
	for _, i := range m.Plan.Imports {
		if g.outside[i.File] || slices.ContainsFunc(g.imports[i.File], func(j plan.Import) bool { return !alike(i, j) && mayClash(i, j) }) {
			return false
		}
	}
	return true
}

// alike reports whether two imports are the same.
func alike(i, j plan.Import) bool { return i.File == j.File && i.Path == j.Path && i.Name == j.Name }

// mayClash reports whether two imports of a file may declare the same name, or import the same
// package.
func mayClash(i, j plan.Import) bool {
	name := func(i plan.Import) string {
		if i.Name != "" {
			return i.Name
		}
		return path.Base(i.Path)
	}
	return i.Path == j.Path || name(i) == name(j)
}

func (g *group) add(m *member) {
	g.members = append(g.members, m)
	for _, s := range m.Plan.Scripts() {
		g.funcs[s.Decl] = true
	}
	for _, o := range m.Plan.Outside {
		g.outside[o.File] = true
		if o.Doc != nil {
			g.funcs[o.Doc] = true
		}
	}
	for _, i := range m.Plan.Imports {
		g.imports[i.File] = append(g.imports[i.File], i)
	}
}

// together returns the package with the plans applied.
func (a *all) together(members []*member) (*patterns.Package, error) {
	edits := make(map[*patterns.File][]textedit.Edit)
	var imports []plan.Import
	for _, m := range members {
		for f, es := range m.edits {
			edits[f] = append(edits[f], es...)
		}
		for _, i := range m.Plan.Imports {
			if !slices.ContainsFunc(imports, func(j plan.Import) bool { return alike(i, j) }) {
				imports = append(imports, i)
			}
		}
	}
	changes, err := changesOf(a.before.pkg, edits, imports)
	if err != nil {
		return nil, err
	}
	return a.before.pkg.WithContents(contentsOf(changes))
}

// verify verifies plans that can be applied together. If all of them are good, it returns the
// package with all of them applied.
func (a *all) verify(members []*member) *State {
	for len(members) > 1 {
		q, err := a.together(members)
		if err != nil {
			members = a.halve(members)
			continue
		}
		after := newCensus(analyse.With(a.before.program, q), q)
		var good, doubtful []*member
		for _, m := range members {
			if a.verifyIn(after, m) {
				good = append(good, m)
			} else {
				doubtful = append(doubtful, m)
			}
		}
		if len(doubtful) == 0 {
			s := &State{Program: after.program, Package: q}
			for _, m := range members {
				s.Plans = append(s.Plans, m.Plan)
			}
			return s
		}
		forget(a.before.pkg, q)
		if len(good) > 0 { // the doubtful plans have only themselves to blame
			a.eachAlone(doubtful)
			return nil
		}
		// All of them notice a new finding.
		culprits := a.culprits(after, members)
		if len(culprits) == 0 {
			members = a.halve(members)
			continue
		}
		a.eachAlone(culprits)
		members = slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return slices.Contains(culprits, m) })
	}
	if len(members) == 0 {
		return nil
	}
	return a.alone(members[0])
}

// halve verifies the first half of the plans and returns the others.
func (a *all) halve(members []*member) []*member {
	half := len(members) / 2
	a.verify(members[:half])
	return members[half:]
}

// culprits lists the plans that change a function with a new finding.
func (a *all) culprits(after *census, members []*member) []*member {
	found := make(map[string]bool) // names of functions with new findings
	for with, n := range after.keys {
		for key := range n {
			if n[key] > a.before.keys[with][key] {
				found[strings.Split(key, "|")[1]] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(members), func(m *member) bool {
		return !slices.ContainsFunc(m.Plan.Scripts(), func(s tree.Script) bool {
			d, ok := s.Decl.(*ast.FuncDecl)
			return ok && slices.ContainsFunc(after.program.UnitsOf(after.pkg, d), func(u *patterns.Unit) bool { return found[u.Name()] })
		})
	})
}

// verifyIn compares a plan with the original, in a package to which other plans were applied as
// well. It reports whether the plan is good, and would be without the others.
func (a *all) verifyIn(after *census, m *member) bool {
	v, refusal := m.compare(a.before, after)
	if refusal != nil {
		return false
	}
	for _, d := range v.changedFuncs() {
		if analyse.BorderOf(a.before.program, a.before.pkg, d) != analyse.BorderOf(after.program, after.pkg, d) {
			return false
		}
	}
	v.Program, v.Package = nil, nil
	a.verdicts[m.index] = Verdict{Verified: v}
	return true
}

func (a *all) eachAlone(members []*member) {
	for _, m := range members {
		if s := a.alone(m); s != nil {
			forget(a.before.pkg, s.Package)
		}
	}
}

// alone verifies a plan on its own. It returns the changed package if the plan is good.
func (a *all) alone(m *member) *State {
	if r := m.typeCheck(); r != nil {
		a.verdicts[m.index].Refusal = r
		return nil
	}
	q := m.Package
	m.Package = nil
	y := analyse.With(a.before.program, q)
	v, refusal := m.compare(a.before, newCensus(y, q))
	if refusal != nil {
		forget(a.before.pkg, q)
		a.verdicts[m.index].Refusal = refusal
		return nil
	}
	v.Program, v.Package = nil, nil
	a.verdicts[m.index].Verified = v
	return &State{Plans: []*plan.Plan{m.Plan}, Program: y, Package: q}
}
