package world

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	raceGoroutines = 3
	raceCalls      = 4
	raceRounds     = 4
)

// race runs every variant on several goroutines under the race detector: first
// with one call running while another waits, then freely. If the original program
// has a race, its variants are skipped.
func (c *checker) race() {
	c.counts.Programs++
	c.counts.Variants += len(c.p.Variants)
	if c.p.Parks {
		return // calls that wait forever are not races
	}
	raced := make(map[int]bool)
	for _, run := range []func(v int){c.meetAll, c.crowd} {
		for v := range c.p.Variants {
			name := c.p.Variants[v].Name
			if raced[v] {
				continue
			}
			fmt.Fprintf(c.out, "variant %s\n", name)
			c.out.Flush()
			before := races()
			if run(v); c.spoiled {
				return
			}
			if races() == before {
				continue
			}
			raced[v] = true
			fmt.Fprintf(os.Stderr, "%s%d %s\n", raceMark, c.p.ID, name)
			c.report(Difference{Program: c.p.ID, Variant: name, Kind: "race"})
			if v == 0 {
				return
			}
		}
	}
}

// raceMark begins the line that ends the reports about a variant.
const raceMark = "races of "

// crowd runs several rounds of concurrent calls.
func (c *checker) crowd(v int) {
	for round := range uint64(raceRounds) {
		c.together(v, c.p.Seed*1000+900+round)
	}
}

// together runs calls on several goroutines on one instance.
func (c *checker) together(v int, seed uint64) {
	in := newInput(seed)
	in.nice = true
	w := &World{seed: seed, quiet: true}
	inst := c.start(v, w, in)
	var wg sync.WaitGroup
	var panicked atomic.Bool
	var called []Func
	for g := range raceGoroutines {
		own := newInput(seed*17 + uint64(g))
		var list []func()
		for range raceCalls {
			f := inst.Funcs[own.n(len(inst.Funcs))]
			args := own.args(w, f)
			called = append(called, f)
			list = append(list, func() {
				defer func() {
					if recover() != nil {
						panicked.Store(true)
						if leaks(w) {
							c.out.Flush()
							os.Exit(5) // the other calls would hang
						}
					}
				}()
				f.call(args)
			})
		}
		wg.Go(func() {
			for _, f := range list {
				f()
			}
		})
	}
	wg.Wait()
	if w.locked() {
		c.report(Difference{c.p.ID, c.p.Variants[v].Name, "race", "", "the lock is held at the end"})
	}
	p := &pair{}
	if p.count(inst, called); p.lost != "" && !panicked.Load() {
		c.report(Difference{c.p.ID, c.p.Variants[v].Name, "race", "", p.lost})
	}
}

// leaks reports whether the lock seems to be held for good.
func leaks(w *World) bool {
	return !slices.ContainsFunc(make([]struct{}, 1000), func(struct{}) bool { return !w.locked() })
}
