package proof

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

const (
	maxShrink     = time.Minute // no new round starts after that
	maxCandidates = 120
	maxHangs      = 8 // maximum number of candidates for a crash, since each may hang
)

// Shrink returns a smaller program that fails in the same way. It removes
// statements, branches and functions as long as the failure persists. Each round
// compiles and runs all candidates together and keeps the smallest that fails.
func (p *Prover) Shrink(f *Failure) (*Failure, error) {
	r, err := newRewriter(p.tools)
	if err != nil {
		return nil, err
	}
	for start := time.Now(); time.Since(start) < maxShrink; {
		next, err := p.shrinkOnce(r, f)
		if err != nil || next == nil {
			return f, err
		}
		f = next
	}
	return f, nil
}

// shrinkOnce tries smaller programs and returns the smallest that still fails, or
// nil.
func (p *Prover) shrinkOnce(r *rewriter, f *Failure) (*Failure, error) {
	var cases []*Case
	stats := NewStats()
	for _, source := range candidates(f.Case.Source) {
		prog := &programs.Program{ID: len(cases), Seed: f.Case.Seed, Source: source, Idiom: f.Case.Idiom, Old: f.Case.Old, Glue: f.Case.Glue, About: f.Case.About}
		if !complete(prog) || !r.tidy(prog) || len(prog.Source) >= len(f.Case.Source) {
			continue
		}
		variants, err := r.rewrite(prog, stats)
		if err == nil && len(variants) > 1 {
			cases = append(cases, &Case{prog, variants})
		}
		if len(cases) == maxCandidates || f.Kind == "crash" && len(cases) == maxHangs {
			break
		}
	}
	failures, _, err := p.try(cases)
	if err != nil {
		return nil, err
	}
	var best *Failure
	for _, g := range failures {
		if g.Kind == f.Kind && !g.excused() && g.shape() == f.shape() && (best == nil || len(g.Case.Source) < len(best.Case.Source)) {
			best = g
		}
	}
	return best, nil
}

// complete reports whether the program still has everything needed to run it: the
// constructor, the counters and the other variables in its glue.
func complete(p *programs.Program) bool {
	src := string(p.Source)
	for _, t := range p.Glue.Tallies {
		n := 0
		for _, c := range t.Calls {
			if strings.Contains(src, " "+c+"(") {
				n++
			}
		}
		if strings.Count(src, t.Var+"++") < n {
			return false
		}
	}
	needed := append([]string{p.Glue.Lock}, p.Glue.Own...)
	if p.Glue.Zero != "" {
		needed = append(needed, p.Glue.Zero)
	}
	for _, t := range p.Glue.Tallies {
		needed = append(needed, t.Var)
	}
	for _, v := range needed {
		if !declares(p, v) {
			return false
		}
	}
	return strings.Contains(src, "func New"+programs.Mark+"(") || strings.Contains(src, "func Reset"+programs.Mark+"(")
}

// declares reports whether the source declares a variable or an embedded lock.
func declares(p *programs.Program, name string) bool {
	return regexp.MustCompile(`(?m)^\s+(sync\.)?` + name + `\s`).Match(p.Source)
}

// shape returns the shape whose plan failed, "all" for a run, or "before".
func (f *Failure) shape() string {
	shape, _, _ := strings.Cut(f.Variant, "@")
	return shape
}

// candidates lists smaller versions of a source file, smallest first: without a
// function, without some statements, or with a node replaced by a part of it.
func candidates(source []byte) [][]byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	s := &simplifier{source: source, offset: func(p token.Pos) int { return fset.Position(p).Offset }}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			s.replace(d.Pos(), d.End(), "")
		case *ast.GenDecl:
			if d.Tok == token.TYPE {
				s.replace(d.Pos(), d.End(), "")
			}
		}
	}
	s.fields(file)
	if rest, ok := bytes.CutPrefix(source, []byte("//go:build go1.21\n\n")); ok {
		s.out = append(s.out, rest)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		fn, ok := n.(*ast.FuncDecl) // keep the constructor whole, which resets all state
		if ok && (strings.HasPrefix(fn.Name.Name, "New"+programs.Mark) || strings.HasPrefix(fn.Name.Name, "Reset"+programs.Mark)) {
			return false
		}
		return s.visit(n)
	})
	slices.SortStableFunc(s.out, func(a, b []byte) int { return len(a) - len(b) })
	return s.out
}

type simplifier struct {
	source []byte
	offset func(token.Pos) int
	out    [][]byte
}

// replace adds a candidate in which text replaces the source between from and to.
func (s *simplifier) replace(from, to token.Pos, text string) {
	s.out = append(s.out, slices.Concat(s.source[:s.offset(from)], []byte(text), s.source[s.offset(to):]))
}

// fields adds, for each field of the program's struct, a candidate without the
// field and its value in the constructor.
func (s *simplifier) fields(file *ast.File) {
	values := make(map[string]ast.Node)
	var fields []*ast.Field
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				values[key.Name] = n
			}
		case *ast.TypeSpec:
			if t, ok := n.Type.(*ast.StructType); ok && n.Name.Name == "T"+programs.Mark {
				fields = t.Fields.List
			}
		}
		return true
	})
	for _, f := range fields {
		if len(f.Names) != 1 {
			continue
		}
		from, to := s.offset(f.Pos()), s.offset(f.End())
		out := slices.Concat(s.source[:from], s.source[to:])
		if v := values[f.Names[0].Name]; v != nil && s.offset(v.Pos()) > to {
			cut := to - from
			end := s.offset(v.End()) - cut
			if bytes.HasPrefix(out[end:], []byte(",")) {
				end++
			}
			out = slices.Concat(out[:s.offset(v.Pos())-cut], out[end:])
		}
		s.out = append(s.out, out)
	}
}

// keep adds a candidate in which part of n replaces n.
func (s *simplifier) keep(n ast.Node, from, to token.Pos) {
	s.replace(n.Pos(), n.End(), string(s.source[s.offset(from):s.offset(to)]))
}

func (s *simplifier) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt:
		s.list(n.List)
	case *ast.CaseClause:
		s.list(n.Body)
		s.replace(n.Pos(), n.End(), "")
	case *ast.IfStmt:
		s.inner(n, n.Body)
		if n.Else != nil {
			s.replace(n.Body.End(), n.End(), "")
		}
		if n.Init != nil {
			s.replace(n.Init.Pos(), n.Cond.Pos(), "")
		}
	case *ast.ForStmt:
		s.inner(n, n.Body)
	case *ast.RangeStmt:
		s.inner(n, n.Body)
	case *ast.BinaryExpr:
		s.keep(n, n.X.Pos(), n.X.End())
		s.keep(n, n.Y.Pos(), n.Y.End())
	case *ast.CallExpr:
		for _, a := range n.Args {
			if _, isCall := a.(*ast.CallExpr); isCall {
				s.replace(a.Pos(), a.End(), "1")
				s.replace(a.Pos(), a.End(), strconv.Quote("a"))
			}
		}
	}
	return true
}

// inner adds a candidate in which the statements of a body replace n.
func (s *simplifier) inner(n ast.Node, body *ast.BlockStmt) {
	if len(body.List) > 0 {
		s.keep(n, body.List[0].Pos(), body.List[len(body.List)-1].End())
	}
}

// list adds candidates without each statement and without each half of the list.
func (s *simplifier) list(list []ast.Stmt) {
	for _, st := range list {
		s.replace(st.Pos(), st.End(), "")
	}
	if h := len(list) / 2; h > 1 {
		s.replace(list[0].Pos(), list[h-1].End(), "")
		s.replace(list[h].Pos(), list[len(list)-1].End(), "")
	}
}

// tidy replaces unused variables with blanks, drops unused imports, and formats
// the source. It reports whether the program then type-checks.
func (r *rewriter) tidy(p *programs.Program) bool {
	defer r.forget(r.fset.Base())
	for range 6 {
		edits, ok := r.unused(p)
		if !ok {
			return false
		}
		if len(edits) == 0 {
			src, err := format.Source(p.Source)
			p.Source = src
			return err == nil
		}
		for _, e := range slices.Backward(edits) {
			p.Source = slices.Concat(p.Source[:e.from], []byte(e.text), p.Source[e.to:])
		}
	}
	return false
}

type edit struct {
	from, to int
	text     string
}

// unused returns the edits that turn unused variables into blanks and drop unused
// imports. ok is false if something else is wrong with the program.
func (r *rewriter) unused(p *programs.Program) (edits []edit, ok bool) {
	f, err := parser.ParseFile(r.fset, "/proof/tidy.go", p.Source, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	ok = true
	bad := make(map[token.Pos]bool)
	conf := types.Config{Importer: r.importer, GoVersion: p.GoVersion(), Error: func(err error) {
		e, isType := err.(types.Error)
		if isType && e.Soft {
			bad[e.Pos] = true
			return
		}
		ok = false
	}}
	conf.Check("proof/p", r.fset, []*ast.File{f}, nil)
	if !ok {
		return nil, false
	}
	off := func(p token.Pos) int { return r.fset.Position(p).Offset }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			if bad[n.Pos()] {
				edits = append(edits, edit{off(n.Pos()), off(n.End()), ""})
			}
		case *ast.AssignStmt:
			edits = append(edits, blanks(n, bad, off)...)
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil && bad[e.Pos()] {
					edits = append(edits, edit{off(e.Pos()), off(e.End()), "_"})
				}
			}
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	return edits, len(edits) > 0 || len(bad) == 0
}

// blanks returns edits that turn the unused variables of a definition into blanks,
// and := into = if no variables are left.
func blanks(n *ast.AssignStmt, bad map[token.Pos]bool, off func(token.Pos) int) []edit {
	var edits []edit
	left := 0
	for _, l := range n.Lhs {
		id, ok := l.(*ast.Ident)
		switch {
		case ok && bad[l.Pos()]:
			edits = append(edits, edit{off(l.Pos()), off(l.End()), "_"})
		case !ok || id.Name != "_":
			left++
		}
	}
	if len(edits) > 0 && left == 0 && n.Tok == token.DEFINE {
		edits = append(edits, edit{off(n.TokPos), off(n.TokPos) + 2, "="})
	}
	return edits
}

// A description tells the running process about one of its programs. See
// Description in testdata/world.
type description struct {
	ID       int
	Seed     int
	Variants []Variant

	Args    []string
	Presets []programs.Preset
	Vars    []string
	Lock    string
	State   []string
	Funcs   []programs.FuncGlue
	Tallies []programs.TallyGlue
	Own     []string
	Fields  []programs.FieldGlue
	Zero    string
	Ordered string
	Parks   bool
}

// describe returns the description of a case, in JSON.
func (c *Case) describe() []byte {
	g := c.Glue
	d := description{ID: c.ID, Seed: c.Seed, Variants: c.Variants, Args: g.Args, Presets: g.Presets, Vars: g.Vars, Lock: g.Lock, State: g.State,
		Tallies: g.Tallies, Own: g.Own, Zero: g.Zero, Ordered: g.Ordered, Parks: g.Parks}
	for _, f := range c.Callable() {
		d.Funcs = append(d.Funcs, programs.FuncGlue{Name: f, Many: g.Many[f], Tries: g.Tries[f], Sets: g.Sets[f]})
	}
	for _, f := range g.Fields {
		if declares(c.Program, f) {
			d.Fields = append(d.Fields, programs.FieldGlue{Name: strings.TrimSuffix(f, programs.Mark), Var: f})
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic("proof: " + err.Error()) // can't happen for strings, bools and numbers
	}
	return programs.Number(text, c.ID, "")
}
