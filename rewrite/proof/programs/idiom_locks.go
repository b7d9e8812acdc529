package programs

var (
	secondVars = []field{{name: "num", typ: intT, init: "0"}, {name: "seenMu", typ: "sync.Mutex", init: "sync.Mutex{}"}, {name: "seen", typ: mapT, init: "map[string]int{}"}}
	condVars   = []field{{name: "open", typ: boolT, init: "false"}, {name: "left", typ: intT, init: "1"}, {name: "cond", typ: "*sync.Cond", init: "nil"}}
)

// locks have a second lock or a condition variable, so that calls may wait for each
// other while the lock is released.
var locks = []*Template{
	{Name: "lock-second", parks: true, vars: secondVars, sections: []string{
		"$num++\n$seenMu.Lock()\ndefer $seenMu.Unlock()\n$seen[\"a\"]++\n$db.Put(\"k\", $seen[\"a\"])\n$num--",
		"$seenMu.Lock()\nif $seen[\"a\"] > 2 {\n$db.Put(\"k\", $num)\n}\n$seen[\"a\"]++\n$seenMu.Unlock()\n$num++",
		"$num++\n$seenMu.Lock()\n$seen[\"a\"] = $num\n_, failed := $db.Get(\"k\")\n$seenMu.Unlock()\nif failed != nil {\n$leave\n}\n$num--"},
		methods: []string{"Count() int {\n$lock\ndefer $unlock\n$seenMu.Lock()\ndefer $seenMu.Unlock()\nreturn $num + len($seen)\n}"}},
	{Name: "lock-helper", parks: true, vars: secondVars, sections: []string{
		"$.save(\"a\")", "$num++\n$.save(\"b\")", "$seenMu.Lock()\n$.load(\"a\")\n$seenMu.Unlock()", "$seenMu.Lock()\ndefer $seenMu.Unlock()\n$.load(\"b\")"},
		decls: "func $.save(k string) {\n$seenMu.Lock()\ndefer $seenMu.Unlock()\n$num++\n$db.Put(k, 1)\n$num--\n}\n\n" +
			"func $.load(k string) {\n$num++\n$db.Get(k)\n$num--\n}\n",
		methods: []string{"Count() int {\n$lock\ndefer $unlock\n$seenMu.Lock()\ndefer $seenMu.Unlock()\nreturn $num + len($seen)\n}"}},
	{Name: "cond-early", parks: true, vars: condVars, setup: "$cond = sync.NewCond($locker)", sections: []string{
		"$cond.Broadcast()\n$db.Count()\n$open = true",
		"if $open {\n$leave\n}\n$cond.Broadcast()\nw, failed := $db.Get(\"k\")\nif failed != nil {\n$leave\n}\n$left += w\n$open = true",
		"$cond.Signal()\n$disk.Append(\"a\")\n$left++"},
		methods: []string{
			"Await() {\n$lock\ndefer $unlock\nfor !$open {\n$cond.Wait()\n}\n}",
			"Take() int {\n$lock\ndefer $unlock\nfor $left == 0 {\n$cond.Wait()\n}\n$left--\nreturn $left\n}"}},
	{Name: "cond-loop", parks: true, vars: condVars, setup: "$cond = sync.NewCond($locker)", sections: []string{
		"for !$open {\n$cond.Wait()\n}\n$open = false\n$db.Put(\"k\", $left)",
		"for $left == 0 {\n$cond.Wait()\n}\n$left--\nif failed := $db.Put(\"k\", 1); failed != nil {\n$left++\n$cond.Signal()\n$leave\n}",
		"$db.Get(\"k\")\nfor !$open {\n$cond.Wait()\n}"},
		methods: []string{
			"Open() {\n$lock\n$open = true\n$left++\n$unlock\n$cond.Broadcast()\n}",
			"Shut() {\n$lock\ndefer $unlock\n$open = false\n}"}},
}
