package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Verified is a plan that was carried out on a copy and found good.
type Verified struct {
	Plan    *Plan
	Edits   []textedit.Edit   // to the content of the file, trimmed to the lines that change
	Content []byte            // the file's content afterwards
	Program *patterns.Program // with the changed package in place of the old one
	Package *patterns.Package // the changed package
}

// Verify carries a plan out on a copy of its file and checks the result: it
// type-checks; the finding is gone and no other has come; every path locks and
// unlocks equally; nothing guarded is used without the lock that was not
// before; every comment is still there; and nothing outside of the function has
// changed. If a check fails the plan becomes a refusal that names it.
func Verify(x *patterns.Program, p *Plan) (*Verified, *Refusal) {
	s := p.Finding.Section
	pkg, file := s.Unit.Pkg, s.Unit.File
	fail := func(c Condition, format string, args ...any) (*Verified, *Refusal) {
		r := Refuse(c, s.Pos(), "verification: "+format, args...)
		r.Shape = p.Shape
		return nil, r
	}
	edits, err := tree.Apply(pkg.Fset, file.Syntax, file.Content, p.Script)
	if err != nil {
		return fail("", "the edit cannot be carried out: %v", err)
	}
	edits = textedit.Trim(file.Content, edits)
	if len(edits) == 0 {
		return fail("", "the plan changes nothing")
	}
	content, err := textedit.Apply(file.Content, edits)
	if err != nil {
		return fail("", "%v", err)
	}
	if !withinDecl(pkg.Fset, s.Unit.Decl, edits) {
		return fail("", "the edit reaches outside of the function")
	}
	q, err := pkg.WithContent(file.Name, content)
	if err != nil {
		return fail("", "the result does not type-check: %s", plainError(err))
	}
	v := &Verified{Plan: p, Edits: edits, Content: content, Program: x.With(q), Package: q}
	if c, why := v.check(x); why != "" {
		return fail(c, "%s", why)
	}
	return v, nil
}

// plainError is an error of the type checker without its position, which would
// be one in the changed file.
func plainError(err error) string {
	var te types.Error
	if errors.As(err, &te) {
		return te.Msg
	}
	return err.Error()
}

// withinDecl reports whether all edits lie inside the declaration.
func withinDecl(fset *token.FileSet, d *ast.FuncDecl, edits []textedit.Edit) bool {
	f := fset.File(d.Pos())
	start, end := f.Offset(d.Pos()), f.Offset(d.End())
	for _, e := range edits {
		if e.Start < start || e.End > end+1 { // a trimmed edit may end with the line
			return false
		}
	}
	return true
}

// check runs the checks that need the changed package.
func (v *Verified) check(x *patterns.Program) (Condition, string) {
	s := v.Plan.Finding.Section
	file := s.Unit.File
	newFile := fileNamed(v.Package, file.Name)
	if lost := tree.LostComments(tree.CommentsOf(file.Syntax, file.Syntax.FileStart, file.Syntax.FileEnd),
		tree.CommentsOf(newFile.Syntax, newFile.Syntax.FileStart, newFile.Syntax.FileEnd)); len(lost) > 0 {
		return "", fmt.Sprintf("the comment %q would be lost", lost[0])
	}
	if before, err := format.Source(file.Content); err == nil && bytes.Equal(before, file.Content) {
		if after, err := format.Source(v.Content); err != nil || !bytes.Equal(after, v.Content) {
			return "", "the result is not formatted as gofmt does"
		}
	}
	if why := v.checkFindings(x); why != "" {
		return S15, why
	}
	if why := v.checkBalance(x); why != "" {
		return S11, why
	}
	if why := v.checkAccesses(x); why != "" {
		return S1, why
	}
	return "", ""
}

func fileNamed(p *patterns.Package, name string) *patterns.File {
	for _, f := range p.Files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// checkFindings compares the findings of the package before and after.
func (v *Verified) checkFindings(x *patterns.Program) string {
	f := v.Plan.Finding
	opts := patterns.Options{}
	before := x.Keys(f.Section.Unit.Pkg, opts)
	after := v.Program.Keys(v.Package, opts)
	for _, key := range sortedStrings(after) {
		if after[key] > before[key] {
			return "the result has a finding that was not there: " + key
		}
	}
	if key := f.Key(); after[key] >= before[key] {
		return "the finding is still there"
	}
	return ""
}

// checkBalance looks for sections of the changed function whose extent is no
// longer certain, and for sections that are left empty.
func (v *Verified) checkBalance(x *patterns.Program) string {
	name := v.Plan.Finding.Section.Unit.Decl
	before, empty := problems(x, v.Plan.Finding.Section.Unit.Pkg, name)
	after, emptyNow := problems(v.Program, v.Package, name)
	for _, why := range sortedStrings(after) {
		if after[why] > before[why] {
			return why
		}
	}
	if emptyNow > empty {
		return "the result locks and unlocks with nothing in between"
	}
	return ""
}

// problems counts the problems of the sections of one declared function, and
// its empty sections.
func problems(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl) (why map[string]int, empty int) {
	why = make(map[string]int)
	for _, s := range x.SectionsIn(p) {
		if !sameDecl(s.Unit.Decl, d) {
			continue
		}
		if s.Problem != "" {
			why[s.Problem]++
		}
		if len(s.Nodes) == 0 {
			empty++
		}
	}
	return why, empty
}

// sameDecl reports whether two declarations, before and after a change, are of
// the same function.
func sameDecl(a, b *ast.FuncDecl) bool {
	if a == nil || b == nil || a.Name.Name != b.Name.Name || (a.Recv == nil) != (b.Recv == nil) {
		return false
	}
	return a.Recv == nil || types.ExprString(a.Recv.List[0].Type) == types.ExprString(b.Recv.List[0].Type)
}

// checkAccesses counts, for every variable that the lock guards, the uses in
// the changed function that are made without it.
func (v *Verified) checkAccesses(x *patterns.Program) string {
	s := v.Plan.Finding.Section
	guarded := make(map[string]bool)
	for _, g := range x.GuardedBy(s.Unit.Pkg, s.LockVar()) {
		guarded[g.Var.Name()] = true
	}
	before := unlockedUses(x, s.Unit.Pkg, s.Unit.Decl, s.LockVar(), guarded)
	after := unlockedUses(v.Program, v.Package, s.Unit.Decl, s.LockVar(), guarded)
	for _, name := range sortedStrings(after) {
		if after[name] > before[name] {
			return fmt.Sprintf("%s would be used without %s", name, s.Lock)
		}
	}
	return ""
}

func unlockedUses(x *patterns.Program, p *patterns.Package, d *ast.FuncDecl, lock *types.Var, guarded map[string]bool) map[string]int {
	n := make(map[string]int)
	for _, u := range x.UnitsIn(p) {
		if !sameDecl(u.Decl, d) {
			continue
		}
		for _, a := range x.OwnAccesses(u) {
			held := false
			for _, h := range a.Held {
				held = held || h.Name() == lock.Name()
			}
			if guarded[a.Var.Name()] && !held && !a.Fresh {
				n[a.Var.Name()]++
			}
		}
	}
	return n
}
