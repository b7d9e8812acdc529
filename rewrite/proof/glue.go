package proof

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A glue says how instances of a program are made and what they consist of.
// Variables go by the names of fields, or of package-level variables.
type glue struct {
	global  bool     // the lock is a package-level variable
	args    []string // what makes the arguments of the constructor
	presets []preset // package-level variables that are set before that
	vars    []string // the package-level variables
	lock    string
	state   []string          // the package-level variables that the lock guards
	funcs   []string          // names
	many    map[string]bool   // functions that take the lock several times
	tries   map[string]bool   // functions that give up rather than wait for it
	sets    map[string]string // the variable that a function sets, if that is all it does
	zero    string            // a counter that is zero whenever nothing runs
	own     []string          // the template's variables
	fields  []string          // the other guarded variables
	parks   bool              // calls may wait for each other by other means than the lock
	ordered string            // effects that come in the order of the sections
	tallies []tallyGlue
}

type preset struct{ Var, Maker string }

type tallyGlue struct {
	Var   string
	Calls []string
}

// makeGlue collects what makes an instance.
func (g *gen) makeGlue() glue {
	out := glue{global: g.lock.global, lock: g.lock.name, many: g.many, tries: make(map[string]bool), sets: make(map[string]string)}
	if g.tmpl != nil {
		out.ordered, out.parks = g.tmpl.ordered, g.tmpl.parks
		if g.tmpl.balanced != "" {
			out.zero = strings.TrimPrefix(g.variable(g.tmpl.balanced), "s.")
		}
	}
	for _, f := range g.fields {
		switch {
		case f.init != "":
		case g.lock.global && !f.guarded:
			out.presets = append(out.presets, preset{f.name, f.maker})
		default:
			out.args = append(out.args, f.maker)
		}
		if f.tally {
			out.tallies = append(out.tallies, tallyGlue{f.name, g.tallies[f]})
		}
		if f.guarded && !f.tally && !f.secret {
			out.fields = append(out.fields, f.name)
		}
		if f.secret {
			out.own = append(out.own, f.name)
		}
		if g.lock.global {
			out.vars = append(out.vars, f.name)
			if f.guarded {
				out.state = append(out.state, f.name)
			}
		}
	}
	if g.lock.global {
		out.vars = append(out.vars, g.lock.name)
	}
	for _, f := range g.funcs {
		out.funcs = append(out.funcs, f.name)
		out.tries[f.name] = f.tries
		if f.sets != nil {
			out.sets[f.name] = strings.TrimSuffix(f.sets.name, mark)
		}
	}
	return out
}

type funcGlue struct {
	Name        string
	Many, Tries bool
	Sets        string
}

type fieldGlue struct{ Name, Var string }

// callable lists the functions that the program has.
func (p *Program) callable() []string {
	return slices.DeleteFunc(slices.Clone(p.glue.funcs), func(name string) bool { return !strings.Contains(string(p.Source), " "+name+"(") })
}

// number puts the program's number in the place of the mark, and after it what tells
// a variant's declarations from those of the others.
func number(code []byte, id int, own string) []byte {
	return bytes.ReplaceAll(code, []byte(mark), fmt.Appendf(nil, "%d_%s", id, own))
}

// plain drops the mark, for a reader: names get a short ending.
func plain(code []byte) string { return strings.ReplaceAll(string(code), mark, "0") }
