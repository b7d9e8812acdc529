package programs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// source returns the source of the program.
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

// Importable lists the standard library packages that generated programs may import.
var Importable = []string{
	"bytes", "container/heap", "container/list", "context", "encoding/binary", "encoding/json", "errors", "fmt", "io", "maps",
	"math/big", "net/url", "reflect", "slices", "sort", "strconv", "strings", "sync", "time",
}

var qualifier = regexp.MustCompile(`(?:^|[^\w.])(\w+)\.`)

func imports(code string) string {
	used := make(map[string]bool)
	for _, m := range qualifier.FindAllStringSubmatch(code, -1) {
		used[m[1]] = true
	}
	text := "import (\n"
	for _, dir := range Importable {
		if used[path.Base(dir)] {
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
	return Join(list)
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
	return "(" + Join(list) + ")"
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
	fmt.Fprintf(w, "}\n\nfunc %s(%s) *%s {\n\t%s&%s{\n", g.newID("New"), Join(g.constructorParams()), name, made, name)
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

// writeVars prints the package-level lock and variables, and the Reset function that
// sets the guarded ones up. Unguarded parameters are set before, without the lock.
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
	var set strings.Builder
	for _, f := range g.fields {
		switch {
		case f.init != "":
			fmt.Fprintf(&set, "\t%s = %s\n", f.name, f.init)
		case f.guarded:
			fmt.Fprintf(&set, "\t%s = p%s\n", f.name, f.name)
		}
	}
	fmt.Fprintf(w, ")\n\nfunc %s(%s) {\n\t%s\n\tdefer %s\n%s}\n", g.newID("Reset"), Join(g.guardedParams("p")), g.lock.lock, g.lock.unlock, set.String()+g.setup+"\n")
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
