// Package world provides the backends of the generated programs. They only record
// calls, and their answers depend only on the seed, the arguments, which call of
// the program asks, and how many operations that call has made. The package also
// runs the programs; see run.go. It is compiled into every batch of programs.
package world

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
)

// A World is the environment of one run of one program.
type World struct {
	Trace   []string // every effect, in order
	arrived []string // blocking operations, in order of completion
	seed    uint64
	faults

	task    *task             // the call that is running
	crew    *crew             // if not nil, it knows which call is running
	locks   []lock            // of the program
	others  []lock            // other locks of the program
	held    []string          // operations made while the lock was held
	yield   func(name string) // called in the middle of every blocking operation
	quiet   bool              // record nothing, since several goroutines run
	open    atomic.Int32      // bodies that are not closed
	meeting *meeting          // of the two calls, or nil
}

// faults says how many of 16 operations fail or panic, on average.
type faults struct{ errors, panics int }

// A task is one call of a function of the program.
type task struct {
	id  int
	ops int      // blocking operations so far
	did []string // its effects
}

// An opError is what a failing operation returns.
type opError string

func (e opError) Error() string { return string(e) }

// maxOps is the maximum number of operations in one call.
const maxOps = 200

// op performs one blocking operation. It returns a number to derive the answer
// from, or an error if the operation fails.
func (w *World) op(name string, args ...any) (uint64, error) {
	if w.quiet {
		return w.quietOp(name, args)
	}
	t := w.current()
	if t.ops++; t.ops > maxOps {
		panic("too many operations")
	}
	h := hash(w.seed^uint64(t.id*1000+t.ops), name, args)
	call := name + show(args)
	if slices.ContainsFunc(w.locks, func(l lock) bool { return !l.patient() && !l.free() }) {
		w.held = append(w.held, call)
	}
	failed := int(h>>8%16) < w.errors
	panics := int(h>>12%16) < w.panics
	w.effect(call)
	if w.yield != nil {
		w.yield(name)
	}
	w.arrived = append(w.arrived, call) // others may have completed while it waited
	if panics {
		panic("backend: " + call)
	}
	if failed {
		return h, opError(name + " failed " + strconv.Itoa(int(h%100)))
	}
	return h, nil
}

// wait is like op for an operation that is not an effect, has no answer and can't
// fail.
func (w *World) wait(name string) {
	if w.quiet {
		w.quietOp(name, nil)
		return
	}
	w.current().ops++
	if slices.ContainsFunc(w.locks, func(l lock) bool { return !l.patient() && !l.free() }) {
		w.held = append(w.held, name)
	}
	if w.yield != nil {
		w.yield(name)
	}
}

// quietOp is op for several goroutines.
func (w *World) quietOp(name string, args []any) (uint64, error) {
	if w.meeting != nil {
		w.meeting.op()
	} else {
		runtime.Gosched()
	}
	for _, a := range args { // fmt shares buffers, which would order the calls
		name += dump(reflect.ValueOf(a), 0)
	}
	return hashText(w.seed, name), nil
}

// note records an effect that does not block.
func (w *World) note(name string, args ...any) {
	if !w.quiet {
		w.effect(name + show(args))
	}
}

// effect records an effect.
func (w *World) effect(text string) {
	w.Trace = append(w.Trace, text)
	t := w.current()
	t.did = append(t.did, text)
}

// current returns the call that is running.
func (w *World) current() *task {
	if w.crew != nil {
		return w.crew.now.task
	}
	return w.task
}

func (w *World) locked() bool { return !allFree(w.locks) }

// leftLocked reports whether one of the other locks is held.
func (w *World) leftLocked() bool { return !allFree(w.others) }

func allFree(locks []lock) bool {
	return !slices.ContainsFunc(locks, func(l lock) bool { return !l.free() })
}

func show(args []any) string {
	s := "("
	for i, a := range args {
		if i > 0 {
			s += ", "
		}
		if q, ok := a.(string); ok {
			s += strconv.Quote(q)
		} else {
			s += fmt.Sprint(a)
		}
	}
	return s + ")"
}

// hash hashes a seed and an operation.
func hash(seed uint64, name string, args []any) uint64 { return hashText(seed, name+show(args)) }

// hashText hashes a seed and a text (FNV-1a).
func hashText(seed uint64, text string) uint64 {
	h := uint64(14695981039346656037) ^ seed*0x9e3779b97f4a7c15
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

// A Store is a database.
type Store struct{ w *World }

// Get reads a value.
func (s *Store) Get(key string) (int, error) {
	h, err := s.w.op("get", key)
	return int(h % 10), err
}

// Put writes a value.
func (s *Store) Put(key string, value int) error {
	_, err := s.w.op("put", key, value)
	return err
}

// Count returns the number of values.
func (s *Store) Count() int {
	h, _ := s.w.op("count")
	return int(h % 4)
}

// Keys lists up to three keys.
func (s *Store) Keys() ([]string, error) {
	h, err := s.w.op("keys")
	return []string{"a", "b", "c"}[:h%4], err
}

// A Conn is a connection to a peer.
type Conn struct {
	w    *World
	addr string
}

// Send sends a message.
func (c *Conn) Send(msg string) error {
	_, err := c.w.op("send "+c.addr, msg)
	return err
}

// Recv receives a message.
func (c *Conn) Recv() (string, error) {
	h, err := c.w.op("recv " + c.addr)
	return "m" + strconv.Itoa(int(h%5)), err
}

// Ping reports whether the peer responds.
func (c *Conn) Ping() bool {
	h, _ := c.w.op("ping " + c.addr)
	return h%2 == 0
}

// Close closes the connection.
func (c *Conn) Close() error {
	_, err := c.w.op("close " + c.addr)
	return err
}

// A Net makes connections.
type Net struct{ w *World }

// Dial makes a connection.
func (n *Net) Dial(addr string) (*Conn, error) {
	_, err := n.w.op("dial", addr)
	if err != nil {
		return nil, err
	}
	return &Conn{n.w, addr}, nil
}

// A Disk is an output file.
type Disk struct{ w *World }

// Flush writes numbers.
func (d *Disk) Flush(list []int) error {
	_, err := d.w.op("flush", list)
	return err
}

// Append writes a line. According to table.txt it is not safe for concurrent use.
func (d *Disk) Append(line string) error {
	_, err := d.w.op("append", line)
	return err
}

// A Signal is an event to wait for.
type Signal struct{ w *World }

// Wait waits for the event.
func (s *Signal) Wait() { s.w.op("wait") }

// Stats holds counters. It does not block.
type Stats struct{ w *World }

// Add adds n to a counter.
func (s *Stats) Add(name string, n int) { s.w.note("stats", name, n) }

// Store returns a new store.
func (w *World) Store() *Store { return &Store{w} }

// Conn returns a new connection.
func (w *World) Conn() *Conn { return &Conn{w, "c"} }

// Net returns a new network.
func (w *World) Net() *Net { return &Net{w} }

// Disk returns a new disk.
func (w *World) Disk() *Disk { return &Disk{w} }

// Signal returns a new signal.
func (w *World) Signal() *Signal { return &Signal{w} }

// Stats returns new counters.
func (w *World) Stats() *Stats { return &Stats{w} }

// In returns a closed channel with a few values.
func (w *World) In() chan int {
	c := make(chan int, 8)
	for i := range 4 {
		c <- i * 3
	}
	close(c)
	return c
}

// Out returns a channel without a receiver but with a large buffer.
func (w *World) Out() chan int { return make(chan int, 1<<10) }

// Hook returns a callback that records an effect.
func (w *World) Hook(name string) func(int) {
	return func(n int) {
		if w.quiet {
			return
		}
		w.effect(name + show([]any{n}))
	}
}
