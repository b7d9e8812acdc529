package longtest

import (
	"strings"
	"testing"
)

// TestSkip checks that long tests are skipped with a hint on how to run them, and run if wanted.
func TestSkip(t *testing.T) {
	for _, wanted := range []string{"", "1"} {
		t.Setenv(Variable, wanted)
		var inner *testing.T
		ran := false
		t.Run("inner", func(t *testing.T) {
			inner = t
			Skip(t, "takes long")
			ran = true
		})
		if ran != (wanted != "") || inner.Skipped() == ran {
			t.Errorf("with %s=%q: ran %v, skipped %v", Variable, wanted, ran, inner.Skipped())
		}
		if n := Of(t, 2, 7); n != map[string]int{"": 2, "1": 7}[wanted] {
			t.Errorf("with %s=%q: %d cases of 7", Variable, wanted, n)
		}
		if n := Of(t, 9, 7); n != 7 {
			t.Errorf("%d cases of 7", n)
		}
	}
	if h := Hint(t); !strings.Contains(h, "LETGO_LONG=1 go test -run '^TestSkip$'") {
		t.Errorf("the hint %q", h)
	}
}
