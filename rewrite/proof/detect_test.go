package proof

import (
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

const wrongHead = `package p

import (
	"sync"

	"proof/world"
)

type Tω struct {
	db    *world.Store
	mu    sync.Mutex
	n     int
	total int
}

func Newω(db *world.Store, n int) *Tω { return &Tω{db: db, n: n} }

`

// TestDetects runs deliberately wrong rewrites. Each must be detected, and the
// correct one must pass.
func TestDetects(t *testing.T) {
	const before = `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	v, err := s.db.Get(key)
	s.n += v
	return v, err
}
`
	tools := make(map[string]*toolchain)
	for _, mode := range []string{"seq", "race"} {
		if mode == "race" && !longtest.Wanted() {
			continue
		}
		made, err := newToolchain(t.TempDir(), mode == "race")
		if err != nil && mode == "seq" {
			t.Fatal(err)
		}
		tools[mode] = made
	}
	for _, test := range []struct {
		name, mode, after string
		assumes           string
		waits             bool   // it still waits under the lock, and is not marked clean
		want              string // kind of difference, or "" for none
	}{
		{"right", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += v
	return v, err
}
`, "", false, ""},
		{"another effect", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	s.mu.Unlock()
	v, err := s.db.Get(key + "x")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += v
	return v, err
}
`, "", false, "sequence"},
		{"another state", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	s.mu.Unlock()
	v, err := s.db.Get(key)
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += v
	return v, err
}
`, "", false, "sequence"},
		{"locked after a panic", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	v, err := s.db.Get(key)
	s.n += v
	s.mu.Unlock()
	return v, err
}
`, "", true, "sequence"},
		{"still held", "seq", before + "\n", "", false, "held"},
		{"lost update", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	n := s.n
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n = n + v
	return v, err
}
`, "", false, "steer"},
		{"lost update, asked about", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	n := s.n
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n = n + v
	return v, err
}
`, "S3", false, ""},
		{"lost count, asked about", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	total := s.total
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = total + 1
	s.n += v
	return v, err
}
`, "S3", false, "sequence"}, // a panic in between loses the count
		{"released twice", "seq", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += v
	s.mu.Unlock()
	return v, err
}
`, "", false, "crash"},
		{"race", "race", `func (s *Tω) Do(key string) (int, error) {
	s.mu.Lock()
	s.total++
	s.mu.Unlock()
	v, err := s.db.Get(key)
	s.n += v
	return v, err
}
`, "", false, "race"},
		{"lost count in a race", "race", `func (s *Tω) Do(key string) (int, error) {
	v, err := s.db.Get(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += v
	return v, err
}
`, "", false, "race"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.mode == "race" {
				longtest.Skip(t, "builds programs with the race detector")
			}
			if tools[test.mode] == nil {
				t.Skip("without a race detector")
			}
			prog := &programs.Program{ID: 1, Seed: 5, Source: []byte(wrongHead + before), Glue: programs.Glue{
				Args: []string{"Store", "Int"}, Lock: "mu", Funcs: []string{"Do"}, Tallies: []programs.TallyGlue{{Var: "total", Calls: []string{"Do"}}},
			}}
			after := Variant{Name: "after@0", Shape: "after", Assumes: test.assumes, Clean: !test.waits, Source: []byte(wrongHead + test.after)}
			after.delta = deltaBetween(t, tools[test.mode], string(prog.Source), string(after.Source))
			c := &Case{prog, []Variant{{Name: "before", Source: prog.Source}, after}}
			found, _, err := tools[test.mode].run(test.mode, []*Case{c})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(found) > 0 {
				got = found[0].Kind
			}
			if got != test.want {
				t.Errorf("it finds %q and not %q: %+v", got, test.want, found)
			}
		})
	}
}
