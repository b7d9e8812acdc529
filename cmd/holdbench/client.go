package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A client sends requests to one server over connections that it keeps. It does
// only what a load generator needs: net/http's client takes two goroutines for each
// connection, and here the client shares two cores with what it measures.
type client struct {
	addr string

	mu   sync.Mutex
	idle []*conn
}

type conn struct {
	net.Conn
	r   *bufio.Reader
	buf []byte // for a request
}

func newClient(addr string) *client { return &client{addr: addr} }

func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.idle {
		k.Close()
	}
	c.idle = nil
}

// take returns an idle connection, or a new one.
func (c *client) take(ctx context.Context) (*conn, error) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		k := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		return k, nil
	}
	c.mu.Unlock()
	var d net.Dialer
	k, err := d.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: k, r: bufio.NewReader(k)}, nil
}

func (c *client) give(k *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, k)
}

// An op is one request: to put, get or delete an item.
type op struct {
	method string
	item   item // all but the ID matters for a put only
}

func (o op) String() string {
	return fmt.Sprintf("%s %s %s %d", o.method, o.item.ID, o.item.Name, o.item.Price)
}

// An outcome is the answer to an op.
type outcome struct {
	status int
	body   string
	err    error // no answer: the client gave up, or the connection broke
}

// do sends one request.
func (c *client) do(ctx context.Context, o op) outcome {
	var body []byte
	if o.method == http.MethodPut {
		var err error
		if body, err = json.Marshal(item{Name: o.item.Name, Price: o.item.Price}); err != nil {
			return outcome{err: err}
		}
	}
	return c.request(ctx, o.method, "/items/"+o.item.ID, body)
}

// request sends one request and gives up with the context: then the connection
// is closed, which is how the server learns of it.
func (c *client) request(ctx context.Context, method, path string, body []byte) outcome {
	k, err := c.take(ctx)
	if err != nil {
		return outcome{err: err}
	}
	stop := context.AfterFunc(ctx, func() { k.SetDeadline(time.Unix(1, 0)) })
	out, keep := k.exchange(method, path, c.addr, body)
	if !stop() && out.err != nil {
		out.err = context.Cause(ctx)
	}
	if !keep || ctx.Err() != nil {
		k.Close()
	} else {
		c.give(k)
	}
	return out
}

// exchange sends a request and reads the answer. It reports whether the
// connection can be used again.
func (k *conn) exchange(method, path, host string, body []byte) (out outcome, keep bool) {
	k.buf = fmt.Appendf(k.buf[:0], "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", method, path, host, len(body))
	k.buf = append(k.buf, body...)
	if _, err := k.Write(k.buf); err != nil {
		return outcome{err: err}, false
	}
	resp, err := http.ReadResponse(k.r, nil)
	if err != nil {
		return outcome{err: err}, false
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return outcome{err: err}, false
	}
	return outcome{status: resp.StatusCode, body: string(data)}, !resp.Close
}

// ask asks a validation service itself, as the server does for the same op: the
// floor. There is nothing to read.
func (c *client) ask(ctx context.Context, o op) outcome {
	if o.method != http.MethodPut {
		return outcome{status: http.StatusNotFound}
	}
	body, err := json.Marshal(o.item)
	if err != nil {
		return outcome{err: err}
	}
	out := c.request(ctx, http.MethodPost, "/validate", body)
	if out.status == http.StatusServiceUnavailable {
		out.status = http.StatusBadGateway
	}
	out.body = string(body)
	return out
}

// within is do with a deadline.
func (c *client) within(ctx context.Context, d time.Duration, o op) outcome {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return c.do(ctx, o)
}

// wrong says what is wrong with the answer to an op as far as that does not
// depend on what others do; "" if nothing is. No answer is not a wrong one.
func (v *validation) wrong(o op, out outcome) string {
	if out.err != nil {
		return ""
	}
	ok := false
	switch _, refused := v.verdict(o.item); {
	case o.method == http.MethodPut && refused != 0:
		ok = out.status == refused
	case o.method == http.MethodPut:
		ok = (out.status == http.StatusOK || out.status == http.StatusCreated) && sameItem(out.body, o.item)
	case o.method == http.MethodGet:
		got, err := parseItem(out.body)
		ok = out.status == http.StatusNotFound || out.status == http.StatusOK && err == nil && got.ID == o.item.ID
	case o.method == http.MethodDelete:
		ok = out.status == http.StatusNotFound || out.status == http.StatusNoContent
	}
	if ok {
		return ""
	}
	return fmt.Sprintf("%s: %d %s", o, out.status, out.body)
}

func parseItem(body string) (item, error) {
	var i item
	err := json.Unmarshal([]byte(body), &i)
	return i, err
}

func sameItem(body string, want item) bool {
	got, err := parseItem(body)
	return err == nil && got == want
}
