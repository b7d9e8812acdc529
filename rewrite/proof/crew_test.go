package proof

import (
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

const crewHead = `package p

import (
	"sync"

	"proof/world"
)

type Tω struct {
	db   *world.Store
	mu   sync.Mutex
	n    int
	aux  sync.Mutex
	seen int
	cond *sync.Cond
}

func Newω(db *world.Store) *Tω {
	s := &Tω{db: db}
	s.cond = sync.NewCond(&s.mu)
	return s
}

func (s *Tω) Sum() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aux.Lock()
	defer s.aux.Unlock()
	return s.n + s.seen
}

func (s *Tω) Await() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.n == 0 {
		s.cond.Wait()
	}
}

`

// TestCrew checks that a rewrite that makes calls block forever is detected.
func TestCrew(t *testing.T) {
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	const (
		second = "func (s *Tω) Do(key string) {\n\ts.mu.Lock()\n\ts.aux.Lock()\n\ts.seen++\n\ts.db.Get(key)\n\ts.n++\n\ts.aux.Unlock()\n\ts.mu.Unlock()\n}\n"
		early  = "func (s *Tω) Do(key string) {\n\ts.mu.Lock()\n\ts.cond.Broadcast()\n\ts.db.Get(key)\n\ts.n++\n\ts.mu.Unlock()\n}\n"
	)
	for _, test := range []struct{ name, before, window, want string }{
		{"for each other", second, "\ts.mu.Unlock()\n\ts.db.Get(key)\n\ts.mu.Lock()\n", "steer"},
		{"the second lock goes first", second, "\ts.aux.Unlock()\n\ts.mu.Unlock()\n\ts.db.Get(key)\n\ts.mu.Lock()\n\ts.aux.Lock()\n", ""},
		{"woken too early", early, "\ts.mu.Unlock()\n\ts.db.Get(key)\n\ts.mu.Lock()\n", "steer"},
		{"woken in time", early, "\ts.mu.Unlock()\n\ts.db.Get(key)\n\ts.mu.Lock()\n\ts.cond.Broadcast()\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			after := strings.Replace(test.before, "\ts.db.Get(key)\n", test.window, 1)
			var cases []*Case
			for id := 1; id <= 4; id++ { // the seed decides which calls meet
				prog := &programs.Program{ID: id, Seed: 3 + id, Source: []byte(crewHead + test.before), Glue: programs.Glue{
					Args: []string{"Store"}, Lock: "mu", Parks: true, Funcs: []string{"Do", "Sum", "Await"}, Own: []string{"aux"},
				}}
				cases = append(cases, &Case{prog, []Variant{
					{Name: "before", Source: prog.Source},
					{Name: "after@0", Shape: "after", Assumes: "S3 S10", Asks: true, Clean: true, Source: []byte(crewHead + after), delta: deltaBetween(t, tools, crewHead+test.before, crewHead+after)},
				}})
			}
			found, _, err := tools.run("seq", cases)
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
