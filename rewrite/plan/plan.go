// Package plan defines the edit script that a shape proposes for a finding, as data.
package plan

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Plan is the edit script that a shape proposes for one finding, with its
// obligations. It is data: nothing has been applied.
type Plan struct {
	Shape       string
	Finding     *finding.Finding
	Title       string                  // what it does, for a menu: "Release s.mu before the call"
	Repair      string                  // the name of the repair that it took, or ""
	Script      tree.Script             // of the function that the section stands in
	Others      []tree.Script           // of other functions of the package
	Outside     []OutsideEdit           // outside of functions
	Imports     []Import                // that the new code needs and its files lack
	Requires    []*patterns.Requirement // modules that go.mod must list for them
	Semaphore   bool                    // the lock itself becomes a semaphore
	Stays       int                     // how many of the finding's operations stay under the lock
	Unlocked    []ast.Stmt              // what of the section runs without the lock; nil if any of it may
	TakesOut    []*types.Var            // whose value is taken out before the wait, and is nobody else's then
	Adds        string                  // a mutex beside the lock that is held during the wait, by its name; "" if none is added
	Serialized  []*types.Var            // that a second mutex guards now
	Joins       []string                // full names of functions of which several calls become one
	InCallee    bool                    // a function releases the lock that its caller holds, and takes it again
	OnRequest   bool                    // carried out only where its shape is asked for by name: it asks much, or is clumsy
	Obligations []safety.Obligation     // in the order of their conditions
}

// MostQuestions is the largest number of questions with which a plan is offered unless
// it is requested: nobody answers more than that with care.
const MostQuestions = 4

// An OutsideEdit is a change outside of functions: a new field, a new
// package-level variable.
type OutsideEdit struct {
	File *patterns.File
	Edit textedit.Edit // to the file's content
	Doc  *ast.FuncDecl // the function whose documentation it changes, or nil
}

// OpensWindow reports whether the plan opens a window in a function other than the
// section's own.
func (p *Plan) OpensWindow(d *ast.FuncDecl) bool {
	return p.Script.Decl == ast.Decl(d) && p.Finding.Section.Unit.Decl != d
}

// Scripts lists the scripts of the plan, that of the section's function first.
func (p *Plan) Scripts() []tree.Script {
	return append([]tree.Script{p.Script}, p.Others...)
}

// Grade returns how far the plan can be trusted.
func (p *Plan) Grade() safety.Grade {
	if len(p.Assumptions()) > 0 {
		return safety.Review
	}
	return safety.Safe
}

// Assumptions lists the obligations that a person must check, first those that most
// likely make the plan wrong.
func (p *Plan) Assumptions() []safety.Obligation {
	var out []safety.Obligation
	for _, o := range p.Obligations {
		if o.Status == safety.Assumed {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, safety.CompareQuestions)
	return out
}

// String prints the plan for a person: its operations, one a line.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n", p.Shape, p.Grade(), p.Title)
	for _, script := range p.Scripts() {
		for _, op := range script.Ops {
			fmt.Fprintf(&b, "\t%s\n", op.String(p.Finding.Section.Unit.Pkg.Fset))
		}
	}
	for _, o := range p.Outside {
		fmt.Fprintf(&b, "\toutside of functions: %q\n", o.Edit.New)
	}
	for _, i := range p.Imports {
		fmt.Fprintf(&b, "\timport %s\n", i.Spec())
	}
	for _, r := range p.Requires {
		fmt.Fprintf(&b, "\trequire %s %s\n", r.Module, r.Version)
	}
	return b.String()
}

// Require adds the modules that the plan's imports need and go.mod does not list, and says so in
// the title.
func (p *Plan) Require() *safety.Refusal {
	s := p.Finding.Section
	for _, i := range p.Imports {
		if patterns.IsStd(i.Path) {
			continue
		}
		if s.Unit.Pkg.Require == nil {
			return safety.Inapplicable(s.Pos(), "the package belongs to no module that could require %s", i.Path)
		}
		req, err := s.Unit.Pkg.Require(i.Path)
		if err != nil {
			return safety.Inapplicable(s.Pos(), "%v", err)
		}
		if req != nil && !slices.Contains(p.Requires, req) {
			p.Requires = append(p.Requires, req)
			p.Title += ", which adds " + req.Module + " to go.mod"
		}
	}
	return nil
}

// An Import is a package that new code uses and its file does not import yet.
type Import struct {
	File *patterns.File
	Path string
	Name string // the name that the new code uses; "" if it is the package's own

	Placed bool // an edit of the plan outside of functions writes it already
}

// Spec is the import as written in an import declaration.
func (i Import) Spec() string {
	if i.Name == "" {
		return strconv.Quote(i.Path)
	}
	return i.Name + " " + strconv.Quote(i.Path)
}

// Subject names the operation in a title: "the call", "the wait".
func Subject(f *finding.Finding) string {
	switch f.Main().Category {
	case "sleep":
		return "the sleep"
	case "chan", "wait":
		return "the wait"
	}
	return "the call"
}

// SemaphorePath is the package whose semaphore replaces the mutex.
const SemaphorePath = "golang.org/x/sync/semaphore"
