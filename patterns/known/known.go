// Package known has tables of functions outside of the loaded packages, one for each
// property. A table may only say what is harmless: if a function is not in it, letgo
// assumes the opposite.
package known

import (
	_ "embed"
	"fmt"
	"go/types"
	"strings"
	"sync"
)

// A Condition says what else must hold for a call so that a line of a table applies to
// it.
type Condition string

// The conditions. Each table says at the top which ones it uses and what they mean.
const (
	Always    Condition = ""
	Functions Condition = "functions" // functions that are passed on are called
	Methods   Condition = "methods"   // methods of what is passed on are called
	Compares  Condition = "compares"  // values are compared
	Constants Condition = "constants" // holds for constants
	Plain     Condition = "plain"     // holds for values without methods
	Addresses Condition = "addresses" // holds for addresses of variables
	Buffers   Condition = "buffers"   // holds if the first argument is a buffer in memory
)

var (
	//go:embed cannot_panic.txt
	cannotPanicText string
	//go:embed no_effect.txt
	noEffectText string

	cannotPanic = lines(&cannotPanicText, Functions, Compares, Constants, Plain, Addresses, Buffers)
	noEffect    = lines(&noEffectText, Functions, Methods)
)

// CannotPanic reports whether a function cannot panic, if a condition holds.
func CannotPanic(fn *types.Func) (Condition, bool) {
	c, ok := cannotPanic()[nameOf(fn)]
	return c, ok
}

// HasNoEffect reports whether calling a function has no effect, if a condition holds:
// it changes nothing that anybody can see, does not write to or keep its arguments, and
// waits for nothing.
func HasNoEffect(fn *types.Func) (Condition, bool) {
	c, ok := noEffect()[nameOf(fn)]
	return c, ok
}

// nameOf is the name of a function in the tables.
func nameOf(fn *types.Func) string {
	name := fn.FullName()
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if i < 0 || j < i {
		return name
	}
	return name[:i] + name[j+1:]
}

// lines returns a function that parses a table on first use.
func lines(text *string, conditions ...Condition) func() map[string]Condition {
	return sync.OnceValue(func() map[string]Condition {
		m, err := parse(*text, conditions...)
		if err != nil {
			panic(err) // the tests parse it
		}
		return m
	})
}

// parse reads a table whose lines may have the given conditions.
func parse(text string, conditions ...Condition) (map[string]Condition, error) {
	m := make(map[string]Condition)
	last := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, word, _ := strings.Cut(line, " ")
		if name <= last {
			return nil, fmt.Errorf("line %d: %s stands after %s", n, name, last)
		}
		if !allowed(Condition(word), conditions) {
			return nil, fmt.Errorf("line %d: %q is none of the conditions %q", n, word, conditions)
		}
		m[name], last = Condition(word), name
	}
	return m, nil
}

func allowed(c Condition, list []Condition) bool {
	for _, o := range list {
		if c == o {
			return true
		}
	}
	return c == Always
}
