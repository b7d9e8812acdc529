// Package editor is letgo's language server. It speaks version 3.17 of the language
// server protocol, publishes findings while the user types, and offers rewrites as code
// actions.
//
// A [view] is a module or workspace loaded once, with its analysis. An edit re-parses
// one file and re-checks one package. Packages that depend on a changed one are updated
// when it is saved.
package editor

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/letgo-dev/letgo/editor/front"
	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// Options say how to serve.
type Options struct {
	Version string    // of letgo
	Debug   io.Writer // takes times and memory; nil for none

	// Explain returns the text of "letgo explain" for a line of a file, with
	// names relative to a directory.
	Explain func(x *patterns.Program, q *patterns.Package, f *patterns.File, line int, dir string) (string, error)

	// Gopls is the command that starts gopls, if the server is to stand in front
	// of it: then the client has both in one. Stderr takes what it logs.
	Gopls  []string
	Stderr io.Writer

	// Delay is how long after a change the text is analysed, unless another
	// change comes before; 0 means [DefaultDelay].
	Delay time.Duration
}

// DefaultDelay is short enough for a finding to be there when the user looks up, and
// long enough not to analyse between two key strokes of a word.
const DefaultDelay = 50 * time.Millisecond

// A server serves one client.
type server struct {
	opts    Options
	shapes  []shapes.Shape
	conn    *jsonrpc.Conn
	methods map[string]jsonrpc.Handler
	start   time.Time
	ctx     context.Context // done when the server ends
	stop    context.CancelFunc

	pacer      pacer
	collecting atomic.Bool // the garbage collector runs for s.collect

	mu       sync.Mutex
	state    state
	client   client
	folders  []string             // absolute paths
	docs     map[string]*document // open ones, by absolute path
	timers   map[string]*time.Timer
	resting  *time.Timer      // gives memory back when nothing happens; nil before the first analysis
	views    map[string]*view // by their key
	places   map[string]place // of directories
	settings settings
	told     map[string]bool // messages that the user has seen
	tokens   int             // of progress
	scratch  string          // directory for texts to show, "" until one is needed

	debugging sync.Mutex
}

// A state is a stage in the life of a server.
type state int

const (
	fresh state = iota
	running
	down
	exited
)

// Serve serves the client on the other end of in and out until it sends exit or closes
// the connection. The exit status is 0 if it sent shutdown before, and 1 otherwise.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opts Options) int {
	own := func(ctx context.Context, in io.Reader, out io.Writer) int { return serve(ctx, in, out, opts) }
	if opts.Gopls != nil {
		return front.Serve(ctx, in, out, opts.Gopls, opts.Stderr, own)
	}
	return own(ctx, in, out)
}

func serve(ctx context.Context, in io.Reader, out io.Writer, opts Options) int {
	if opts.Delay == 0 {
		opts.Delay = DefaultDelay
	}
	s := &server{
		opts: opts, shapes: shapes.All(), start: time.Now(),
		docs: make(map[string]*document), timers: make(map[string]*time.Timer),
		views: make(map[string]*view), places: make(map[string]place), told: make(map[string]bool),
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	s.pacer.set()
	s.methods = s.handlers()
	ch := jsonrpc.NewChannel(in, out)
	s.conn = jsonrpc.NewConn(ch, s.handle, inline)
	if err := s.conn.Serve(s.ctx); err != nil {
		s.debugf("the connection ended: %v", err)
	}
	s.stop()
	ch.Close()
	select { // a client that reads nothing any more must not keep the server
	case <-ch.Done():
	case <-time.After(time.Second):
	}
	return s.end()
}

// end cleans up and returns the exit status.
func (s *server) end() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.timers {
		t.Stop()
	}
	if s.resting != nil {
		s.resting.Stop()
	}
	if s.scratch != "" {
		os.RemoveAll(s.scratch)
	}
	if s.state == down || s.state == exited {
		return 0
	}
	return 1
}

// debugf writes a line with the time and the memory in use.
func (s *server) debugf(format string, args ...any) {
	if s.opts.Debug == nil {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.debugging.Lock()
	defer s.debugging.Unlock()
	fmt.Fprintf(s.opts.Debug, "%8.3fs %5d MB  %s\n", time.Since(s.start).Seconds(), (m.HeapInuse+m.StackInuse)>>20, fmt.Sprintf(format, args...))
}
