package programs

const nodeDecl = `type nodeω struct {
	name string
	hits int
}
`

var (
	nodeVar  = []field{{name: "node", typ: "*nodeω", init: `&nodeω{name: "n"}`}}
	valueVar = []field{{name: "value", typ: "nodeω", init: `nodeω{name: "n"}`}}
	nodesVar = []field{{name: "nodes", typ: "[]*nodeω", init: `[]*nodeω{{name: "a"}, {name: "b"}}`}}
	byVar    = []field{{name: "by", typ: "map[string]*nodeω", init: `map[string]*nodeω{"a": {name: "a"}}`}}
	rowsVar  = []field{{name: "rows", typ: "[]nodeω", init: `[]nodeω{{name: "a"}}`}}

	nodeReads = []string{"strconv.Itoa($node.hits)", `$node.name+strconv.Itoa($node.hits)`}
)

// structs change a struct, or the target of a guarded pointer, through an alias.
var structs = []*Template{
	{Name: "struct-pointer", vars: nodeVar, decls: nodeDecl, reads: nodeReads, writes: []string{"p := $node\np.hits = #", "p := $node\np.hits++"}},
	{Name: "struct-method", vars: nodeVar, reads: nodeReads, writes: []string{"$node.bump(#)", "bump := $node.bump\nbump(#)"},
		decls: nodeDecl + "func (p *nodeω) bump(k int) { p.hits += k }"},
	{Name: "struct-helper", vars: nodeVar, reads: nodeReads, writes: []string{"bumpω($node, #)"},
		decls: nodeDecl + "func bumpω(p *nodeω, k int) { p.hits += k }"},
	{Name: "struct-copy", vars: nodeVar, decls: nodeDecl, reads: nodeReads, writes: []string{"p := *$node\np.hits = #\n*$node = p", "*$node = nodeω{hits: #}"}},
	{Name: "struct-value", vars: valueVar, reads: []string{"strconv.Itoa($value.hits)"}, writes: []string{"p := &$value\np.hits = #", "e := &$value.hits\n*e = #", "$value.bump(#)"},
		decls: nodeDecl + "func (p *nodeω) bump(k int) { p.hits += k }"},
	{Name: "struct-nodes", vars: nodesVar, decls: nodeDecl, reads: []string{"strconv.Itoa($nodes[0].hits)"},
		waits:  []string{"for _, e := range $nodes {\n$db.Put(e.name, e.hits)\n}"},
		writes: []string{"for _, p := range $nodes {\np.hits = #\n}", "p := $nodes[0]\np.hits++"}},
	{Name: "struct-by", vars: byVar, decls: nodeDecl, reads: []string{`strconv.Itoa($by["a"].hits)`},
		waits:  []string{"for _, e := range $by {\n$db.Put(e.name, e.hits)\n}", "if p, ok := $by[\"a\"]; ok {\n$db.Put(p.name, p.hits)\n}"},
		writes: []string{"for _, p := range $by {\np.hits = #\n}", "if p := $by[\"a\"]; p != nil {\np.hits++\n}"}},
	{Name: "struct-rows", vars: rowsVar, decls: nodeDecl, reads: []string{"strconv.Itoa($rows[0].hits)"},
		waits:  []string{"for _, e := range $rows {\n$db.Put(e.name, e.hits)\n}"},
		writes: []string{"p := &$rows[0]\np.hits = #", "for i := range $rows {\np := &$rows[i]\np.hits++\n}"}},
	{Name: "struct-kept", vars: append(rowsVar[:1:1], field{name: "node", typ: "*nodeω", init: "nil"}), decls: nodeDecl,
		setup: "$node = &$rows[0]", reads: []string{"strconv.Itoa($rows[0].hits)"}, writes: []string{"$node.hits = #"}},
	{Name: "struct-sorted", vars: []field{{name: "by", typ: "map[string]*listω", init: `map[string]*listω{"a": {words: []string{"b", "a"}}}`}},
		decls:  "type listω struct{ words []string }\n",
		waits:  []string{"for _, e := range $by {\nfor _, w := range e.words {\n$db.Get(w)\n}\n}"},
		writes: []string{"sort.Strings($by[\"a\"].words)", "for _, e := range $by {\nslices.Reverse(e.words)\n}"}},
}
