package edits

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// A Beside is a new variable declared next to the section's lock: a field of the same
// struct, or a package-level variable.
type Beside struct {
	Expr    string // how the section's function names it: "s.flight"
	Edit    plan.OutsideEdit
	Imports []plan.Import
}

// DeclareBeside declares a variable next to the lock, of the named type in the package with the
// given import path. A field goes above the mutex, so that the fields below the mutex are still
// those that it guards; a package-level variable goes below. The suffix replaces "Mu" in the
// lock's name. If the resulting name is taken, the suffix follows the name of the variable
// about.
func DeclareBeside(s *site.Site, pkgPath, typ, suffix string, about *types.Var) (*Beside, *safety.Refusal) {
	lock := s.Section.LockVar()
	if why := PlainMutex(lock); why != "" {
		return nil, safety.Inapplicable(s.Lock.Pos(), "%s", why)
	}
	sel, ok := ast.Unparen(s.Section.Acquire.Fun).(*ast.SelectorExpr)
	file := s.Pkg.FileOf(lock.Pos())
	if !ok || file == nil || lock.Pkg() != s.Pkg.Types {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the lock is declared in another package, which this rewrite would have to change")
	}
	if file.Fixed != "" {
		return nil, safety.Inapplicable(lock.Pos(), "the file that declares the lock is never rewritten: %s", file.Fixed)
	}
	if lock.IsField() {
		if tn := behaviour.Holder(s, lock); tn != nil {
			if listed, ok := s.Pkg.ListedLeftOut(tn); ok {
				return nil, safety.Inapplicable(lock.Pos(), "%s:%d lists the fields of %s without their names, so there can be no other", filepath.Base(listed.Filename), listed.Line, tn.Name())
			}
		}
	}
	at, below, refusal := PlaceBeside(s, file, lock)
	if refusal != nil {
		return nil, refusal
	}
	qual, imports := QualifierAtTop(s, file, pkgPath)
	b := &Beside{Imports: imports}
	base := ast.Expr(sel.X)
	if lock.IsField() {
		if inner, ok := ast.Unparen(sel.X).(*ast.SelectorExpr); ok && s.Info.Uses[inner.Sel] == types.Object(lock) {
			base = inner.X
		} else if v, ok := s.Info.Uses[syntax.IdentOf(sel.X)].(*types.Var); ok && v.Origin() == lock {
			return nil, safety.Inapplicable(s.Lock.Pos(), "the type of the struct that holds the lock cannot be named here")
		}
	}
	name := besideName(s, lock, base, suffix, about)
	b.Expr = name
	if lock.IsField() {
		b.Expr = types.ExprString(base) + "." + name
	}
	line := name + " " + qual + "." + typ
	b.Edit = plan.OutsideEdit{File: file, Edit: insertLine(file, s.Pkg.Fset.File(file.Syntax.FileStart), at, below, line, !lock.IsField())}
	return b, nil
}

// PlainMutex says why nothing can be declared next to a lock, or returns "". The lock must be a
// mutex held by value: a struct with a pointer to a mutex may be copied.
func PlainMutex(lock *types.Var) string {
	if lock == nil {
		return "the lock has no variable of its own"
	}
	switch types.TypeString(lock.Type(), nil) {
	case "sync.Mutex", "sync.RWMutex":
		return ""
	}
	return lock.Name() + " is not a mutex held by value, so what holds it may be copied"
}

// PlaceBeside returns the declaration of the lock, which the new line goes above or below.
func PlaceBeside(s *site.Site, file *patterns.File, lock *types.Var) (at ast.Node, below bool, refusal *safety.Refusal) {
	for _, d := range file.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || lock.Pos() < g.Pos() || lock.Pos() >= g.End() {
			continue
		}
		ast.Inspect(g, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				if n.Pos() <= lock.Pos() && lock.Pos() < n.End() {
					at, below = n, false
				}
			case *ast.ValueSpec:
				if !lock.IsField() && n.Pos() <= lock.Pos() && lock.Pos() < n.End() {
					at, below = n, true
					if !g.Lparen.IsValid() {
						at = g
					}
				}
			}
			return true
		})
	}
	if at == nil {
		return nil, false, safety.Inapplicable(s.Lock.Pos(), "the lock is a local variable")
	}
	tok := s.Pkg.Fset.File(file.Syntax.FileStart)
	start := tok.Offset(at.Pos())
	if strings.TrimSpace(string(file.Content[LineStart(file.Content, start):start])) != "" {
		return nil, false, safety.Inapplicable(at.Pos(), "the lock is declared together with something else")
	}
	return at, below, nil
}

// insertLine inserts a line above or below a declaration. If the file was formatted, it also
// aligns the surrounding lines as gofmt does.
func insertLine(f *patterns.File, tok *token.File, at ast.Node, below bool, line string, isVar bool) textedit.Edit {
	pos := at.Pos()
	if field, ok := at.(*ast.Field); ok && field.Doc != nil {
		pos = field.Doc.Pos()
	}
	start := LineStart(f.Content, tok.Offset(at.Pos()))
	indent := string(f.Content[start:tok.Offset(at.Pos())])
	if _, single := at.(*ast.GenDecl); single && isVar {
		line = "var " + line
	}
	offset := LineStart(f.Content, tok.Offset(pos))
	if below {
		offset = tok.Offset(at.End())
		for offset < len(f.Content) && f.Content[offset] != '\n' {
			offset++
		}
		offset = min(offset+1, len(f.Content))
	}
	edit := textedit.Edit{Start: offset, End: offset, New: indent + line + "\n"}
	if offset < start { // keep the lock's comment with the lock
		edit.New += "\n"
	}
	return Aligned(f, edit)
}

// Aligned returns an edit together with the changes that gofmt makes around it, if the file was
// formatted.
func Aligned(f *patterns.File, edit textedit.Edit) textedit.Edit {
	before, err := format.Source(f.Content)
	if err != nil || !bytes.Equal(before, f.Content) {
		return edit
	}
	after, err := textedit.Apply(f.Content, []textedit.Edit{edit})
	if err != nil {
		return edit
	}
	if after, err = format.Source(after); err != nil {
		return edit
	}
	return textedit.Trim(f.Content, []textedit.Edit{{Start: 0, End: len(f.Content), New: string(after)}})[0]
}

// besideName returns a name for what is declared next to the lock: the lock's own name with the
// suffix in place of "Mu", or the suffix alone next to a plain "mu". The parameter holder is the
// struct that holds the lock.
func besideName(s *site.Site, lock *types.Var, holder ast.Expr, suffix string, about *types.Var) string {
	base := lock.Name()
	for _, end := range []string{"RWMutex", "Mutex", "mutex", "Lock", "lock", "Mtx", "mtx", "Mux", "mux", "Mut", "mut", "Mu", "mu"} {
		if cut, ok := strings.CutSuffix(base, end); ok && (cut == "" || end[0] < 'a') {
			base = cut
			break
		}
	}
	base = strings.TrimRight(base, "_")
	if base == "" || len(lock.Name()) == 1 || lock.Embedded() {
		base = syntax.LowerFirst(suffix)
	} else {
		base = syntax.LowerFirst(base) + suffix
	}
	taken := func(name string) bool {
		if !lock.IsField() {
			return s.NameTaken(name) || types.Universe.Lookup(name) != nil
		}
		obj, _, _ := types.LookupFieldOrMethod(s.Info.TypeOf(holder), true, s.Pkg.Types, name)
		return obj != nil
	}
	if taken(base) {
		base = syntax.LowerFirst(about.Name()) + suffix
	}
	name := base
	for i := 2; taken(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// QualifierAtTop returns the name by which package-level declarations in a file can refer to a
// package, and the import to add if the file does not have it.
func QualifierAtTop(s *site.Site, f *patterns.File, pkgPath string) (string, []plan.Import) {
	name := pkgPath[strings.LastIndexByte(pkgPath, '/')+1:]
	for _, spec := range f.Syntax.Imports {
		if spec.Path.Value == strconv.Quote(pkgPath) && (spec.Name == nil || spec.Name.Name != "_" && spec.Name.Name != ".") {
			if spec.Name != nil {
				name = spec.Name.Name
			}
			return name, nil
		}
	}
	imp := plan.Import{File: f, Path: pkgPath}
	names := site.ImportNames(f.Syntax, s.Pkg.Types)
	for i := 2; names[name] || s.Pkg.Types.Scope().Lookup(name) != nil; i++ {
		imp.Name = fmt.Sprintf("%s%d", pkgPath[strings.LastIndexByte(pkgPath, '/')+1:], i)
		name = imp.Name
	}
	return name, []plan.Import{imp}
}
