package proof

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// source prints the program.
func (g *gen) source() string {
	var w strings.Builder
	fmt.Fprintf(&w, "var %s = errors.New(\"stopped\")\n\n", g.newID("errStopped"))
	fmt.Fprintf(&w, "type %s struct {\n\tname string\n\thits int\n}\n\n", g.newID("item"))
	if g.lock.global {
		g.writeVars(&w)
	} else {
		g.writeType(&w)
	}
	if g.lock.helpers != "" {
		w.WriteString("\n" + g.lock.helpers)
	}
	for _, f := range g.funcs {
		fmt.Fprintf(&w, "\n%s(%s) %s {\n%s}\n", g.funcHead(f.name), g.params(f.sig), g.results(f.sig), f.body.text())
	}
	for i := 1; i < len(g.decls); i += 2 {
		w.WriteString("\n" + g.decls[i])
	}
	head := "package p\n\n"
	if g.old == oldFile {
		head = "//go:build go1.21\n\n" + head
	}
	return head + imports(w.String()) + w.String()
}

// importable are the packages of the standard library that programs use.
var importable = []string{
	"bytes", "container/heap", "container/list", "context", "encoding/binary", "encoding/json", "errors", "fmt", "io", "maps",
	"math/big", "net/url", "reflect", "slices", "sort", "strconv", "strings", "sync", "time",
}

func imports(code string) string {
	text := "import (\n"
	for _, dir := range importable {
		if regexp.MustCompile(`(^|[^\w.])` + path.Base(dir) + `\.`).MatchString(code) {
			text += "\t\"" + dir + "\"\n"
		}
	}
	if strings.Contains(code, "world.") {
		text += "\n\t\"proof/world\"\n"
	}
	return text + ")\n\n"
}

func (g *gen) params(s signature) string {
	var list []string
	for _, p := range s.params {
		list = append(list, p.name+" "+g.typeText(p.typ))
	}
	return join(list)
}

func (g *gen) results(s signature) string {
	var list []string
	for i, t := range s.results {
		text := g.typeText(t)
		if s.named != nil {
			text = s.named[i].name + " " + text
		}
		list = append(list, text)
	}
	if len(list) == 1 && s.named == nil {
		return list[0]
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + join(list) + ")"
}

// writeType prints the struct with the lock and its constructor.
func (g *gen) writeType(w *strings.Builder) {
	name := g.newID("T")
	fmt.Fprintf(w, "type %s struct {\n", name)
	for _, f := range g.fields {
		if !f.guarded {
			fmt.Fprintf(w, "\t%s %s\n", f.name, g.typeText(f.typ))
		}
	}
	fmt.Fprintf(w, "\n\t%s\n", g.lock.decl)
	for _, f := range g.fields {
		if f.guarded {
			fmt.Fprintf(w, "\t%s %s\n", f.name, g.typeText(f.typ))
		}
	}
	made := "return "
	if g.setup != "" {
		made = "s := "
	}
	fmt.Fprintf(w, "}\n\nfunc %s(%s) *%s {\n\t%s&%s{\n", g.newID("New"), join(g.constructorParams()), name, made, name)
	if g.lock.param != "" {
		fmt.Fprintf(w, "\t\tmu: %s,\n", g.lock.param)
	}
	for _, f := range g.fields {
		switch f.init {
		case "":
			fmt.Fprintf(w, "\t\t%s: %s,\n", f.name, f.name)
		case "0", "false", "nil":
		default:
			fmt.Fprintf(w, "\t\t%s: %s,\n", f.name, f.init)
		}
	}
	w.WriteString("\t}\n")
	if g.setup != "" {
		w.WriteString(g.setup + "\nreturn s\n")
	}
	w.WriteString("}\n")
}

func (g *gen) constructorParams() []string {
	var params []string
	for _, f := range g.fields {
		if f.init == "" {
			params = append(params, f.name+" "+g.typeText(f.typ))
		}
	}
	return params
}

// writeVars prints the package-level lock and variables, and the function that
// sets them up: what is set once is set without the lock, before anything runs.
func (g *gen) writeVars(w *strings.Builder) {
	fmt.Fprintf(w, "var (\n")
	for _, f := range g.fields {
		if !f.guarded {
			fmt.Fprintf(w, "\t%s %s\n", f.name, g.typeText(f.typ))
		}
	}
	fmt.Fprintf(w, ")\n\nvar (\n\t%s\n", g.lock.decl)
	for _, f := range g.fields {
		switch {
		case !f.guarded:
		case !slices.Contains([]string{"", "0", "false", "nil"}, f.init) && !f.late:
			fmt.Fprintf(w, "\t%s = %s\n", f.name, f.init)
		default:
			fmt.Fprintf(w, "\t%s %s\n", f.name, g.typeText(f.typ))
		}
	}
	var params []string
	var set strings.Builder
	for _, f := range g.fields {
		switch {
		case f.init == "":
			params = append(params, "p"+f.name+" "+g.typeText(f.typ))
			if f.guarded {
				fmt.Fprintf(&set, "\t%s = p%s\n", f.name, f.name)
			}
		default:
			fmt.Fprintf(&set, "\t%s = %s\n", f.name, f.init)
		}
	}
	fmt.Fprintf(w, ")\n\nfunc %s(%s) {\n\t%s\n\tdefer %s\n%s}\n", g.newID("Reset"), join(g.guardedParams("p")), g.lock.lock, g.lock.unlock, set.String()+g.setup+"\n")
}

func (g *gen) guardedParams(prefix string) []string {
	var params []string
	for _, f := range g.fields {
		if f.init == "" && f.guarded {
			params = append(params, prefix+f.name+" "+g.typeText(f.typ))
		}
	}
	return params
}

// A glue is what makes instances of a program: Go code in pieces.
type glue struct {
	setup   string // statements
	lock    string
	recv    string            // "s." or ""
	state   []string          // pointers
	funcs   []string          // names
	many    map[string]bool   // functions that take the lock several times
	tries   map[string]bool   // functions that give up rather than wait for it
	sets    map[string]string // the variable that a function sets, if that is all it does
	zero    string            // a counter that is zero whenever nothing runs
	own     []string          // pointers to the template's variables
	fields  []string          // the other guarded variables
	ordered string            // effects that come in the order of the sections
	tallies []tallyGlue
}

type tallyGlue struct {
	at    string
	calls []string
}

// makeGlue collects what makes an instance.
func (g *gen) makeGlue() glue {
	var w strings.Builder
	out := glue{lock: g.lock.addr, many: g.many, tries: make(map[string]bool), sets: make(map[string]string)}
	if g.tmpl != nil {
		out.ordered = g.tmpl.ordered
		if g.tmpl.balanced != "" {
			out.zero = g.variable(g.tmpl.balanced)
		}
	}
	var args []string
	for _, f := range g.fields {
		switch {
		case f.init != "":
		case g.lock.global && !f.guarded:
			fmt.Fprintf(&w, "\t%s = %s\n", f.name, g.argument(f))
		default:
			args = append(args, g.argument(f))
		}
		if f.tally {
			out.tallies = append(out.tallies, tallyGlue{g.at(f), g.tallies[f]})
		}
		if f.guarded && !f.tally && !f.secret {
			out.fields = append(out.fields, g.at(f))
		}
		if f.secret {
			out.own = append(out.own, "&"+g.at(f))
		}
		if g.lock.global && f.guarded {
			out.state = append(out.state, "&"+f.name)
		}
	}
	if g.lock.global {
		fmt.Fprintf(&w, "\tworld.Unlocked(%s)\n", g.lock.addr)
		fmt.Fprintf(&w, "\t%s(%s)\n", g.newID("Reset"), join(args))
	} else {
		out.recv = "s."
		fmt.Fprintf(&w, "\ts := %s(%s)\n", g.newID("New"), join(args))
		out.state = []string{"s"}
	}
	for _, f := range g.funcs {
		out.funcs = append(out.funcs, f.name)
		out.tries[f.name] = f.tries
		if f.sets != nil {
			out.sets[f.name] = shortName(g.at(f.sets))
		}
	}
	out.setup = w.String()
	return out
}

// shortName is the name of a variable without what stands before and after it.
func shortName(at string) string { return strings.TrimSuffix(strings.TrimPrefix(at, "s."), mark) }

// instance prints the expression for an instance that has the functions and
// variables which are still there.
func (g glue) instance(has, declares func(name string) bool) string {
	var funcs, tallies []string
	for _, f := range g.funcs {
		if has(f) {
			funcs = append(funcs, fmt.Sprintf("{Name: %q, F: %s%s, Many: %v, Tries: %v, Sets: %q}", f, g.recv, f, g.many[f], g.tries[f], g.sets[f]))
		}
	}
	for _, t := range g.tallies {
		var calls []string
		for _, c := range t.calls {
			calls = append(calls, fmt.Sprintf("%q", c))
		}
		tallies = append(tallies, fmt.Sprintf("{Var: &%s, Calls: []string{%s}}", t.at, join(calls)))
	}
	var fields []string
	for _, f := range g.fields {
		if !declares(f) {
			continue
		}
		fields = append(fields, fmt.Sprintf("{Name: %q, Var: &%s}", shortName(f), f))
	}
	zero := "nil"
	if g.zero != "" {
		zero = "&" + g.zero
	}
	return fmt.Sprintf("&world.Instance{Locks: []any{%s}, State: []any{%s}, Funcs: []world.Func{%s}, Tallies: []world.Tally{%s}, Own: []any{%s}, Fields: []world.Field{%s}, Zero: %s, Ordered: %q}",
		g.lock, join(g.state), join(funcs), join(tallies), join(g.own), join(fields), zero, g.ordered)
}

// argument returns the value that a run starts with.
func (g *gen) argument(f *field) string {
	switch f.maker {
	case "item":
		return fmt.Sprintf("func() *%[1]s { if in.Bool() { return nil }; return &%[1]s{name: in.Str(), hits: in.Int()} }()", g.newID("item"))
	case "hook":
		return `w.Hook("hook")`
	case "hooks":
		return `[]func(int){w.Hook("first"), w.Hook("second")}`
	case "conn":
		return `func() *world.Conn { if in.Bool() { return nil }; return w.Conn() }()`
	}
	switch f.typ {
	case intT, strT, boolT, intsT, strsT, mapT, anyT, errT:
		return "in." + f.maker + "()"
	}
	return "w." + f.maker + "()"
}

// glueFile prints the file that registers a variant of the program.
func (p *Program) glueFile(v Variant) []byte {
	has := func(name string) bool { return strings.Contains(string(p.Source), " "+name+"(") }
	return p.number(fmt.Appendf(nil, "package p\n\nimport \"proof/world\"\n\nfunc init() {\n"+
		"\tworld.Register(%d, %d, world.Variant{Name: %q, Safe: %v, Assumes: %q, Clean: %v, Joins: %v, Reorder: %v, Asks: %v, Named: %q}, func(w *world.World, in *world.Input) *world.Instance {\n"+
		"%s\treturn %s\n\t})\n}\n", p.ID, p.Seed, v.Name, v.Safe, v.Assumes, v.Clean, v.joins(), v.Reorder, v.Asks, v.Named, p.glue.setup, p.glue.instance(has, p.declares)))
}

// number puts the program's number in the place of the mark.
func (p *Program) number(code []byte) []byte {
	return bytes.ReplaceAll(code, []byte(mark), fmt.Appendf(nil, "%d_", p.ID))
}

// plain drops the mark, for a reader: names get a short ending.
func plain(code []byte) string { return strings.ReplaceAll(string(code), mark, "0") }
