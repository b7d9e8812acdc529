// Package blocking has the table of functions that can wait, in the standard library
// and in other modules, with what they wait for.
package blocking

import (
	_ "embed"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// An Effect says what a blocking call does to the world outside the process.
type Effect string

const (
	EffectRead  Effect = "read"  // observes it
	EffectWrite Effect = "write" // changes it, or sends something to it
	EffectWait  Effect = "wait"  // neither: time passes or a signal is awaited
)

// Safety says whether several goroutines may make a call on the same value at
// the same time.
type Safety string

const (
	SafetySafe    Safety = "safe"    // documented to be, or by what it is
	SafetyUnsafe  Safety = "unsafe"  // documented not to be, or seen in its source
	SafetyUnknown Safety = "unknown" // nothing says
)

// An Entry is a line of the table which says that a call of the function Name blocks.
type Entry struct {
	Name     string // as (*types.Func).FullName prints it, without type parameters
	Category string // one of [Categories]
	Effect   Effect
	Safety   Safety
	Why      string // a phrase that follows "which": "sleeps for the given time"
	Line     int    // in the file that the entry comes from
}

// Receiver is the [Arg] index that means the receiver of a method.
const Receiver = -1

// An Arg names an argument of a call.
type Arg struct {
	Index    int    // from 0, or Receiver
	Variadic bool   // every argument from Index on
	Method   string // the method of the argument that is called, for Via
}

// A ViaEntry says that a call blocks exactly as the method Arg.Method of one of its
// arguments does, or of what that argument wraps.
type ViaEntry struct {
	Arg
	Safety Safety
	Why    string
	Line   int
}

// A CategoryInfo describes one kind of blocking operation.
type CategoryInfo struct {
	Name    string
	Doc     string // one line
	Default bool   // reported unless the user says otherwise
}

var TableCategories = []CategoryInfo{
	{"http", "HTTP requests and responses, as client and as server", true},
	{"rpc", "remote calls: gRPC, message brokers, cloud and cluster services", true},
	{"db", "databases and caches, reached by a client or kept in files", true},
	{"net", "sockets, name lookups and the protocols on top of them", true},
	{"exec", "other processes: starting them and waiting for them", true},
	{"wait", "waiting for another goroutine: WaitGroup, Cond, semaphore", true},
	{"chan", "waiting on a channel or an in-process pipe", true},
	{"fsync", "flushing to stable storage", true},
	{"disk", "files and directories", true},
	{"syscall", "raw system calls that can wait", true},
	{"sleep", "waiting for a length of time", true},
	{"lock", "another lock that may be held for long: on a file, across machines, or in this process", false},
	{"log", "log output", false},
	{"brief", "calls that are over at once as a rule: a short answer to a client, a look at an open file", false},
}

// Categories returns the categories of blocking operations, most important first.
func Categories() []CategoryInfo { return slices.Clone(TableCategories) }

// Worths returns the rank of each category: the lower, the more important.
var Worths = sync.OnceValue(func() map[string]int {
	m := make(map[string]int)
	for i, c := range TableCategories {
		m[c.Name] = i
	}
	return m
})

// A Table holds what is known about functions outside the loaded packages: which of
// them block and why, which block as an argument does, and which run a function that is
// passed to them. The top of blocking.txt describes its text form.
//
// All lookups take a name as (*types.Func).FullName prints it, and ignore its type
// parameters. A table line for major version v* answers for every major version that
// has no line of its own.
type Table struct {
	names   map[string]*tableFacts // by name as written
	wild    map[string]bool        // what stands before /v* in names
	results map[string]bool        // functions of whose results there are lines
}

// ofResult stands between the name of a function and that of a method of its result.
const ofResult = "()."

// newTable returns a table of names.
func newTable(names map[string]*tableFacts) *Table {
	t := &Table{names: names, wild: make(map[string]bool), results: make(map[string]bool)}
	for name := range names {
		if before, _, ok := strings.Cut(name, "/v*"); ok {
			t.wild[before] = true
		}
		if fn, _, ok := strings.Cut(name, ofResult); ok {
			t.results[fn] = true
		}
	}
	return t
}

// tableFacts is all that the lines of one name say.
type tableFacts struct {
	entry  *Entry
	via    []ViaEntry
	wraps  []Arg
	calls  []int
	spawns []int
	never  bool
	brief  bool
}

//go:embed blocking.txt
var blockingText string

var defaultTable = sync.OnceValue(func() *Table {
	t, err := ParseTable("blocking.txt", strings.NewReader(blockingText))
	if err != nil {
		panic(err) // the tests parse it
	}
	return t
})

// DefaultTable returns the built-in table, which is parsed on first use.
func DefaultTable() *Table { return defaultTable() }

// With returns a table with the lines of extra for the names in extra, and those of t
// for all others.
func (t *Table) With(extra *Table) *Table {
	names := maps.Clone(t.names)
	for name := range t.names {
		if wild, ok := anyMajorVersion(name); ok && extra.names[wild] != nil {
			delete(names, name)
		}
	}
	maps.Copy(names, extra.names)
	return newTable(names)
}

// Entry returns the line that says that the named function blocks, if any.
func (t *Table) Entry(name string) (Entry, bool) {
	if f := t.facts(name); f.entry != nil {
		return *f.entry, true
	}
	return Entry{}, false
}

// ResultEntry returns the line that says that a method of what the named function returns
// blocks, if any.
func (t *Table) ResultEntry(name, method string) (Entry, bool) {
	return t.Entry(name + ofResult + method)
}

// KnowsResult reports whether the table has a line for a method of what the named function
// returns.
func (t *Table) KnowsResult(name string) bool { return t.results[withoutTypeParams(name)] }

// Via returns the arguments by which the named function may block.
func (t *Table) Via(name string) []ViaEntry { return slices.Clone(t.facts(name).via) }

// Wraps returns the arguments to which the result of the named function passes its
// input and output.
func (t *Table) Wraps(name string) []Arg { return slices.Clone(t.facts(name).wraps) }

// Calls returns the indexes of the function arguments that the named function
// calls before it returns.
func (t *Table) Calls(name string) []int { return slices.Clone(t.facts(name).calls) }

// Spawns returns the indexes of the function arguments that the named function
// runs in another goroutine.
func (t *Table) Spawns(name string) []int { return slices.Clone(t.facts(name).spawns) }

// Never reports whether the table says that the named function does not block.
func (t *Table) Never(name string) bool { return t.facts(name).never }

// Brief reports whether the table says that the named function blocks, but hardly ever for
// long.
func (t *Table) Brief(name string) bool { return t.facts(name).brief }

// UsedByMany reports whether the receiver of the named method is documented to be safe
// for concurrent use: the table has methods of its type, and says so for all of them.
func (t *Table) UsedByMany(name string) bool {
	name = withoutTypeParams(name)
	i := strings.LastIndex(name, ").")
	if i < 0 {
		return false
	}
	recv := name[:i+len(").")]
	wild, hasWild := anyMajorVersion(recv)
	found := false
	for n, f := range t.names {
		if f.entry == nil || strings.Contains(n, ofResult) || !strings.HasPrefix(n, recv) && !(hasWild && strings.HasPrefix(n, wild)) {
			continue
		}
		if f.entry.Safety != SafetySafe {
			return false
		}
		found = true
	}
	return found
}

// Names returns every name in the table, as written there, sorted.
func (t *Table) Names() []string { return slices.Sorted(maps.Keys(t.names)) }

// facts returns what is known of a function, which may be nothing.
func (t *Table) facts(name string) tableFacts {
	if f := t.Lookup(name); f != nil {
		return *f
	}
	return tableFacts{}
}

// Lookup returns what is known about a function, or nil.
func (t *Table) Lookup(name string) *tableFacts {
	name = withoutTypeParams(name)
	if f := t.names[name]; f != nil {
		return f
	}
	if i, end := majorVersion(name); i >= 0 && t.wild[name[:i]] {
		return t.names[name[:i]+"/v*"+name[end:]]
	}
	return nil
}

// withoutTypeParams removes the type parameters from the receiver in a full
// name: "(*sync/atomic.Pointer[T]).Load" becomes "(*sync/atomic.Pointer).Load".
func withoutTypeParams(name string) string {
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if i < 0 || j < i {
		return name
	}
	return name[:i] + name[j+1:]
}

// anyMajorVersion replaces the first path element of a name that is a major
// version, such as v2, by v*.
func anyMajorVersion(name string) (string, bool) {
	i, end := majorVersion(name)
	if i < 0 {
		return "", false
	}
	return name[:i] + "/v*" + name[end:], true
}

// majorVersion returns where that element begins, with the slash before it, and ends; -1
// if there is none.
func majorVersion(name string) (i, end int) {
	for i := 0; i < len(name); i++ {
		if !strings.HasPrefix(name[i:], "/v") {
			continue
		}
		end := i + len("/v")
		for end < len(name) && '0' <= name[end] && name[end] <= '9' {
			end++
		}
		if end > i+len("/v") && end < len(name) && (name[end] == '/' || name[end] == '.') {
			return i, end
		}
	}
	return -1, 0
}

// ParseTable reads a table in the text form that the head of blocking.txt
// describes. The name of the file is used in messages only. The error joins one
// error for each mistake, "name:line:column: what is wrong".
func ParseTable(name string, r io.Reader) (*Table, error) {
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &tableParser{file: name, table: &Table{names: make(map[string]*tableFacts, strings.Count(text.String(), "\n"))}}
	for line := range strings.Lines(text.String()) {
		p.line++
		p.text = strings.TrimRight(line, " \t\r\n")
		p.split()
		if len(p.fields) > 0 && p.fields[0].text[0] != '#' {
			p.parseLine()
		}
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return newTable(p.table.names), nil
}

// tableParser holds the line that is being parsed and what came before it.
type tableParser struct {
	file   string
	line   int
	text   string // of the line, without white space at its end
	fields []tableField
	table  *Table
	errs   []error
}

// A tableField is a column of a line.
type tableField struct {
	text string
	col  int // of its first byte, from 1
}

// split sets the fields of the line. What comes after the fourth is one field.
func (p *tableParser) split() {
	p.fields = p.fields[:0]
	for i := 0; i < len(p.text); {
		if isBlank(p.text[i]) {
			i++
			continue
		}
		end := i
		for end < len(p.text) && (len(p.fields) == 4 || !isBlank(p.text[end])) {
			end++
		}
		p.fields = append(p.fields, tableField{p.text[i:end], i + 1})
		i = end
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// errorf records a mistake in field i, or past the last field.
func (p *tableParser) errorf(i int, format string, args ...any) {
	last := p.fields[len(p.fields)-1]
	col := last.col + len(last.text)
	if i < len(p.fields) {
		col = p.fields[i].col
	}
	p.errs = append(p.errs, fmt.Errorf("%s:%d:%d: %s", p.file, p.line, col, fmt.Sprintf(format, args...)))
}

// field returns the text of field i, or "".
func (p *tableParser) field(i int) string {
	if i < len(p.fields) {
		return p.fields[i].text
	}
	return ""
}

// parseLine parses the line and adds what it says to the table.
func (p *tableParser) parseLine() {
	name := p.field(0)
	if msg := checkTableName(name); msg != "" {
		p.errorf(0, "%s", msg)
		return
	}
	f := p.table.names[name]
	if f == nil {
		f = new(tableFacts)
		p.table.names[name] = f
	}
	switch category := p.field(1); category {
	case "":
		p.errorf(1, "category missing")
	case "via":
		p.addVia(f, ViaEntry{Arg: p.parseArg(true), Safety: p.parseSafety(), Why: p.parseWhy(), Line: p.line})
	case "wraps":
		p.addWraps(f, p.parseArg(false))
	case "calls", "spawns":
		p.addIndex(f, category, p.parseArg(false))
	case "never":
		p.addNever(f)
	case "brief":
		if len(p.fields) > 2 {
			p.errorf(2, "brief takes nothing")
		}
		f.brief = true
	default:
		if !slices.ContainsFunc(TableCategories, func(c CategoryInfo) bool { return c.Name == category }) {
			p.errorf(1, "unknown category %q", category)
		}
		p.addEntry(f, Entry{name, category, p.parseEffect(), p.parseSafety(), p.parseWhy(), p.line})
	}
}

// checkTableName says what is wrong with a name, or "".
func checkTableName(name string) string {
	if strings.ContainsAny(name, "[]") {
		return fmt.Sprintf("leave the type parameters out of %s", name)
	}
	if fn, method, ok := strings.Cut(name, ofResult); ok {
		if !token.IsIdentifier(method) {
			return fmt.Sprintf("%s names no method of the result", name)
		}
		name = fn
	}
	rest := name
	if strings.HasPrefix(name, "(") {
		recv, method, ok := strings.Cut(name[1:], ").")
		if !ok || method == "" || strings.ContainsAny(method, "./()*") {
			return fmt.Sprintf("%s is not a method as go/types prints it, such as (*net/http.Client).Do", name)
		}
		rest = strings.TrimPrefix(recv, "*")
	}
	pkg, ident := rest[:strings.LastIndexByte(rest, '.')+1], rest[strings.LastIndexByte(rest, '.')+1:]
	if len(pkg) < 2 || ident == "" || strings.ContainsAny(ident, "/()*") {
		return fmt.Sprintf("%s is not a function as go/types prints it, such as net/http.Get", name)
	}
	return ""
}

// parseEffect parses the third field of a plain line.
func (p *tableParser) parseEffect() Effect {
	e := Effect(p.field(2))
	if e != EffectRead && e != EffectWrite && e != EffectWait {
		p.errorf(2, "effect is %q: want read, write or wait", e)
	}
	return e
}

// parseSafety parses the fourth field.
func (p *tableParser) parseSafety() Safety {
	s := Safety(p.field(3))
	if s != SafetySafe && s != SafetyUnsafe && s != SafetyUnknown {
		p.errorf(3, "safety is %q: want safe, unsafe or unknown", s)
	}
	return s
}

// parseWhy returns the fifth field.
func (p *tableParser) parseWhy() string {
	if len(p.fields) < 5 {
		p.errorf(4, "the phrase that says why it waits is missing")
	}
	return p.field(4)
}

// noMore reports fields after the third.
func (p *tableParser) noMore() {
	if len(p.fields) > 3 {
		p.errorf(3, "%s takes nothing after the argument", p.field(1))
	}
}

// parseArg parses the third field as an argument: "0", "recv", or "0..." for
// all from 0 on; with a method, "0.Write" or "recv.Write".
func (p *tableParser) parseArg(method bool) Arg {
	arg := Arg{Index: Receiver}
	text := p.field(2)
	if method {
		text, arg.Method, _ = strings.Cut(text, ".")
		if arg.Method == "" || strings.ContainsRune(arg.Method, '.') {
			p.errorf(2, "argument is %q: want one with a method, such as 0.Write or recv.Read", p.field(2))
			return arg
		}
	} else {
		text, arg.Variadic = strings.CutSuffix(text, "...")
	}
	if text == "recv" && !arg.Variadic {
		if !strings.HasPrefix(p.field(0), "(") {
			p.errorf(2, "a function has no receiver")
		}
		return arg
	}
	index, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		p.errorf(2, "argument is %q: want an index from 0, or recv", p.field(2))
	}
	arg.Index = int(index)
	return arg
}

// addEntry adds a plain line.
func (p *tableParser) addEntry(f *tableFacts, e Entry) {
	switch {
	case f.entry != nil:
		p.errorf(0, "%s is already on line %d", e.Name, f.entry.Line)
	case f.never:
		p.errorf(1, "another line says that %s never blocks", e.Name)
	default:
		f.entry = &e
	}
}

// addVia adds a via line.
func (p *tableParser) addVia(f *tableFacts, via ViaEntry) {
	switch {
	case slices.ContainsFunc(f.via, func(v ViaEntry) bool { return v.Arg == via.Arg }):
		p.errorf(2, "%s via %s appears twice", p.field(0), p.field(2))
	case f.never:
		p.errorf(1, "another line says that %s never blocks", p.field(0))
	default:
		f.via = append(f.via, via)
	}
}

// addWraps adds a wraps line.
func (p *tableParser) addWraps(f *tableFacts, arg Arg) {
	p.noMore()
	if slices.Contains(f.wraps, arg) {
		p.errorf(2, "%s wraps %s appears twice", p.field(0), p.field(2))
		return
	}
	f.wraps = append(f.wraps, arg)
}

// addIndex adds a calls or spawns line.
func (p *tableParser) addIndex(f *tableFacts, kind string, arg Arg) {
	p.noMore()
	switch {
	case arg.Index == Receiver || arg.Variadic:
		p.errorf(2, "%s takes the index of one argument, not %q", kind, p.field(2))
	case slices.Contains(f.calls, arg.Index) || slices.Contains(f.spawns, arg.Index):
		p.errorf(2, "another line says what %s does with argument %d", p.field(0), arg.Index)
	case kind == "calls":
		f.calls = append(f.calls, arg.Index)
	default:
		f.spawns = append(f.spawns, arg.Index)
	}
}

// addNever adds a line of a call that does not block.
func (p *tableParser) addNever(f *tableFacts) {
	if p.field(2) != "-" {
		p.errorf(2, "a call that never blocks has no effect: want -, have %q", p.field(2))
	}
	p.parseSafety()
	p.parseWhy()
	switch {
	case f.never:
		p.errorf(0, "%s appears twice", p.field(0))
	case f.entry != nil || len(f.via) > 0:
		p.errorf(1, "another line says that %s blocks", p.field(0))
	default:
		f.never = true
	}
}

// Known reports whether the table says anything about the function.
func (t *Table) Known(fn *types.Func) bool {
	_, ok := t.Entry(fn.FullName())
	return ok || t.Never(fn.FullName())
}
