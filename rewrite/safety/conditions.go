package safety

import (
	"slices"
)

// A Condition is one of the things that a rewrite must prove. Each was broken
// by a real hand-made fix of this kind, which then had to be repaired.
type Condition string

// The conditions; [register] says what they are.
const (
	S1  Condition = "S1"
	S2  Condition = "S2"
	S3  Condition = "S3"
	S4  Condition = "S4"
	S5  Condition = "S5"
	S6  Condition = "S6"
	S7  Condition = "S7"
	S8  Condition = "S8"
	S9  Condition = "S9"
	S10 Condition = "S10"
	S11 Condition = "S11"
	S12 Condition = "S12"
	S13 Condition = "S13"
	S14 Condition = "S14"
	S15 Condition = "S15"
	S16 Condition = "S16"
	S17 Condition = "S17"
	S18 Condition = "S18"
)

// register is the list of the conditions, each with its title and what it says. The
// number of a condition is its place here.
var register = []struct {
	Condition
	title, doc string
}{
	{S1, "guarded", "code that now runs without the lock uses nothing that the lock guards, in memory or outside of the process"},
	{S2, "alias", "a value that is copied out shares no memory with what another section changes"},
	{S3, "stale", "what was read before the wait still holds where it is used after it"},
	{S4, "lost update", "a write after the wait does not overwrite what others wrote meanwhile"},
	{S5, "miss, compute, insert", "a cache entry is inserted only if it is still missing"},
	{S6, "lifetime", "what is used during the wait is not closed or dropped meanwhile"},
	{S7, "channel", "a channel used during the wait is not closed or replaced by another section"},
	{S8, "order", "callers do not overtake each other where the order matters"},
	{S9, "overlap", "what waits may be called by several goroutines at once"},
	{S10, "half-done", "no half-done change is visible during the wait"},
	{S11, "balance", "every path locks and unlocks the same number of times"},
	{S12, "panic", "a panic releases the lock wherever it did before"},
	{S13, "lock order", "locks are taken in the same order as before"},
	{S14, "callers", "no caller relies on the lock being held throughout"},
	{S15, "residue", "nothing of the finding is left, and there is no new one"},
	{S16, "read lock", "no code relies on a read lock being upgraded atomically"},
	{S17, "error path", "what was published before the call is undone if the call fails"},
	{S18, "cond", "the wait of a condition variable is left alone"},
}

// Conditions lists all conditions in order.
func Conditions() []Condition {
	var out []Condition
	for _, c := range register {
		out = append(out, c.Condition)
	}
	return out
}

// Title returns the short name of the condition: "alias" for S2.
func (c Condition) Title() string {
	if i := c.Order(); i >= 0 {
		return register[i].title
	}
	return ""
}

// Doc says what the condition is, in words that follow its name.
func (c Condition) Doc() string {
	if i := c.Order(); i >= 0 {
		return register[i].doc
	}
	return ""
}

// Order returns the place of the condition in the register, or -1.
func (c Condition) Order() int { return slices.Index(Conditions(), c) }
