package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A checked is the result of checking one server.
type checked struct {
	Server string `json:"server"`
	Race   bool   `json:"race"` // with the race detector
	// Answers are those compared with a sequential run, and History the requests
	// whose history was checked to be linearizable.
	Answers int `json:"answers"`
	History int `json:"history"`
	// Waiters is the number of requests that wait for the lock while their
	// clients give up, and Gone how many of them have gone from the server
	// shortly after.
	Waiters int `json:"waiters"`
	Gone    int `json:"gone"`
	// HungReads are the reads while the validation hangs, and Answered those of
	// them that were answered before it ended.
	HungReads int `json:"hungReads"`
	Answered  int `json:"answered"`

	Problems []string `json:"problems"`

	mu sync.Mutex // guards Problems
}

func (c *checked) problem(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
}

// holds reports whether a server is one of those that hold the lock while they
// wait.
func holds(server string) bool { return server != "letgo" }

// A checker checks the four servers.
type checker struct {
	clients int           // that send at once
	ops     int           // for each of them
	hang    time.Duration // how long a validation hangs
	seed    uint64
	want    *transcript // of the sequential run
}

// checkDelay is short, so that a server that holds its lock makes progress, too.
var checkDelay = delay{median: time.Millisecond, sigma: 0.5, errors: 0.05}

// check runs all checks but the hanging one on a server.
func (k *checker) check(ctx context.Context, v *variant, c *checked) {
	for _, one := range []func(context.Context, *process, *validation, *checked) error{
		k.sequenced, k.linearizable, k.cancelled, k.panics, k.waiters,
	} {
		if err := withServer(ctx, v.checkBin, checkDelay, func(p *process, service *validation) error {
			return one(ctx, p, service, c)
		}); err != nil {
			c.problem("%v", err)
		}
	}
}

// withServer starts a server with a validation service, and stops it.
func withServer(ctx context.Context, bin string, d delay, f func(*process, *validation) error) error {
	service, err := newValidation(d)
	if err != nil {
		return err
	}
	defer service.close()
	p, err := start(ctx, bin, service.url())
	if err != nil {
		return err
	}
	if err := f(p, service); err != nil {
		p.kill()
		return err
	}
	return p.stop()
}

// A transcript is all that can be seen of a run.
type transcript struct {
	answers [][]string // for each client
	items   string     // what the cache has in the end
	stats   string
}

// script is what one client sends: no other client uses its items, so
// every answer is known.
func (k *checker) script(client int) []op {
	r := rand.New(rand.NewPCG(k.seed, uint64(client)))
	ops := make([]op, k.ops)
	for i := range ops {
		o := op{http.MethodPut, item{ID: fmt.Sprintf("%d-%d", client, r.IntN(4)), Name: nameFine, Price: client*1_000_000 + i}}
		switch x := r.Float64(); {
		case x < 0.25:
			o.method = http.MethodGet
		case x < 0.4:
			o.method = http.MethodDelete
		case x < 0.5:
			o.item.Name = nameRejected
		}
		ops[i] = o
	}
	return ops
}

// play has all clients send their scripts: at once, or one after the other.
func (k *checker) play(ctx context.Context, p *process, v *validation, c *checked, atOnce bool) (*transcript, error) {
	t := &transcript{answers: make([][]string, k.clients)}
	var wg sync.WaitGroup
	for i := range k.clients {
		one := func() {
			for _, o := range k.script(i) {
				out := p.within(ctx, patience, o)
				if wrong := v.wrong(o, out); wrong != "" || out.err != nil {
					c.problem("wrong answer: %s %v", wrong, out.err)
				}
				t.answers[i] = append(t.answers[i], fmt.Sprintf("%s: %d %s", o, out.status, out.body))
			}
		}
		if atOnce {
			wg.Go(one)
		} else {
			one()
		}
	}
	wg.Wait()
	items, stats := p.request(ctx, http.MethodGet, "/items", nil), p.request(ctx, http.MethodGet, "/stats", nil)
	if items.status != http.StatusOK || stats.status != http.StatusOK {
		return nil, fmt.Errorf("listing the items: %d %v, and the counters: %d %v", items.status, items.err, stats.status, stats.err)
	}
	t.items, t.stats = items.body, stats.body
	return t, nil
}

// reference plays the scripts one after the other.
func (k *checker) reference(ctx context.Context, v *variant) error {
	c := &checked{}
	err := withServer(ctx, v.checkBin, delay{errors: checkDelay.errors}, func(p *process, service *validation) (err error) {
		k.want, err = k.play(ctx, p, service, c, false)
		return err
	})
	if err == nil && len(c.Problems) > 0 {
		err = fmt.Errorf("the sequential run: %s", c.Problems[0])
	}
	return err
}

// sequenced has all clients send at once: every answer, the cache and the
// counters are those of the sequential run.
func (k *checker) sequenced(ctx context.Context, p *process, v *validation, c *checked) error {
	got, err := k.play(ctx, p, v, c, true)
	if err != nil {
		return err
	}
	for i := range got.answers {
		for j, a := range got.answers[i] {
			if c.Answers++; a != k.want.answers[i][j] {
				return fmt.Errorf("an answer differs from the sequential run:\n%s\n%s", a, k.want.answers[i][j])
			}
		}
	}
	switch {
	case got.items != k.want.items:
		return fmt.Errorf("the cache differs from that of the sequential run:\n%s\n%s", got.items, k.want.items)
	case got.stats != k.want.stats:
		return fmt.Errorf("the counters differ from those of the sequential run:\n%s\n%s", got.stats, k.want.stats)
	}
	return nil
}

// whole checks that the lock is free and that the cache is what it was before:
// every read and every write is answered.
func whole(ctx context.Context, p *process, items string) error {
	deadline := time.Now().Add(patience)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if out := p.request(ctx, http.MethodGet, "/items", nil); out.status != http.StatusOK || out.body != items {
		return fmt.Errorf("the cache is not whole: %d %s %v; it was %s", out.status, out.body, out.err, items)
	}
	var out outcome
	for i := range 50 { // some validations fail, as they have to
		if out = p.do(ctx, op{http.MethodPut, item{ID: "after", Name: nameFine, Price: i}}); out.status == http.StatusCreated {
			break
		}
	}
	if out.status != http.StatusCreated {
		return fmt.Errorf("nothing can be stored any more: %d %s %v", out.status, out.body, out.err)
	}
	if out := p.do(ctx, op{http.MethodDelete, item{ID: "after"}}); out.status != http.StatusNoContent {
		return fmt.Errorf("nothing can be deleted any more: %d %s %v", out.status, out.body, out.err)
	}
	return nil
}

// seeded stores some items and returns the list of them.
func seeded(ctx context.Context, p *process, v *validation) (string, error) {
	v.fast.Store(true)
	defer v.fast.Store(false)
	for i := range 5 {
		if out := p.within(ctx, patience, op{http.MethodPut, item{ID: fmt.Sprint("seed-", i), Name: nameFine, Price: i}}); out.status != http.StatusCreated {
			return "", fmt.Errorf("storing an item: %d %s %v", out.status, out.body, out.err)
		}
	}
	out := p.request(ctx, http.MethodGet, "/items", nil)
	return out.body, out.err
}

// cancelled has a client go away while its item is validated.
func (k *checker) cancelled(ctx context.Context, p *process, v *validation, c *checked) error {
	items, err := seeded(ctx, p, v)
	if err != nil {
		return err
	}
	for i := range 3 {
		held, cancel := context.WithCancel(ctx)
		done := make(chan outcome, 1)
		go func() {
			done <- p.do(held, op{http.MethodPut, item{ID: fmt.Sprint("seed-", i), Name: nameHeld, Price: 99}})
		}()
		if err := v.waitHeld(ctx); err != nil {
			cancel()
			return err
		}
		cancel()
		if out := <-done; out.err == nil {
			return fmt.Errorf("a request is answered although its client has gone: %d %s", out.status, out.body)
		}
		if err := whole(ctx, p, items); err != nil {
			return fmt.Errorf("after a client has gone: %w", err)
		}
	}
	return nil
}

// panics has the validation client panic.
func (k *checker) panics(ctx context.Context, p *process, v *validation, c *checked) error {
	items, err := seeded(ctx, p, v)
	if err != nil {
		return err
	}
	for range 3 {
		if out := p.within(ctx, patience, op{http.MethodPut, item{ID: "seed-0", Name: namePanic}}); out.err == nil {
			return fmt.Errorf("a panic is answered: %d %s", out.status, out.body)
		}
		if err := whole(ctx, p, items); err != nil {
			return fmt.Errorf("after a panic in the validation client: %w", err)
		}
	}
	if n := strings.Count(p.messages(), "the validation client panics"); n < 3 {
		return fmt.Errorf("of 3 panics the server tells %d:\n%s", n, p.messages())
	}
	return nil
}

// waiters has several clients give up while the lock is held, and looks who is
// still in the server after that.
func (k *checker) waiters(ctx context.Context, p *process, v *validation, c *checked) error {
	items, err := seeded(ctx, p, v)
	if err != nil {
		return err
	}
	holder := make(chan outcome, 1)
	go func() { holder <- p.do(ctx, op{http.MethodPut, item{ID: "seed-0", Name: nameHeld, Price: 0}}) }()
	if err := v.waitHeld(ctx); err != nil {
		return err
	}
	const waiting, later = 16, 300 * time.Millisecond
	deadline := later
	if !holds(c.Server) {
		deadline = patience // nobody has to wait
	}
	var wg sync.WaitGroup
	for i := range waiting {
		wg.Go(func() {
			o := op{http.MethodPut, item{ID: fmt.Sprint("seed-", i%5), Name: nameRejected, Price: i}}
			if out := p.within(ctx, deadline, o); holds(c.Server) && out.err == nil {
				c.problem("%s is answered while the lock is held", o)
			} else if wrong := v.wrong(o, out); wrong != "" || out.err != nil && !holds(c.Server) {
				c.problem("%s: %s %v", o, wrong, out.err)
			}
		})
	}
	wg.Wait()
	if err := k.gone(ctx, p, c, waiting, later); err != nil {
		return err
	}
	if err := v.letGo(ctx); err != nil {
		return err
	}
	if out := <-holder; out.status != http.StatusOK && out.status != http.StatusBadGateway {
		return fmt.Errorf("the one that holds the lock gets %d %s %v", out.status, out.body, out.err)
	}
	items = strings.Replace(items, `"name":"fine","price":0`, `"name":"held","price":0`, 1)
	if out := p.request(ctx, http.MethodGet, "/items", nil); out.status == http.StatusOK && !strings.Contains(out.body, nameHeld) {
		items = strings.Replace(items, `"name":"held"`, `"name":"fine"`, 1) // its validation failed
	}
	return whole(ctx, p, items)
}

// gone counts those of the waiting requests that are gone from the server some
// time after their deadline, and checks that they go, or stay, as they must.
func (k *checker) gone(ctx context.Context, p *process, c *checked, waiting int, later time.Duration) error {
	c.Waiters, c.Gone = waiting, -1
	stays := c.Server == "held" || c.Server == "offload"
	for end := time.Now().Add(patience); ; {
		if err := sleep(ctx, later); err != nil {
			return err
		}
		left, err := p.waiting(ctx)
		if err != nil {
			return err
		}
		if c.Gone < 0 {
			c.Gone = waiting - left
		}
		switch {
		case stays && left == waiting, !stays && left == 0:
			return nil
		case stays || time.Now().After(end):
			return fmt.Errorf("%d of %d requests whose clients have given up still wait for the lock", left, waiting)
		}
	}
}

// waitHeld waits until a held validation has begun.
func (v *validation) waitHeld(ctx context.Context) error {
	select {
	case <-v.entered:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("no validation begins")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hanging reads while a validation hangs, and after the validation service has
// died. Only where no lock is held the reads are answered. It needs time, and
// no race detector.
func (k *checker) hanging(ctx context.Context, v *variant, c *checked) error {
	return withServer(ctx, v.bin, delay{}, func(p *process, service *validation) error {
		items, err := seeded(ctx, p, service)
		if err != nil {
			return err
		}
		held, cancel := context.WithCancel(ctx)
		defer cancel()
		hung := make(chan outcome, 1)
		go func() { hung <- p.do(held, op{http.MethodPut, item{ID: "seed-0", Name: nameHeld}}) }()
		if err := service.waitHeld(ctx); err != nil {
			return err
		}
		limit := time.Second
		if !holds(c.Server) {
			limit = patience // and the validation hangs until then
		}
		for end := time.Now().Add(k.hang); time.Now().Before(end); {
			out := p.within(ctx, limit, op{http.MethodGet, item{ID: "seed-1"}})
			if c.HungReads++; out.status == http.StatusOK {
				c.Answered++
			}
			if err := sleep(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
		if holds(c.Server) && c.Answered > 0 || !holds(c.Server) && c.Answered < c.HungReads {
			c.problem("while a validation hangs, %d of %d reads are answered", c.Answered, c.HungReads)
		}
		service.close()
		if out := <-hung; out.status != http.StatusBadGateway {
			return fmt.Errorf("when the validation service dies, the answer is %d %s %v", out.status, out.body, out.err)
		}
		for range 10 { // dead, it stops nobody
			if out := p.within(ctx, patience, op{http.MethodPut, item{ID: "seed-2", Name: nameFine}}); out.status != http.StatusBadGateway {
				return fmt.Errorf("with a dead validation service, the answer is %d %s %v", out.status, out.body, out.err)
			}
			if out := p.request(ctx, http.MethodGet, "/items", nil); out.body != items {
				return fmt.Errorf("with a dead validation service, the items are %s %v; they were %s", out.body, out.err, items)
			}
		}
		return nil
	})
}

// failed reports whether there is a problem with any of the servers.
func failed(all []*checked) bool {
	return slices.ContainsFunc(all, func(c *checked) bool { return len(c.Problems) > 0 })
}
