package known

import (
	_ "embed"
	"go/types"
	"strings"
	"sync"
)

//go:embed spawns.txt
var spawnsText string

var spawns = sync.OnceValue(func() map[string]bool { return names(spawnsText) })

// Spawns reports whether a function runs each function passed to it in its own
// goroutine, which holds no lock when it begins, and nowhere else.
func Spawns(fn *types.Func) bool { return spawns()[nameOf(fn)] }

// names reads a table that has nothing but names.
func names(text string) map[string]bool {
	out := make(map[string]bool)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out[line] = true
		}
	}
	return out
}
