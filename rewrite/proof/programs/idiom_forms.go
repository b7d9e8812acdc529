package programs

import "slices"

var totalVars = []field{{name: "num", typ: intT, init: "0"}, {name: "tab", typ: mapT, init: `map[string]int{"k": 1}`}}

var (
	outputVars   = slices.Concat(totalVars, wordsVar)
	outputWrites = []string{"$num = #", `$tab["k"] = #`, `$tab[strconv.Itoa(#)]++`, "$words = append($words, strconv.Itoa(#))", "sort.Strings($words)"}
)

// forms take the lock, leave the section, or wait in unusual ways.
var forms = []*Template{
	{Name: "form-goto", vars: numVar, sections: []string{
		"retry:\n$num++\nw, failed := $db.Get(\"k\")\nif failed != nil && $num < 4 {\ngoto retry\n}\n$num += w",
		"retry:\nw, failed := $db.Get(strconv.Itoa($num))\nif failed != nil && $num < 4 {\n$num++\ngoto retry\n}\n$num += w",
		"if $num > 2 {\ngoto done\n}\n$num++\n$db.Count()\ndone:\n$num %= 5",
		"if _, failed := $db.Get(\"k\"); failed != nil {\ngoto fail\n}\n$num++\nfail:\n$num %= 7"},
		writes: []string{"$num = #"}},
	{Name: "form-held", vars: numVar, sections: []string{"$.flush(true)", "$num++\n$.flush(true)\n$num--"},
		methods: []string{"Flush() {\n$.flush(false)\n}"}, writes: []string{"$num = #"},
		decls: "func $.flush(held bool) {\nif !held {\n$lock\ndefer $unlock\n}\n$num++\n$db.Put(\"k\", $num)\n$num--\n}\n"},
	{Name: "form-branch", vars: numVar, sections: []string{"$num++\n$db.Count()\n$num--"},
		methods: []string{
			"Flush() {\n$lock\nif $num > 2 {\n$num = 0\n$unlock\n$db.Put(\"k\", 0)\n} else {\n$num++\n$db.Count()\n$unlock\n}\n}",
			"Step() int {\n$lock\nswitch {\ncase $num > 2:\n$num = 0\n$db.Count()\n$unlock\nreturn 0\ndefault:\n$unlock\n}\nreturn 1\n}"}},
	{Name: "form-window", vars: numVar, sections: []string{
		"$num++\n$unlock\n$stats.Add(\"a\", 1)\n$lock\nw, failed := $db.Get(\"k\")\nif failed != nil {\n$leave\n}\n$num += w",
		"w := $db.Count()\n$num += w\n$unlock\n$stats.Add(\"a\", w)\n$lock\n$num--"},
		writes: []string{"$num = #"}},
	{Name: "form-output-lines", vars: outputVars, writes: outputWrites, methods: []string{
		"Show(out *world.Output) {\n$lock\ndefer $unlock\nfor _, word := range $words {\nfmt.Fprintln(out, word, len($tab))\n}\n}"}},
	{Name: "form-output-encoder", vars: outputVars, writes: outputWrites, methods: []string{
		"Encode(out *world.Output) error {\n$lock\ndefer $unlock\nif $num > 4 {\nreturn nil\n}\nreturn json.NewEncoder(out).Encode($tab)\n}"}},
	{Name: "form-output-header", vars: outputVars, writes: outputWrites, methods: []string{
		"Head(out *world.Output) int {\n$lock\nif err := json.NewEncoder(out).Encode($words); err != nil {\n$num = 0\n}\nhead := $num\n$unlock\nreturn head\n}"}},
	{Name: "form-output-page", vars: outputVars, writes: outputWrites, methods: []string{
		"Page(out *world.Output) string {\n$lock\nenc := json.NewEncoder(out)\nenc.SetIndent(\"\", \" \")\nif $num > 2 {\nenc.Encode($words)\n}\nio.WriteString(out, strconv.Itoa($num))\n$unlock\nreturn \"b\"\n}"}},
	{Name: "form-operand", vars: totalVars, sections: []string{
		"$tab[strconv.Itoa($num)] = $.load(\"a\")",
		"$tab[fmt.Sprint($num)] += $.load(\"a\")",
		"if $num < 3 && $.load(\"a\") >= 0 {\n$num--\n}",
		"if $num < 3 && $.load(strconv.Itoa($num)) > 1 {\n$tab[\"k\"]++\n}",
		"$stats.Add(strconv.Itoa($num), $.load(\"a\"))"},
		decls:  "func $.load(k string) int {\nv, _ := $db.Get(k)\n$num += v\nreturn v\n}\n",
		writes: []string{"$num = #", "$num += #", "$num = 5", `$tab["k"] = #`}},
}
