package patterns

import (
	"go/constant"
	"go/types"
)

// maxSlots bounds how many analyses keep something in units.
const maxSlots = 12

// slots has what fills each [Slot] from facts, or nil, and whether a unit that stands
// for some of the calls of another begins without what the slot holds of that.
var slots []slotKind

type slotKind struct {
	fromFact func(x *Program, fn *types.Func, fact *FuncFact) any
	anew     bool
}

// A Slot is where an analysis stores what it knows about each unit. Declare a Slot as a
// package-level variable.
type Slot[T any] struct{ index int }

// NewSlot returns an empty slot.
func NewSlot[T any]() Slot[T] {
	if len(slots) == maxSlots {
		panic("patterns: too many slots")
	}
	slots = append(slots, slotKind{})
	return Slot[T]{len(slots) - 1}
}

// FromFacts returns the slot, which fill fills for functions that are known only by the
// facts of their package. fn may be nil.
func (s Slot[T]) FromFacts(fill func(x *Program, fn *types.Func, fact *FuncFact) T) Slot[T] {
	slots[s.index].fromFact = func(x *Program, fn *types.Func, fact *FuncFact) any { return fill(x, fn, fact) }
	return s
}

// Anew returns the slot, which starts empty for [Unit.ForCalls] too.
func (s Slot[T]) Anew() Slot[T] {
	slots[s.index].anew = true
	return s
}

// Of returns what is known about a unit, or the zero value.
func (s Slot[T]) Of(u *Unit) T {
	v, _ := u.slots[s.index].(T)
	return v
}

// Set stores what is known about a unit.
func (s Slot[T]) Set(u *Unit, v T) { u.slots[s.index] = v }

// fillSlots fills the slots of a unit without a body.
func (x *Program) fillSlots(u *Unit, fact *FuncFact) {
	for i, kind := range slots {
		if kind.fromFact != nil {
			u.slots[i] = kind.fromFact(x, u.Obj, fact)
		}
	}
}

// ForCalls returns a unit that stands for the calls of u that pass the given values.
func (u *Unit) ForCalls(known map[*types.Var]constant.Value) *Unit {
	v := new(Unit)
	*v = *u
	v.Of, v.Known = u, known
	for i, kind := range slots {
		if kind.anew {
			v.slots[i] = nil
		}
	}
	return v
}
