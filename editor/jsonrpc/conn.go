package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
)

// A Handler answers a request, or handles a notification. The result of a notification
// is dropped.
type Handler func(context.Context, *Request) (any, error)

// A Request is a request of the other end or, if it has no ID, a notification.
type Request struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage // an object or a list, or nil
}

// IsNotification reports whether nobody waits for an answer.
func (r *Request) IsNotification() bool { return r.ID == nil }

// maxRunning is how many requests are handled at once. They wait for each other
// where they must; more than one for each processor keeps those that wait from
// shutting others out.
const maxRunning = 64

// ErrClosed is the error of requests to an end that has gone.
var ErrClosed = errors.New("the connection is closed")

// A Conn is one end of a connection. Notifications are handled one after the other,
// and a request after all notifications that came before it; requests run at the
// same time as each other and as what comes after them.
//
// There is one order in which it ends, whoever wants it: the channel is closed, so
// reading ends; then the contexts of requests are cancelled and our own requests
// fail, what has come and is a notification is still handled, and Serve returns when
// the last handler has. Nothing is sent to the other end after that but what is
// queued in the channel.
type Conn struct {
	ch      *Channel
	handler Handler
	inline  func(method string) bool
	slots   chan struct{}

	mu      sync.Mutex
	ready   sync.Cond // on mu: queue or ended has changed
	queue   []*message
	ended   bool                          // nothing more will be read
	running map[string]context.CancelFunc // requests of the other end, by ID
	asked   map[string]chan *message      // our own that are not answered, by ID
	lastID  int64

	received, handled int      // messages to handle that have come, and that are done with
	settling          []settle // who waits for that
}

// A settle is somebody who waits until a number of messages have been handled.
type settle struct {
	messages int
	done     chan struct{}
}

// NewConn makes a connection of a channel. Requests whose method is inline are handled
// like notifications: what comes after them waits.
func NewConn(ch *Channel, handler Handler, inline func(method string) bool) *Conn {
	c := &Conn{
		ch: ch, handler: handler, inline: inline, slots: make(chan struct{}, maxRunning),
		running: make(map[string]context.CancelFunc), asked: make(map[string]chan *message),
	}
	c.ready.L = &c.mu
	return c
}

// Serve reads messages and handles them until the other end closes the connection or
// the context is done. It returns why reading ended.
func (c *Conn) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.ch.Close() })
	defer stop()
	var err error
	var reading sync.WaitGroup
	reading.Go(func() { err = c.read() })
	c.dispatch(ctx)
	reading.Wait()
	return err
}

// read takes messages from the channel until it ends. It handles none, so that an
// answer of the other end never waits for a handler.
func (c *Conn) read() error {
	defer c.end()
	for {
		raw, err := c.ch.Recv()
		if err != nil {
			return err
		}
		m, err := parse(raw)
		switch {
		case err != nil:
			c.reply(m.ID, nil, err)
		case m.Method == "":
			c.answered(m)
		default:
			c.mu.Lock()
			c.queue = append(c.queue, m)
			c.received++
			c.ready.Signal()
			c.mu.Unlock()
		}
	}
}

// end is called when nothing more will be read.
func (c *Conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.ready.Signal()
	for _, cancel := range c.running {
		cancel()
	}
	for id, answer := range c.asked {
		close(answer)
		delete(c.asked, id)
	}
}

// next returns the next message to handle, and nil after the last.
func (c *Conn) next() *message {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for len(c.queue) == 0 && !c.ended {
			c.ready.Wait()
		}
		if len(c.queue) == 0 {
			return nil
		}
		m := c.queue[0]
		c.queue = c.queue[1:]
		if m.ID == nil || !c.ended { // else nobody waits for the answer any more
			return m
		}
	}
}

// dispatch handles messages in their order, and waits for the last handler.
func (c *Conn) dispatch(ctx context.Context) {
	var handlers sync.WaitGroup
	defer handlers.Wait()
	defer c.settled(true)
	for m := c.next(); m != nil; m = c.next() {
		c.dispatchOne(ctx, m, &handlers)
		c.settled(false)
	}
}

// dispatchOne handles a message, or begins to if it is a request.
func (c *Conn) dispatchOne(ctx context.Context, m *message, handlers *sync.WaitGroup) {
	req := &Request{m.ID, m.Method, m.Params}
	if m.ID == nil {
		c.handler(ctx, req)
		return
	}
	ctx, done, ok := c.begin(ctx, req)
	switch {
	case !ok:
		c.reply(m.ID, nil, Errorf(InvalidRequest, "request %s is not answered yet", m.ID))
	case c.inline(m.Method):
		c.handle(ctx, req)
		done()
	default:
		handlers.Go(func() {
			defer done()
			c.slots <- struct{}{}
			defer func() { <-c.slots }()
			c.handle(ctx, req)
		})
	}
}

// begin registers a request, so that it can be cancelled. What it returns is to be
// called when it is answered. It fails if a request of that ID is under way.
func (c *Conn) begin(ctx context.Context, req *Request) (_ context.Context, done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := string(req.ID)
	if c.running[id] != nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(ctx)
	if c.ended {
		cancel()
	}
	c.running[id] = cancel
	return ctx, func() {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.running, id)
	}, true
}

func (c *Conn) handle(ctx context.Context, req *Request) {
	result, err := c.handler(ctx, req)
	c.reply(req.ID, result, err)
}

// settled notes that a message was handled, or that no more will be, and tells who
// waits for it.
func (c *Conn) settled(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handled++
	c.settling = slices.DeleteFunc(c.settling, func(s settle) bool {
		if !all && s.messages > c.handled {
			return false
		}
		close(s.done)
		return true
	})
}

// Settle waits until the notifications received so far are handled. An answer to a
// request of our own may overtake what the other end sent before it. Notification
// handlers must not call it.
func (c *Conn) Settle(ctx context.Context) {
	c.mu.Lock()
	done := make(chan struct{})
	if c.handled >= c.received || c.ended {
		close(done)
	} else {
		c.settling = append(c.settling, settle{c.received, done})
	}
	c.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Cancel cancels the context of a request, if it is in progress.
func (c *Conn) Cancel(id json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[string(id)]; cancel != nil {
		cancel()
	}
}

// reply answers a request. Where the ID could not be told it is null.
func (c *Conn) reply(id json.RawMessage, result any, err error) {
	if id == nil {
		id = json.RawMessage("null")
	}
	m := &message{ID: id}
	if err == nil {
		m.Result, err = json.Marshal(result)
	}
	if err != nil {
		m.Error = errorOf(err)
	}
	c.send(m)
}

// send sends a message. That the other end has gone is seen where messages are read.
func (c *Conn) send(m *message) error {
	m.Version = "2.0"
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return c.ch.Send(raw)
}

// Notify sends a notification.
func (c *Conn) Notify(method string, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return c.send(&message{Method: method, Params: raw})
}

// Call sends a request and waits for the answer. Notification handlers must not call
// it: no other message is handled meanwhile.
func (c *Conn) Call(ctx context.Context, method string, params, result any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	id, answer := c.ask()
	if answer == nil {
		return ErrClosed
	}
	defer c.forget(id)
	if err := c.send(&message{ID: json.RawMessage(id), Method: method, Params: raw}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case m := <-answer:
		switch {
		case m == nil:
			return ErrClosed
		case m.Error != nil:
			return m.Error
		case result == nil || m.Result == nil:
			return nil
		}
		return json.Unmarshal(m.Result, result)
	}
}

// ask registers a request of our own. There is no channel if the connection ends.
func (c *Conn) ask() (id string, answer chan *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return "", nil
	}
	c.lastID++
	id, answer = strconv.FormatInt(c.lastID, 10), make(chan *message, 1)
	c.asked[id] = answer
	return id, answer
}

func (c *Conn) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.asked, id)
}

// answered takes the answer to a request of our own. One to a request that nobody
// waits for any more is dropped.
func (c *Conn) answered(m *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer := c.asked[string(m.ID)]; answer != nil {
		delete(c.asked, string(m.ID))
		answer <- m // has room for one
	}
}
