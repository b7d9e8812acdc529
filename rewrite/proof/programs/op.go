package programs

// A call is a blocking operation.
type call struct {
	text    string
	results []typ
}

// wait returns a random blocking operation, with operands that can be read here.
func (g *gen) wait() call {
	if g.through != "" && g.under && g.lits == 0 && g.c.odds(75) {
		return call{g.through + "(" + g.expr(strT, 1) + ")", []typ{errT}}
	}
	if g.c.odds(12) {
		return g.helperCall()
	}
	switch g.c.weigh(6, 5, 2, 2, 3, 2, 1, 2, 1, 2, 2, 1, 1, 1) {
	case 1:
		return call{g.backend("db", "*world.Store", "Store") + ".Put(" + g.expr(strT, 1) + ", " + g.expr(intT, 1) + ")", []typ{errT}}
	case 2:
		return call{g.backend("db", "*world.Store", "Store") + ".Count()", []typ{intT}}
	case 3:
		return call{g.backend("db", "*world.Store", "Store") + ".Keys()", []typ{strsT, errT}}
	case 4:
		return call{g.conn() + ".Send(" + g.expr(strT, 1) + ")", []typ{errT}}
	case 5:
		return call{g.conn() + ".Recv()", []typ{strT, errT}}
	case 6:
		return call{g.conn() + ".Ping()", []typ{boolT}}
	case 7:
		return call{g.backend("disk", "*world.Disk", "Disk") + ".Flush(" + g.expr(intsT, 1) + ")", []typ{errT}}
	case 8:
		return call{g.backend("disk", "*world.Disk", "Disk") + ".Append(" + g.expr(strT, 1) + ")", []typ{errT}}
	case 9:
		return call{g.backend("sig", "*world.Signal", "Signal") + ".Wait()", nil}
	case 10:
		return call{"<-" + g.backend("in", chanT, "In"), []typ{intT}}
	case 11:
		return call{"time.Sleep(0)", nil}
	case 12:
		if g.mut {
			return call{g.backend("dialer", "*world.Net", "Net") + ".Dial(" + g.expr(strT, 1) + ")", []typ{connT, errT}}
		}
	case 13:
		return call{g.backend("out", "chan<- int", "Out") + " <- " + g.expr(intT, 1), nil}
	}
	return call{g.backend("db", "*world.Store", "Store") + ".Get(" + g.expr(strT, 1) + ")", []typ{intT, errT}}
}

// conn returns a connection, preferably a local or guarded one.
func (g *gen) conn() string {
	if c := g.readable(connT); c != "" {
		return c
	}
	return g.backend("conn", "*world.Conn ", "Conn") // the space sets it apart from guarded ones
}

// helperCall returns a call of a function of the program that waits and doesn't use
// guarded state.
func (g *gen) helperCall() call {
	name := g.newID("fetch")
	db := g.backend("db", "*world.Store", "Store")
	recv := "s."
	if g.lock.global {
		recv = ""
	}
	for _, d := range g.decls {
		if d == name {
			return call{recv + name + "(" + g.expr(strT, 1) + ")", []typ{intT, errT}}
		}
	}
	g.decls = append(g.decls, name, g.funcHead(name)+`(key string) (int, error) {
	v, err := `+db+`.Get("p/" + key)
	if err != nil {
		return 0, fmt.Errorf("fetch: %w", err)
	}
	return v, nil
}
`)
	return call{recv + name + "(" + g.expr(strT, 1) + ")", []typ{intT, errT}}
}

// funcHead begins the declaration of a function or method.
func (g *gen) funcHead(name string) string {
	if g.lock.global {
		return "func " + name
	}
	return "func (s *" + g.newID("T") + ") " + name
}

// waitStmt adds a statement that waits.
func (g *gen) waitStmt() { g.waitCall(g.wait()) }

// waitCall adds a statement that contains a waiting call.
func (g *gen) waitCall(c call) {
	b := g.top()
	switch len(c.results) {
	case 0:
		b.add(c.text)
		return
	case 1:
		if c.results[0] == errT {
			g.waitErr(c)
		} else {
			g.waitValue(c)
		}
		return
	}
	switch g.c.weigh(8, 2, 1, 2, 2, 1) {
	case 1:
		if g.returns(c.results) {
			b.add("return " + c.text)
			return
		}
	case 2:
		b.add("_, _ = " + c.text)
		return
	case 3:
		if g.commit(c) {
			return
		}
	case 4:
		l, done := g.define(c.results...)
		g.ifInit(l, done, c)
		return
	}
	l, done := g.define(c.results...)
	done()
	b.add(l, c.text)
	if g.c.odds(85) {
		g.ifErr(l.vars[1])
	}
}

// ifInit adds "if v, err := wait(); err != nil { return }", sometimes with an else.
func (g *gen) ifInit(l *lhs, done func(), c call) {
	b := g.top()
	inner := &block{}
	for i, v := range l.vars { // in the scope of the if, all are new
		l.new[i] = true
		l.vars[i] = &local{name: v.name, typ: v.typ}
		inner.locals = append(inner.locals, l.vars[i])
	}
	_ = done
	err := use(l.vars[len(l.vars)-1])
	g.scopes = append(g.scopes, inner)
	parts := []part{"if ", l, c.text + "; " + err + " != nil ", g.leave()}
	if g.c.odds(40) {
		parts = append(parts, " else ", g.block(func(*block) { g.noise(1 + g.c.n(2)) }))
	}
	g.scopes = g.scopes[:len(g.scopes)-1]
	b.add(parts...)
}

// waitErr adds a wait that returns only an error.
func (g *gen) waitErr(c call) {
	b := g.top()
	switch g.c.weigh(6, 4, 2, 2, 1, 1) {
	case 0:
		l, done := g.define(errT)
		g.ifInit(l, done, c)
	case 1:
		l, done := g.define(errT)
		done()
		b.add(l, c.text)
		g.ifErr(l.vars[0])
	case 2:
		b.add(c.text)
	case 3:
		if g.returns(c.results) {
			b.add("return " + c.text)
			return
		}
		b.add(c.text)
	case 4:
		b.add("_ = " + c.text)
	case 5:
		if f := g.field(errT); f != nil && g.mut {
			b.add(g.at(f) + " = " + c.text)
			return
		}
		b.add("defer " + c.text)
	}
}

// waitValue adds a wait that returns one value.
func (g *gen) waitValue(c call) {
	b := g.top()
	t := c.results[0]
	f := g.field(t)
	switch g.c.weigh(6, 2, 2, 2, 1) {
	case 1:
		if f != nil && g.mut {
			b.add(g.at(f) + " = " + c.text)
			return
		}
	case 2:
		if f != nil && g.mut && t == intT {
			b.add(g.at(f) + " += " + c.text)
			return
		}
	case 3:
		if t == boolT {
			b.add("if "+g.one("", "!")+c.text+" ", g.block(func(*block) { g.noise(1) }))
			return
		}
		if t == intT {
			b.add("if "+c.text+" > 1 ", g.leave())
			return
		}
	case 4:
		if g.returns(c.results) {
			b.add("return " + c.text)
			return
		}
	}
	l, done := g.define(t)
	done()
	b.add(l, c.text)
}

// commit adds a wait whose result is assigned directly to guarded state.
func (g *gen) commit(c call) bool {
	if !g.mut {
		return false
	}
	errs := g.visible(errT)
	if len(errs) == 0 || !errs[0].used && !errs[0].fixed {
		return false
	}
	target := ""
	if m := g.field(mapT); m != nil && c.results[0] == intT && g.c.odds(60) {
		target = g.at(m) + "[" + g.expr(strT, 1) + "]"
	} else if f := g.field(c.results[0]); f != nil {
		target = g.at(f)
	}
	if target == "" {
		return false
	}
	g.top().add(target + ", " + errs[0].name + " = " + c.text)
	g.ifErr(errs[0])
	return true
}

// returns reports whether the function has these result types and may return here
// without releasing the lock first.
func (g *gen) returns(types []typ) bool {
	if g.release != "" || len(types) != len(g.sig.results) {
		return false
	}
	for i, t := range types {
		if g.sig.results[i] != t {
			return false
		}
	}
	return true
}
