package conditions

import (
	"testing"
)

func TestJoinClauses(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"", "a waits", "a waits"},
		{"f.Close can now run in two goroutines at once", "f.Sync can now run in two goroutines at once", "f.Close, f.Sync can now run in two goroutines at once"},
		{"Other sections of h.mu can now run while send on l.a waits", "Other sections of h.mu can now run while send on l.b waits",
			"Other sections of h.mu can now run while send on l.a, l.b waits"},
		{"The state tested at p.go:3 can change before the call is over", "The state tested at p.go:5 can change before the call is over", "The state tested at p.go:3, p.go:5 can change before the call is over"},
		{"If a.Close panics, c.n (p.go:3) has already been done", "If b.Close panics, c.n (p.go:3) has already been done", "If a.Close or b.Close panics, c.n (p.go:3) has already been done"},
		{"If a.Close panics, what came after it (x) is done", "If b panics (b may be nil), mu stays locked", "If a.Close panics, what came after it (x) is done, and if b panics (b may be nil), mu stays locked"},
		{"c.a is written, and also at p.go:2", "c.a, c.b is written, and also at p.go:2, p.go:3", "c.a, c.b is written, and also at p.go:2, p.go:3"},
		{"e.size is set after the call, and also at line 9", "e.mode is set after the call, and also at line 2", "e.size, e.mode are set after the call, and also at lines 2, 9"},
		{"e.size, e.mode are set after the call, and also at lines 2, 9", "e.time is set after the call, and also at line 9", "e.size, e.mode, e.time are set after the call, and also at lines 2, 9"},
		{"The loop runs over a copy of h.a, which can change meanwhile (line 3)", "The loop runs over a copy of h.b, which can change meanwhile (b.go:4)", "The loop runs over a copy of h.a, h.b, which can change meanwhile (line 3, b.go:4)"},
		{"In the caller (*L).Add: Others can see l.buf", "Others can see l.buf", "Others can see l.buf, also in the caller (*L).Add"},
		{"x is removed from m before x.Close", "y is removed from n before y.Sync", "x is removed from m before x.Close, and y is removed from n before y.Sync"},
	} {
		if got := joinClauses(test.a, test.b); got != test.want {
			t.Errorf("joinClauses(%q, %q)\n got %q\nwant %q", test.a, test.b, got, test.want)
		}
	}
}
