package jsonrpc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// An end is the other end of a connection under test.
type end struct {
	*Conn
	in     *io.PipeWriter // what the connection reads
	stop   context.CancelFunc
	ended  chan error
	bodies chan string // what the connection has written
}

func connect(t *testing.T, handler Handler) *end {
	t.Helper()
	in, toConn := io.Pipe()
	fromConn, out := io.Pipe()
	ch := NewChannel(in, out)
	ctx, stop := context.WithCancel(t.Context())
	e := &end{NewConn(ch, handler, func(m string) bool { return m == "inline" }), toConn, stop, make(chan error, 1), make(chan string, 1000)}
	go func() {
		other := NewChannel(fromConn, io.Discard)
		for {
			body, err := other.Recv()
			if err != nil {
				close(e.bodies)
				return
			}
			e.bodies <- string(body)
		}
	}()
	go func() {
		e.ended <- e.Serve(ctx)
		ch.Close()
		<-ch.Done()
		out.Close()
	}()
	t.Cleanup(func() { stop(); toConn.Close() })
	return e
}

func (e *end) say(t *testing.T, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if _, err := io.WriteString(e.in, frame(b)); err != nil {
			t.Fatal(err)
		}
	}
}

func (e *end) hear(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-e.bodies:
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("no message; want %s", want)
	}
}

func (e *end) over(t *testing.T) {
	t.Helper()
	select {
	case <-e.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("Serve does not return")
	}
}

// TestAnswers checks what is answered to what.
func TestAnswers(t *testing.T) {
	e := connect(t, func(_ context.Context, r *Request) (any, error) {
		switch r.Method {
		case "echo":
			return r.Params, nil
		case "fail":
			return nil, Errorf(RequestFailed, "no")
		case "odd":
			return nil, errors.New("odd")
		}
		return nil, nil
	})
	for _, test := range []struct{ say, hear string }{
		{`{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}`, `{"jsonrpc":"2.0","id":1,"result":[1]}`},
		{`{"jsonrpc":"2.0","id":"a","method":"none","params":null}`, `{"jsonrpc":"2.0","id":"a","result":null}`},
		{`{"jsonrpc":"2.0","id":2,"method":"fail"}`, `{"jsonrpc":"2.0","id":2,"error":{"code":-32803,"message":"no"}}`},
		{`{"jsonrpc":"2.0","id":2,"method":"odd"}`, `{"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"odd"}}`},
		{`{"jsonrpc":"2.0","id":2,"method":"odd","params":1}`, `{"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"the parameters are neither an object nor a list"}}`},
		{`{"jsonrpc":"1.0","id":2,"method":"odd"}`, `{"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"this is not a JSON-RPC 2.0 message"}}`},
		{`{"jsonrpc":"2.0","id":{},"method":"odd"}`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the ID of a request is a number or a string"}}`},
		{`{"jsonrpc":"2.0","id":7}`, `{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"the message has no method"}}`},
		{`{`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the message is not valid JSON"}}`},
		{` [{}]`, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the language server protocol has no batches of messages"}}`},
	} {
		e.say(t, test.say)
		e.hear(t, test.hear)
	}
	e.say(t, `{"jsonrpc":"2.0","id":99,"result":1}`) // nobody asked
	e.in.Close()
	e.over(t)
	for body := range e.bodies {
		t.Errorf("unasked: %s", body)
	}
}

// TestOrder checks that notifications are handled one after the other, and requests
// after those that came before them.
func TestOrder(t *testing.T) {
	var notes atomic.Int32
	e := connect(t, func(_ context.Context, r *Request) (any, error) {
		n := notes.Load()
		if r.IsNotification() {
			time.Sleep(time.Millisecond)
			if !notes.CompareAndSwap(n, n+1) {
				t.Error("two notifications at once")
			}
		}
		return n, nil
	})
	for i := range 20 {
		e.say(t, `{"jsonrpc":"2.0","method":"note"}`, `{"jsonrpc":"2.0","method":"note"}`, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"count"}`, i))
		var answer struct{ Result int32 }
		json.Unmarshal([]byte(<-e.bodies), &answer)
		if answer.Result < int32(2*i+2) {
			t.Errorf("request %d overtakes notifications: %d are handled", i, answer.Result)
		}
	}
}

// TestCancelled cancels a request, and sends a second one of the same ID.
func TestCancelled(t *testing.T) {
	e := connect(t, func(ctx context.Context, r *Request) (any, error) {
		<-ctx.Done()
		return nil, Errorf(RequestCancelled, "cancelled")
	})
	e.say(t, `{"jsonrpc":"2.0","id":1,"method":"wait"}`, `{"jsonrpc":"2.0","id":1,"method":"wait"}`)
	e.hear(t, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"request 1 is not answered yet"}}`)
	e.Cancel(json.RawMessage("1"))
	e.hear(t, `{"jsonrpc":"2.0","id":1,"error":{"code":-32800,"message":"cancelled"}}`)
}

// TestCall asks the other end.
func TestCall(t *testing.T) {
	e := connect(t, func(context.Context, *Request) (any, error) { return nil, nil })
	type outcome struct {
		result int
		err    error
	}
	call := func(ctx context.Context) <-chan outcome {
		done := make(chan outcome, 1)
		go func() {
			var o outcome
			o.err = e.Call(ctx, "ask", []int{1}, &o.result)
			done <- o
		}()
		return done
	}
	done := call(t.Context())
	e.hear(t, `{"jsonrpc":"2.0","id":1,"method":"ask","params":[1]}`)
	e.say(t, `{"jsonrpc":"2.0","id":1,"result":5}`)
	if o := <-done; o.result != 5 || o.err != nil {
		t.Error(o)
	}
	done = call(t.Context())
	e.hear(t, `{"jsonrpc":"2.0","id":2,"method":"ask","params":[1]}`)
	e.say(t, `{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no"}}`)
	if o := <-done; o.err == nil || o.err.Error() != "no" {
		t.Error(o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done = call(ctx)
	e.hear(t, `{"jsonrpc":"2.0","id":3,"method":"ask","params":[1]}`)
	cancel()
	if o := <-done; !errors.Is(o.err, context.Canceled) {
		t.Error(o)
	}
	e.say(t, `{"jsonrpc":"2.0","id":3,"result":5}`) // too late
	done = call(t.Context())
	e.hear(t, `{"jsonrpc":"2.0","id":4,"method":"ask","params":[1]}`)
	e.in.Close()
	if o := <-done; !errors.Is(o.err, ErrClosed) {
		t.Error(o)
	}
	e.over(t)
	if o := <-call(t.Context()); !errors.Is(o.err, ErrClosed) {
		t.Error(o)
	}
}

// TestEnds ends connections with everything under way: handlers, requests of our
// own, messages that are not handled yet and such as are none. What had come and is a
// notification is handled, and every handler has returned when Serve has.
func TestEnds(t *testing.T) {
	for _, how := range []string{"the other end goes", "the context ends", "both"} {
		for round := range 200 {
			rnd := rand.New(rand.NewPCG(1, uint64(round)))
			var running, notes atomic.Int32
			var e *end
			var made sync.WaitGroup
			made.Add(1)
			e = connect(t, func(ctx context.Context, r *Request) (any, error) {
				running.Add(1)
				defer running.Add(-1)
				made.Wait()
				if r.IsNotification() {
					notes.Add(1)
					return nil, e.Notify("heard", nil)
				}
				return nil, e.Call(ctx, "ask", nil, nil)
			})
			made.Done()
			var said strings.Builder
			sent := 0
			for id := range 30 {
				switch rnd.IntN(4) {
				case 0:
					said.WriteString(frame(`{"jsonrpc":"2.0","method":"note"}`))
					sent++
				case 1:
					said.WriteString(frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"wait"}`, id)))
				case 2:
					said.WriteString(frame(`{"jsonrpc":"2.0","result":1}`))
				case 3:
					said.WriteString(frame(`{}`))
				}
			}
			w := bufio.NewWriterSize(e.in, 1+rnd.IntN(500))
			if how != "the other end goes" {
				go func() { time.Sleep(time.Duration(rnd.IntN(300)) * time.Microsecond); e.stop() }()
			}
			go func() { // it blocks when nobody reads any more
				w.WriteString(said.String())
				w.Flush()
				if how != "the context ends" {
					e.in.Close()
				}
			}()
			e.over(t)
			e.in.Close()
			if n := running.Load(); n != 0 {
				t.Fatalf("%s: %d handlers still run", how, n)
			}
			if n := notes.Load(); how == "the other end goes" && int(n) != sent {
				t.Fatalf("%s: %d of %d notifications are handled", how, n, sent)
			}
		}
	}
}

// TestSettle checks that what was sent before an answer is handled before whoever got
// the answer goes on, if it settles.
func TestSettle(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	var changed atomic.Bool
	e := connect(t, func(context.Context, *Request) (any, error) {
		<-hold
		changed.Store(true)
		return nil, nil
	})
	answered, settled := make(chan bool, 1), make(chan bool, 1)
	go func() {
		e.Call(t.Context(), "ask", nil, nil)
		answered <- changed.Load()
		e.Settle(t.Context())
		settled <- changed.Load()
	}()
	<-e.bodies // the question
	e.say(t, `{"jsonrpc":"2.0","method":"change"}`, `{"jsonrpc":"2.0","id":1,"result":null}`)
	if <-answered {
		t.Error("the answer waits for a handler")
	}
	select {
	case <-settled:
		t.Fatal("it has settled before the change was handled")
	case <-time.After(20 * time.Millisecond):
	}
	close(hold)
	if !<-settled {
		t.Error("it has settled without the change")
	}
}

// FuzzServe checks that a connection ends when its input does, whatever that is, and
// that all it writes are messages.
func FuzzServe(f *testing.F) {
	f.Add([]byte(frame(`{"jsonrpc":"2.0","id":1,"method":"a","params":{}}`) + frame(`{"jsonrpc":"2.0","method":"inline"}`)))
	f.Add([]byte(frame(`{"jsonrpc":"2.0","id":"x","method":"$/cancelRequest","params":{"id":1}}`) + frame(`[]`)))
	f.Add([]byte("Content-Length: 268435456\r\n\r\n{}"))
	f.Add([]byte("content-length: 3\nX:\n\n\xff{}" + frame(`{"id":{}}`)))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		ch := NewChannel(bytes.NewReader(in), &out)
		c := NewConn(ch, func(_ context.Context, r *Request) (any, error) {
			if len(r.Params) > 20 {
				return nil, Errorf(InvalidParams, "too much: %s", r.Params)
			}
			return r.Params, nil
		}, func(m string) bool { return m == "inline" })
		hangs := time.AfterFunc(10*time.Second, func() { panic("it goes on") })
		defer hangs.Stop()
		c.Serve(t.Context())
		ch.Close()
		<-ch.Done()
		answers := NewChannel(&out, io.Discard)
		defer answers.Close()
		for {
			body, err := answers.Recv()
			if err == io.EOF {
				return
			}
			if err != nil || !json.Valid(body) {
				t.Fatalf("%q, %v", body, err)
			}
		}
	})
}
