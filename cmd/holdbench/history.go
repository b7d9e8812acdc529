package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history is what several clients have sent, and what came back.
type history struct {
	start time.Time

	mu  sync.Mutex
	ops []porcupine.Operation
}

// add adds a request that is over: there is an answer, or none will come.
func (h *history) add(client int, o op, from time.Time, out outcome) {
	if out.err != nil && o.method == http.MethodGet {
		return // tells nothing
	}
	ended := time.Since(h.start).Nanoseconds()
	if out.err != nil {
		ended = math.MaxInt64 // it may take effect any time, or never
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{
		ClientId: client, Input: o, Call: from.Sub(h.start).Nanoseconds(), Output: out, Return: ended,
	})
}

// linearizable has clients put, get and delete the same few items, some of them
// giving up in the middle, and checks that there is an order in which the server
// could have answered one request after the other: each takes effect at once, at
// some time between its start and its answer.
func (k *checker) linearizable(ctx context.Context, p *process, v *validation, c *checked) error {
	h := &history{start: time.Now()}
	var next atomic.Int64
	var wg sync.WaitGroup
	l := load{Keys: "zipf", Seed: k.seed, Reads: 0.35}
	for i := range k.clients {
		src, r := l.source(i, &next), rand.New(rand.NewPCG(k.seed, uint64(i)))
		wg.Go(func() {
			for range k.ops {
				o, patience := src.op(), patience
				switch x := r.Float64(); {
				case x < 0.1:
					o.method = http.MethodDelete
				case x < 0.2:
					o.item.Name = nameRejected
				case x < 0.3:
					patience = time.Duration(r.Float64() * float64(3*time.Millisecond))
				}
				from := time.Now()
				out := p.within(ctx, patience, o)
				if wrong := v.wrong(o, out); wrong != "" {
					c.problem("wrong answer: %s", wrong)
				}
				h.add(i, o, from, out)
			}
		})
	}
	wg.Wait()
	for i := range sharedKeys { // what the cache has in the end
		o, from := op{http.MethodGet, item{ID: fmt.Sprint("key-", i)}}, time.Now()
		out := p.within(ctx, patience, o)
		if out.err != nil {
			return fmt.Errorf("reading the cache in the end: %w", out.err)
		}
		h.add(k.clients, o, from, out)
	}
	c.History = len(h.ops)
	switch porcupine.CheckOperationsTimeout(itemModel.ToModel(), h.ops, patience) {
	case porcupine.Illegal:
		return errors.New("the answers are those of no order of the requests")
	case porcupine.Unknown:
		return errors.New("whether there is an order of the requests that gives these answers was not found out in time")
	}
	return ctx.Err()
}

// A stored is the state of one item: nil, or its price.
type stored struct {
	there bool
	price int
}

// itemModel is what the server promises about one item.
var itemModel = porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := make(map[string][]porcupine.Operation)
		for _, o := range history {
			key := o.Input.(op).item.ID
			byKey[key] = append(byKey[key], o)
		}
		var out [][]porcupine.Operation
		for _, h := range byKey {
			out = append(out, h)
		}
		return out
	},
	Init: func() []any { return []any{stored{}} },
	Step: func(state, input, output any) []any {
		return step(state.(stored), input.(op), output.(outcome))
	},
}

// step returns the states that an item may be in after a request with this
// outcome; none if there is no such outcome.
func step(s stored, o op, out outcome) []any {
	after := stored{o.method == http.MethodPut, o.item.Price}
	if o.method == http.MethodDelete {
		after = stored{}
	}
	if out.err != nil && o.item.Name == nameRejected && o.method == http.MethodPut {
		return []any{s}
	}
	if out.err != nil { // it may have taken effect or not
		return []any{s, after}
	}
	switch {
	case o.method == http.MethodGet:
		if got, err := parseItem(out.body); out.status == http.StatusOK && (err != nil || !s.there || got.Price != s.price) ||
			out.status == http.StatusNotFound && s.there {
			return nil
		}
		return []any{s}
	case o.method == http.MethodDelete:
		if s.there != (out.status == http.StatusNoContent) {
			return nil
		}
		return []any{after}
	case out.status == http.StatusCreated && !s.there, out.status == http.StatusOK && s.there:
		return []any{after}
	case out.status == http.StatusUnprocessableEntity, out.status == http.StatusBadGateway:
		return []any{s}
	}
	return nil
}
