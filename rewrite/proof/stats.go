package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/rewrite"
)

// Stats counts what the generated programs exercise. A generator whose programs
// are all refused proves nothing.
type Stats struct {
	mu       sync.Mutex
	Programs int
	Invalid  int            // programs that don't type-check: a bug in the generator
	Findings int            // critical sections that wait
	Planned  int            // programs with at least one plan
	Plans    map[string]int // by shape and grade: "hoist safe"
	Refusals map[string]int // by shape and condition: "hoist S3"
	Excused  map[string]int // differences that an assumption asks about
	Assumed  map[string]int // plans by shape and assumed condition
}

// NewStats returns zeroed stats.
func NewStats() *Stats {
	return &Stats{Plans: make(map[string]int), Refusals: make(map[string]int), Excused: make(map[string]int), Assumed: make(map[string]int)}
}

func (s *Stats) program(findings int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Programs++
	s.Findings += findings
}

func (s *Stats) planned() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Planned++
}

func (s *Stats) excused(f *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Excused[f.Kind+" "+f.shape()]++
}

func (s *Stats) entry(e *rewrite.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range e.Plans {
		s.Plans[v.Plan.Shape+" "+string(v.Plan.Grade())]++
		for _, c := range assumed(v.Plan) {
			s.Assumed[v.Plan.Shape+" "+c]++
		}
	}
	for _, r := range e.Refusals {
		s.Refusals[r.Shape+" "+cmp.Or(string(r.Condition), "-")]++
	}
}

// String returns the counts as text, one kind per line.
func (s *Stats) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "programs %d, of them with a plan %d; sections that wait %d\n", s.Programs, s.Planned, s.Findings)
	for _, part := range []struct {
		title string
		m     map[string]int
	}{{"plans", s.Plans}, {"assumed", s.Assumed}, {"refused", s.Refusals}, {"excused", s.Excused}} {
		fmt.Fprintf(&b, "%s:", part.title)
		keys := sortedKeys(part.m)
		slices.SortStableFunc(keys, func(x, y string) int { return cmp.Compare(head(x), head(y)) })
		for _, k := range keys {
			fmt.Fprintf(&b, " %s %d;", k, part.m[k])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func head(s string) string {
	h, _, _ := strings.Cut(s, " ")
	return h
}
