package verdict

import "testing"

func TestWholeWords(t *testing.T) {
	for _, test := range []struct{ text, part, want string }{
		{"mu synchronizes access", "synchroni", "synchronizes"},
		{"runs in order, and once", "in order", "in order"},
		{"not asynchroni.", "synchroni", "asynchroni"},
		{"concurrent writes are bad", "concurrent write", "concurrent writes"},
		{"before any", "before any", "before any"},
	} {
		if got := wholeWords(test.text, test.part); got != test.want {
			t.Errorf("wholeWords(%q, %q) = %q, want %q", test.text, test.part, got, test.want)
		}
	}
}
