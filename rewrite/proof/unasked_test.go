package proof

import (
	"testing"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

const unaskedHead = `package p

import (
	"sync"

	"proof/world"
)

type Tω struct {
	db      *world.Store
	client  *world.Client
	mu      sync.Mutex
	stopped bool
	inUse   int
	version int
	quit    chan int
	page    *world.Page
	link    *world.Link
	limit   int
}

func Newω(db *world.Store, client *world.Client) *Tω {
	return &Tω{db: db, client: client, quit: make(chan int), link: client.Link()}
}

func (s *Tω) SetLimit(n int) {
	s.mu.Lock()
	s.limit = n
	s.mu.Unlock()
}

func (s *Tω) Stop() {
	s.mu.Lock()
	s.stopped = true
	if s.link != nil {
		s.link.Close()
		s.link = nil
	}
	s.mu.Unlock()
}

`

// TestUnasked runs deliberately wrong rewrites that ask a question about something
// else. That must not excuse the failure.
func TestUnasked(t *testing.T) {
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, assumes, before, after string }{
		{"a counter that stays up", "S3 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.inUse++
	s.db.Count()
	s.inUse--
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return
	}
	s.inUse++
	s.mu.Unlock()
	s.db.Count()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.inUse--
}
`},
		{"closed twice", "S3 S4 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit == nil {
		return
	}
	close(s.quit)
	s.db.Count()
	s.quit = nil
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	if s.quit == nil {
		s.mu.Unlock()
		return
	}
	close(s.quit)
	s.mu.Unlock()
	s.db.Count()
	s.mu.Lock()
	s.quit = nil
	s.mu.Unlock()
}
`},
		{"a body that nobody closes", "S3 S4", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.page == nil {
		s.page, _ = s.client.Fetch("a")
	}
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	page := s.page
	s.mu.Unlock()
	if page != nil {
		return
	}
	page, _ = s.client.Fetch("a")
	s.mu.Lock()
	s.page = page
	s.mu.Unlock()
}
`},
		{"overtaken", "S3 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.db.Get("w")
	s.db.Put("v", s.version)
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	s.version++
	v := s.version
	s.mu.Unlock()
	s.db.Get("w")
	s.db.Put("v", v)
}
`},
		{"overtaken on the way", "S3 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.db.Put("v", s.version)
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	s.version++
	v := s.version
	s.mu.Unlock()
	s.db.Put("v", v)
}
`},
		{"lost to a setter", "S3 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.limit
	s.db.Count()
	s.limit = n + 7
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	n := s.limit
	s.mu.Unlock()
	s.db.Count()
	s.mu.Lock()
	s.limit = n + 7
	s.mu.Unlock()
}
`},
		{"closed meanwhile", "S3 S10", `func (s *Tω) Do() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != nil {
		s.link.Send("a")
	}
}
`, `func (s *Tω) Do() {
	s.mu.Lock()
	link := s.link
	s.mu.Unlock()
	if link != nil {
		link.Send("a")
	}
}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var cases []*Case
			for id := 1; id <= 4; id++ { // the seed decides which calls meet
				prog := &programs.Program{ID: id, Seed: 3 + id, Source: []byte(unaskedHead + test.before), Glue: programs.Glue{
					Args: []string{"Store", "Client"}, Lock: "mu",
					Funcs: []string{"Do", "Stop", "SetLimit"}, Sets: map[string]string{"SetLimit": "limit"}, Own: []string{"page"}, Zero: "inUse", Ordered: `put("v"`,
				}}
				cases = append(cases, &Case{prog, []Variant{
					{Name: "before", Source: prog.Source},
					{Name: "after@0", Shape: "after", Assumes: test.assumes, Asks: true, Clean: true, Source: []byte(unaskedHead + test.after)},
				}})
			}
			found, _, err := tools.run("seq", cases)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 || found[0].Kind != "steer" {
				t.Errorf("it finds %+v", found)
			}
		})
	}
}
