package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Names of items that the validation service, or the client of it, treats in a
// way of their own. Every other name is accepted.
const (
	nameFine     = "fine"
	nameRejected = "rejected" // answered with a no
	nameHeld     = "held"     // answered after release
	namePanic    = "panic"    // makes the validation client panic, see added/probe.go.txt
)

// A validation is the external service. How long an answer takes and whether it
// is an error depends on the item alone, so that all four servers meet the same.
//
// It speaks HTTP by itself: it has to share two cores with what is measured, and
// net/http's server needs twice the time for a request.
type validation struct {
	delay   delay
	addr    string
	ln      net.Listener
	fast    atomic.Bool   // every item is accepted at once
	entered chan struct{} // receives one for each item called "held"
	release chan struct{} // and lets one go
	closed  chan struct{}

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newValidation(d delay) (*validation, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the validation server: %w", err)
	}
	v := &validation{
		delay: d, addr: ln.Addr().String(), ln: ln, conns: make(map[net.Conn]bool),
		entered: make(chan struct{}, 1024), release: make(chan struct{}), closed: make(chan struct{}),
	}
	go v.accept() // ends with close
	return v, nil
}

func (v *validation) url() string { return "http://" + v.addr + "/validate" }

func (v *validation) accept() {
	for {
		conn, err := v.ln.Accept()
		if err != nil {
			return
		}
		v.mu.Lock()
		v.conns[conn] = true
		v.mu.Unlock()
		go func() {
			v.serve(conn)
			v.mu.Lock()
			defer v.mu.Unlock()
			delete(v.conns, conn)
			conn.Close()
		}()
	}
}

// close ends the service at once: connections break, new ones are refused.
func (v *validation) close() {
	select {
	case <-v.closed:
		return
	default:
	}
	close(v.closed)
	v.ln.Close()
	v.mu.Lock()
	defer v.mu.Unlock()
	for conn := range v.conns {
		conn.Close()
	}
}

// An item is what the service keeps; the validation service sees it, too.
type item struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Price int    `json:"price"`
}

// verdict says how long the validation of an item takes, and the status that
// the server gives for it: 0 if it is accepted.
func (v *validation) verdict(i item) (wait time.Duration, status int) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", i.ID, i.Price)
	wait, fails := v.delay.draw(h.Sum64())
	switch {
	case fails:
		return wait, http.StatusBadGateway
	case i.Name == nameRejected:
		return wait, http.StatusUnprocessableEntity
	}
	return wait, 0
}

// serve answers the requests of one connection.
func (v *validation) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	var buf []byte
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
		if err != nil {
			return
		}
		status, answer, ok := v.answer(body)
		if !ok {
			return
		}
		buf = fmt.Appendf(buf[:0], "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			status, http.StatusText(status), len(answer), answer)
		if _, err := conn.Write(buf); err != nil {
			return
		}
	}
}

// answer validates an item and takes its time for it. It reports false if the
// service dies meanwhile.
func (v *validation) answer(body []byte) (status int, answer string, ok bool) {
	var i item
	if err := json.Unmarshal(body, &i); err != nil {
		return http.StatusBadRequest, err.Error(), true
	}
	if i.Name == nameHeld {
		v.entered <- struct{}{}
		select {
		case <-v.release:
		case <-v.closed:
			return 0, "", false
		}
	}
	wait, refused := v.verdict(i)
	if v.fast.Load() {
		wait, refused = 0, 0
	}
	time.Sleep(wait)
	switch refused {
	case http.StatusBadGateway:
		return http.StatusServiceUnavailable, "overloaded", true
	case http.StatusUnprocessableEntity:
		return http.StatusOK, `{"ok": false, "reason": "out of fashion"}`, true
	}
	return http.StatusOK, `{"ok": true}`, true
}

// sleep waits, or gives up with the context.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// letGo lets one held validation go.
func (v *validation) letGo(ctx context.Context) error {
	select {
	case v.release <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.New("no validation is held any more")
	}
}
