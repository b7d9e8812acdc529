package programs

// addresses pass the address of a variable to a call that waits, and change the
// variable afterwards. If a rewrite delays the call, it must not see the change.
var addresses = []*Template{
	{Name: "address-range", vars: numVar, decls: pings, sections: []string{
		"for _, u := range []string{\"a\", \"b\"} {\n$num++\npingω($db, &u)\n}",
		"for _, e := range []nodeω{{\"a\", 1}, {\"b\", 2}} {\n$num += e.hits\nvisitω($db, &e)\n}",
		"for _, e := range []nodeω{{\"a\", 1}, {\"b\", 2}} {\n$num += e.hits\ne.visit($db)\n}"}},
	{Name: "address-for", vars: numVar, decls: pings, sections: []string{
		"for i := 0; i < 3; i++ {\n$num++\npingNumberω($db, &i)\n}",
		"for i, u := 0, \"a\"; i < 2; i, u = i+1, u+\"b\" {\n$num++\npingω($db, &u)\n}"}},
	{Name: "address-old", old: true, vars: numVar, decls: pings, sections: []string{
		"for _, u := range []string{\"a\", \"b\"} {\n$num++\npingω($db, &u)\n}",
		"for i := 0; i < 3; i++ {\n$num++\npingNumberω($db, &i)\n}",
		"for _, e := range []nodeω{{\"a\", 1}, {\"b\", 2}} {\n$num += e.hits\ne.visit($db)\n}"}},
	{Name: "address-outer", vars: numVar, decls: pings, sections: []string{
		"var e nodeω\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\ne = nodeω{name: u}\nvisitω($db, &e)\n}",
		"var e nodeω\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\ne.name = u\nvisitω($db, &e)\n}",
		"w := 0\nfor range []string{\"a\", \"b\"} {\n$num++\nw++\npingNumberω($db, &w)\n}",
		"e := &nodeω{}\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\ne.name = u\nvisitω($db, e)\n}",
		"var e nodeω\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\nfor _, e = range []nodeω{{name: u}} {\n$num++\n}\nvisitω($db, &e)\n}"}},
	{Name: "address-array", vars: numVar, decls: pings, sections: []string{
		"var a [1]string\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\na = [1]string{u}\npingAllω($db, a[:])\n}",
		"var a [1]string\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\na[0] = u\npingω($db, &a[0])\n}",
		"a := []nodeω{{}}\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\na[0] = nodeω{name: u}\nvisitω($db, &a[0])\n}",
		"a := make([]string, 1)\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\na[0] = u\npingAllω($db, a)\n}",
		"var a []string\nfor _, u := range []string{\"a\", \"b\"} {\n$num++\na = append(a[:0], u)\npingAllω($db, a)\n}"}},
	{Name: "address-straight", vars: numVar, decls: pings, sections: []string{
		"e := nodeω{name: \"a\"}\nif $num > 0 {\nvisitω($db, &e)\n}\ne = nodeω{name: \"b\"}\n$num += len(e.name)",
		"e := nodeω{name: \"a\"}\nvisitω($db, &e)\ne.name = \"b\"\n$num += len(e.name)",
		"u := \"a\"\npingω($db, &u)\nu = \"b\"\n$num += len(u)"}},
}

const pings = nodeDecl + `
func (p *nodeω) visit(db *world.Store) { db.Put(p.name, p.hits) }

func visitω(db *world.Store, p *nodeω) { db.Put(p.name, p.hits) }

func pingω(db *world.Store, u *string) { db.Get(*u) }

func pingAllω(db *world.Store, u []string) { db.Get(u[0]) }

func pingNumberω(db *world.Store, i *int) { db.Put("k", *i) }
`

// handles have fields that the section sets and that the waiting call reads.
var handles = []*Template{
	{Name: "handle-local", vars: []field{{name: "handle", typ: "*handleω", init: "nil"}}, setup: "$handle = &handleω{db: $db}",
		decls:    "type handleω struct {\ndb *world.Store\nHost string\n}\n\nfunc (h *handleω) Do(u string) (int, error) { return h.db.Get(h.Host + u) }\n",
		sections: []string{"$handle.Host = strconv.Itoa(#)\nif _, failed := $handle.Do(\"k\"); failed != nil {\n$leave\n}"},
		calls:    []call{{`$handle.Do("k")`, []typ{intT, errT}}}, writes: []string{"$handle.Host = strconv.Itoa(#)", "h := $handle\nh.Host = \"x\""}},
	{Name: "handle-client", vars: numVar, sections: []string{
		"$client.Host = strconv.Itoa(#)\nif _, failed := $client.Do(\"k\"); failed != nil {\n$leave\n}",
		"$num++\n$client.Host = strconv.Itoa($num)\n$client.Do(\"k\")",
		"$client.Transport.Proxy = strconv.Itoa(#)\n$client.Do(\"k\")",
		"tr := $client.Transport\ntr.Proxy = strconv.Itoa(#)\n$client.Do(\"k\")"}},
	{Name: "handle-guarded", vars: []field{{name: "peer", typ: "*world.Client", init: "nil"}}, setup: "$peer = $client",
		sections: []string{"$peer.Host = strconv.Itoa(#)\n$peer.Do(\"k\")"}, calls: []call{{`$peer.Do("k")`, []typ{intT, errT}}},
		writes: []string{"$peer.Host = strconv.Itoa(#)", "p := $peer.Transport\np.Proxy = strconv.Itoa(#)"}},
	{Name: "handle-request", vars: []field{{name: "req", typ: "*world.Request", init: "&world.Request{}"}},
		sections: []string{"$req.Path = strconv.Itoa(#)\n$client.Send($req)"}, calls: []call{{"$client.Send($req)", []typ{errT}}}, writes: []string{"q := $req\nq.Path = strconv.Itoa(#)", "$req.Set(strconv.Itoa(#))"}},
}

// orders have steps that belong together despite a waiting call between them, or
// that other sections rely on.
var orders = []*Template{
	{Name: "order-close", vars: []field{{name: "started", typ: boolT, init: "true"}, {name: "quit", typ: chanT, init: "make(chan int)"}},
		sections: []string{"if !$started {\n$leave\n}\nclose($quit)\n$db.Count()\n$started = false", "if $started {\nclose($quit)\n$db.Count()\n$started = false\n}"},
		methods:  []string{"Start() {\n$lock\ndefer $unlock\nif $started {\nreturn\n}\n$quit = make(chan int)\n$started = true\n}"}},
	{Name: "order-quit", vars: []field{{name: "quit", typ: chanT, init: "make(chan int)"}},
		sections: []string{"if $quit == nil {\n$leave\n}\nclose($quit)\n$db.Count()\n$quit = nil"},
		methods:  []string{"Start() {\n$lock\ndefer $unlock\nif $quit == nil {\n$quit = make(chan int)\n}\n}"}},
	{Name: "order-group", vars: []field{{name: "group", typ: "sync.WaitGroup", init: "sync.WaitGroup{}"}, {name: "stopped", typ: boolT, init: "false"}},
		sections: []string{"$stopped = (#)%2 == 0\n$group.Wait()", "$group.Wait()"},
		methods:  []string{"Spawn() {\n$lock\ndefer $unlock\nif $stopped {\nreturn\n}\n$group.Add(1)\ngo $group.Done()\n}"}},
	{Name: "order-try", vars: numVar, tries: true, sections: []string{"$num++\n$db.Put(\"k\", $num)", "$num++\nif failed := $db.Put(\"k\", 1); failed != nil {\n$leave\n}"},
		reads:   []string{"strconv.Itoa($num)"},
		methods: []string{"TryRun() bool {\nif !$try {\nreturn false\n}\ndefer $unlock\n$num++\n$db.Put(\"t\", $num)\nreturn true\n}"}},
	{Name: "order-balance", balanced: "inUse", vars: []field{{name: "inUse", typ: intT, init: "0"}, {name: "stopped", typ: boolT, init: "false"}},
		sections: []string{"if $stopped {\n$leave\n}\n$inUse++\n_, failed := $db.Get(\"k\")\n$inUse--\nif failed != nil {\n$leave\n}"},
		writes:   []string{"$stopped = true"}},
	{Name: "order-rollback", vars: []field{{name: "slots", typ: mapT, init: "map[string]int{}"}},
		sections: []string{"if $slots[\"a\"] > 1 {\n$leave\n}\n$slots[\"a\"]++\nif _, failed := $db.Get(\"a\"); failed != nil {\n$slots[\"a\"]--\n$leave\n}"},
		writes:   []string{"clear($slots)", "$slots[\"a\"]++"}},
	{Name: "order-replaced", vars: byVar, decls: nodeDecl, sections: []string{
		"p, ok := $by[\"a\"]\nif !ok {\n$leave\n}\nw, failed := $db.Get(p.name)\nif failed != nil {\n$leave\n}\np.hits = w",
		"p := $by[\"a\"]\nif p == nil {\n$leave\n}\np.hits += $db.Count() + len(p.name)"},
		writes: []string{"$by[\"a\"] = &nodeω{name: strconv.Itoa(#)}", "delete($by, \"a\")"}},
	{Name: "order-current", vars: nodeVar, decls: nodeDecl, sections: []string{
		"p := $node\nif p == nil {\n$leave\n}\nw, failed := $db.Get(p.name)\nif failed != nil {\n$leave\n}\np.hits = w"},
		writes: []string{"$node = &nodeω{name: strconv.Itoa(#)}", "$node = nil"}},
	{Name: "order-product", vars: []field{{name: "pages", typ: "map[string]*world.Page", init: "map[string]*world.Page{}"}}, sections: []string{
		"if _, ok := $pages[\"a\"]; ok {\n$leave\n}\np, failed := $client.Fetch(\"a\")\nif failed != nil {\n$leave\n}\n$pages[\"a\"] = p"},
		writes: []string{"if p, ok := $pages[\"a\"]; ok {\np.Body.Close()\ndelete($pages, \"a\")\n}"}},
	{Name: "order-link", vars: []field{{name: "link", typ: "*world.Link", init: "nil"}}, setup: "$link = $client.Link()", sections: []string{
		"if $link == nil {\n$leave\n}\n$link.Send(\"a\")", "if $link != nil {\n$link.Send(strconv.Itoa(#))\n}",
		"w := $link\nif w == nil {\n$leave\n}\nif failed := w.Send(\"a\"); failed != nil {\n$leave\n}"},
		methods: []string{"Stop() {\n$lock\ndefer $unlock\nif $link != nil {\n$link.Close()\n$link = nil\n}\n}"}},
	{Name: "order-stream", vars: []field{{name: "feed", typ: "*world.Stream", init: "nil"}, {name: "written", typ: intT, init: "0"}}, setup: "$feed = $client.Stream()", sections: []string{
		"$written++\n$feed.Write(\"a\")", "$written++\nif failed := $feed.Write(strconv.Itoa($written)); failed != nil {\n$leave\n}", "$feed.Write(\"b\")\n$written++"}},
	{Name: "order-half", vars: []field{{name: "begun", typ: intT, init: "0"}, {name: "ended", typ: intT, init: "0"}}, sections: []string{
		"$begun++\n$db.Get(\"k\")\n$ended++", "$begun++\n_, failed := $db.Get(\"k\")\n$ended++\nif failed != nil {\n$leave\n}"},
		methods: []string{"Check() {\n$lock\ndefer $unlock\nif $begun != $ended {\npanic(\"half done\")\n}\n}"}},
	{Name: "order-version", ordered: `put("v"`, vars: []field{{name: "version", typ: intT, init: "0"}}, sections: []string{
		"$version++\nw := $version\n$db.Put(\"v\", w)", "$version++\n$db.Put(\"v\", $version)", "$version++\nif failed := $disk.Append(strconv.Itoa($version)); failed != nil {\n$leave\n}"}},
}
