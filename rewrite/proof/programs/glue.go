package programs

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Glue says how instances of a program are made and what they consist of.
// Variables go by the names of fields, or of package-level variables.
type Glue struct {
	Global  bool     // the lock is a package-level variable
	Args    []string // what makes the arguments of the constructor
	Presets []Preset // package-level variables that are set before that
	Vars    []string // the package-level variables
	Lock    string
	State   []string          // the package-level variables that the lock guards
	Funcs   []string          // names
	Many    map[string]bool   // functions that take the lock several times
	Tries   map[string]bool   // functions that give up rather than wait for it
	Sets    map[string]string // the variable that a function sets, if that is all it does
	Zero    string            // a counter that is zero whenever nothing runs
	Own     []string          // the template's variables
	Fields  []string          // the other guarded variables
	Parks   bool              // calls may wait for each other by other means than the lock
	Ordered string            // effects that come in the order of the sections
	Tallies []TallyGlue
}

type Preset struct{ Var, Maker string }

type TallyGlue struct {
	Var   string
	Calls []string
}

// makeGlue collects what makes an instance.
func (g *gen) makeGlue() Glue {
	out := Glue{Global: g.lock.global, Lock: g.lock.name, Many: g.many, Tries: make(map[string]bool), Sets: make(map[string]string)}
	if g.tmpl != nil {
		out.Ordered, out.Parks = g.tmpl.ordered, g.tmpl.parks
		if g.tmpl.balanced != "" {
			out.Zero = strings.TrimPrefix(g.variable(g.tmpl.balanced), "s.")
		}
	}
	for _, f := range g.fields {
		switch {
		case f.init != "":
		case g.lock.global && !f.guarded:
			out.Presets = append(out.Presets, Preset{f.name, f.maker})
		default:
			out.Args = append(out.Args, f.maker)
		}
		if f.tally {
			out.Tallies = append(out.Tallies, TallyGlue{f.name, g.tallies[f]})
		}
		if f.guarded && !f.tally && !f.secret {
			out.Fields = append(out.Fields, f.name)
		}
		if f.secret {
			out.Own = append(out.Own, f.name)
		}
		if g.lock.global {
			out.Vars = append(out.Vars, f.name)
			if f.guarded {
				out.State = append(out.State, f.name)
			}
		}
	}
	if g.lock.global {
		out.Vars = append(out.Vars, g.lock.name)
	}
	for _, f := range g.funcs {
		out.Funcs = append(out.Funcs, f.name)
		out.Tries[f.name] = f.tries
		if f.sets != nil {
			out.Sets[f.name] = strings.TrimSuffix(f.sets.name, Mark)
		}
	}
	return out
}

type FuncGlue struct {
	Name        string
	Many, Tries bool
	Sets        string
}

type FieldGlue struct{ Name, Var string }

// Callable lists the functions of the program.
func (p *Program) Callable() []string {
	return slices.DeleteFunc(slices.Clone(p.Glue.Funcs), func(name string) bool { return !strings.Contains(string(p.Source), " "+name+"(") })
}

// Number replaces the mark by the program's number, followed by what tells a variant's
// declarations from those of the others.
func Number(code []byte, id int, own string) []byte {
	return bytes.ReplaceAll(code, []byte(Mark), fmt.Appendf(nil, "%d_%s", id, own))
}

// Plain drops the mark, for human readers: names get a short ending.
func Plain(code []byte) string { return strings.ReplaceAll(string(code), Mark, "0") }
