package programs

// An idiom writes the body of a critical section that waits.
type idiom struct {
	name   string
	weight int
	write  func(g *gen)
}

// idioms are ways in which real code waits under a lock, with random code around
// the wait.
var idioms = []idiom{
	{"plain", 10, (*gen).plain},
	{"cache", 5, (*gen).cache},
	{"memo", 5, (*gen).memo},
	{"drain", 4, (*gen).drain},
	{"close", 3, (*gen).closeFlag},
	{"notify", 3, (*gen).notify},
	{"loop", 4, (*gen).loopOver},
	{"refresh", 4, (*gen).refresh},
	{"sequence", 3, (*gen).sequence},
	{"helper", 4, (*gen).lockedHelper},
	{"chain", 5, (*gen).lockedChain},
	{"branch", 4, (*gen).branchWait},
	{"queue", 2, (*gen).queue},
	{"replace", 2, (*gen).replace},
	{"first", 4, (*gen).waitFirst},
	{"last", 6, (*gen).waitLast},
	{"flush", 4, (*gen).flush},
	{"drop", 3, (*gen).drop},
}

func (g *gen) body() {
	if g.tmpl != nil && g.mut && g.c.odds(75) {
		g.hidden()
		return
	}
	weights := make([]int, len(idioms))
	for i, d := range idioms {
		weights[i] = d.weight
	}
	idioms[g.c.weigh(weights...)].write(g)
}

// plain waits once or twice between other statements.
func (g *gen) plain() {
	for range 1 + g.c.n(2) {
		g.noise(g.c.n(3))
		g.waitStmt()
	}
	g.noise(g.c.n(3))
}

// waitFirst waits before anything else.
func (g *gen) waitFirst() {
	g.waitStmt()
	g.noise(1 + g.c.n(3))
}

// waitLast waits at the end.
func (g *gen) waitLast() {
	g.noise(1 + g.c.n(3))
	g.waitStmt()
}

// key returns a string expression to use as a key.
func (g *gen) key() string {
	if l := g.visible(strT); len(l) > 0 {
		return use(l[len(l)-1])
	}
	return `"a"`
}

// cache looks up an entry, and fetches and stores it if it is missing.
func (g *gen) cache() {
	m := g.field(mapT)
	if m == nil || !g.mut {
		g.plain()
		return
	}
	b, at, key := g.top(), g.at(m), g.key()
	hit := &local{name: "v", typ: intT}
	ok := &local{name: "ok", typ: boolT, used: true}
	l := &lhs{vars: []*local{hit, ok}, new: []bool{true, true}}
	outer := &block{locals: l.vars}
	g.scopes = append(g.scopes, outer)
	hitBlock := g.leave()
	g.scopes = g.scopes[:len(g.scopes)-1]
	b.add("if ", l, at+"["+key+"]; ok ", hitBlock)
	g.noise(g.c.n(2))
	l, done := g.define(intT, errT)
	done()
	b.add(l, g.backend("db", "*world.Store", "Store")+".Get("+key+")")
	if g.c.odds(85) {
		g.ifErr(l.vars[1])
	}
	g.noise(g.c.n(2))
	b.add(at + "[" + key + "] = " + use(l.vars[0]))
	g.noise(g.c.n(2))
}

// memo is cache as most people write it. It requires that the function has the same
// result types as the backend.
func (g *gen) memo() {
	m := g.field(mapT)
	if m == nil || !g.mut || len(g.sig.results) != 2 || g.sig.results[0] != intT || g.sig.named != nil {
		g.cache()
		return
	}
	b, key := g.top(), g.key()
	entry := g.at(m) + "[" + key + "]"
	leave := func(values string) *block {
		return g.block(func(b *block) {
			if g.release != "" {
				b.add(g.release)
			}
			b.add("return " + values)
		})
	}
	b.add("if v, ok := "+entry+"; ok ", leave("v, nil"))
	l, done := g.define(intT, errT)
	done()
	b.add(l, g.backend("db", "*world.Store", "Store")+".Get("+key+")")
	b.add("if "+use(l.vars[1])+" != nil ", leave(g.one("0, ", "-1, ")+l.vars[1].name))
	b.add(entry + " = " + use(l.vars[0]))
	if g.release != "" {
		b.add(g.release)
	}
	b.add("return " + l.vars[0].name + ", nil")
}

// drain takes a list out of guarded state and processes it.
func (g *gen) drain() {
	f := g.field(pick(g.c, []typ{intsT, strsT}))
	if f == nil || !g.mut {
		g.plain()
		return
	}
	b := g.top()
	g.noise(g.c.n(2))
	l, done := g.define(f.typ)
	done()
	list := use(l.vars[0])
	b.add(l, g.at(f))
	b.add(g.at(f) + " = nil")
	g.noise(g.c.n(2))
	if f.typ == intsT && g.c.odds(50) {
		l, done := g.define(errT)
		g.ifInit(l, done, call{g.backend("disk", "*world.Disk", "Disk") + ".Flush(" + list + ")", []typ{errT}})
		return
	}
	elem := intT
	if f.typ == strsT {
		elem = strT
	}
	g.each(list, elem)
}

// flush writes a guarded list and then empties it.
func (g *gen) flush() {
	f := g.field(pick(g.c, []typ{intsT, strsT}))
	if f == nil || !g.mut {
		g.plain()
		return
	}
	b := g.top()
	g.noise(g.c.n(2))
	if g.c.odds(30) {
		b.add("if len("+g.at(f)+") == 0 ", g.leave())
	}
	switch {
	case f.typ == intsT && g.c.odds(50):
		flush := g.backend("disk", "*world.Disk", "Disk") + ".Flush(" + g.at(f) + ")"
		if g.c.odds(50) {
			b.add(flush)
			break
		}
		l, done := g.define(errT)
		g.ifInit(l, done, call{flush, []typ{errT}})
	case f.typ == intsT:
		g.each(g.at(f), intT)
	default:
		g.each(g.at(f), strT)
	}
	b.add(g.at(f) + " = nil")
	g.noise(g.c.n(2))
}

// drop closes a connection and clears it.
func (g *gen) drop() {
	f := g.field(connT)
	if f == nil || !g.mut {
		g.plain()
		return
	}
	b, at := g.top(), g.at(f)
	if g.c.odds(60) {
		b.add("if "+at+" == nil ", g.leave())
	}
	g.noise(g.c.n(2))
	last := g.one("", "err", "return")
	switch {
	case last == "return" && g.returns([]typ{errT}) && g.c.odds(50):
		l, done := g.define(connT)
		b.add(l, at)
		done()
		b.add(at + " = nil")
		b.add("return " + use(l.vars[0]) + ".Close()")
		return
	case last == "err":
		l, done := g.define(errT)
		b.add(l, at+".Close()")
		done()
		b.add(at + " = nil")
		g.ifErr(l.vars[0])
	default:
		b.add(at + ".Close()")
		b.add(at + " = nil")
	}
	g.noise(g.c.n(2))
}

// each adds a loop over a list, with a wait in its body.
func (g *gen) each(list string, elem typ) {
	v := &local{name: g.name(elem), typ: elem}
	vars := &rangeVars{value: v}
	body := &block{loop: true, release: g.release, locals: []*local{v}}
	g.scopes = append(g.scopes, body)
	g.noise(g.c.n(2))
	g.waitStmt()
	g.noise(g.c.n(2))
	g.scopes = g.scopes[:len(g.scopes)-1]
	if body.label != "" {
		g.top().add(body.label + ":")
	}
	g.top().add("for ", vars, "range "+list+" ", body)
}

// closeFlag stops something once.
func (g *gen) closeFlag() {
	f := g.field(boolT)
	if f == nil || !g.mut {
		g.plain()
		return
	}
	b := g.top()
	b.add("if "+g.at(f)+" ", g.leave())
	if g.c.odds(60) {
		b.add(g.at(f) + " = true")
		g.noise(g.c.n(2))
		g.waitStmt()
		return
	}
	g.noise(g.c.n(2))
	g.waitStmt()
	b.add(g.at(f) + " = true")
}

// notify calls callbacks.
func (g *gen) notify() {
	f := g.readable(hooksT)
	if f == "" {
		g.plain()
		return
	}
	g.noise(1 + g.c.n(2))
	arg := g.expr(intT, 1)
	g.top().add("for _, h := range "+f+" ", g.block(func(b *block) { b.add("h(" + arg + ")") }))
	if g.c.odds(40) {
		g.waitStmt()
	}
}

// loopOver waits in a loop over guarded state.
func (g *gen) loopOver() {
	g.noise(g.c.n(2))
	g.loop(true)
	g.noise(g.c.n(2))
}

// refresh fetches a value once and keeps it.
func (g *gen) refresh() {
	ready, n := g.field(boolT), g.field(intT)
	if ready == nil || n == nil || !g.mut {
		g.plain()
		return
	}
	b := g.top()
	b.add("if "+g.at(ready)+" ", g.leave())
	l, done := g.define(intT, errT)
	b.add(l, g.backend("db", "*world.Store", "Store")+".Get("+g.expr(strT, 1)+")")
	done()
	g.ifErr(l.vars[1])
	b.add(g.at(n) + " = " + use(l.vars[0]))
	b.add(g.at(ready) + " = true")
}

// sequence increments and sends a sequence number.
func (g *gen) sequence() {
	n := g.field(intT)
	if n == nil || !g.mut {
		g.plain()
		return
	}
	b := g.top()
	b.add(g.at(n) + "++")
	arg := g.at(n)
	if g.c.odds(50) {
		l, done := g.define(intT)
		b.add(l, arg)
		done()
		arg = use(l.vars[0])
	}
	l, done := g.define(errT)
	g.ifInit(l, done, call{g.conn() + ".Send(strconv.Itoa(" + arg + "))", []typ{errT}})
	g.noise(g.c.n(2))
}

// branchWait waits on some paths only.
func (g *gen) branchWait() {
	g.noise(g.c.n(3))
	if g.c.odds(25) {
		g.switchStmt(true)
	} else {
		parts := []part{"if " + g.cond(0) + " ", g.block(func(b *block) {
			g.noise(g.c.n(2))
			g.waitStmt()
			g.noise(g.c.n(2))
			if g.c.odds(60) && !ended(b) {
				g.jump()
			}
		})}
		if g.c.odds(25) {
			parts = append(parts, " else ", g.block(func(*block) {
				if g.c.odds(50) {
					g.waitStmt()
				}
				g.noise(1)
			}))
		}
		g.top().add(parts...)
	}
	g.noise(g.c.n(2))
	if g.c.odds(30) {
		g.waitStmt()
	}
}

// queue processes a guarded list one element at a time, until it is empty.
func (g *gen) queue() {
	f := g.field(intsT)
	if f == nil || !g.mut {
		g.plain()
		return
	}
	at := g.at(f)
	g.noise(g.c.n(2))
	g.shrinking = f
	defer func() { g.shrinking = nil }()
	x := &local{name: g.name(intT), typ: intT, used: true}
	body := &block{loop: true, release: g.release, locals: []*local{x}}
	g.scopes = append(g.scopes, body)
	body.add(x.name + " := " + at + "[0]")
	body.add(at + " = " + at + "[1:]")
	l, done := g.define(errT)
	g.ifInit(l, done, call{g.backend("db", "*world.Store", "Store") + ".Put(" + g.expr(strT, 2) + ", " + x.name + ")", []typ{errT}})
	g.scopes = g.scopes[:len(g.scopes)-1]
	if body.label != "" {
		g.top().add(body.label + ":")
	}
	g.top().add("for len("+at+") > 0 ", body)
}

// replace dials a connection if there is none, and uses it.
func (g *gen) replace() {
	f := g.field(connT)
	if f == nil || !g.mut {
		g.plain()
		return
	}
	at := g.at(f)
	dial := g.backend("dialer", "*world.Net", "Net") + ".Dial(" + g.expr(strT, 1) + ")"
	g.top().add("if "+at+" == nil ", g.block(func(b *block) {
		l, done := g.define(connT, errT)
		b.add(l, dial)
		done()
		g.ifErr(l.vars[1])
		b.add(at + " = " + use(l.vars[0]))
	}))
	g.noise(g.c.n(2))
	g.top().add(at + ".Send(" + g.expr(strT, 1) + ")")
}

// lockedHelper waits in a helper that is called with the lock held.
func (g *gen) lockedHelper() {
	if !g.mut || g.lits > 0 {
		g.plain()
		return
	}
	name := g.helper()
	g.noise(g.c.n(2))
	l, done := g.define(errT)
	g.ifInit(l, done, call{name + "(" + g.expr(strT, 1) + ")", []typ{errT}})
	g.noise(g.c.n(2))
}

// lockedChain waits in a helper, or in a helper of that helper, anywhere in the
// section. The helper may be one that other functions call too.
func (g *gen) lockedChain() {
	if !g.mut || g.lits > 0 {
		g.plain()
		return
	}
	name := ""
	if len(g.helpers) > 0 && g.c.odds(50) {
		name = pick(g.c, g.helpers)
	} else {
		name = g.helper()
		if g.c.odds(40) {
			name = g.between(name)
		}
		g.helpers = append(g.helpers, name)
	}
	g.through = name
	inside := []func(*gen){(*gen).plain, (*gen).loopOver, (*gen).branchWait, (*gen).waitLast, (*gen).flush, (*gen).notify}
	pick(g.c, inside)(g)
	g.through = ""
}

// between declares a function that calls a helper with its callers' lock held.
func (g *gen) between(helper string) string {
	return g.underCallers("via", func() {
		g.noise(g.c.n(2))
		g.through = helper
		g.waitStmt()
		g.noise(g.c.n(2))
	})
}

// helper declares a function that waits and uses guarded state without taking
// the lock.
func (g *gen) helper() string {
	return g.underCallers("fill", func() {
		g.noise(g.c.n(2))
		g.waitStmt()
		g.noise(g.c.n(3))
	})
}

// underCallers declares a function that runs with its callers' lock held.
func (g *gen) underCallers(base string, write func()) string {
	name := g.newID(base) + string(rune('a'+len(g.decls)/2)) + "Locked"
	outer := *g
	k := &local{name: "k", typ: strT, fixed: true}
	g.sig = signature{params: []*local{k}, results: []typ{errT}}
	g.scopes, g.release, g.size, g.through, g.called = nil, "", 4, "", true
	body := g.block(func(b *block) {
		write()
		g.end()
	}, k)
	g.sig, g.scopes, g.release, g.size, g.through, g.called = outer.sig, outer.scopes, outer.release, outer.size, outer.through, outer.called
	g.decls = append(g.decls, name, g.funcHead(name)+"(k string) error {\n"+body.text()+"}\n")
	if g.lock.global {
		return name
	}
	return "s." + name
}
