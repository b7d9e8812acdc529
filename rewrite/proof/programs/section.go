package programs

import (
	"slices"
	"strings"
)

// A lockForm says how the program's lock is declared and used.
type lockForm struct {
	decl           string // declares the field or package-level variable
	param          string // its value in the constructor, or ""
	global         bool
	lock, unlock   string
	rlock, runlock string // "" if there is no read lock
	name           string // of the field or variable
	locker         string // the lock as a sync.Locker
	helpers        string // methods that lock and unlock it, or ""
}

// chooseLock chooses the form of the lock.
func (g *gen) chooseLock() {
	t := "sync.Mutex"
	rw := g.c.odds(30)
	if rw {
		t = "sync.RWMutex"
	}
	at, locker := "s.mu", "&s.mu"
	switch g.c.weigh(10, 2, 2, 3, 2) {
	case 0:
		g.lock = lockForm{decl: "mu " + t, name: "mu"}
	case 1:
		g.lock = lockForm{decl: "mu *" + t, param: "new(" + t + ")", name: "mu"}
		locker = "s.mu"
	case 2:
		at, locker = "s", "s"
		g.lock = lockForm{decl: t, name: strings.TrimPrefix(t, "sync.")}
	case 3:
		at = g.newID("mu")
		g.lock = lockForm{decl: at + " " + t, name: at, global: true}
	case 4:
		g.lock = lockForm{decl: "mu " + t, name: "mu", lock: "s.lock()", unlock: "s.unlock()"}
		g.lock.helpers = g.funcHead("lock") + "() { s.mu.Lock() }\n\n" + g.funcHead("unlock") + "() { s.mu.Unlock() }\n"
		g.lock.locker = locker
		return
	}
	g.lock.locker = locker
	g.lock.lock, g.lock.unlock = at+".Lock()", at+".Unlock()"
	if rw {
		g.lock.rlock, g.lock.runlock = at+".RLock()", at+".RUnlock()"
	}
}

// section writes a critical section around body in one of several forms, and the
// rest of the function. It adds the last return, so body need not.
func (g *gen) section(body func()) { g.sectionIn(body, 45, 35, 7, 7) }

// sectionIn is section with weights for its forms: deferred release, explicit
// releases, function literal, inner block.
func (g *gen) sectionIn(body func(), weights ...int) {
	lock, unlock, read := g.lock.lock, g.lock.unlock, false
	if g.lock.rlock != "" && g.c.odds(35) {
		lock, unlock, read = g.lock.rlock, g.lock.runlock, true
	}
	enter := func() func() {
		u, m, r := g.under, g.mut, g.release
		g.under, g.mut = true, !read
		return func() { g.under, g.mut, g.release = u, m, r }
	}
	deferred := func() {
		b := g.top()
		b.add(lock)
		b.add("defer " + unlock)
		leave := enter()
		g.tally(read)
		body()
		g.end()
		leave()
	}
	explicit := func() {
		b := g.top()
		b.add(lock)
		leave := enter()
		g.release = unlock
		g.tally(read)
		body()
		if !ended(b) {
			b.add(unlock)
		}
		leave()
	}
	switch g.c.weigh(weights...) {
	case 0:
		deferred()
	case 1:
		explicit()
		if weights[0] > 0 {
			g.after()
		}
	case 2:
		g.inClosure(deferred, explicit)
	case 3:
		g.inBlock(explicit)
		g.after()
	}
}

// inClosure writes the section in a function literal that is called immediately.
func (g *gen) inClosure(deferred, explicit func()) {
	b := g.top()
	sig := signature{}
	if g.c.odds(50) {
		sig.results = slices.Clone(g.sig.results)
	}
	form := pick(g.c, []func(){deferred, explicit})
	body := g.inLiteral(sig, func(b *block) {
		form()
		if !ended(b) {
			g.end()
		}
	})
	l, done := g.define(sig.results...)
	var results []string
	for _, t := range sig.results {
		results = append(results, g.typeText(t))
	}
	if len(results) == 0 {
		b.add("func() ", body, "()")
	} else {
		b.add(l, "func() ("+Join(results)+") ", body, "()")
	}
	done()
	g.after()
}

// inBlock writes the section in a loop or branch.
func (g *gen) inBlock(explicit func()) {
	if g.c.odds(50) {
		g.top().add("if "+g.cond(0)+" ", g.block(func(*block) { explicit() }))
		return
	}
	g.many[g.current] = true
	body := &block{loop: true}
	head := g.loopHead(body)
	g.scopes = append(g.scopes, body)
	explicit()
	g.scopes = g.scopes[:len(g.scopes)-1]
	if body.label != "" {
		g.top().add(body.label + ":")
	}
	g.top().add(append(head, body)...)
}

// after writes what follows an explicit release: code without the lock and the last
// return.
func (g *gen) after() {
	if ended(g.top()) {
		return
	}
	g.noise(g.c.n(3))
	g.end()
}

// end adds the last return of a function, if it needs one.
func (g *gen) end() {
	if !ended(g.top()) && (len(g.sig.results) > 0 || g.release != "") {
		g.ret()
	}
}

// ended reports whether a block ends with a return, panic, break or continue.
func ended(b *block) bool {
	if len(b.stmts) == 0 {
		return false
	}
	s, ok := b.stmts[len(b.stmts)-1][0].(string)
	return ok && (strings.HasPrefix(s, "return") || strings.HasPrefix(s, "panic(") || s == "continue" || s == "break")
}

// tally sometimes increments a counter at the start of a section that every call
// reaches.
func (g *gen) tally(read bool) {
	first := g.top().stmts[0][0] == part(g.lock.lock) && len(g.top().stmts) <= 2
	if read || g.lits > 0 || len(g.scopes) > 1 || !first || !g.c.odds(40) {
		return
	}
	for _, f := range g.fields {
		if f.tally {
			g.top().add(g.at(f) + "++")
			g.tallies[f] = append(g.tallies[f], g.current)
			return
		}
	}
}
