package programs

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Glue says how to make instances of a program and what they consist of.
// Variables are named by their field or package-level variable.
type Glue struct {
	Global  bool     // the lock is a package-level variable
	Args    []string // makers of the constructor's arguments
	Presets []Preset // package-level variables to set before calling it
	Vars    []string // the package-level variables
	Lock    string
	State   []string          // the package-level variables that the lock guards
	Funcs   []string          // names
	Many    map[string]bool   // functions that take the lock several times
	Tries   map[string]bool   // functions that use TryLock and give up
	Sets    map[string]string // the variable that a function sets, if it does nothing else
	Zero    string            // a counter that is zero when nothing runs
	Own     []string          // the template's variables
	Fields  []string          // the other guarded variables
	Parks   bool              // calls may wait for each other by means other than the lock
	Ordered string            // prefix of effects that must keep the order of the sections
	Tallies []TallyGlue
}

type Preset struct{ Var, Maker string }

type TallyGlue struct {
	Var   string
	Calls []string
}

// makeGlue returns the glue of the program.
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

// Callable lists the functions that the source still contains.
func (p *Program) Callable() []string {
	return slices.DeleteFunc(slices.Clone(p.Glue.Funcs), func(name string) bool { return !strings.Contains(string(p.Source), " "+name+"(") })
}

// Number replaces the mark with the program's number and own, which distinguishes a
// variant's declarations from those of other variants.
func Number(code []byte, id int, own string) []byte {
	return bytes.ReplaceAll(code, []byte(Mark), fmt.Appendf(nil, "%d_%s", id, own))
}

// Plain replaces the mark with "0", for human readers.
func Plain(code []byte) string { return strings.ReplaceAll(string(code), Mark, "0") }
