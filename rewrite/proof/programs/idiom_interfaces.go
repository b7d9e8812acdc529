package programs

const (
	senderDecl = `type senderω interface{ Send(u string) error }

type plainω struct {
	db *world.Store
	n  int
}

func (p *plainω) Send(u string) error {
	p.n++
	return p.db.Put(u, p.n)
}
`
	quietDecl = `
type quietω struct{ db *world.Store }

func (q quietω) Send(u string) error { return q.db.Put(u, 0) }
`
	counterDecl = `type counterω interface {
	Bump(k int)
	Value() int
}

type tallyω struct{ n int }

func (c *tallyω) Bump(k int) { c.n += k }
func (c *tallyω) Value() int { return c.n }
`
	stepDecl = `
type stepω struct{ last int }

func (c *stepω) Bump(k int) { c.last = k }
func (c *stepω) Value() int { return c.last }
`
)

var (
	viaVar     = []field{{name: "via", typ: "senderω", init: "nil"}}
	counterVar = []field{{name: "counter", typ: "counterω", init: "nil"}}

	viaCalls     = []call{{`$via.Send("k")`, []typ{errT}}, {"$via.Send(strconv.Itoa(#))", []typ{errT}}}
	counterReads = []string{"strconv.Itoa($counter.Value())"}
	counterBumps = []string{"$counter.Bump(#)", "c := $counter\nc.Bump(#)"}
)

// interfaces have methods that change the fields of the value they hold.
var interfaces = []*Template{
	{Name: "interface-one", vars: []field{{name: "via", typ: "senderω", init: "&plainω{db: $db}"}}, decls: senderDecl, calls: viaCalls},
	{Name: "interface-bare", vars: []field{{name: "via", typ: "senderω", init: "&bareω{}"}}, calls: viaCalls,
		decls: "type senderω interface{ Send(u string) error }\n\ntype bareω struct{ n int }\n\nfunc (p *bareω) Send(u string) error {\np.n += len(u)\ntime.Sleep(0)\nreturn nil\n}\n"},
	{Name: "interface-set", vars: viaVar, decls: senderDecl, setup: "$via = &plainω{db: $db}", calls: viaCalls},
	{Name: "interface-two", vars: viaVar, decls: senderDecl + quietDecl, setup: "if $stats != nil {\n$via = &plainω{db: $db}\n} else {\n$via = quietω{$db}\n}", calls: viaCalls},
	{Name: "interface-swapped", vars: viaVar, decls: senderDecl + quietDecl, setup: "$via = &plainω{db: $db}", calls: viaCalls,
		writes: []string{"if # > 2 {\n$via = &plainω{db: $db}\n} else {\n$via = quietω{$db}\n}"}},
	{Name: "interface-counter", vars: []field{{name: "counter", typ: "counterω", init: "&tallyω{}"}}, decls: counterDecl, reads: counterReads, writes: counterBumps},
	{Name: "interface-counters", vars: counterVar, decls: counterDecl + stepDecl, setup: "if $stats == nil {\n$counter = &stepω{}\n} else {\n$counter = &tallyω{}\n}",
		reads: counterReads, writes: counterBumps},
	{Name: "interface-parameter", vars: []field{{name: "plain", typ: "*plainω", init: "&plainω{db: $db}"}},
		decls: senderDecl + "\nfunc sendω[S senderω](p S, u string) error { return p.Send(u) }\n", calls: []call{{`sendω($plain, "k")`, []typ{errT}}}},
	{Name: "interface-constraint", vars: []field{{name: "tally", typ: "*tallyω", init: "&tallyω{}"}},
		decls: counterDecl + "\nfunc bumpω[C counterω](c C, k int) { c.Bump(k) }\n", reads: []string{"strconv.Itoa($tally.Value())", "strconv.Itoa($tally.n)"}, writes: []string{"bumpω($tally, #)"}},
	{Name: "interface-argument", vars: []field{{name: "tally", typ: "*tallyω", init: "&tallyω{}"}},
		decls: counterDecl + "\nfunc bumpω(c counterω, k int) { c.Bump(k) }\n", reads: []string{"strconv.Itoa($tally.n)"}, writes: []string{"bumpω($tally, #)", "var c counterω = $tally\nc.Bump(#)"}},
	{Name: "interface-embedded", vars: []field{{name: "outer", typ: "outerω", init: "outerω{}"}}, reads: []string{"strconv.Itoa($outer.n)"}, writes: []string{"$outer.Bump(#)", "$outer.tallyω.Bump(#)"},
		decls: counterDecl + "\ntype outerω struct{ tallyω }\n"},
}

// functions are function values that change guarded state when called.
var functions = []*Template{
	{Name: "function-field", vars: []field{{name: "send", typ: "func(string) error", init: "nil"}, {name: "sent", typ: intT, init: "0"}},
		setup: "$send = func(u string) error {\n$sent++\nreturn $db.Put(u, $sent)\n}", calls: []call{{`$send("k")`, []typ{errT}}}, writes: []string{"$sent++", "$sent = #"}},
	{Name: "function-bump", vars: []field{{name: "bump", typ: "func(int)", init: "nil"}, {name: "sent", typ: intT, init: "0"}},
		setup: "$bump = func(k int) { $sent += k }", reads: []string{"strconv.Itoa($sent)"}, writes: []string{"$bump(#)", "bump := $bump\nbump(#)"}},
	{Name: "function-table", vars: []field{{name: "ops", typ: "map[string]func(int)", init: "nil"}, {name: "sent", typ: intT, init: "0"}},
		setup: `$ops = map[string]func(int){"a": func(k int) { $sent = k }}`, reads: []string{"strconv.Itoa($sent)"}, writes: []string{`$ops["a"](#)`, "for _, op := range $ops {\nop(#)\n}"}},
	{Name: "function-method", vars: []field{{name: "sent", typ: intT, init: "0"}}, reads: []string{"strconv.Itoa($sent)"}, writes: []string{"raise := $.raise\nraise(#)", "applyω($.raise, #)"},
		decls: "func $.raise(k int) { $sent = k }\n\nfunc applyω(f func(int), k int) { f(k) }\n"},
	{Name: "function-local", vars: []field{{name: "sent", typ: intT, init: "0"}}, reads: []string{"strconv.Itoa($sent)"}, writes: []string{"raise := func() { $sent = # }\nraise()", "applyω(func(k int) { $sent = k }, #)", "func() { $sent = # }()"},
		sections: []string{"work := func() error {\n$sent++\nreturn $db.Put(\"k\", $sent)\n}\nif failed := work(); failed != nil {\n$leave\n}"},
		decls:    "func applyω(f func(int), k int) { f(k) }\n"},
	{Name: "function-deferred", vars: []field{{name: "sent", typ: intT, init: "0"}}, reads: []string{"strconv.Itoa($sent)"}, writes: []string{"func() {\ndefer func() { $sent = # }()\n}()"}},
}
