package world

import (
	"reflect"
	"slices"
	"unsafe"
)

// Code is the compiled code of one variant of a program.
type Code struct {
	Program, Variant int

	New   any   // the constructor, or the function that sets up the package-level variables
	Funcs []any // the functions to call; a method takes its receiver first
	Vars  []any // pointers to the package-level variables, if the lock is one of them
}

// A Description says what a program consists of and how to make instances of it.
// Variables are named by their field or package-level variable.
type Description struct {
	ID       int
	Seed     uint64    // for its inputs
	Variants []Variant // the original program first

	Args    []string // makers of the arguments of Code.New
	Presets []Preset // package-level variables to set before calling it
	Vars    []string // names of Code.Vars
	Lock    string
	State   []string // the package-level variables that the lock guards
	Funcs   []Func
	Tallies []Counted
	Own     []string // the program's subject: the variables of its template
	Fields  []Named  // other variables that the lock guards
	Parks   bool     // calls may wait for each other by means other than the lock
	Zero    string   // a counter that is zero when nothing runs, or ""
	Ordered string   // prefix of effects that must keep the order of the sections, or ""
}

// A Preset is a variable and the maker of its value.
type Preset struct{ Var, Maker string }

// A Counted is a counter that must never lose a count, and the functions that
// increment it.
type Counted struct {
	Var   string
	Calls []string
}

// A Named is a variable and its name in questions.
type Named struct{ Name, Var string }

// makers make the initial values of an instance.
var makers = map[string]func(w *World, in *Input) any{
	"Store":  func(w *World, _ *Input) any { return w.Store() },
	"Conn":   func(w *World, _ *Input) any { return w.Conn() },
	"Net":    func(w *World, _ *Input) any { return w.Net() },
	"Disk":   func(w *World, _ *Input) any { return w.Disk() },
	"Signal": func(w *World, _ *Input) any { return w.Signal() },
	"Stats":  func(w *World, _ *Input) any { return w.Stats() },
	"In":     func(w *World, _ *Input) any { return w.In() },
	"Out":    func(w *World, _ *Input) any { return w.Out() },
	"Client": func(w *World, _ *Input) any { return w.Client() },
	"Int":    func(_ *World, in *Input) any { return in.Int() },
	"Str":    func(_ *World, in *Input) any { return in.Str() },
	"Bool":   func(_ *World, in *Input) any { return in.Bool() },
	"Map":    func(_ *World, in *Input) any { return in.Map() },
	"Ints":   func(_ *World, in *Input) any { return in.Ints() },
	"Strs":   func(_ *World, in *Input) any { return in.Strs() },
	"Any":    func(_ *World, in *Input) any { return in.Any() },
	"Err":    func(_ *World, in *Input) any { return in.Err() },
	"hook":   func(w *World, _ *Input) any { return w.Hook("hook") },
	"hooks":  func(w *World, _ *Input) any { return []func(int){w.Hook("first"), w.Hook("second")} },
	"conn": func(w *World, in *Input) any {
		if in.Bool() {
			return nil
		}
		return w.Conn()
	},
}

// made calls a maker for a value of type t.
func made(maker string, t reflect.Type, w *World, in *Input) reflect.Value {
	if maker == "item" { // a struct type of the program
		if in.Bool() {
			return reflect.Zero(t)
		}
		p := reflect.New(t.Elem())
		variable(p, "name").Elem().SetString(in.Str())
		variable(p, "hits").Elem().SetInt(int64(in.Int()))
		return p
	}
	v := makers[maker](w, in)
	if v == nil {
		return reflect.Zero(t)
	}
	return reflect.ValueOf(v)
}

// variable returns a pointer to a field, exported or not, of the struct at p.
func variable(p reflect.Value, name string) reflect.Value {
	f := p.Elem().FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr()))
}

// instance makes an instance of a variant.
func (p *program) instance(variant int, w *World, in *Input) *Instance {
	code := p.codes[variant]
	at := func(name string) any { return code.Vars[slices.Index(p.Vars, name)] }
	var funcs []reflect.Value
	for _, f := range code.Funcs {
		funcs = append(funcs, reflect.ValueOf(f))
	}
	inst := &Instance{Ordered: p.Ordered}
	if len(code.Vars) == 0 {
		s := p.arguments(code, w, in)[0]
		at = func(name string) any { return variable(s, name).Interface() }
		inst.State = []any{s.Interface()}
		for i, f := range p.Funcs {
			f.F, f.recv = funcs[i], []reflect.Value{s}
			inst.Funcs = append(inst.Funcs, f)
		}
	} else {
		for _, s := range p.Presets {
			v := reflect.ValueOf(at(s.Var)).Elem()
			v.Set(made(s.Maker, v.Type(), w, in))
		}
		lockOf(at(p.Lock)).reset() // the previous run may have left it locked
		p.arguments(code, w, in)
		inst.State = pick(p.State, at)
		for i, f := range p.Funcs {
			f.F = funcs[i]
			inst.Funcs = append(inst.Funcs, f)
		}
	}
	inst.Locks, inst.Own = []any{at(p.Lock)}, pick(p.Own, at)
	for _, t := range p.Tallies {
		inst.Tallies = append(inst.Tallies, Tally{at(t.Var).(*int), t.Calls})
	}
	for _, f := range p.Fields {
		inst.Fields = append(inst.Fields, Field{f.Name, at(f.Var)})
	}
	if p.Zero != "" {
		inst.Zero = at(p.Zero).(*int)
	}
	return inst
}

// arguments makes the arguments of Code.New and calls it.
func (p *program) arguments(code Code, w *World, in *Input) []reflect.Value {
	f := reflect.ValueOf(code.New)
	var args []reflect.Value
	for i, m := range p.Args {
		args = append(args, made(m, f.Type().In(i), w, in))
	}
	return f.Call(args)
}

func pick(names []string, at func(string) any) []any {
	var out []any
	for _, n := range names {
		out = append(out, at(n))
	}
	return out
}
