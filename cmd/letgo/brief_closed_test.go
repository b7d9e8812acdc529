package main

import (
	"strings"
	"testing"
)

// TestClosed cuts texts: no bracket is left open.
func TestClosed(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"each with its own b (lines 22,", "each with its own b"},
		{"(*T).run needs mu before", "(*T).run needs mu before"},
		{"f (in (*T).run) and g (of", "f (in (*T).run) and g"},
	} {
		if got := strings.Join(closed(strings.Fields(c.text)), " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
