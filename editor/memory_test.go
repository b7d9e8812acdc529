package editor

import (
	"os"
	"runtime/debug"
	"testing"
)

// percent returns what the garbage collector is set to.
func percent() int {
	old := debug.SetGCPercent(100)
	debug.SetGCPercent(old)
	return old
}

// TestPacer checks that the heap may grow while somebody hurries, and that GOGC
// has the last word.
func TestPacer(t *testing.T) {
	defer debug.SetGCPercent(percent())
	t.Setenv("GOGC", "") // restores what is there
	os.Unsetenv("GOGC")
	var p pacer
	p.set()
	if got := percent(); got != frugal {
		t.Errorf("GOGC is %d where nobody hurries, want %d", got, frugal)
	}
	first, second := p.hurry(), p.hurry()
	first()
	if got := percent(); got != hasty {
		t.Errorf("GOGC is %d while one of two hurries, want %d", got, hasty)
	}
	second()
	if got := percent(); got != frugal {
		t.Errorf("GOGC is %d after all is done, want %d", got, frugal)
	}
	t.Setenv("GOGC", "77")
	debug.SetGCPercent(77)
	p.hurry()
	if got := percent(); got != 77 {
		t.Errorf("GOGC is %d, but the user said 77", got)
	}
}
