package known

import (
	_ "embed"
	"fmt"
	"go/types"
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

	computed  = summaries("storage.txt", &storageText)
	contracts = summaries("contracts.txt", &contractsText)
)

// Storage says what a function does to the storage that its arguments refer to: as
// contracts.txt says, or otherwise as computed from its source.
func Storage(fn *types.Func) (s storage.Summary, ok bool) {
	name := nameOf(fn)
	if s, ok = contracts()[name]; !ok {
		s, ok = computed()[name]
	}
	return s, ok
}

// Contract is [Storage] for the functions in contracts.txt.
func Contract(fn *types.Func) (s storage.Summary, ok bool) {
	s, ok = contracts()[nameOf(fn)]
	return s, ok
}

// Name is the name of a function in the tables: as (*types.Func).FullName prints it,
// without type parameters.
func Name(fn *types.Func) string { return nameOf(fn) }

// summaries returns a function that parses a table on first use.
func summaries(file string, text *string) func() map[string]storage.Summary {
	return sync.OnceValue(func() map[string]storage.Summary {
		m, err := parseSummaries(*text)
		if err != nil {
			panic(fmt.Errorf("%s: %w", file, err)) // the tests parse it
		}
		return m
	})
}

func parseSummaries(text string) (map[string]storage.Summary, error) {
	out := make(map[string]storage.Summary)
	last, n := "", 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, "\t")
		s, err := storage.ParseSummary(rest)
		switch {
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", n, err)
		case rest == "":
			return nil, fmt.Errorf("line %d: there is no tab between the name and what the function does", n)
		case name <= last:
			return nil, fmt.Errorf("line %d: %s stands after %s", n, name, last)
		}
		out[name], last = s, name
	}
	return out, nil
}
