package safety

import (
	"slices"
)

// A Condition is one of the things that a rewrite must prove. A real hand-made fix
// broke each of them and had to be repaired.
type Condition string

// The conditions; [register] describes them.
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

// register lists the conditions, each with its title, what it says, and an example of
// what letgo prints about it: a question, or a refusal where letgo never asks. The number
// of a condition is its place here.
var register = []struct {
	Condition
	title, doc, example string
}{
	{S1, "guarded", "code that now runs without the lock uses nothing that the lock guards, in memory or outside of the process",
		"letgo cannot see into dial. Is it safe to call without c.mu?"},
	{S2, "alias", "a value that is copied out shares no memory with what another section changes",
		"conn was made from conns, whose elements change at line 18. Does it share none of them?"},
	{S3, "stale", "what was read before the wait still holds where it is used after it",
		"dir can change at line 17 before the call is over. Is a call with the old value fine?"},
	{S4, "lost update", "a write after the wait does not overwrite what others wrote meanwhile",
		"Two calls can now finish in either order, and the last one's value of c.val stays. Is that right?"},
	{S5, "miss, compute, insert", "a cache entry is inserted only if it is still missing",
		"If the repeated test goes the other way, conn is closed. Is it certain that nobody else uses it?"},
	{S6, "lifetime", "what is used during the wait is not closed or dropped meanwhile",
		"conn can now be closed at line 17 during the call. Does the call then fail cleanly?"},
	{S7, "channel", "a channel used during the wait is not closed or replaced by another section",
		"f.in is replaced at line 14. Is it fine to use the old channel?"},
	{S8, "order", "callers do not overtake each other where the order matters",
		"net/http.Post can now run in several goroutines at once, each with its own data. Is that all right?"},
	{S9, "overlap", "what waits may be called by several goroutines at once",
		"net.Dial can now run in several goroutines at once. Is that all right?"},
	{S10, "half-done", "no half-done change is visible during the wait",
		"Other goroutines can now see b.n as changed here before the call is done. Is that a valid state?"},
	{S11, "balance", "every path locks and unlocks the same number of times",
		"the lock is held on some paths only"},
	{S12, "panic", "a panic releases the lock wherever it did before",
		"If ping panics, what used to come after it (s.n, at line 34) has already been done. Is that right?"},
	{S13, "lock order", "locks are taken in the same order as before",
		"s.io is taken while s.mu is held, and may still be held during the wait"},
	{S14, "callers", "no caller relies on the lock being held throughout",
		"some callers of (*Peers).ask hold the read lock, others the write lock"},
	{S15, "residue", "nothing of the finding is left, and there is no new one",
		"os.Remove is deferred: it runs when (*Store).removeLocked returns, when the lock is held again"},
	{S16, "read lock", "no code relies on a read lock being upgraded atomically",
		"the lock is also taken for reading"},
	{S17, "error path", "what was published before the call is undone if the call fails",
		"l.conn is now emptied before the call. Is it fine to lose its contents if the call panics?"},
	{S18, "cond", "the wait of a condition variable is left alone",
		"q.cond.Wait releases the lock while it waits and retakes it"},
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

// Example is something that letgo prints about the condition: a question, which ends with
// a question mark, or a refusal where letgo never asks.
func (c Condition) Example() string {
	if i := c.Order(); i >= 0 {
		return register[i].example
	}
	return ""
}

// Order returns the place of the condition in the register, or -1.
func (c Condition) Order() int { return slices.Index(Conditions(), c) }
