package editor

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// A pacer sets how far the heap may grow, in percent of what is in use, before
// the garbage collector runs. GOGC in the environment takes precedence over it.
type pacer struct {
	mu    sync.Mutex
	haste int // how many hurry
}

// A server runs for days, so memory is worth more than the collector's time. While
// somebody waits for an analysis it is the other way round: the collector is started when
// much has just become garbage, and otherwise would run when little has.
const (
	frugal = 60
	hasty  = 300
)

// hurry lets the heap grow until done is called.
func (p *pacer) hurry() (done func()) {
	p.add(1)
	return func() { p.add(-1) }
}

func (p *pacer) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.haste += n
	p.set()
}

// set makes the runtime do as the pacer says. The caller holds p.mu, or is alone.
func (p *pacer) set() {
	if os.Getenv("GOGC") != "" {
		return
	}
	if p.haste > 0 {
		debug.SetGCPercent(hasty)
	} else {
		debug.SetGCPercent(frugal)
	}
}

// resting is how long after the last change the server gives memory back that it
// needed for the analysis only: a large package leaves as much as it keeps.
const resting = 5 * time.Second

// restAfter puts off giving memory back until some time after the next analysis,
// which is to begin after the given time. The caller holds s.mu.
func (s *server) restAfter(next time.Duration) {
	if s.resting != nil {
		s.resting.Stop()
	}
	s.resting = time.AfterFunc(next+resting, debug.FreeOSMemory)
}

// collect takes away what has just become garbage: the state before an edit, or
// what an analysis has left behind. Nobody waits for it.
func (s *server) collect() {
	if !s.collecting.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer s.collecting.Store(false)
		if wasteful() {
			runtime.GC()
		}
	}()
}

// wasteful reports whether a quarter has been added to what was in use when the
// collector last ran: less is not worth its time.
func wasteful() bool {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() > sample[1].Value.Uint64()*5/4
}
