package programs

import (
	"fmt"
	"slices"
	"strings"
)

// A gen generates one program.
type gen struct {
	c    *Choices
	lock lockForm
	// fields are the variables of the program: fields of its struct, or package-level
	// variables if the lock is one.
	fields []*field
	funcs  []*function
	decls  []string // other declarations, in pairs of name and text

	helpers []string // functions that wait with their callers' lock held
	through string   // the helper to call for most waits, or ""

	// The context of the code being written.
	scopes  []*block  // innermost last
	under   bool      // the lock is held: guarded state may be read
	mut     bool      // guarded state may be changed
	release string    // what must run before a return, or ""
	called  bool      // the function is called from a section
	sig     signature // of the enclosing function or literal
	lits    int       // number of enclosing function literals
	tallies map[*field][]string
	many    map[string]bool // functions that take the lock several times
	size    int             // how many more filler statements may be added
	labels  int
	// shrinking is a list that a loop consumes until it is empty. The loop must not
	// add to it.
	shrinking *field
	current   string // the name of the function being written

	tmpl    *Template // the program's template, or nil
	inlined []string  // the functions that contain one of its writes
	setup   string    // statements at the end of the constructor
	old     string    // what selects an older language version: OldModule, oldFile, or ""
}

// A signature is the parameters and results of a function or literal.
type signature struct {
	params  []*local
	results []typ
	named   []*local // named results, or nil
}

// A function is one method or function of the program.
type function struct {
	name string // without the receiver
	sig  signature
	body *block

	tries bool   // it uses TryLock and gives up
	sets  *field // the field it sets, if it does nothing else
}

// A field is a variable of the program.
type field struct {
	name    string
	typ     typ
	guarded bool
	init    string // its value in the constructor, or "" for a parameter
	maker   string // what makes the parameter; see makers in package world
	tally   bool   // only incremented, at the start of functions
	secret  bool   // it belongs to the program's template
	late    bool   // its value uses a backend
}

// Mark stands for the program's number in the names of its declarations. Many
// programs are compiled into one package, so names must be unique.
const Mark = "ω"

func (g *gen) newID(base string) string { return base + Mark }

// at returns the expression for a field.
func (g *gen) at(f *field) string {
	if g.lock.global {
		return f.name
	}
	return "s." + f.name
}

// typeText returns the source text of a type.
func (g *gen) typeText(t typ) string {
	if t == itemT {
		return "*" + g.newID("item")
	}
	return string(t)
}

// block runs f with a new innermost block.
func (g *gen) block(f func(b *block), locals ...*local) *block {
	b := &block{locals: locals}
	g.scopes = append(g.scopes, b)
	f(b)
	g.scopes = g.scopes[:len(g.scopes)-1]
	return b
}

func (g *gen) top() *block { return g.scopes[len(g.scopes)-1] }

// visible lists the locals of a type that are in scope and not shadowed.
func (g *gen) visible(t typ) []*local {
	var out []*local
	seen := make(map[string]bool)
	for _, b := range slices.Backward(g.scopes) {
		for _, l := range slices.Backward(b.locals) {
			if !seen[l.name] {
				seen[l.name] = true
				if l.typ == t && (g.under || !l.under) {
					out = append(out, l)
				}
			}
		}
	}
	return out
}

func (g *gen) named(name string) *local {
	for _, b := range slices.Backward(g.scopes) {
		for _, l := range slices.Backward(b.locals) {
			if l.name == name {
				return l
			}
		}
	}
	return nil
}

var namePool = map[typ][]string{
	intT:   {"v", "n", "x", "count", "size"},
	strT:   {"k", "name", "msg", "last", "url"},
	boolT:  {"ok", "found"},
	errT:   {"err"},
	intsT:  {"list", "items", "xs"},
	strsT:  {"keys", "names"},
	mapT:   {"m", "index"},
	itemT:  {"it", "cur"},
	anyT:   {"val"},
	hookT:  {"f", "hook"},
	hooksT: {"hooks"},
	chanT:  {"ch"},
	connT:  {"conn", "c"},
}

// name returns a name for a new variable in the innermost block. It sometimes
// shadows a variable of an enclosing block.
func (g *gen) name(t typ) string {
	base := pick(g.c, namePool[t])
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name += fmt.Sprint(i)
		}
		old := g.named(name)
		if old == nil || !slices.Contains(g.top().locals, old) && (t == errT || g.c.odds(30)) {
			return name
		}
	}
}

// define makes the left side of a definition. It reuses err if the block declares
// it already. The variables are not in scope until done is called, so that the
// right side can be made first.
func (g *gen) define(types ...typ) (l *lhs, done func()) {
	l = &lhs{}
	var added []*local
	for _, t := range types {
		if t == errT {
			if i := slices.IndexFunc(g.top().locals, func(v *local) bool { return v.typ == errT && v.name == "err" }); i >= 0 {
				v := g.top().locals[i]
				v.used = v.used || v.fixed
				l.vars, l.new = append(l.vars, v), append(l.new, false)
				continue
			}
		}
		v := &local{name: g.name(t), typ: t, under: g.shares(t)}
		for slices.ContainsFunc(added, func(a *local) bool { return a.name == v.name }) {
			v.name += "2"
		}
		added = append(added, v)
		l.vars, l.new = append(l.vars, v), append(l.new, true)
	}
	return l, func() { g.top().locals = append(g.top().locals, added...) }
}

// shares reports whether a new variable of the type may share storage with
// guarded state.
func (g *gen) shares(t typ) bool {
	return g.under && (t == intsT || t == strsT || t == mapT || t == itemT || t == hooksT)
}

// use returns a local's name and marks it as used.
func use(l *local) string {
	l.used = true
	return l.name
}

// field returns a random guarded field of the type, or nil.
func (g *gen) field(t typ) *field { return g.anyField(t, true) }

func (g *gen) anyField(t typ, guarded bool) *field {
	var list []*field
	for _, f := range g.fields {
		if f.typ == t && f.guarded == guarded && !f.tally && !f.secret {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(g.c, list)
}

// backend returns an expression for a backend of the type, adding a field for it if
// there is none. The field is set once, to the result of the World method maker.
func (g *gen) backend(name string, t typ, maker string) string {
	for _, f := range g.fields {
		if f.typ == t && !f.guarded {
			return g.at(f)
		}
	}
	if g.lock.global {
		name = g.newID(name)
	}
	f := &field{name: name, typ: t, maker: maker}
	g.fields = append([]*field{f}, g.fields...)
	return g.at(f)
}

// Join joins names with commas.
func Join(list []string) string { return strings.Join(list, ", ") }
