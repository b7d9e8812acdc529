// Package directive reads the comments that say how a lock or a function is meant:
// //letgo:hold and the others, and //nolint.
package directive

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
)

// A Directive is a comment by which a programmer tells letgo something about the code
// next to it. It has the form of https://go.dev/doc/comment#directives, which gofmt
// leaves alone and go doc does not show: //letgo:NAME, and for some a text. "nolint" is
// one too, in the form of golangci-lint.
type Directive struct {
	Name string // one of [Names], or "nolint"
	Text string // the reason of a hold or nolint, the rest of a line in general; "" if there is none
	Pos  token.Position

	Category string // of a blocks
	at       token.Pos
	Lock     *types.Var    // hold, short: the mutex, if it stands on one
	Fn       *types.Func   // blocks, nonblocking: the function or method
	decl     *ast.FuncDecl // hold: the function, if it stands on one
	Line     LineOf        // hold: the line that it is for, if it stands at one
	lines    []lineRange   // nolint: the lines that it is for
	Named    bool          // nolint: it names letgo
}

// The names of the directives that begin with //letgo:.
const (
	Hold        = "hold"        // the lock may be held while waiting; Text says why
	Short       = "short"       // the lock is never held while waiting on purpose
	Blocks      = "blocks"      // the function waits, in the category named
	Nonblocking = "nonblocking" // the function does not wait
	Nolint      = "nolint"
)

// Names lists the directives that begin with //letgo:.
func Names() []string {
	return []string{Hold, Short, Blocks, Nonblocking}
}

// String prints the directive as it begins in the source.
func (d *Directive) String() string {
	if d.Name == Nolint {
		return "//nolint"
	}
	return "//letgo:" + d.Name
}

// Place names the line of the directive without the directory.
func (d *Directive) Place() string {
	return fmt.Sprintf("%s:%d", d.Pos.Filename[strings.LastIndexAny(d.Pos.Filename, `/\`)+1:], d.Pos.Line)
}

// A Mistake is a directive that is wrong, applies to nothing, or has no effect.
type Mistake struct {
	Pos token.Position
	Msg string // what is wrong, and what to do about it
}

// LineOf is a line of a file.
type LineOf struct {
	File *patterns.File
	Line int
}

// A Set holds the directives of one package.
type Set struct {
	All      []*Directive
	Locks    map[string]*Directive // hold and short on a mutex, by varID
	Funcs    map[string]*Directive // blocks and nonblocking, by Program.keyOf
	Decls    map[*ast.FuncDecl]*Directive
	Lines    map[LineOf]*Directive
	Nolints  map[*patterns.File][]*Directive
	Mistakes []Mistake
}

// directivesOf reads the directives of a package.
func directivesOf(x *patterns.Program, p *patterns.Package) *Set {
	r := &directiveReader{x: x, pkg: p, out: &Set{
		Locks: make(map[string]*Directive), Funcs: make(map[string]*Directive),
		Decls: make(map[*ast.FuncDecl]*Directive), Lines: make(map[LineOf]*Directive), Nolints: make(map[*patterns.File][]*Directive),
	}}
	for _, f := range p.Files {
		if bytes.Contains(f.Content, []byte("letgo:")) {
			r.file = f
			r.readFile()
		}
		if bytes.Contains(f.Content, []byte("nolint")) {
			r.file = f
			r.readNolints()
		}
	}
	return r.out
}

// A directiveReader reads the directives of one package.
type directiveReader struct {
	x    *patterns.Program
	pkg  *patterns.Package
	file *patterns.File
	out  *Set
	on   map[*ast.CommentGroup][]directiveTarget // what comments of the file stand on
}

// A directiveTarget is a declaration that a comment belongs to.
type directiveTarget struct {
	decl *ast.FuncDecl // a function
	id   *ast.Ident    // the name of a field, variable or interface method; nil for an embedded field
	typ  ast.Expr      // of an embedded field
}

func (r *directiveReader) mistake(pos token.Pos, format string, args ...any) {
	r.out.Mistakes = append(r.out.Mistakes, Mistake{r.pkg.Fset.Position(pos), fmt.Sprintf(format, args...)})
}

// readFile reads the letgo directives of one file.
func (r *directiveReader) readFile() {
	r.on = nil
	for _, g := range r.file.Syntax.Comments {
		for _, c := range g.List {
			d, ok := ast.ParseDirective(c.Slash, c.Text)
			switch {
			case ok && d.Tool == "letgo":
				if r.on == nil {
					r.on = commentTargets(r.file.Syntax)
				}
				r.read(g, d)
			case !ok && strings.HasPrefix(c.Text, "//letgo:"):
				r.mistake(c.Slash, "unknown directive %s: the directives are %s", firstWord(c.Text), strings.Join(Names(), ", "))
			case !ok && isSpacedDirective(c.Text):
				r.mistake(c.Slash, "a directive has no space after //: write //%s", strings.TrimSpace(c.Text[2:]))
			}
		}
	}
}

func firstWord(s string) string { return s[:max(strings.IndexAny(s+" ", " \t"), 0)] }

// isSpacedDirective reports whether a comment would be a directive of letgo but
// for the space after its slashes.
func isSpacedDirective(text string) bool {
	rest, ok := strings.CutPrefix(text, "//")
	if !ok || strings.TrimLeft(rest, " \t") == rest {
		return false
	}
	d, ok := ast.ParseDirective(token.NoPos, "//"+strings.TrimLeft(rest, " \t"))
	return ok && d.Tool == "letgo" && slices.Contains(Names(), d.Name)
}

// read checks one directive and files it under what it stands on.
func (r *directiveReader) read(g *ast.CommentGroup, from ast.Directive) {
	d := &Directive{Name: from.Name, Text: from.Args, Pos: r.pkg.Fset.Position(from.Slash), at: from.Slash}
	switch d.Name {
	case Hold:
		if d.Text == "" {
			r.mistake(d.at, "%s gives no reason: say after it why the lock is held during the wait", d)
		}
	case Blocks:
		if !r.readCategory(d, from) {
			return
		}
	case Short, Nonblocking:
	default:
		r.mistake(d.at, "unknown directive %s: the directives are %s", d, strings.Join(Names(), ", "))
		return
	}
	targets := r.on[g]
	if len(targets) == 0 {
		r.atLine(g, d)
		return
	}
	for _, t := range targets {
		each := *d
		if r.place(&each, t) {
			r.out.All = append(r.out.All, &each)
		}
	}
}

// readCategory reads the category of a blocks, and the phrase after it.
func (r *directiveReader) readCategory(d *Directive, from ast.Directive) bool {
	d.Category, d.Text, _ = strings.Cut(from.Args, " ")
	d.Text = strings.TrimSpace(d.Text)
	var names []string
	for _, c := range blocking.Categories() {
		names = append(names, c.Name)
	}
	switch {
	case d.Category == "":
		r.mistake(d.at, "%s names no category: want one of %s", d, strings.Join(names, ", "))
	case !slices.Contains(names, d.Category):
		r.mistake(from.ArgsPos, "unknown category %q: want one of %s", d.Category, strings.Join(names, ", "))
	default:
		return true
	}
	return false
}

// place files a directive under the declaration that it stands on.
func (r *directiveReader) place(d *Directive, t directiveTarget) bool {
	switch obj := r.object(t).(type) {
	case *types.Var:
		return r.onVar(d, obj)
	case *types.Func:
		return r.onFunc(d, obj, t.decl)
	}
	r.mistake(d.at, "%s applies to nothing here: %s", d, GoesOn(d.Name))
	return false
}

// object returns what a declaration declares.
func (r *directiveReader) object(t directiveTarget) types.Object {
	info := r.pkg.Info
	switch {
	case t.decl != nil:
		return info.Defs[t.decl.Name]
	case t.id != nil:
		return info.Defs[t.id]
	}
	// An embedded field is declared by the last name in its type.
	var obj types.Object
	ast.Inspect(t.typ, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && obj == nil {
			if v, ok := info.Defs[id].(*types.Var); ok && v.Embedded() {
				obj = v
			}
		}
		return obj == nil
	})
	return obj
}

func (r *directiveReader) onVar(d *Directive, v *types.Var) bool {
	if d.Name == Blocks || d.Name == Nonblocking {
		r.mistake(d.at, "%s is on %s, which is not a function: %s", d, v.Name(), GoesOn(d.Name))
		return false
	}
	if !patterns.IsLocker(v.Type(), v.Pkg()) {
		r.mistake(d.at, "%s is on %s, which is not a mutex: %s", d, v.Name(), GoesOn(d.Name))
		return false
	}
	return file(r, r.out.Locks, patterns.VarID(r.pkg.Fset, v), d, func() { d.Lock = v })
}

func (r *directiveReader) onFunc(d *Directive, fn *types.Func, decl *ast.FuncDecl) bool {
	switch {
	case d.Name == Short:
		r.mistake(d.at, "%s is on %s, which is not a mutex: %s", d, fn.Name(), GoesOn(d.Name))
		return false
	case d.Name == Hold && (decl == nil || decl.Body == nil):
		r.mistake(d.at, "%s is on %s, which has no body that could take a lock: %s", d, fn.Name(), GoesOn(d.Name))
		return false
	case d.Name == Hold:
		return file(r, r.out.Decls, decl, d, func() { d.decl = decl })
	}
	key := r.x.KeyOf(fn)
	if strings.HasPrefix(key, "(interface).") {
		r.mistake(d.at, "%s is on a method of an interface without a name: name the interface", d)
		return false
	}
	return file(r, r.out.Funcs, key, d, func() { d.Fn = fn })
}

// atLine files a hold that stands at a line of code: above it, or at its end.
func (r *directiveReader) atLine(g *ast.CommentGroup, d *Directive) {
	if d.Name != Hold {
		r.mistake(d.at, "%s applies to nothing here: %s", d, GoesOn(d.Name))
		return
	}
	line := r.pkg.Fset.PositionFor(g.End(), false).Line
	if r.startsLine(g) {
		line++
	}
	at := LineOf{r.file, line}
	if file(r, r.out.Lines, at, d, func() { d.Line = at }) {
		r.out.All = append(r.out.All, d)
	}
}

// startsLine reports whether nothing but white space stands before a comment
// on its line.
func (r *directiveReader) startsLine(g *ast.CommentGroup) bool {
	offset := r.pkg.Fset.PositionFor(g.Pos(), false).Offset
	before := r.file.Content[:min(offset, len(r.file.Content))]
	return len(bytes.TrimSpace(before[bytes.LastIndexByte(before, '\n')+1:])) == 0
}

// file puts a directive into an index, unless there is one already: then the
// two say the same twice or contradict each other.
func file[K comparable](r *directiveReader, index map[K]*Directive, key K, d *Directive, fill func()) bool {
	if old := index[key]; old != nil {
		if old.Name == d.Name {
			r.mistake(d.at, "%s appears twice: it is already on line %d", d, old.Pos.Line)
		} else {
			r.mistake(d.at, "%s contradicts the %s on line %d, which takes precedence: remove one of them", d, old, old.Pos.Line)
		}
		return false
	}
	fill()
	index[key] = d
	return true
}

// GoesOn says what a directive may be put on.
func GoesOn(name string) string {
	switch name {
	case Hold:
		return "it goes on a mutex, on a function with a body, or above a line that takes a lock"
	case Short:
		return "it goes on a field or variable that is a mutex"
	}
	return "it goes on a function or on a method of an interface"
}

// commentTargets maps the comments of a file to the declarations that they
// belong to: functions, fields, variables and methods of interfaces.
func commentTargets(f *ast.File) map[*ast.CommentGroup][]directiveTarget {
	on := make(map[*ast.CommentGroup][]directiveTarget)
	add := func(t []directiveTarget, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if g != nil {
				on[g] = t
			}
		}
	}
	names := func(ids []*ast.Ident) (t []directiveTarget) {
		for _, id := range ids {
			t = append(t, directiveTarget{id: id})
		}
		return t
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add([]directiveTarget{{decl: n}}, n.Doc)
		case *ast.Field:
			t := names(n.Names)
			if len(t) == 0 {
				t = []directiveTarget{{typ: n.Type}}
			}
			add(t, n.Doc, n.Comment)
		case *ast.GenDecl:
			if len(n.Specs) == 1 && !n.Lparen.IsValid() { // its comment stands on the declaration
				switch s := n.Specs[0].(type) {
				case *ast.ValueSpec:
					add(names(s.Names), n.Doc)
				case *ast.TypeSpec:
					add([]directiveTarget{{id: s.Name}}, n.Doc)
				}
			}
		case *ast.ValueSpec:
			add(names(n.Names), n.Doc, n.Comment)
		case *ast.TypeSpec:
			add([]directiveTarget{{id: n.Name}}, n.Doc, n.Comment)
		}
		return true
	})
	return on
}

// marks has the directives of each package.
var marks patterns.PackageMemo[*Set]

// MarksOf returns the directives of a package.
func MarksOf(x *patterns.Program, p *patterns.Package) *Set {
	return marks.Get(x, p, func() *Set { return directivesOf(x, p) })
}

var markedFuncs patterns.Memo[struct{}, map[string]*Directive]

// Marked returns the directives blocks and nonblocking of all packages, by keyOf: those
// of the program, and those in facts.
func Marked(x *patterns.Program) map[string]*Directive {
	return markedFuncs.Get(x, struct{}{}, func() map[string]*Directive {
		marked := make(map[string]*Directive)
		own := make(map[string]bool)
		for _, p := range x.Packages {
			own[p.Path] = true
		}
		for path, f := range x.KnownFacts() {
			if own[path] {
				continue
			}
			for _, m := range f.Marks {
				marked[m.On] = directive(m)
			}
		}
		for _, p := range x.Packages {
			for _, m := range MarksOf(x, p).All {
				if m.Fn != nil {
					marked[x.KeyOf(m.Fn)] = m
				}
			}
		}
		return marked
	})
}

// directive is the directive as far as other packages see it.
func directive(m patterns.MarkFact) *Directive {
	return &Directive{Name: m.Name, Text: m.Text, Pos: m.Pos, Category: m.Category}
}

// LockMark returns the directive on the mutex with the given varID, or nil.
func LockMark(x *patterns.Program, id string, pkg *types.Package) *Directive {
	for _, p := range x.Packages {
		if d := MarksOf(x, p).Locks[id]; d != nil {
			return d
		}
	}
	if pkg == nil || x.KnownFacts()[pkg.Path()] == nil {
		return nil
	}
	for _, m := range x.KnownFacts()[pkg.Path()].Locks {
		if m.On == id {
			return directive(m)
		}
	}
	return nil
}

// MarkedUnit returns the directive that says whether a unit waits, or nil.
func MarkedUnit(x *patterns.Program, u *patterns.Unit) *Directive {
	marked := Marked(x)
	if u.Obj == nil || len(marked) == 0 {
		return nil
	}
	return marked[x.KeyOf(u.Obj)]
}
