package finding

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A Deadlock says that what a section waits for may need the section's mutex before it
// can end the wait: then both wait forever.
type Deadlock struct {
	Op     *waits.Op // the wait under the lock
	Ends   string    // what would end the wait: "close(db.done)"
	EndsAt token.Position
	In     string         // the function that does that
	Path   []patterns.Hop // the calls from there to the one that takes the mutex; the last hop takes it
	Doubt  string         // why it may be otherwise: a mutex of another object; "" if nothing speaks for that
	Timed  bool           // the wait ends after some time: a delay, no deadlock
	Self   bool           // the section itself takes the mutex again, by a call
	Always bool           // and it does so in every run: none has ever got past the call

	Lock, What patterns.Path // of the mutex, and of what is waited for, in In
	Again      bool          // In needs the mutex each time, not only before the first
	After      string        // the function that In waits for, which needs the mutex in its place
}

// Message says in one sentence what may happen.
func (d *Deadlock) Message() string {
	last := d.Path[len(d.Path)-1].Func
	if d.Self {
		return d.unless(fmt.Sprintf("%s takes the lock that is held here: %s", d.Path[0].Func, last))
	}
	needs := fmt.Sprintf("needs this lock first (%s)", last)
	if d.After != "" {
		needs = fmt.Sprintf("waits for %s, which %s", d.After, needs)
	}
	return d.unless(fmt.Sprintf("%s would end the wait by %s, but %s", d.In, d.act(), needs))
}

// Brief is [Deadlock.Message] in fewer words, without the doubt.
func (d *Deadlock) Brief() string {
	lock := strings.TrimSuffix(d.Path[len(d.Path)-1].Func, "()")
	if i := strings.LastIndexByte(lock, '.'); i > 0 {
		lock = lock[:i]
	}
	switch {
	case d.Self:
		return fmt.Sprintf("%s takes %s again", d.Path[0].Func, lock)
	case d.After != "":
		return fmt.Sprintf("%s waits for %s, which needs %s", d.In, d.After, lock)
	}
	return fmt.Sprintf("%s needs %s before %s", d.In, lock, d.act())
}

// Advice says what would help.
func (d *Deadlock) Advice() string {
	if d.Self {
		return "Make the call after the unlock, or let it call functions that expect the lock to be held."
	}
	return fmt.Sprintf("Wait after the unlock, or let %s do without the lock before that.", d.In)
}

// act is what would end the wait, as something that is done.
func (d *Deadlock) act() string {
	if strings.HasSuffix(d.Ends, ")") {
		return "calling " + d.Ends
	}
	return d.Ends
}

// unless adds the doubt to a sentence.
func (d *Deadlock) unless(s string) string {
	if d.Doubt != "" {
		s += ", " + d.Doubt
	}
	return s
}
