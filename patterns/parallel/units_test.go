package parallel

import (
	"sync/atomic"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
)

// TestEachUnit checks that every unit is visited once, a function and its
// literals by one goroutine after the other, and that a panic comes through.
func TestEachUnit(t *testing.T) {
	var units []*patterns.Unit
	for i := range 3*unitsAtOnce + 7 {
		u := &patterns.Unit{}
		if i%50 != 0 && i < 2*unitsAtOnce {
			u.Outer = units[i-1]
		}
		units = append(units, u)
	}
	visited := make([]atomic.Int32, len(units))
	EachUnit(units, func(i int, u *patterns.Unit) {
		if units[i] != u {
			t.Errorf("unit %d is not the one with this index", i)
		}
		if u.Outer != nil && visited[i-1].Load() != 1 {
			t.Errorf("unit %d is visited before the function around it", i)
		}
		visited[i].Add(1)
	})
	for i := range visited {
		if n := visited[i].Load(); n != 1 {
			t.Errorf("unit %d is visited %d times", i, n)
		}
	}
	EachUnit(nil, func(int, *patterns.Unit) { t.Error("there is no unit") })
	defer func() {
		if r := recover(); r != "broken" {
			t.Errorf("recovered %v", r)
		}
	}()
	EachUnit(units, func(i int, _ *patterns.Unit) {
		if i == 300 {
			panic("broken")
		}
	})
	t.Error("the panic is lost")
}
