package world

import (
	"reflect"
	"slices"
	"unsafe"
)

// Code is what is compiled of one variant of a program.
type Code struct {
	Program, Variant int

	New   any   // the constructor, or what sets the package-level variables up
	Funcs []any // what can be called; a method takes its receiver first
	Vars  []any // pointers to the package-level variables, if the lock is one
}

// A Description says what a program consists of, and how instances of it are made.
// Variables go by the names of fields, or of package-level variables.
type Description struct {
	ID       int
	Seed     uint64    // of its inputs
	Variants []Variant // the first is the program as it was

	Args    []string // what makes the arguments of Code.New
	Presets []Preset // package-level variables that are set before that
	Vars    []string // names Code.Vars
	Lock    string
	State   []string // the package-level variables that the lock guards
	Funcs   []Func
	Tallies []Counted
	Own     []string // the variables that the program is about
	Fields  []Named  // the other variables that the lock guards
	Parks   bool     // calls may wait for each other by other means than the lock
	Zero    string   // a counter that is zero whenever nothing runs, or ""
	Ordered string   // effects that begin with it come in the order of the sections, or ""
}

// A Preset is a variable and what makes its value.
type Preset struct{ Var, Maker string }

// A Counted is a counter that never loses a count, and the functions that raise it.
type Counted struct {
	Var   string
	Calls []string
}

// A Named is a variable, and what it is called in questions.
type Named struct{ Name, Var string }

// makers make the values that an instance begins with.
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

// made returns a value of the type.
func made(maker string, t reflect.Type, w *World, in *Input) reflect.Value {
	if maker == "item" { // a struct of the program
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

// variable returns a pointer to a field, exported or not, of what p points to.
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
		lockOf(at(p.Lock)).reset() // the run before may have left it locked
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

// arguments calls Code.New with what it takes.
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
