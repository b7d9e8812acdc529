package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are recorded in microseconds, up to a minute, with three digits.
const (
	lowestLatency  = 1
	highestLatency = int64(time.Minute / time.Microsecond)
	latencyDigits  = 3
)

// A record is what was seen of a stretch of load. Its methods may be called from
// several goroutines at once.
type record struct {
	mu      sync.Mutex
	writes  *hdrhistogram.Histogram
	reads   *hdrhistogram.Histogram
	errors  int    // validations that failed, as they had to
	timeout int    // requests without an answer by their deadline
	shed    int    // requests that were not sent: too many were on their way
	wrong   int    // answers that are not right
	first   string // the first wrong one
}

func newRecord() *record {
	return &record{
		writes: hdrhistogram.New(lowestLatency, highestLatency, latencyDigits),
		reads:  hdrhistogram.New(lowestLatency, highestLatency, latencyDigits),
	}
}

// add records one request. What has no answer counts with the time after which
// it was given up.
func (r *record) add(v *validation, o op, out outcome, latency time.Duration) {
	wrong := v.wrong(o, out)
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.reads
	if o.method == http.MethodPut {
		h = r.writes
	}
	h.RecordValue(min(max(latency.Microseconds(), lowestLatency), highestLatency)) // within its range
	switch {
	case out.err != nil:
		r.timeout++
	case wrong != "":
		if r.wrong++; r.first == "" {
			r.first = wrong
		}
	case out.status == http.StatusBadGateway:
		r.errors++
	}
}

// drop records a request that was not sent, as one that was given up.
func (r *record) drop(o op, deadline time.Duration) {
	r.add(nil, o, outcome{err: fmt.Errorf("not sent")}, deadline)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timeout--
	r.shed++
}

// A spread is what a histogram says, in milliseconds.
type spread struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99.9"`
}

func spreadOf(h *hdrhistogram.Histogram) spread {
	ms := func(p float64) float64 { return float64(h.ValueAtQuantile(p)) / 1000 }
	return spread{h.TotalCount(), ms(50), ms(90), ms(99), ms(99.9)}
}

// A point is one percentile of a histogram.
type point struct {
	Percentile float64 `json:"percentile"`
	Ms         float64 `json:"ms"`
}

// curve is the histogram as a line: denser towards its end.
func curve(h *hdrhistogram.Histogram) []point {
	var out []point
	for _, b := range h.CumulativeDistributionWithTicks(10) {
		out = append(out, point{b.Quantile, float64(b.ValueAt) / 1000})
	}
	return out
}
