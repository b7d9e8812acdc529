package programs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Template is a way in which people write code, as text: variables that the lock
// guards, waits that read them, and sections that write them. A program has at most
// one, embedded in random code.
//
// In the text, placeholders have these meanings:
//
//	$name            a variable of the template, or a backend
//	$.name           a function of the program
//	$self            the program's struct
//	$lock, $unlock   acquire and release the lock
//	$try             tries to acquire the lock
//	$leave           a jump out of the section
//	$locker          the lock as a sync.Locker (only in setup)
//	#                a number
//	ω                the suffix of declared names; see [Mark]
type Template struct {
	Name     string
	vars     []field
	decls    string   // types and functions
	setup    string   // statements at the end of the constructor
	reads    []string // string expressions over the variables, as arguments of a waiting call
	waits    []string // statements that wait
	calls    []call   // calls that wait, whose results are used like those of other waits
	writes   []string // statements that change the variables
	sections []string // whole bodies of a critical section that waits
	methods  []string // other functions: "Name(n int) { ... }"; they lock themselves
	tries    bool     // the methods named Try... use TryLock and give up
	balanced string   // a counter that is zero when nothing runs
	ordered  string   // prefix of effects that must keep the order of the sections
	parks    bool     // calls may wait for each other by means other than the lock
	old      bool     // needs the loop variable semantics of Go before 1.22
}

// Templates lists all templates.
var Templates = slices.Concat(aliases, structs, calls, reflections, interfaces, functions, addresses, handles, orders, locks, forms, entries, turns, tested)

// known lists the templates whose programs are known to fail. They are left out by
// default. letgo does not find a wait behind an interface with several
// implementations, so the wait stays under the lock.
var known = []string{"interface-two"}

// ChooseTemplates sets [Chosen]. The list has names or prefixes of names, or
// "default", "all", "known" or "none", separated by commas.
func ChooseTemplates(list string) error {
	Chosen = nil
	for _, name := range strings.Split(list, ",") {
		n := len(Chosen)
		for _, t := range Templates {
			if name == "all" || name == "default" && !slices.Contains(known, t.Name) || name == "known" && slices.Contains(known, t.Name) || strings.HasPrefix(t.Name, name) {
				Chosen = append(Chosen, t)
			}
		}
		if n == len(Chosen) && name != "none" {
			return fmt.Errorf("no idiom is called %s", name)
		}
	}
	return nil
}

// Chosen lists the templates that programs may use.
var Chosen []*Template

// chooseTemplate chooses a template for the program, or none.
func (g *gen) chooseTemplate() {
	if len(Chosen) == 0 || g.c.odds(30) {
		return
	}
	t := pick(g.c, Chosen)
	// Calls that never return would still use package-level variables in the next run.
	perObject := strings.Contains(t.decls, "$self") || t.parks || t.Name == "order-group"
	if g.lock.global && perObject || g.lock.helpers != "" && t.tries {
		return
	}
	g.tmpl = t
	for _, v := range t.vars {
		f := v
		f.guarded, f.secret = true, true
		f.late = strings.Contains(f.init, "$db")
		if g.lock.global {
			f.name = g.newID(f.name + "Var")
		}
		if f.late {
			f.init = strings.ReplaceAll(f.init, "$db", strings.TrimPrefix(g.fill("$db", ""), "s."))
		}
		g.fields = append(g.fields, &f)
	}
	if t.old || g.c.odds(10) {
		g.old = pick(g.c, []string{OldModule, oldFile})
		if strings.Contains(strings.Join(t.writes, ""), "clear(") {
			g.old = oldFile
		}
	}
}

var placeholder = regexp.MustCompile(`func \$\.\w+|\$\.?\w+`)

// backends are the backends that templates can name.
var backends = map[string]field{
	"db":     {name: "db", typ: "*world.Store", maker: "Store"},
	"disk":   {name: "disk", typ: "*world.Disk", maker: "Disk"},
	"stats":  {name: "stats", typ: "*world.Stats", maker: "Stats"},
	"client": {name: "client", typ: "*world.Client", maker: "Client"},
}

// fill replaces the placeholders in the text of a template. If number is "", it
// picks a number that can be read here for #.
func (g *gen) fill(text, number string) string {
	text = placeholder.ReplaceAllStringFunc(text, func(s string) string {
		recv := "s."
		if g.lock.global {
			recv = ""
		}
		if name, ok := strings.CutPrefix(s, "func $."); ok {
			return g.funcHead(g.newID(name))
		}
		if name, ok := strings.CutPrefix(s, "$."); ok {
			return recv + g.newID(name)
		}
		switch name := s[1:]; name {
		case "self":
			return "s"
		case "lock":
			return g.lock.lock
		case "unlock":
			return g.lock.unlock
		case "try":
			return strings.Replace(g.lock.lock, "Lock", "TryLock", 1)
		case "leave":
			g.scopes = append(g.scopes, &block{locals: declaredIn(text)})
			defer func() { g.scopes = g.scopes[:len(g.scopes)-1] }()
			return strings.TrimSuffix(g.leave().text(), "\n")
		default:
			return g.variable(name)
		}
	})
	if number == "" && strings.Contains(text, "#") {
		number = g.number()
	}
	return strings.ReplaceAll(text, "#", number)
}

var definition = regexp.MustCompile(`(\w+(?:, \w+)*) := `)

// declaredIn lists the variables that a text declares. They shadow others of the
// same name, and have no type so that nothing else uses them.
func declaredIn(text string) []*local {
	var out []*local
	for _, m := range definition.FindAllStringSubmatch(text, -1) {
		for _, name := range strings.Split(m[1], ", ") {
			out = append(out, &local{name: name, used: true, fixed: true})
		}
	}
	return out
}

// variable returns the expression for a variable of the template, or a backend.
func (g *gen) variable(name string) string {
	for _, f := range g.fields {
		if f.secret && strings.TrimSuffix(f.name, "Var"+Mark) == name {
			return g.at(f)
		}
	}
	b, ok := backends[name]
	if !ok {
		panic("a template names " + name)
	}
	return g.backend(b.name, b.typ, b.maker)
}

// hidden writes the body of a section around code of the template.
func (g *gen) hidden() {
	t := g.tmpl
	if len(t.sections) > 0 && (len(t.reads)+len(t.waits)+len(t.calls) == 0 || g.c.odds(60)) {
		g.noise(g.c.n(2))
		text := pick(g.c, t.sections)
		if strings.Contains(text, "$unlock") {
			g.many[g.current] = true
		}
		g.top().add(g.fill(text, ""))
		g.top().locals = append(g.top().locals, declaredIn(text)...)
		g.noise(g.c.n(2))
		return
	}
	g.noise(g.c.n(2))
	write := g.c.n(6)
	if write == 0 {
		g.inline()
	}
	g.hiddenWait()
	if write == 1 {
		g.inline()
	}
	g.noise(g.c.n(2))
}

// number returns an int expression, preferably not a constant.
func (g *gen) number() string {
	if n := g.readable(intT); n != "" {
		return n
	}
	for _, f := range g.fields {
		if f.tally {
			return g.at(f)
		}
	}
	return "1"
}

// inline adds a change of the template's variables to the section, at most once per
// function.
func (g *gen) inline() {
	if len(g.tmpl.writes) > 0 && g.mut && !slices.Contains(g.inlined, g.current) {
		g.inlined = append(g.inlined, g.current)
		g.top().add(g.fill(pick(g.c, g.tmpl.writes), ""))
	}
}

// hiddenWait adds a wait that reads the template's variables.
func (g *gen) hiddenWait() {
	t := g.tmpl
	var forms []func()
	for _, text := range t.waits {
		forms = append(forms, func() { g.top().add(g.fill(text, "")) })
	}
	for _, c := range t.calls {
		forms = append(forms, func() { g.waitCall(call{g.fill(c.text, ""), c.results}) })
	}
	for _, text := range t.reads {
		forms = append(forms, func() { g.waitWith(g.fill(text, "1")) })
	}
	if len(forms) == 0 {
		g.waitStmt()
		return
	}
	pick(g.c, forms)()
}

// waitWith adds a wait with text as an argument.
func (g *gen) waitWith(text string) {
	if g.c.odds(40) {
		if f := g.field(strT); f != nil {
			l, done := g.define(strT)
			g.top().add(l, g.at(f))
			done()
			text = use(l.vars[0]) + "+" + text
		}
	}
	switch g.c.n(4) {
	case 0:
		g.waitCall(call{g.backend("db", "*world.Store", "Store") + ".Put(" + text + ", " + g.expr(intT, 1) + ")", []typ{errT}})
	case 1:
		g.waitCall(call{g.conn() + ".Send(" + text + ")", []typ{errT}})
	default:
		g.waitCall(call{g.backend("db", "*world.Store", "Store") + ".Get(" + text + ")", []typ{intT, errT}})
	}
}

// about returns a pattern for the names of the template's variables, and of locals
// that hold their values, in the text of a question.
func (g *gen) about() *regexp.Regexp {
	names := []string{"p", "w"}
	for _, f := range g.fields {
		if f.secret {
			names = append(names, strings.TrimSuffix(f.name, Mark))
		}
	}
	return regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
}

// others adds the template's other functions and declarations.
func (g *gen) others() {
	t := g.tmpl
	if t == nil {
		return
	}
	for i := range min(len(t.writes), 1+g.c.n(2)) {
		g.writer(fmt.Sprintf("Mut%c", 'A'+i), pick(g.c, t.writes))
	}
	for _, m := range t.methods {
		name, rest, _ := strings.Cut(m, "(")
		params, body, _ := strings.Cut(rest, ")")
		g.method(name, params, body)
	}
	g.setup = g.fill(strings.ReplaceAll(t.setup, "$locker", g.lock.locker), "1")
	if t.decls != "" {
		g.decls = append(g.decls, g.newID("decls"), g.fill(t.decls, "1")+"\n")
	}
}

// writer adds a function that runs text under the lock.
func (g *gen) writer(name, text string) {
	n := &local{name: "n", typ: intT, fixed: true}
	g.current, g.sig = g.newFunc(name), signature{params: []*local{n}}
	f := &function{name: g.current, sig: g.sig}
	f.body = g.block(func(b *block) {
		b.add(g.lock.lock)
		deferred := g.c.odds(50)
		if deferred {
			b.add("defer " + g.lock.unlock)
		}
		b.add(g.fill(text, "n"))
		if !deferred {
			b.add(g.lock.unlock)
		}
	}, n)
	g.funcs = append(g.funcs, f)
}

// method adds a function given as text.
func (g *gen) method(name, params, body string) {
	results, body, _ := strings.Cut(body, "{")
	f := &function{name: g.newFunc(name), tries: g.tmpl.tries && strings.HasPrefix(name, "Try")}
	if name, t, ok := strings.Cut(params, " "); ok {
		f.sig.params = []*local{{name: name, typ: typ(t), fixed: true}}
	}
	if r := strings.TrimSpace(results); r != "" {
		f.sig.results = []typ{typ(r)}
	}
	b := &block{}
	b.add(strings.TrimSuffix(g.fill(strings.TrimSpace(body), "n"), "}"))
	f.body = b
	g.funcs = append(g.funcs, f)
}

// newFunc returns the name of a function that package world will call.
func (g *gen) newFunc(name string) string {
	if g.lock.global {
		return g.newID(name + "_")
	}
	return name
}
