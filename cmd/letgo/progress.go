package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// A progress shows on a terminal how far a run is, once it has taken longer
// than a second. On anything else it shows nothing.
type progress struct {
	mu          sync.Mutex
	what        string
	done, total int // total is 0 where it is not known

	quit, gone chan struct{} // nil where nothing is shown
	once       sync.Once
}

// progressAfter is how long a run takes before it appears.
const progressAfter = time.Second

func newProgress(w io.Writer) *progress {
	p := &progress{}
	if isTerminal(w) {
		p.quit, p.gone = make(chan struct{}), make(chan struct{})
		go p.show(w, progressAfter)
	}
	return p
}

// isTerminal reports whether w is a terminal that understands control sequences.
func isTerminal(w io.Writer) bool {
	f, ok := fileOf(w)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// fileOf returns the file that w writes to, if it is one.
func fileOf(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*output); ok {
		w = o.Writer
	}
	f, ok := w.(*os.File)
	return f, ok
}

// phase names what is being done now, and in how many steps, 0 if that is not known.
func (p *progress) phase(what string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.done, p.total = what, 0, total
}

// step counts one step of the phase as done.
func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

func (p *progress) state() (what string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.what, p.done, p.total
}

// stop removes it for good. It must be called before anything is printed.
func (p *progress) stop() {
	if p == nil || p.quit == nil {
		return
	}
	p.once.Do(func() { close(p.quit) })
	<-p.gone
}

// show draws it, after some time, until stop is called.
func (p *progress) show(w io.Writer, after time.Duration) {
	defer close(p.gone)
	select {
	case <-p.quit:
		return
	case <-time.After(after):
	}
	width := 0 // of what stands on the line
	draw := func(text string) {
		fmt.Fprintf(w, "\r%-*s\r%s", width, "", text)
		width = len(text)
	}
	defer func() { draw("") }()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for turn := 0; ; turn++ {
		what, done, total := p.state()
		if total > 0 {
			draw(fmt.Sprintf("%s %3d%% (%d of %d)", what, 100*done/total, done, total))
		} else {
			draw(fmt.Sprintf("%s %c", what, `|/-\`[turn%4]))
		}
		select {
		case <-p.quit:
			return
		case <-ticker.C:
		}
	}
}
