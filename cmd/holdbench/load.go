package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A load is one kind of load on a server.
type load struct {
	Name    string        `json:"name"`
	Doc     string        `json:"doc"`
	Clients int           `json:"clients,omitempty"` // closed loop: so many clients, each of which waits for its answer
	Rate    float64       `json:"rate,omitempty"`    // open loop: requests a second, whatever becomes of them
	Keys    string        `json:"keys"`              // distinct, uniform or zipf
	Reads   float64       `json:"reads"`             // share of the requests that read
	Delay   delay         `json:"delay"`
	Length  time.Duration `json:"length"`
	Warmup  time.Duration `json:"warmup"`
	// Deadline is when a client gives up.
	Deadline time.Duration `json:"deadline"`
	Seed     uint64        `json:"seed"`
}

const (
	// sharedKeys is the number of the keys that are drawn from.
	sharedKeys = 200
	// ownKeys is the number of the keys of each client, where they are distinct.
	ownKeys = 8
	// zipfExponent makes one write in four go to the first of 200 keys.
	zipfExponent = 1.2
	// maxOutstanding bounds the requests of an open loop that are on their way.
	maxOutstanding = 4096
)

// A source draws the requests of one client. It is not safe for concurrent use.
type source struct {
	load   load
	client int
	rand   *rand.Rand
	zipf   *rand.Zipf
	next   *atomic.Int64 // makes every value that is put another one
}

func (l load) source(client int, next *atomic.Int64) *source {
	r := rand.New(rand.NewPCG(l.Seed, uint64(client)))
	return &source{load: l, client: client, rand: r, zipf: rand.NewZipf(r, zipfExponent, 1, sharedKeys-1), next: next}
}

func (s *source) op() op {
	var key string
	switch s.load.Keys {
	case "distinct":
		key = fmt.Sprintf("own-%d-%d", s.client, s.rand.IntN(ownKeys))
	case "zipf":
		key = fmt.Sprintf("key-%d", s.zipf.Uint64())
	default:
		key = fmt.Sprintf("key-%d", s.rand.IntN(sharedKeys))
	}
	if s.rand.Float64() < s.load.Reads {
		return op{http.MethodGet, item{ID: key}}
	}
	return op{http.MethodPut, item{ID: key, Name: nameFine, Price: int(s.next.Add(1))}}
}

// A doer sends one request.
type doer func(context.Context, op) outcome

// run puts the load on a server and returns what was seen after the warm-up.
func (l load) run(ctx context.Context, do doer, v *validation) (*record, time.Duration) {
	if l.Clients > 0 {
		return l.closed(ctx, do, v)
	}
	return l.open(ctx, do, v)
}

// closed runs a closed loop. What is under way at its end is not counted.
func (l load) closed(ctx context.Context, do doer, v *validation) (*record, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, l.Warmup+l.Length)
	defer cancel()
	rec := newRecord()
	begin := time.Now().Add(l.Warmup)
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range l.Clients {
		src := l.source(i, &next)
		wg.Go(func() {
			for {
				o, from := src.op(), time.Now()
				one, cancel := context.WithTimeout(ctx, l.Deadline)
				out := do(one, o)
				cancel()
				if ctx.Err() != nil {
					return
				}
				if !time.Now().Before(begin) {
					rec.add(v, o, out, time.Since(from))
				}
			}
		})
	}
	wg.Wait()
	return rec, l.Length
}

// open runs an open loop: requests start when they are due, whether or not the
// earlier ones are answered, and their latency counts from then. So the wait of
// those that a stalled server keeps out is counted, too.
func (l load) open(ctx context.Context, do doer, v *validation) (*record, time.Duration) {
	rec := newRecord()
	var next atomic.Int64
	src := l.source(0, &next)
	var wg sync.WaitGroup
	var outstanding atomic.Int64
	start := time.Now()
	begin := start.Add(l.Warmup)
	total := int(l.Rate * (l.Warmup + l.Length).Seconds())
	for i := range total {
		due := start.Add(time.Duration(float64(i) / l.Rate * float64(time.Second)))
		if sleep(ctx, time.Until(due)) != nil {
			break
		}
		if src.client = i; l.Keys == "distinct" {
			src.client = i % sharedKeys
		}
		o, counts := src.op(), !due.Before(begin)
		if outstanding.Load() >= maxOutstanding {
			if counts {
				rec.drop(o, l.Deadline)
			}
			continue
		}
		outstanding.Add(1)
		wg.Go(func() {
			defer outstanding.Add(-1)
			ctx, cancel := context.WithDeadline(ctx, due.Add(l.Deadline))
			defer cancel()
			out := do(ctx, o)
			if counts {
				rec.add(v, o, out, time.Since(due))
			}
		})
	}
	wg.Wait()
	return rec, l.Length
}
