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
	maxShrink     = time.Minute // starts no other round after that
	maxCandidates = 120
	maxHangs      = 8 // of candidates where the failure is a crash, which may be one that hangs
)

// Shrink returns a smaller program that fails in the same way: it leaves out
// statements, branches and functions as long as the difference stays. All candidates of
// a round are compiled and run together, and the smallest one continues.
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

// shrinkOnce tries smaller programs and returns the smallest that still fails,
// or nil.
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

// complete reports whether everything is there that running the program relies on: what
// makes instances, and the counts.
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

// declares reports whether the source still has a variable, which may be the lock
// that is embedded in a struct.
func declares(p *programs.Program, name string) bool {
	return regexp.MustCompile(`(?m)^\s+(sync\.)?` + name + `\s`).Match(p.Source)
}

// shape is the shape whose plan failed, "" for the program as it was.
func (f *Failure) shape() string {
	shape, _, _ := strings.Cut(f.Variant, "@")
	return shape
}

// candidates lists smaller forms of a source file, largest steps first: without
// a function, without some statements, with a part in place of the whole.
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
		fn, ok := n.(*ast.FuncDecl) // what makes instances leaves nothing of the run before
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

// replace adds a candidate with other text in place of a stretch.
func (s *simplifier) replace(from, to token.Pos, text string) {
	s.out = append(s.out, slices.Concat(s.source[:s.offset(from)], []byte(text), s.source[s.offset(to):]))
}

// fields adds, for each field of the program's struct, a candidate without it
// and without what the constructor gives it.
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

// keep adds a candidate with a part of a node in place of the node.
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

// inner replaces a statement by the statements of its body.
func (s *simplifier) inner(n ast.Node, body *ast.BlockStmt) {
	if len(body.List) > 0 {
		s.keep(n, body.List[0].Pos(), body.List[len(body.List)-1].End())
	}
}

// list leaves out each statement, and each run of half of them.
func (s *simplifier) list(list []ast.Stmt) {
	for _, st := range list {
		s.replace(st.Pos(), st.End(), "")
	}
	if h := len(list) / 2; h > 1 {
		s.replace(list[0].Pos(), list[h-1].End(), "")
		s.replace(list[h].Pos(), list[len(list)-1].End(), "")
	}
}

// tidy replaces what is no longer used by blanks, drops imports, and formats; it reports
// whether the program then type-checks.
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

// unused returns the edits that make unused variables blanks and drop unused
// imports; ok is false if something else is wrong with the program.
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

// blanks turns the unused variables of a definition into blanks, and the
// definition into an assignment if nothing else is left.
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

// A description is what the programs that run are told about one of theirs: see
// the package in testdata/world.
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

// describe prints the description of a case.
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
		panic("proof: " + err.Error()) // it has nothing but texts and numbers
	}
	return programs.Number(text, c.ID, "")
}
