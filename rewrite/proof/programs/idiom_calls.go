package programs

// calls change guarded state by passing it to a standard library function or
// calling a method on it.
var calls = []*Template{
	{Name: "call-sort", vars: wordsVar, reads: wordReads, waits: wordsWaits, writes: []string{"sort.Strings($words)", "slices.Sort($words)", "slices.Reverse($words)",
		"sort.Slice($words, func(i, j int) bool { return $words[i] > $words[j] })", "slices.SortFunc($words, strings.Compare)", "sort.Sort(sort.Reverse(sort.StringSlice($words)))"}},
	{Name: "call-sorter", vars: wordsVar, reads: wordReads, waits: wordsWaits, writes: []string{"sort.Sort(byLenω($words))", "sort.Stable(byLenω($words))"},
		decls: `type byLenω []string

func (b byLenω) Len() int           { return len(b) }
func (b byLenω) Less(i, j int) bool { return len(b[i]) < len(b[j]) || b[i] < b[j] }
func (b byLenω) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
`},
	{Name: "call-maps", vars: tabVar, reads: tabReads, waits: tabWaits, writes: []string{`maps.Copy($tab, map[string]int{"k": #})`,
		"maps.DeleteFunc($tab, func(_ string, w int) bool { return w == # })", "clear($tab)"}},
	{Name: "call-copy", vars: bufVar, reads: bufReads, writes: []string{"copy($buf, strconv.Itoa(#))", "copy($buf[1:], $buf)", "clear($buf)"}},
	{Name: "call-slices", vars: numsVar, reads: numsReads, waits: numsWaits, writes: []string{"sort.Ints($nums)", "slices.Sort($nums)", "slices.Reverse($nums)",
		"copy($nums, []int{#})", "clear($nums)", "$nums = slices.Insert($nums[:0], 0, #, #, #)"}},
	{Name: "call-binary", vars: bufVar, reads: bufReads, writes: []string{"binary.BigEndian.PutUint32($buf, uint32(#))", "binary.LittleEndian.PutUint16($buf[1:], uint16(#))",
		"binary.PutVarint($buf, int64(#)&15)", "binary.BigEndian.AppendUint16($buf[:0], uint16(#))"}},
	{Name: "call-read", vars: bufVar, reads: bufReads, writes: []string{"io.ReadFull(strings.NewReader(strconv.Itoa(#)+\"wxyz\"), $buf)", "strings.NewReader(strconv.Itoa(#)).Read($buf)",
		"bytes.NewReader([]byte{byte(#)}).Read($buf)"}},
	{Name: "call-json", vars: numVar, reads: []string{"strconv.Itoa($num)"}, writes: []string{"json.Unmarshal([]byte(strconv.Itoa(#)), &$num)",
		"json.NewDecoder(strings.NewReader(strconv.Itoa(#))).Decode(&$num)", "fmt.Sscan(strconv.Itoa(#), &$num)"}},
	{Name: "call-json-pointer", vars: []field{{name: "peer", typ: "*peerω", init: "&peerω{}"}}, decls: "type peerω struct{ URL string }\n", reads: []string{"$peer.URL"},
		writes: []string{`json.Unmarshal([]byte("{\"URL\": \"x\"}"), $peer)`, `json.NewDecoder(strings.NewReader("{\"URL\": \"y\"}")).Decode($peer)`}},
	{Name: "call-json-map", vars: tabVar, reads: tabReads, waits: tabWaits, writes: []string{`json.Unmarshal([]byte("{\"k\": 3}"), &$tab)`}},
	{Name: "call-builder", vars: []field{{name: "text", typ: "strings.Builder", init: "strings.Builder{}"}}, reads: []string{"$text.String()", "strconv.Itoa($text.Len())"},
		writes: []string{"$text.WriteString(strconv.Itoa(#))", `fmt.Fprintf(&$text, "%d", #)`, "io.WriteString(&$text, strconv.Itoa(#))", "$text.Reset()"}},
	{Name: "call-buffer", vars: []field{{name: "queue", typ: "bytes.Buffer", init: "bytes.Buffer{}"}}, reads: []string{"$queue.String()", "strconv.Itoa($queue.Len())"},
		writes: []string{"$queue.WriteByte(byte(#))", `fmt.Fprint(&$queue, #)`, "$queue.Reset()", "$queue.Next(1)"}},
	{Name: "call-big", vars: []field{{name: "sum", typ: "*big.Int", init: "big.NewInt(1)"}}, reads: []string{"$sum.String()"},
		writes: []string{"$sum.Add($sum, big.NewInt(int64(#)))", "$sum.SetInt64(int64(#))", "$sum.Neg($sum)"}},
	{Name: "call-url", vars: []field{{name: "base", typ: "*url.URL", init: `&url.URL{Scheme: "http", Host: "h"}`}}, reads: []string{"$base.String()", "$base.Path"},
		writes: []string{"p := $base\np.Path = strconv.Itoa(#)", `$base.UnmarshalBinary([]byte("http://h/x"))`}},
	{Name: "call-values", vars: []field{{name: "vals", typ: "url.Values", init: "url.Values{}"}}, reads: []string{"$vals.Encode()", `$vals.Get("k")`},
		writes: []string{`$vals.Set("k", strconv.Itoa(#))`, `$vals.Add("k", "x")`, `$vals.Del("k")`}},
	{Name: "call-list", vars: []field{{name: "order", typ: "*list.List", init: "list.New()"}}, reads: []string{"strconv.Itoa($order.Len())"},
		writes: []string{"$order.PushBack(#)", "$order.Init()"}},
	{Name: "call-heap", vars: []field{{name: "heap", typ: "heapω", init: "heapω{2, 1}"}}, reads: []string{"strconv.Itoa($heap[0])", "strconv.Itoa(len($heap))"},
		writes: []string{"heap.Init(&$heap)", "heap.Push(&$heap, #)"},
		decls: `type heapω []int

func (h heapω) Len() int           { return len(h) }
func (h heapω) Less(i, j int) bool { return h[i] < h[j] }
func (h heapω) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heapω) Push(e any)        { *h = append(*h, e.(int)) }
func (h *heapω) Pop() any          { e := (*h)[0]; *h = (*h)[1:]; return e }
`},
	{Name: "call-swapper", vars: numsVar, reads: numsReads, waits: numsWaits, writes: []string{"reflect.Swapper($nums)(0, len($nums)-1)", "reflect.ValueOf(&$nums).Elem().Index(0).SetInt(int64(#))"}},
	{Name: "call-writer", vars: []field{{name: "queue", typ: "bytes.Buffer", init: "bytes.Buffer{}"}}, reads: []string{"$queue.String()"},
		decls: "func noteω(w io.Writer, k int) { fmt.Fprintln(w, k) }\n\nfunc bufferω(q *bytes.Buffer) *bytes.Buffer { return q }\n", writes: []string{"noteω(&$queue, #)", "bufferω(&$queue).WriteByte(byte(#))",
			"var w io.Writer = &$queue\nw.Write([]byte{byte(#)})"}},
}

// reflections read guarded state through reflection. The writes are ordinary.
var reflections = []*Template{
	{Name: "reflect-self", vars: []field{{name: "Height", typ: intT, init: "1"}}, calls: []call{{"$.save()", []typ{errT}}}, writes: []string{"$Height = #"},
		decls: "func $.save() error {\ntext, err := json.Marshal($self)\nif err != nil {\nreturn err\n}\nreturn $disk.Append(string(text))\n}\n"},
	{Name: "reflect-print", vars: nodeVar, decls: nodeDecl, reads: []string{"fmt.Sprint(*$node)", `fmt.Sprintf("%+v", $node)`}, writes: []string{"$node.hits = #", "$node.name = strconv.Itoa(#)"}},
	{Name: "reflect-string", vars: nodeVar, reads: []string{"fmt.Sprint($node)", "$node.String()"}, writes: []string{"$node.hits = #"},
		decls: nodeDecl + "func (p *nodeω) String() string { return p.name + strconv.Itoa(p.hits) }\n"},
	{Name: "reflect-any", vars: nodeVar, reads: []string{"textω($node)"}, writes: []string{"$node.hits = #"},
		decls: nodeDecl + "func textω(e any) string { return fmt.Sprintf(\"%+v\", e) }\n"},
	{Name: "reflect-json", vars: []field{{name: "peer", typ: "*peerω", init: "&peerω{}"}}, reads: []string{"$.dump()"}, writes: []string{"$peer.URL = strconv.Itoa(#)"},
		decls: "type peerω struct{ URL string }\n\nfunc $.dump() string {\ntext, _ := json.Marshal($peer)\nreturn string(text)\n}\n"},
}
