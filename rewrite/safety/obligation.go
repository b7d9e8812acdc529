package safety

import (
	"go/token"
	"slices"
)

// A Status says whether an obligation is proved.
type Status string

// The statuses of an obligation.
const (
	Proved  Status = "proved"
	Assumed Status = "assumed" // a person must check it
)

// An Obligation is one condition of one plan, proved or assumed. A broken one is a
// [Refusal].
type Obligation struct {
	Condition Condition
	Status    Status
	Text      string      // why it holds, or the question that a reviewer must answer
	Pos       token.Pos   // where to look, or NoPos
	Also      []Condition // other conditions that the same question is about

	About Topic  // of questions that are asked together; see [conditions.joinQuestions]
	What  string // that a question names

	Places []token.Pos // of the others that were joined to it
}

// Answers reports whether the obligation is about a condition.
func (o Obligation) Answers(c Condition) bool { return o.Condition == c || slices.Contains(o.Also, c) }

// Label names the conditions of an obligation: "S8 (order)", "S10, S8 (half-done, order)".
func (o Obligation) Label() string {
	ids, titles := string(o.Condition), o.Condition.Title()
	for _, c := range o.Also {
		ids, titles = ids+", "+string(c), titles+", "+c.Title()
	}
	return ids + " (" + titles + ")"
}

// A Grade says how far a plan can be trusted.
type Grade string

const (
	Safe   Grade = "safe"   // every obligation is proved
	Review Grade = "review" // some are assumed, each named
)

// What a loop through a copy may do, in questions about [CopyMeets].
const (
	SeesRemoved = "sees removed entries, or misses added ones"
	MissesAdded = "misses added entries" // where others only add some
)

// A Topic says what a question is about, so that it can be joined with others.
type Topic byte

const (
	Apart Topic = iota // it stands for itself

	SafeUse    // what now runs several times at once, and may not be safe for that
	SameFile   // what may now work on one file several times at once
	AtOnce     // what now runs several times at once
	Besides    // another call that may run at the same time
	PassedOn   // what is passed on was read under the lock
	CallersOwn // what is passed on belongs to the caller
	TakenOut   // what is passed on was taken out under the lock
	OwnCopies  // callers go through copies of their own
	OwnTime    // the time is read and passed on
	ChangesToo // the section also changes something
	LastStays  // what the last to finish has set stays
	InVain     // a test that is repeated after it may return

	StillTested // a test may be out of date before the call is over
	StillHeld   // an object may have been replaced by then

	HeldObject // an object is changed after the call, and may be out of its map by then

	CopyMeets   // a loop goes through a copy
	CopyDeletes // and deletes by what it finds there
	CopySets    // and sets again what may be gone
	CopySkips   // and leaves out what it does along with a deletion
	CopyHalf    // and is seen when it is half-way

	TakenFirst // what is tested is taken out before the call
	PutBack    // what was taken out is put back after it

	Unseen       // what is called cannot be seen
	UnseenBeside // nor can what may run at the same time
	LentToUnseen // and what it gets belongs to the caller
	SharedObject // what is called belongs to an object that others use, too

	RunsMeanwhile // other sections run during the call

	Removed      // an object is taken out of what is guarded before the call
	SeenEarly    // what others see before the call is over
	UsedAgain    // and is used again after it
	Overwritten  // what others set during the call is lost
	OlderStays   // the result of an older call may stay
	OnPanic      // what is otherwise after a panic
	LostOnPanic  // what was taken out is lost on a panic
	StaysOnPanic // a flag stays as it is on a panic
	OldValue     // what the call uses may have been replaced
	ReadFor      // something is changed after the call for which another value was read
	RunsFirst    // code after the call now runs before it
)
