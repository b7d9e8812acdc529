package finding

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Delay is what profiles of a running program say of one section: how long other
// goroutines have waited because of it.
type Delay struct {
	Measure Measure
	Time    time.Duration // that was waited because of the section, all goroutines together
	All     time.Duration // what the profiles have of that measure altogether
	Waits   int64         // how many waits there were
	P99     time.Duration // of the single waits; 0 where a profile has only their sum

	// Held is how long the section was seen to wait itself while it held the lock, and
	// HeldWaits how often. Mutex profiles do not tell.
	Held      time.Duration
	HeldWaits int64

	// Shared says that the profile does not tell the section from another one of its
	// function, which has the same delay.
	Shared bool
}

// A Measure says what a delay is the sum of.
type Measure string

const (
	// MutexDelay is what mutex profiles and traces charge to the release of a section:
	// the time that others waited for it.
	MutexDelay Measure = "mutex"
	// LockDelay is what block profiles have of waits for the lock of a section,
	// whichever of its sections was held meanwhile.
	LockDelay Measure = "lock"
)

// leastShare is the share of all delay from which on a section is worth a look,
// whatever its verdict says.
const leastShare = 0.01

// Share is the delay as a part of all delay, between 0 and 1.
func (d *Delay) Share() float64 {
	if d == nil || d.All <= 0 {
		return 0
	}
	return float64(d.Time) / float64(d.All)
}

// Worthwhile reports whether the delay is so large a share of all that it is worth a
// look.
func (d *Delay) Worthwhile() bool { return d.Share() >= leastShare }

// HeldWorthwhile is the same of what the section waited itself.
func (d *Delay) HeldWorthwhile() bool {
	return d != nil && d.HeldWaits > 0 && float64(d.Held) >= leastShare*float64(d.All)
}

// Measured reports whether profiles put a delay to the finding that outranks its
// verdict.
func (f *Finding) Measured() bool { return f.Delay.Worthwhile() }

// String says it in one line, as in "1.8 s of 12.4 s of all mutex delay, 3,204 waits, p99
// not known from a mutex profile".
func (d *Delay) String() string {
	var parts []string
	if d.Time > 0 || d.Waits > 0 {
		what, whose, file := "all mutex delay", "", "mutex"
		if d.Measure == LockDelay {
			what, whose, file = "all waits for locks", " for this lock, whichever section held it", "block"
		}
		parts = append(parts, fmt.Sprintf("%s of %s of %s, %s%s", FormatDelay(d.Time), FormatDelay(d.All), what, CountWaits(d.Waits), whose))
		if d.P99 > 0 {
			parts[0] += ", p99 " + FormatDelay(d.P99)
		} else {
			parts[0] += fmt.Sprintf(", p99 not known from a %s profile", file)
		}
		if d.Shared {
			parts[0] += " (or another section of this function: the profile does not tell)"
		}
	}
	if d.HeldWaits > 0 {
		parts = append(parts, fmt.Sprintf("waited %s itself with the lock held, %s", FormatDelay(d.Held), CountWaits(d.HeldWaits)))
	}
	return strings.Join(parts, "; ")
}

// CountWaits prints a number of waits.
func CountWaits(n int64) string {
	if n == 1 {
		return "1 wait"
	}
	return Thousands(n) + " waits"
}

// FormatDelay prints a duration with two or three digits: "12.4 s", "310 ms".
func FormatDelay(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		x := float64(d) / float64(u.unit)
		switch {
		case x >= 99.95:
			return Thousands(int64(x+0.5)) + " " + u.name
		case x >= 0.9995:
			return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0") + " " + u.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + " ns"
}

// Thousands prints a number with commas between its thousands.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
