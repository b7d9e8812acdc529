package proof

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

// A Prover generates, rewrites and runs programs.
type Prover struct {
	Seed  uint64
	Mode  string // "seq" or "race"
	Batch int    // how many programs to compile together
	Stats *Stats

	// Lenient ignores shapes that panic. If a check is disabled, the code
	// after it may panic on input that the check would have refused.
	Lenient bool

	tools *toolchain
}

// NewProver returns a prover that uses dir for its files.
func NewProver(dir, mode string, seed uint64, batch int) (*Prover, error) {
	t, err := newToolchain(dir, mode == "race")
	if err != nil {
		return nil, err
	}
	return &Prover{Seed: seed, Mode: mode, Batch: batch, Stats: NewStats(), tools: t}, nil
}

// A Failure is a difference together with the program that shows it.
type Failure struct {
	Difference
	Case *Case
}

// variant returns the variant that differs, or the original program.
func (f *Failure) variant() Variant {
	for _, v := range f.Case.Variants {
		if v.Name == f.Variant {
			return v
		}
	}
	return f.Case.Variants[0]
}

// String returns both programs and the difference as text.
func (f *Failure) String() string {
	v := f.variant()
	return fmt.Sprintf("program %d, idiom %s, %s (safe: %v, assumes %s): %s\n--- the program\n%s--- rewritten\n%s--- asked\n%s--- before\n%s\n--- after\n%s",
		f.Program, title(f.Case.Program), v.Name, v.Safe, v.Assumes, f.Kind, programs.Plain(f.Case.Source), programs.Plain(v.Source), v.asked, f.Before, f.After)
}

// title names the program's idiom and, if it is old, its language version.
func title(p *programs.Program) string {
	title := cmp.Or(p.Idiom, "none")
	if p.Old != "" {
		title += ", old language by its " + p.Old
	}
	return title
}

// Run tries n programs, numbered from first, with two workers, and passes every
// failure to report. After each batch it passes the counts so far to progress. An
// error means that the test machinery failed.
func (p *Prover) Run(first, n int, report func(*Failure), progress func(done int, c Counts)) (Counts, error) {
	const workers = 2
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	q := &queue{next: first, end: first + n, size: min(p.Batch, (n+workers-1)/workers)}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			r, err := newRewriter(p.tools)
			if r != nil {
				r.lenient = p.Lenient
			}
			for err == nil {
				from, to := q.take()
				if from >= to {
					return
				}
				var counts Counts
				var failures []*Failure
				failures, counts, err = p.batch(r, from, to)
				q.done(to-from, counts, func(done int, c Counts) {
					p.sort(failures, report)
					progress(done, c)
				})
			}
			q.fail(err)
		})
	}
	wg.Wait()
	return q.total, q.err
}

// sort reports the failures that nothing excuses and counts the others.
func (p *Prover) sort(failures []*Failure, report func(*Failure)) {
	for _, f := range failures {
		if f.excused() {
			p.Stats.excused(f)
		} else {
			report(f)
		}
	}
}

// A queue hands out batches of program numbers and adds up the results.
type queue struct {
	mu        sync.Mutex
	next, end int
	size      int
	finished  int
	total     Counts
	err       error
}

func (q *queue) take() (from, to int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	from, to = q.next, min(q.next+q.size, q.end)
	q.next = to
	return from, to
}

// done adds the counts of n programs and calls then with the totals.
func (q *queue) done(n int, c Counts, then func(done int, total Counts)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.finished += n
	q.total.add(c)
	then(q.finished, q.total)
}

// fail stops the run.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	q.next = q.end
}

// batch generates, rewrites and runs the programs numbered [from,to).
func (p *Prover) batch(r *rewriter, from, to int) ([]*Failure, Counts, error) {
	var cases []*Case
	for id := from; id < to; id++ {
		prog, err := programs.Generate(programs.Seeded(p.Seed, uint64(id)), id)
		if err != nil {
			return nil, Counts{}, err
		}
		variants, err := r.rewrite(prog, p.Stats)
		if err != nil {
			return nil, Counts{}, err
		}
		if len(variants) > 1 {
			p.Stats.planned()
			cases = append(cases, &Case{prog, variants})
		}
	}
	return p.try(cases)
}

// try runs cases and returns the failures.
func (p *Prover) try(cases []*Case) ([]*Failure, Counts, error) {
	if len(cases) == 0 {
		return nil, Counts{}, nil
	}
	found, counts, err := p.tools.run(p.Mode, cases)
	if err != nil {
		return nil, counts, err
	}
	var failures []*Failure
	for _, d := range found {
		for _, c := range cases {
			if c.ID == d.Program {
				failures = append(failures, &Failure{d, c})
			}
		}
	}
	return failures, counts, nil
}

// keep writes the failure to a file in dir.
func (f *Failure) keep(dir string) error {
	name := fmt.Sprintf("%s_%d_%s_%s.txt", cmp.Or(f.Case.Idiom, "none"), f.Program, f.Variant, f.Kind)
	return os.WriteFile(filepath.Join(dir, name), []byte(f.String()), 0o666)
}

// rewritten matches a position in a rewritten variant.
var rewritten = regexp.MustCompile(`_v[1-9][0-9]*\.go:`)

// excused reports whether a difference is covered by an assumption of the plan,
// or is a bug of the original program.
func (f *Failure) excused() bool {
	if f.Kind == "crash" && !rewritten.MatchString(f.After) &&
		(strings.Contains(f.After, "_v0.go:") || strings.Contains(f.After, "variant 0 hangs")) {
		return true // the original program crashed, or never ended
	}
	if f.Kind == "crash" && strings.Contains(f.After, "nlock of unlocked ") {
		// A deferred unlock in the caller of a rewritten helper can find the lock
		// unlocked; S12 asks about that. We don't know which variant crashed.
		return slices.ContainsFunc(f.Case.Variants, func(v Variant) bool { return slices.Contains(strings.Fields(v.Assumes), "S12") })
	}
	if f.Kind != "race" {
		return false
	}
	v := f.variant()
	return v.Name == "before" || slices.Contains(strings.Fields(v.Assumes), "S1")
}
