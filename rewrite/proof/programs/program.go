package programs

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"
)

// A Program is one generated program: the source that letgo rewrites, and the glue
// to run it.
type Program struct {
	ID     int    // unique among programs compiled together
	Seed   int    // for its inputs
	Source []byte // the file to rewrite; names end in [Mark]
	Idiom  string // the name of its template, or ""
	Old    string // what selects an older language version: OldModule, oldFile, or ""
	Glue   Glue
	About  *regexp.Regexp // matches the template's variables in questions
}

const (
	OldModule = "module" // the module's Go version is 1.20
	oldFile   = "file"   // a build constraint selects Go 1.21
)

// GoVersion returns the language version of the program's package.
func (p *Program) GoVersion() string {
	if p.Old == OldModule {
		return "go1.20"
	}
	return "go1.26"
}

// Generate generates the program that the choices determine.
func Generate(c *Choices, id int) (*Program, error) {
	g := &gen{c: c, tallies: make(map[*field][]string), many: make(map[string]bool)}
	g.chooseLock()
	g.chooseFields()
	g.chooseTemplate()
	for i := range 1 + c.weigh(5, 2) {
		g.target(i)
	}
	g.accessors()
	g.others()
	src, err := format.Source([]byte(g.source()))
	if err != nil {
		return nil, fmt.Errorf("program %d does not parse: %w\n%s", id, err, g.source())
	}
	p := &Program{ID: id, Seed: id, Source: src, Old: g.old, Glue: g.makeGlue()}
	if g.tmpl != nil {
		p.Idiom, p.About = g.tmpl.Name, g.about()
	}
	return p, nil
}

// fieldKinds lists the guarded variables that a program may have.
var fieldKinds = []field{
	{name: "n", typ: intT, maker: "Int"},
	{name: "hits", typ: intT, maker: "Int"},
	{name: "last", typ: strT, maker: "Str"},
	{name: "closed", typ: boolT, maker: "Bool"},
	{name: "ready", typ: boolT, init: "false"},
	{name: "m", typ: mapT, maker: "Map"},
	{name: "index", typ: mapT, init: "make(map[string]int)"},
	{name: "items", typ: intsT, maker: "Ints"},
	{name: "names", typ: strsT, maker: "Strs"},
	{name: "cur", typ: itemT, maker: "item"},
	{name: "val", typ: anyT, maker: "Any"},
	{name: "err", typ: errT, maker: "Err"},
	{name: "hook", typ: hookT, maker: "hook"},
	{name: "hooks", typ: hooksT, maker: "hooks"},
	{name: "conn", typ: connT, maker: "conn"},
}

// chooseFields chooses the program's variables, guarded or not.
func (g *gen) chooseFields() {
	name := func(s string) string {
		if g.lock.global {
			return g.newID(s)
		}
		return s
	}
	for _, k := range fieldKinds {
		if !g.c.odds(35) {
			continue
		}
		f := k
		f.name, f.guarded = name(k.name), true
		g.fields = append(g.fields, &f)
	}
	g.fields = append(g.fields, &field{name: name("total"), typ: intT, guarded: true, tally: true, init: "0"})
	if g.c.odds(40) {
		g.fields = append(g.fields, &field{name: name("prefix"), typ: strT, maker: "Str"})
	}
	if g.c.odds(30) {
		g.fields = append(g.fields, &field{name: name("limit"), typ: intT, maker: "Int"})
	}
}

// target adds a function with a section that waits.
func (g *gen) target(i int) {
	f := &function{name: fmt.Sprintf("Do%c", 'A'+i)}
	if g.lock.global {
		f.name = g.newID(f.name + "_")
	}
	g.current, g.size = f.name, 3+g.c.n(8)
	f.sig = g.signature()
	g.sig = f.sig
	f.body = g.block(func(b *block) {
		if g.c.odds(20) {
			g.noise(1)
		}
		if g.c.odds(8) {
			g.many[f.name] = true
			g.sectionIn(func() { g.noise(2) }, 0, 1)
			if ended(b) {
				return
			}
		}
		g.section(g.body)
		if !ended(b) {
			g.end()
		}
	}, append(append([]*local(nil), f.sig.params...), f.sig.named...)...)
	g.funcs = append(g.funcs, f)
}

// signature chooses parameters and results.
func (g *gen) signature() signature {
	var s signature
	param := func(name string, t typ) {
		s.params = append(s.params, &local{name: name, typ: t, fixed: true})
	}
	if g.c.odds(20) {
		param("ctx", ctxT)
	}
	if g.c.odds(60) {
		param("key", strT)
	}
	if g.c.odds(40) {
		param("n", intT)
	}
	if g.c.odds(12) {
		param("force", boolT)
	}
	if g.c.odds(12) {
		param("f", hookT)
	}
	if g.c.odds(10) {
		param("list", intsT)
	}
	s.results = pick(g.c, [][]typ{nil, nil, {errT}, {errT}, {errT}, {intT, errT}, {intT, errT}, {intT, errT}, {intT}, {strT, errT}, {boolT}, {strT}, {intsT, errT}})
	if len(s.results) > 0 && g.c.odds(20) {
		for _, t := range s.results {
			name := map[typ]string{intT: "res", strT: "out", boolT: "done", errT: "err", intsT: "sum"}[t]
			s.named = append(s.named, &local{name: name, typ: t, fixed: true})
		}
	}
	return s
}

// accessors adds small functions that use the guarded state under the lock.
func (g *gen) accessors() {
	for _, f := range append([]*field(nil), g.fields...) {
		if !f.guarded || f.tally || f.secret || !g.c.odds(45) {
			continue
		}
		g.accessor(f)
	}
}

func (g *gen) accessor(f *field) {
	title := strings.ToUpper(f.name[:1]) + f.name[1:]
	set := g.c.odds(60)
	fn := &function{name: "Get" + title}
	if set {
		fn.name = "Set" + title
	}
	g.current, g.size = fn.name, 1
	g.sig = signature{}
	if !set && f.typ != itemT && f.typ != hookT && f.typ != hooksT && f.typ != connT && f.typ != anyT && f.typ != mapT {
		g.sig.results = []typ{f.typ}
	}
	if set && (f.typ == intT || f.typ == strT || f.typ == boolT || f.typ == intsT || f.typ == strsT) {
		g.sig.params = []*local{{name: "arg", typ: f.typ, fixed: true}}
	}
	fn.sig = g.sig
	fn.body = g.block(func(b *block) {
		b.add(g.lock.lock)
		if len(g.sig.results) > 0 || g.c.odds(50) {
			b.add("defer " + g.lock.unlock)
		}
		explicit := len(b.stmts) == 1
		g.under, g.mut = true, true
		switch {
		case len(g.sig.results) > 0:
			b.add("return " + g.at(f))
		case len(g.sig.params) > 0:
			b.add(g.at(f) + " = arg")
			fn.sets = f
		default:
			g.change()
		}
		g.under, g.mut = false, false
		if explicit {
			b.add(g.lock.unlock)
		}
	}, g.sig.params...)
	g.funcs = append(g.funcs, fn)
}
