package app

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// A Progress shows on a terminal how far a run has come, once it has taken longer than
// a second. On anything else it shows nothing.
type Progress struct {
	mu          sync.Mutex
	what        string
	waiting     string // what the phase waits for, or ""
	done, total int    // total is 0 where it is not known

	Quit, Gone chan struct{} // nil where nothing is shown
	once       sync.Once
}

// progressAfter is how long a run takes before it appears.
const progressAfter = time.Second

func NewProgress(w io.Writer) *Progress {
	p := &Progress{}
	if IsTerminal(w) {
		p.Quit, p.Gone = make(chan struct{}), make(chan struct{})
		go p.Show(w, progressAfter)
	}
	return p
}

// IsTerminal reports whether w is a terminal that understands control sequences.
func IsTerminal(w io.Writer) bool {
	f, ok := FileOf(w)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// FileOf returns the file that w writes to, if it is one.
func FileOf(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*Output); ok {
		w = o.Writer
	}
	f, ok := w.(*os.File)
	return f, ok
}

// Phase names the current phase and its number of steps, or 0 if that is unknown.
func (p *Progress) Phase(what string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.waiting, p.done, p.total = what, "", 0, total
}

// Waiting says what the current phase waits for, or "" if it no longer does.
func (p *Progress) Waiting(what string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = what
}

// Step counts one step of the phase as done.
func (p *Progress) Step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

func (p *Progress) state() (what string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting != "" {
		return p.what + ", " + p.waiting, p.done, p.total
	}
	return p.what, p.done, p.total
}

// Stop removes the progress for good. Call it before printing anything.
func (p *Progress) Stop() {
	if p == nil || p.Quit == nil {
		return
	}
	p.once.Do(func() { close(p.Quit) })
	<-p.Gone
}

// Show draws the progress, after some time, until Stop is called.
func (p *Progress) Show(w io.Writer, after time.Duration) {
	defer close(p.Gone)
	select {
	case <-p.Quit:
		return
	case <-time.After(after):
	}
	width := 0 // of what stands on the line
	columns, _ := Columns(w)
	draw := func(text string) {
		if r := []rune(text); len(r) >= columns { // it must not wrap
			text = string(r[:columns-1])
		}
		fmt.Fprintf(w, "\r%-*s\r%s", width, "", text)
		width = utf8.RuneCountInString(text)
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
		case <-p.Quit:
			return
		case <-ticker.C:
		}
	}
}
