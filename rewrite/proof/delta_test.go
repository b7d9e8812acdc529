package proof

import (
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

// deltaBetween returns the part of after that differs from before.
func deltaBetween(t *testing.T, tools *toolchain, before, after string) *delta {
	t.Helper()
	r, err := newRewriter(tools)
	if err != nil {
		t.Fatal(err)
	}
	var packages []*patterns.Package
	for _, source := range []string{before, after} {
		p, err := r.check(&programs.Program{Source: []byte(source)})
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return deltaOf(packages[0], packages[1])
}

// TestDelta checks which functions of a rewritten program are recompiled.
func TestDelta(t *testing.T) {
	const program = wrongHead + `type getter interface{ Get(key string) (int, error) }

func (s *Tω) DoA(key string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	return s.fetchω(key)
}

func (s *Tω) DoB() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *Tω) fetchω(key string) (int, error) { return s.db.Get(key) }

func (s *Tω) Get(key string) (int, error) { return 1, nil }
`
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, old, new string
		want           string // the renamed functions, or "-" if everything is compiled
	}{
		{"one function", "return s.n\n", "return s.n + 0\n", "DoB"},
		{"a helper, and who calls it", "{ return s.db.Get(key) }", "{ return s.db.Get(key + key) }", "DoA fetchω"},
		{"a type", "n     int", "n     int64", "-"},
		{"what an interface may call", "{ return 1, nil }", "{ return 2, nil }", "-"},
	} {
		after := strings.Replace(program, test.old, test.new, 1)
		if test.name == "a type" {
			after = strings.NewReplacer("&Tω{db: db, n: n}", "&Tω{db: db, n: int64(n)}", "return s.n\n", "return int(s.n)\n").Replace(after)
		}
		got := "-"
		if d := deltaBetween(t, tools, program, after); d != nil {
			got = strings.Join(sortedKeys(d.renamed), " ")
			for name := range d.renamed {
				if !strings.Contains(string(d.source), ") "+name+deltaMark+"(") {
					t.Errorf("%s: %s is not declared under its other name:\n%s", test.name, name, d.source)
				}
			}
		}
		if got != test.want {
			t.Errorf("%s: %s has a form of its own, want %s", test.name, got, test.want)
		}
	}
}
