package programs

import "fmt"

// noise adds up to n statements that do not wait.
func (g *gen) noise(n int) {
	for range n {
		if g.size <= 0 {
			return
		}
		g.size--
		g.simple()
	}
}

// simple adds one statement that does not wait.
func (g *gen) simple() {
	if g.mut {
		switch g.c.weigh(10, 3, 2, 2, 1, 1, 1, 1, 1, 1) {
		case 1:
			g.branch()
		case 2:
			g.local()
		case 3:
			g.reassign()
		case 4:
			g.loop(false)
		case 5:
			g.switchStmt(false)
		case 6:
			g.top().add(g.backend("stats", "*world.Stats", "Stats") + ".Add(" + g.expr(strT, 1) + ", " + g.expr(intT, 1) + ")")
		case 7:
			g.callback()
		case 8:
			g.literal()
		case 9:
			g.deferred()
		default:
			g.change()
		}
		return
	}
	switch g.c.weigh(4, 4, 2, 1, 1, 1, 1) {
	case 0:
		g.local()
	case 1:
		g.branch()
	case 2:
		g.reassign()
	case 3:
		g.loop(false)
	case 4:
		g.top().add(g.backend("stats", "*world.Stats", "Stats") + ".Add(" + g.expr(strT, 1) + ", " + g.expr(intT, 1) + ")")
	case 5:
		g.callback()
	case 6:
		g.switchStmt(false)
	}
}

// change adds a statement that changes guarded state.
func (g *gen) change() {
	var list []*field
	for _, f := range g.fields {
		if f.guarded && !f.tally && !f.secret && f != g.shrinking {
			list = append(list, f)
		}
	}
	if len(list) == 0 || !g.mut {
		g.local()
		return
	}
	f := pick(g.c, list)
	at, b := g.at(f), g.top()
	switch f.typ {
	case intT:
		if op := g.one("++", "--", " += ", " -= ", " = "); op[0] == ' ' {
			b.add(at + op + g.other(intT, at))
		} else {
			b.add(at + op)
		}
	case mapT:
		g.changeMap(at)
	case intsT:
		g.changeList(at, intT)
	case strsT:
		g.changeList(at, strT)
	case itemT:
		switch g.c.n(4) {
		case 0:
			b.add(at + ".hits++")
		case 1:
			b.add(at + ".name = " + g.expr(strT, 1))
		default:
			b.add(at + " = " + g.other(itemT, at))
		}
	case hooksT, connT:
		b.add(at + " = nil")
	default:
		b.add(at + " = " + g.other(f.typ, at))
	}
}

func (g *gen) changeMap(at string) {
	b := g.top()
	depth := 1
	if g.depth() > 0 {
		depth = 3 // constant keys, since a loop over a map may or may not visit entries it adds
	}
	key := func() string {
		if g.depth() > 1 { // a string variable may grow with each iteration of nested loops
			return g.one(`"a"`, `"b"`, `"x"`)
		}
		return g.expr(strT, depth)
	}
	switch g.c.weigh(4, 2, 2, 1, 1) {
	case 0:
		b.add(at + "[" + key() + "] = " + g.expr(intT, 1))
	case 1:
		b.add("delete(" + at + ", " + key() + ")")
	case 2:
		b.add(at + "[" + key() + "]" + g.one("++", " += 2"))
	case 3:
		b.add("if "+at+" == nil ", g.block(func(b *block) { b.add(at + " = make(map[string]int)") }))
	case 4:
		b.add(at + " = " + g.expr(mapT, 1))
	}
}

func (g *gen) changeList(at string, elem typ) {
	b := g.top()
	grow := 5
	if g.depth() > 1 {
		grow = 0 // in nested loops, a list that grows in a loop over itself grows exponentially
	}
	switch g.c.weigh(grow, 1, 1) {
	case 0:
		b.add(at + " = append(" + at + ", " + g.expr(elem, 1) + ")")
	case 1:
		b.add(at + " = " + g.one("nil", at+"[:0]", at+"[1:]"))
	case 2:
		b.add(at + "[0] = " + g.expr(elem, 1))
	}
}

// other returns an expression other than not.
func (g *gen) other(t typ, not string) string {
	for range 5 {
		if e := g.expr(t, 1); e != not {
			return e
		}
	}
	return map[typ]string{intT: "1", strT: `"x"`, boolT: "true", anyT: "2"}[t] + map[bool]string{true: "nil"}[t == errT || t == itemT || t == hookT]
}

// local adds the definition of a local variable.
func (g *gen) local() {
	b := g.top()
	if g.c.odds(25) {
		if m := g.readable(mapT); m != "" {
			l, done := g.define(intT, boolT)
			b.add(l, m+"["+g.expr(strT, 1)+"]")
			done()
			return
		}
	}
	t := pick(g.c, []typ{intT, intT, strT, boolT, intsT, itemT, mapT})
	e := g.expr(t, 0)
	if e == "nil" || t == intsT && e == "nil" {
		t, e = intT, g.intExpr(0)
	}
	l, done := g.define(t)
	b.add(l, e)
	done()
}

// reassign assigns to a local variable.
func (g *gen) reassign() {
	var list []*local
	for _, t := range []typ{intT, strT, boolT} {
		for _, l := range g.visible(t) {
			if l.used || l.fixed {
				list = append(list, l)
			}
		}
	}
	if len(list) == 0 {
		g.local()
		return
	}
	l := pick(g.c, list)
	op := " = "
	if l.typ != boolT {
		op = g.one(" = ", " += ")
	}
	g.top().add(l.name + op + g.other(l.typ, l.name))
}

// branch adds an if statement, whose body often ends with a jump.
func (g *gen) branch() {
	b := g.top()
	cond := g.cond(0)
	if g.c.odds(45) {
		b.add("if "+cond+" ", g.leave())
		return
	}
	parts := []part{"if " + cond + " ", g.block(func(*block) { g.noise(1 + g.c.n(2)) })}
	if g.c.odds(25) {
		parts = append(parts, " else ", g.block(func(*block) { g.noise(1) }))
	}
	b.add(parts...)
}

// ifErr adds "if err != nil" with a body that usually ends with a jump.
func (g *gen) ifErr(err *local) {
	cond := "if " + use(err) + " != nil "
	if g.c.odds(80) {
		g.top().add(cond, g.leave())
		return
	}
	g.top().add(cond, g.block(func(*block) { g.noise(1) }))
}

// leave returns a block that ends with a jump.
func (g *gen) leave() *block {
	return g.block(func(b *block) {
		if g.c.odds(30) {
			g.noise(1)
		}
		g.jump()
	})
}

// jump adds a break, continue, return or panic.
func (g *gen) jump() {
	b := g.top()
	var loops []*block
	for _, s := range g.scopes {
		if s.lit {
			loops = nil
		}
		if s.loop {
			loops = append(loops, s)
		}
	}
	if len(loops) > 0 && g.c.odds(65) {
		to := loops[len(loops)-1]
		word := g.one("continue", "break")
		if len(loops) > 1 && g.c.odds(30) || g.inSwitch(to) && word == "break" {
			to = pick(g.c, loops)
			if to.label == "" {
				g.labels++
				to.label = fmt.Sprint("loop", g.labels)
			}
			word += " " + to.label
		}
		if g.release != to.release {
			b.add(g.release)
		}
		b.add(word)
		return
	}
	if g.c.odds(4) {
		value := g.one(`"bad"`, g.newID("errStopped"))
		if g.called || g.lits > 0 {
			value = `"broken"` // from the section's view, the call panics
		}
		b.add("panic(" + value + ")")
		return
	}
	g.ret()
}

// inSwitch reports whether the code being written is in a switch inside the loop.
func (g *gen) inSwitch(loop *block) bool {
	for i := len(g.scopes) - 1; i >= 0 && g.scopes[i] != loop; i-- {
		if g.scopes[i].clause {
			return true
		}
	}
	return false
}

// ret adds a return statement, preceded by a release if needed.
func (g *gen) ret() {
	b := g.top()
	under := g.under
	if g.release != "" {
		b.add(g.release)
		g.under = false
	}
	defer func() { g.under = under }()
	if len(g.sig.results) == 0 {
		b.add("return")
		return
	}
	if g.sig.named != nil && g.c.odds(40) && g.unhidden() {
		b.add("return")
		return
	}
	var list []string
	for _, t := range g.sig.results {
		list = append(list, g.expr(t, 0))
	}
	b.add("return " + Join(list))
}

// unhidden reports whether no named result is shadowed here.
func (g *gen) unhidden() bool {
	for _, l := range g.sig.named {
		if g.named(l.name) != l {
			return false
		}
	}
	return true
}

// loop adds a loop over guarded or local state, or with a fixed number of
// iterations. If waits is set, its body waits.
func (g *gen) loop(waits bool) {
	if g.depth() > 2 {
		g.change()
		return
	}
	body := &block{loop: true, release: g.release}
	head := g.loopHead(body)
	g.scopes = append(g.scopes, body)
	if waits {
		g.noise(g.c.n(2))
		g.waitStmt()
	}
	g.noise(1 + g.c.n(2))
	g.scopes = g.scopes[:len(g.scopes)-1]
	if body.label != "" {
		g.top().add(body.label + ":")
	}
	g.top().add(append(head, body)...)
}

// depth returns the number of enclosing loops.
func (g *gen) depth() int {
	n := 0
	for _, s := range g.scopes {
		if s.loop {
			n++
		}
	}
	return n
}

func (g *gen) loopHead(body *block) []part {
	vars := &rangeVars{}
	declare := func(t typ) *local {
		l := &local{name: pick(g.c, namePool[t]), typ: t}
		for _, o := range body.locals {
			if o.name == l.name {
				l.name += "2"
			}
		}
		body.locals = append(body.locals, l)
		return l
	}
	over := func(t, key, value typ) ([]part, bool) {
		e := g.readable(t)
		if e == "" {
			return nil, false
		}
		if key == intT && g.c.odds(50) {
			vars.value = declare(value)
		} else {
			vars.key, vars.value = declare(key), declare(value)
		}
		return []part{"for ", vars, "range " + e + " "}, true
	}
	switch g.c.weigh(2, 4, 3, 3, 1) {
	case 1:
		if p, ok := over(intsT, intT, intT); ok {
			return p
		}
	case 2:
		if p, ok := over(mapT, strT, intT); ok {
			return p
		}
	case 3:
		if p, ok := over(strsT, intT, strT); ok {
			return p
		}
	case 4:
		return []part{"for i := 0; i < 2; i++ "}
	}
	if g.old != "" {
		return []part{"for i := 0; i < 2; i++ "}
	}
	return []part{"for range 2 "}
}

// switchStmt adds a switch statement. If waits is set, its cases may wait.
func (g *gen) switchStmt(waits bool) {
	b := g.top()
	tag, body := "", &block{}
	clause := func(head string) {
		inner := g.block(func(c *block) {
			c.clause = true
			if waits && g.c.odds(60) {
				g.waitStmt()
			}
			g.noise(1)
			if g.c.odds(25) {
				g.jump()
			}
		})
		body.add(head + "\n" + inner.text())
	}
	if g.c.odds(40) {
		clause("case " + g.cond(1) + ":")
		clause("case " + g.cond(1) + ":")
	} else {
		tag = g.expr(intT, 1)
		clause("case 0:")
		clause("case 1, 2:")
	}
	if g.c.odds(50) {
		clause("default:")
	}
	b.add("switch "+tag+" ", body)
}

// callback adds a call of a function that was passed to the program.
func (g *gen) callback() {
	if f := g.readable(hookT); f != "" {
		g.top().add("if "+f+" != nil ", g.block(func(b *block) { b.add(f + "(" + g.expr(intT, 1) + ")") }))
		return
	}
	g.change()
}

// literal adds a function literal that is called immediately.
func (g *gen) literal() {
	b := g.top()
	if g.release != "" || g.lits > 0 {
		g.change()
		return
	}
	l, done := g.define(intT)
	body := g.inLiteral(signature{results: []typ{intT}}, func(b *block) {
		g.noise(1)
		g.ret()
	})
	b.add(l, "func() int ", body, "()")
	done()
}

// inLiteral writes the body of a function literal.
func (g *gen) inLiteral(sig signature, f func(b *block)) *block {
	outer := g.sig
	g.sig = sig
	g.lits++
	defer func() { g.sig = outer; g.lits-- }()
	return g.block(func(b *block) {
		b.lit = true
		f(b)
	}, sig.params...)
}

// deferred adds a deferred call.
func (g *gen) deferred() {
	b := g.top()
	stats := g.backend("stats", "*world.Stats", "Stats")
	if g.sig.named != nil && g.unhidden() && g.c.odds(40) {
		l := g.sig.named[0]
		b.add("defer func() ", g.block(func(b *block) {
			b.add(stats + ".Add(\"done\", 1)")
			if l.typ == intT {
				b.add(l.name + "++")
			}
		}), "()")
		return
	}
	b.add("defer " + stats + ".Add(" + g.expr(strT, 1) + ", " + g.expr(intT, 1) + ")")
}
