// Package parallel visits the functions of a package on several processors.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/letgo-dev/letgo/patterns"
)

// EachUnit calls f for the units of a package and their indices, several at a time. f
// may use what is remembered about the unit's declared function, since the same
// goroutine visits its literals, and may change what belongs to the unit alone. If f
// panics, so does EachUnit.
func EachUnit(units []*patterns.Unit, f func(i int, u *patterns.Unit)) {
	starts := batches(units)
	var next atomic.Int64
	var failed atomic.Value
	var work sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(starts)-1) {
		work.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					failed.CompareAndSwap(nil, unitPanic{r})
				}
			}()
			for {
				b := int(next.Add(1))
				if b >= len(starts) {
					return
				}
				for i := starts[b-1]; i < starts[b]; i++ {
					f(i, units[i])
				}
			}
		})
	}
	work.Wait()
	if p, ok := failed.Load().(unitPanic); ok {
		panic(p.value)
	}
}

// A unitPanic is what f has panicked with.
type unitPanic struct{ value any }

// unitsAtOnce is how many units one goroutine visits in a row, so that what they
// have in common costs little.
const unitsAtOnce = 200

// batches returns where parts of the units begin, and where the last one ends.
// Literals stay with their function.
func batches(units []*patterns.Unit) []int {
	starts := []int{0}
	for i, u := range units {
		if i-starts[len(starts)-1] >= unitsAtOnce && u.Outer == nil {
			starts = append(starts, i)
		}
	}
	return append(starts, len(units))
}
