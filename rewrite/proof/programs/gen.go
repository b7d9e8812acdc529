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
	// fields are the variables of the program: fields of its struct, or
	// package-level variables if the lock is one.
	fields []*field
	funcs  []*function
	decls  []string // further declarations: helpers

	helpers []string // functions that wait under their callers' lock
	through string   // the one that is called for most waits, or ""

	// What the code that is being written may do.
	scopes  []*block  // innermost last
	under   bool      // the lock is held: guarded state may be read
	mut     bool      // and changed
	release string    // what must run before a return, or ""
	called  bool      // the function is one that a section calls
	sig     signature // of the function or literal around
	lits    int       // function literals around
	tallies map[*field][]string
	many    map[string]bool // functions that take the lock several times
	size    int             // how many more filler statements may be added
	labels  int
	// shrinking is a list that a loop works off until it is empty: nothing may be
	// added to it meanwhile.
	shrinking *field
	current   string // the name of the function that is being written

	tmpl    *Template // what the program is about, or nil
	inlined []string  // the functions that have one of its changes in them
	setup   string    // statements that its constructor ends with
	old     string    // where it asks for an older language: oldModule, oldFile, or ""
}

// A signature is what a function or literal takes and returns.
type signature struct {
	params  []*local
	results []typ
	named   []*local // the results' names; nil without
}

// A function is one method or function of the program.
type function struct {
	name string // without the receiver
	sig  signature
	body *block

	tries bool   // it gives up rather than wait for the lock
	sets  *field // all that it does is to set this, or nil
}

// A field is one variable that belongs to the program.
type field struct {
	name    string
	typ     typ
	guarded bool
	init    string // what the constructor gives it: "" for a parameter
	maker   string // the method of a World or an Input that makes the parameter
	tally   bool   // only ever raised by one at the start of functions
	secret  bool   // it belongs to the program's template
	late    bool   // its value is made of a backend
}

// Mark stands for the program's number in the names of its declarations, which
// are compiled into one package with those of many others.
const Mark = "ω"

func (g *gen) newID(base string) string { return base + Mark }

// at returns the expression for a field.
func (g *gen) at(f *field) string {
	if g.lock.global {
		return f.name
	}
	return "s." + f.name
}

// typeText spells a type.
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

// visible lists the locals of a type that can be named here.
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

// name finds a name for a new variable in the innermost block. Now and then it shadows a
// variable of an enclosing block.
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

// declare adds a variable to the innermost block.
func (g *gen) declare(t typ) *local {
	l := &local{name: g.name(t), typ: t, under: g.shares(t)}
	g.top().locals = append(g.top().locals, l)
	return l
}

// define makes the left side of a definition: new variables, but an error that
// the block has already is used again. Nothing is declared before done is
// called: the right side is to be made first.
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

// use returns a local's name and notes that it is needed.
func use(l *local) string {
	l.used = true
	return l.name
}

// field returns a guarded field of the type, or nil.
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

// backend returns an expression for a backend of the type, adding a field for
// it if there is none. The field is set once; maker is the method of a World
// that makes its value.
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

// Join lists names with commas between them.
func Join(list []string) string { return strings.Join(list, ", ") }
