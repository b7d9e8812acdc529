package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
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

// progressAfter is how long a run takes before the bar appears.
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
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
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

// stop removes the bar for good. It must be called before anything is printed.
func (p *progress) stop() {
	if p == nil || p.quit == nil {
		return
	}
	p.once.Do(func() { close(p.quit) })
	<-p.gone
}

// show draws the bar, after some time, until stop is called.
func (p *progress) show(w io.Writer, after time.Duration) {
	defer close(p.gone)
	select {
	case <-p.quit:
		return
	case <-time.After(after):
	}
	var bar *progressbar.ProgressBar
	shown := ""
	clearBar := func() {
		if bar != nil {
			bar.Clear()
		}
	}
	defer func() { clearBar() }()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		what, done, total := p.state()
		if bar == nil || what != shown {
			clearBar()
			bar, shown = newBar(w, what, total), what
		}
		if total > 0 {
			bar.Set(min(done, total-1)) // the last step would end the bar
		} else {
			bar.Add(1) // turns the spinner
		}
		select {
		case <-p.quit:
			return
		case <-ticker.C:
		}
	}
}

// newBar makes a bar of a known number of steps, or a spinner.
func newBar(w io.Writer, what string, total int) *progressbar.ProgressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0), // or else it draws itself, at any time
	}
	if total <= 0 {
		return progressbar.NewOptions(-1, options...)
	}
	return progressbar.NewOptions(total, append(options, progressbar.OptionShowCount())...)
}
