package programs

const (
	bytesT   typ = "[]byte"
	numbersT typ = "[]int"
)

var (
	bufVar   = []field{{name: "buf", typ: bytesT, init: `[]byte("abcd")`}}
	numsVar  = []field{{name: "nums", typ: numbersT, init: "[]int{3, 1, 2}"}}
	wordsVar = []field{{name: "words", typ: strsT, init: `[]string{"b", "a", "c"}`}}
	tabVar   = []field{{name: "tab", typ: mapT, init: `map[string]int{"k": 1}`}}
	gridVar  = []field{{name: "grid", typ: "[][]int", init: "[][]int{{1}, {2, 3}}"}}
	listsVar = []field{{name: "lists", typ: "map[string][]int", init: `map[string][]int{"a": {1, 2}}`}}
	numVar   = []field{{name: "num", typ: intT, init: "1"}}

	bufReads   = []string{"string($buf)", "string($buf[:2])"}
	wordReads  = []string{"$words[0]", `strings.Join($words, ",")`}
	tabReads   = []string{`strconv.Itoa($tab["k"])`, "strconv.Itoa(len($tab))"}
	numsReads  = []string{"strconv.Itoa($nums[0])", "fmt.Sprint($nums)"}
	numsWaits  = []string{"$disk.Flush($nums)", "for _, e := range $nums {\n$db.Put(\"k\", e)\n}"}
	wordsWaits = []string{"for _, e := range $words {\n$db.Get(e)\n}"}
	tabWaits   = []string{"for e, w := range $tab {\n$db.Put(e, w)\n}"}
	gridWaits  = []string{"$disk.Flush($grid[0])", "for _, row := range $grid {\n$disk.Flush(row)\n}"}
	listsWaits = []string{`$disk.Flush($lists["a"])`, "for _, row := range $lists {\n$disk.Flush(row)\n}"}
	keyedWaits = []string{
		`for _, e := range $lists["a"] {` + "\n$db.Put(\"k\", e)\n}",
		"{\n" + `row := $lists["a"]` + "\nfor _, e := range row {\n$db.Put(\"k\", e)\n}\n}",
		`if row, ok := $lists["a"]; ok {` + "\nfor i, e := range row {\n$db.Put(strconv.Itoa(i), e)\n}\n}",
		"{\n" + `row, ok := $lists["a"]` + "\nif !ok {\n$stats.Add(\"none\", 1)\n}\nfor _, e := range row {\n$db.Put(\"k\", e)\n}\n}",
	}
)

// aliases change the contents of a guarded slice, array or map through an alias.
var aliases = []*Template{
	{Name: "alias-local", vars: bufVar, reads: bufReads, writes: []string{"b := $buf\nb[0] = byte(#)", "var b []byte\nb = $buf\nb[1]++"}},
	{Name: "alias-sub", vars: bufVar, reads: bufReads, writes: []string{"b := $buf[1:]\nb[0] = byte(#)", "b := $buf[:2:3]\nb[1] = byte(#)"}},
	{Name: "alias-append", vars: bufVar, reads: bufReads, writes: []string{"b := append($buf[:0], byte(#))\n$stats.Add(string(b), 1)"}},
	{Name: "alias-swap", vars: bufVar, reads: bufReads, writes: []string{"b := $buf\nb[0], b[1] = b[1], b[0]"}},
	{Name: "alias-element", vars: bufVar, reads: bufReads, writes: []string{"e := &$buf[0]\n*e = byte(#)"}},
	{Name: "alias-method", vars: bufVar, reads: bufReads, writes: []string{"$.window()[0] = byte(#)"},
		decls: "func $.window() []byte { return $buf }"},
	{Name: "alias-identity", vars: bufVar, reads: bufReads, writes: []string{"sameω($buf)[0] = byte(#)", "b := sameω($buf)\nb[0] = byte(#)"},
		decls: "func sameω(b []byte) []byte { return b }"},
	{Name: "alias-struct", vars: bufVar, reads: bufReads, writes: []string{"p := viewω{$buf}\np.b[0] = byte(#)", "p := &viewω{b: $buf}\np.b[0] = byte(#)"},
		decls: "type viewω struct{ b []byte }"},
	{Name: "alias-literal", vars: bufVar, reads: bufReads, writes: []string{"put := func(b []byte) { b[0] = byte(#) }\nput($buf)", "put := func() { $buf[0] = byte(#) }\nput()"}},
	{Name: "alias-helper", vars: bufVar, reads: bufReads, writes: []string{"fillω($buf, #)"},
		decls: "func fillω(b []byte, k int) { b[0] = byte(k) }"},
	{Name: "alias-generic", vars: numsVar, reads: numsReads, waits: numsWaits, writes: []string{"setω($nums, #)"},
		decls: "func setω[E any](b []E, e E) {\nif len(b) > 0 {\nb[0] = e\n}\n}"},
	{Name: "alias-array", vars: []field{{name: "arr", typ: "[4]byte", init: "[4]byte{1, 2}"}}, reads: []string{"string($arr[:])"},
		writes: []string{"b := $arr[:]\nb[0] = byte(#)", "p := &$arr\np[0] = byte(#)", "fillω($arr[:], #)"},
		decls:  "func fillω(b []byte, k int) { b[0] = byte(k) }"},
	{Name: "alias-map", vars: tabVar, reads: tabReads, waits: tabWaits, writes: []string{`q := $tab` + "\n" + `q["k"] = #`, `putω($tab, #)`},
		decls: `func putω(q map[string]int, k int) { q["k"] = k }`},
	{Name: "alias-rows", vars: gridVar, waits: gridWaits, writes: []string{"for _, row := range $grid {\nrow[0] = #\n}", "row := $grid[0]\nrow[0] = #"}},
	{Name: "alias-lists", vars: listsVar, waits: listsWaits, writes: []string{"for _, row := range $lists {\nrow[0] = #\n}", `row := $lists["a"]` + "\nrow[0] = #"}},
	{Name: "list-by-key", vars: listsVar, waits: keyedWaits, writes: []string{
		`if len($lists["a"]) > 0 {` + "\n" + `$lists["a"][0] = #` + "\n}",
		`$lists["a"] = append($lists["a"], #)`,
		`$lists["a"] = append($lists["a"][:0], #)`,
		`$lists["a"] = []int{#}`,
		`delete($lists, "a")`,
		`for i := range $lists["a"] {` + "\n" + `$lists["a"][i]++` + "\n}",
	}},
	{Name: "looked-up", vars: []field{{name: "book", typ: "*bookω", init: `&bookω{map[string]*entryω{"a": {name: "n"}, "b": {name: "m"}}}`}},
		decls: "type entryω struct {\nname string\nhits int\n}\n\n" +
			"type bookω struct {\nentries map[string]*entryω\n}\n\n" +
			"func (b *bookω) entry(k string) *entryω {\np, ok := b.entries[k]\nif !ok {\nreturn nil\n}\nreturn p\n}\n\n" +
			"func postω(db *world.Store, p *entryω) {\nv, _ := db.Get(p.name)\np.hits += v\n}\n\n" +
			"func (p *entryω) pingω(db *world.Store) {\ndb.Put(p.name, p.hits)\np.hits++\n}\n\n" +
			"func addω(db *world.Store, p *entryω) {\nhits := p.hits\nif v, err := db.Get(p.name); err == nil {\nhits += v + 1\n}\np.hits = hits\n}\n",
		sections: []string{
			"p := $book.entry(\"a\")\nif p == nil {\n$leave\n}\npostω($db, p)",
			"p := $book.entry(\"a\")\nif p != nil {\np.pingω($db)\n}",
			"p := $book.entry(\"a\")\nif p == nil {\n$leave\n}\naddω($db, p)",
			"if p := $book.entry(\"b\"); p != nil {\naddω($db, p)\n}"},
		writes: []string{`$book.entries["a"] = &entryω{name: "k", hits: #}`, `if p := $book.entry("a"); p != nil {` + "\np.hits = #\n}", "for _, p := range $book.entries {\np.hits += #\n}", `delete($book.entries, "a")`}},
	{Name: "held-entry", vars: []field{{name: "objs", typ: "map[string]*entryω", init: `map[string]*entryω{"a": {name: "n"}, "b": {name: "m"}}`}},
		decls: "type entryω struct {\nname, state string\nhits int\n}",
		waits: []string{
			`if p, ok := $objs["a"]; ok {` + "\np.state = \"on\"\nv, _ := $db.Get(p.name)\np.hits = v\n}",
			"{\n" + `p := $objs["a"]` + "\nif p != nil {\nv, err := $db.Get(p.name)\nif err != nil {\np.state = \"failed\"\n} else {\np.hits = v\n}\n}\n}",
			"for _, p := range $objs {\nv, _ := $db.Get(p.name)\np.hits = v\n}",
			"for _, p := range $objs {\n$db.Put(p.name, p.hits)\np.hits++\np.state = \"on\"\n}",
		},
		writes: []string{
			`delete($objs, "a")`,
			`$objs["a"] = &entryω{name: "k", hits: #}`,
			"for _, p := range $objs {\np.state = \"off\"\n}",
			`if p := $objs["a"]; p != nil {` + "\np.hits += #\n}",
		}},
	{Name: "put-back", vars: []field{{name: "batch", typ: numbersT, init: "[]int{3, 1}"}, {name: "spare", typ: numbersT, init: "nil"}},
		reads: []string{"fmt.Sprint($batch)", "fmt.Sprint($spare)"},
		waits: []string{
			"{\nl := $batch\n$batch = nil\nif _, err := $db.Get(fmt.Sprint(l)); err != nil {\n$batch = append(l, $batch...)\n}\n}",
			"{\nl := $batch\n$batch = nil\nif len(l) > 0 {\n$db.Get(fmt.Sprint(l))\n}\n$batch = append(l, $batch...)\n}",
			"{\nl := $batch\n$batch = nil\n$spare = l\n$disk.Flush(l)\n}",
			"{\nl := make([]int, len($batch))\ncopy(l, $batch)\nif $disk.Flush(l) == nil {\n$batch = nil\n}\n}",
			"{\nl := $batch\n$batch = nil\nfor i := range l {\n$disk.Flush(l[i:])\n$spare = l\n}\n}",
		},
		sections: []string{
			"if failed := $disk.Flush($batch); failed != nil {\n$leave\n}\n$batch = nil",
			"text := fmt.Sprint($batch)\nif _, failed := $db.Get(text); failed != nil {\n$leave\n}\n$batch = nil",
			"for _, e := range $batch {\nif failed := $db.Put(\"k\", e); failed != nil {\n$leave\n}\n}\n$batch = nil",
			"l := make([]int, len($batch))\ncopy(l, $batch)\nif failed := $disk.Flush(l); failed != nil {\n$leave\n}\n$batch = nil\n$spare = append($spare, len(l))",
		},
		writes: []string{"$batch = append($batch, #)", "if len($spare) > 0 {\n$spare[0] = #\n}", "$batch, $spare = $spare[:0], nil", "if len($batch) > 0 {\n$batch[0] = #\n}"}},
	{Name: "lazy", vars: []field{{name: "page", typ: strT, init: `""`}, {name: "foot", typ: strT, init: `""`}, {name: "sizes", typ: mapT, init: "map[string]int{}"}},
		reads: []string{"$page", "$foot", `strconv.Itoa($sizes["a"])`},
		waits: []string{
			"if $page == \"\" {\nn, _ := $db.Get(\"p\")\n$page = strconv.Itoa(n)\n}",
			"if $page == \"\" {\nn, _ := $db.Get(\"p\")\n$page = strconv.Itoa(n)\n}\nif $foot == \"\" {\nn, _ := $db.Get(\"f\")\n$foot = $page + strconv.Itoa(n)\n}",
			"if $sizes[\"a\"] == 0 {\nn, err := $db.Get(\"a\")\nif err != nil {\nn = 1\n}\n$sizes[\"a\"] = n\n}",
			"if len($page) < 3 {\nn, _ := $db.Get($page)\n$page += strconv.Itoa(n)\n}",
			"if $page != \"\" && $foot == \"\" {\n$db.Put($page, 1)\n$foot = $page\n$page = \"\"\n}",
		},
		sections: []string{
			"if $page == \"\" {\nn, failed := $db.Get(\"p\")\nif failed != nil {\n$leave\n}\n$page = strconv.Itoa(n)\n}\n$sizes[$page]++",
		},
		writes: []string{"$page = \"\"", "$foot = strconv.Itoa(#)", "delete($sizes, \"a\")"}},
	{Name: "reserve", vars: []field{{name: "left", typ: mapT, init: `map[string]int{"a": 2}`}, {name: "used", typ: intT, init: "0"}},
		reads: []string{`strconv.Itoa($left["a"])`, "strconv.Itoa($used)"},
		waits: []string{
			`if $left["a"] > 0 {` + "\n" + `$left["a"]--` + "\nif _, err := $db.Get(\"a\"); err != nil {\n" + `$left["a"]++` + "\n}\n}",
			"if $used < 2 {\n$used++\n$db.Get(\"a\")\n$used--\n}",
		},
		writes: []string{`$left["a"] += #`, "$used = 0", `delete($left, "a")`}},
	{Name: "sweep", vars: tabVar, reads: tabReads,
		waits:  []string{"for k, n := range $tab {\nif n > 1 {\ncontinue\n}\nif _, err := $db.Get(k); err == nil {\ndelete($tab, k)\n}\n}"},
		writes: []string{`$tab["k"] = #`, `delete($tab, "k")`, `$tab["j"] = 0`}},
	{Name: "range-assign", vars: []field{{name: "pos", typ: intT, init: "0"}, {name: "word", typ: strT, init: `"w"`}},
		reads: []string{"$word", "strconv.Itoa($pos)"}, writes: []string{"for $pos, $word = range []string{\"x\", strconv.Itoa(#)} {\n}"}},
}
