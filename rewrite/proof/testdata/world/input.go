package world

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// An Input provides the initial values and arguments for a run. They are the same
// for every variant of a program.
type Input struct {
	state uint64
	nice  bool // no nil maps, empty slices or the like
}

func newInput(seed uint64) *Input {
	in := &Input{state: seed * 0x9e3779b97f4a7c15}
	in.n(2)
	in.nice = in.n(2) == 0
	return in
}

// faults chooses how often the backends fail: never in every second run.
func (in *Input) faults(seed uint64) faults {
	switch seed % 4 {
	case 1:
		return faults{errors: 5}
	case 3:
		return faults{errors: 3, panics: 3}
	}
	return faults{}
}

// n returns a number below k (splitmix64).
func (in *Input) n(k int) int {
	in.state += 0x9e3779b97f4a7c15
	z := in.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) >> 1 % uint64(k))
}

// Int returns a small number.
func (in *Input) Int() int { return []int{0, 1, 2, 3, 5, -1}[in.n(6)] }

// Str returns a short string.
func (in *Input) Str() string { return []string{"a", "b", "c", ""}[in.n(4)] }

// Bool returns false two times out of three.
func (in *Input) Bool() bool { return in.n(3) == 0 }

func (in *Input) none() bool { return !in.nice && in.n(4) == 0 }

// Map returns a map with up to three entries, or nil.
func (in *Input) Map() map[string]int {
	if in.none() {
		return nil
	}
	m := make(map[string]int)
	for range in.n(4) {
		m[in.Str()] = in.Int()
	}
	return m
}

// Ints returns one to four numbers, or nil.
func (in *Input) Ints() []int {
	if in.none() {
		return nil
	}
	list := []int{in.Int()}
	for range in.n(3) {
		list = append(list, in.Int())
	}
	return list
}

// Strs returns one to four strings, or nil.
func (in *Input) Strs() []string {
	if in.none() {
		return nil
	}
	list := []string{in.Str()}
	for range in.n(3) {
		list = append(list, in.Str())
	}
	return list
}

// Any returns a number, or sometimes a string.
func (in *Input) Any() any {
	if in.none() {
		return in.Str()
	}
	return in.Int()
}

// Err returns an error or nil.
func (in *Input) Err() error {
	if in.n(3) > 0 {
		return nil
	}
	return errors.New("before")
}

// args makes the arguments for a call.
func (in *Input) args(w *World, f Func) []reflect.Value {
	t := f.F.Type()
	var args []reflect.Value
	for i := range t.NumIn() - len(f.recv) {
		args = append(args, reflect.ValueOf(in.arg(w, t.In(i+len(f.recv)), i)))
	}
	return args
}

func (in *Input) arg(w *World, t reflect.Type, i int) any {
	switch t.String() {
	case "int":
		return in.Int()
	case "string":
		return in.Str()
	case "bool":
		return in.Bool()
	case "[]int":
		return in.Ints()
	case "[]string":
		return in.Strs()
	case "func(int)":
		return w.Hook(fmt.Sprintf("param%d", i))
	case "context.Context":
		return context.Background()
	case "*world.Output":
		return &Output{w: w}
	}
	panic("no argument of type " + t.String())
}
