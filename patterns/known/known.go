// Package known holds what is known of functions that are not seen, as tables of
// one-line facts. Every table says what is harmless: what stands in none is not.
package known

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns/storage"
)

//go:generate sh -c "go run ./mkstorage >storage.tmp && mv storage.tmp storage.txt"

var (
	//go:embed storage.txt
	storageText string
	//go:embed contracts.txt
	contractsText string
)

// Contracts returns what stands in contracts.txt, by the full name of the function.
var Contracts = sync.OnceValue(func() map[string]storage.Summary { return parse("contracts.txt", contractsText) })

var computed = sync.OnceValue(func() map[string]storage.Summary { return parse("storage.txt", storageText) })

// Storage says what a function, named as (*types.Func).FullName prints it, does to
// the storage that its arguments refer to.
func Storage(name string) (s storage.Summary, ok bool) {
	if s, ok := Contracts()[name]; ok {
		return s, true
	}
	s, ok = computed()[name]
	return s, ok
}

func parse(file, text string) map[string]storage.Summary {
	out := make(map[string]storage.Summary)
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, "\t")
		s, err := storage.ParseSummary(rest)
		if err != nil || rest == "" {
			panic(fmt.Sprintf("%s:%d: %q is not a name, a tab and what it does: %v", file, i+1, line, err))
		}
		out[name] = s
	}
	return out
}
