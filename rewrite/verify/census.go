package verify

import (
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A census is one version of a package with what is known about it, remembered from one plan to
// the next.
type census struct {
	program *patterns.Program
	pkg     *patterns.Package
	keys    map[string]map[string]int // by the requested categories; see [find.Keys]
	ops     map[string]map[string]int
	gofmt   map[*patterns.File]bool // memo of formatted
}

func newCensus(x *patterns.Program, p *patterns.Package) *census {
	return &census{
		program: x, pkg: p,
		keys: make(map[string]map[string]int), ops: make(map[string]map[string]int), gofmt: make(map[*patterns.File]bool),
	}
}

// keysWith counts the findings of the package by key.
func (c *census) keysWith(opts waits.Options) map[string]int {
	name := strings.Join(opts.Categories, " ")
	if c.keys[name] == nil {
		c.keys[name] = find.Keys(c.program, c.pkg, opts)
	}
	return c.keys[name]
}

// opsWith counts the operations of the package's findings by key.
func (c *census) opsWith(opts waits.Options) map[string]int {
	name := strings.Join(opts.Categories, " ")
	if c.ops[name] == nil {
		n := make(map[string]int)
		for _, f := range find.Unfiltered(c.program, c.pkg, opts) {
			n[f.Key()] += len(f.Ops)
		}
		c.ops[name] = n
	}
	return c.ops[name]
}

// formatted reports whether a file is formatted with gofmt.
func (c *census) formatted(f *patterns.File) bool {
	is, ok := c.gofmt[f]
	if !ok {
		is = isFormatted(f.Content)
		c.gofmt[f] = is
	}
	return is
}
