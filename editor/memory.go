package editor

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

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

// collect takes away what an analysis has left behind, now that its result is
// out: the collector has nobody to disturb, and the next analysis begins with
// room enough to do without it.
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
