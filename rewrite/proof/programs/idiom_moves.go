package programs

// entries have a map of lists or maps. The section ranges over one of them and
// deletes it.
var entries = []*Template{
	{Name: "entry-list", vars: entryVar, sections: []string{
		"for _, w := range $lists[\"a\"] {\n$db.Put(\"k\", w)\n}\ndelete($lists, \"a\")",
		"for _, w := range $lists[\"a\"] {\nif failed := $db.Put(\"k\", w); failed != nil {\n$leave\n}\n}\ndelete($lists, \"a\")",
		"ws, ok := $lists[\"a\"]\nif !ok {\n$leave\n}\nfor _, w := range ws {\n$db.Put(\"k\", w)\n}\ndelete($lists, \"a\")",
		"ws := $lists[\"a\"]\nfor i := range ws {\n$db.Put(\"k\", ws[i])\nws[i] = 0\n}\ndelete($lists, \"a\")",
		"ws := $lists[\"a\"]\n$db.Put(\"k\", len(ws))\ndelete($lists, \"b\")"},
		writes: listWrites},
	{Name: "entry-kept", vars: append([]field{{name: "kept", typ: "[]int", init: "nil"}}, entryVar...), sections: []string{
		"for _, w := range $lists[\"a\"] {\n$db.Put(\"k\", w)\n}\ndelete($lists, \"a\")",
		"ws := $lists[\"a\"]\nfor _, w := range ws {\n$db.Put(\"k\", w)\n}\ndelete($lists, \"a\")"},
		writes: append([]string{"$kept = $lists[\"a\"]", "if len($kept) > 0 {\n$kept[0] = #\n}"}, listWrites...)},
	{Name: "entry-twice", vars: entryVar, sections: []string{
		"for _, w := range $lists[\"a\"] {\n$db.Put(\"k\", w)\n}\ndelete($lists, \"a\")"},
		writes: append([]string{"$lists[\"a\"] = $lists[\"b\"]", "if len($lists[\"b\"]) > 0 {\n$lists[\"b\"][0] = #\n}"}, listWrites...)},
	{Name: "entry-map", vars: []field{{name: "trees", typ: "map[string]map[string]int", init: "map[string]map[string]int{\"a\": {\"x\": 1}}"}}, sections: []string{
		"all, ok := $trees[\"a\"]\nif !ok {\n$leave\n}\nfor range all {\n$db.Put(\"k\", len(all))\n}\ndelete($trees, \"a\")",
		"all := $trees[\"a\"]\nfor k := range all {\n$db.Put(\"k\", len(all))\ndelete(all, k)\n}\ndelete($trees, \"a\")"},
		writes: []string{"if $trees[\"a\"] == nil {\n$trees[\"a\"] = make(map[string]int)\n}\n$trees[\"a\"][\"y\"] = #", "delete($trees[\"a\"], \"x\")"}},
}

var entryVar = []field{{name: "lists", typ: "map[string][]int", init: "map[string][]int{\"a\": {1, 2}}"}}

var listWrites = []string{"$lists[\"a\"] = append($lists[\"a\"], #)", "$lists[\"b\"] = append($lists[\"b\"], #)", "if len($lists[\"a\"]) > 0 {\n$lists[\"a\"][0] = #\n}", "delete($lists, \"a\")"}

// turns have a writer that only one call may use at a time, and in the order of the
// section's changes. Other sections don't write.
var turns = []*Template{
	{Name: "turn-stream", ordered: `stream(`, vars: []field{{name: "feed", typ: "*world.Stream", init: "nil"}, {name: "version", typ: intT, init: "0"}}, setup: "$feed = $client.Stream()", sections: []string{
		"$version++\n$feed.Write(strconv.Itoa($version))",
		"$version++\nw := $version\nif failed := $feed.Write(strconv.Itoa(w)); failed != nil {\n$leave\n}"},
		methods: []string{"Version() int {\n$lock\ndefer $unlock\nreturn $version\n}"}},
	{Name: "turn-append", vars: []field{{name: "lines", typ: intT, init: "0"}, {name: "failures", typ: intT, init: "0"}}, sections: []string{
		"$lines++\nif failed := $disk.Append(strconv.Itoa($lines)); failed != nil {\n$failures++\n$leave\n}",
		"if failed := $disk.Append(\"x\"); failed != nil {\n$leave\n}\n$lines++"},
		methods: []string{"Lines() int {\n$lock\ndefer $unlock\nreturn $lines\n}"}, writes: []string{"$lines = #"}},
}

// tested have a counter that decides whether the section waits at its end.
var tested = []*Template{
	{Name: "tested-last", vars: numVar, sections: []string{
		"$num--\nif $num <= 0 {\n$db.Put(\"t\", 1)\n}", "$num++\nif $num > # {\n$db.Put(\"t\", $num)\n}"},
		writes: []string{"$num++", "$num = #"}},
}
