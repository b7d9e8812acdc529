// Package review goes through findings with a person, one after the other, as "git add
// -p" goes through hunks.
package review

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// A Review is one pass over the findings. An accepted rewrite is written at once; the
// ones after it are planned again for the files as they are then.
type Review struct {
	In  io.Reader
	Out io.Writer

	// Print returns what is shown of a finding: the entry as it is now, and the
	// changes that a yes would make.
	Print func(e *rewrite.Entry, changes []verify.Change) string

	// Write writes changes to the files: all or none.
	Write func(ctx context.Context, changes []verify.Change) error

	// Edit lets the person edit a text, in an editor that shows it under the name
	// of the file and begins at the line.
	Edit func(ctx context.Context, name string, content []byte, line int) ([]byte, error)

	// Try, if not nil, runs tests with the changes made for a finding. It says why
	// not to make them, or "".
	Try func(ctx context.Context, e *rewrite.Entry, changes []verify.Change) (string, error)

	// Name is how the file is called in messages.
	Name func(file string) string

	// Bold is put around prompts: what begins it and what ends it.
	Bold [2]string

	// Echo prints the answers, too: In is not a terminal, which does that.
	Echo bool

	wanted  chan bool // one for each line that is to be read: an editor reads the same terminal
	lines   chan line
	skipped map[string]bool // files
	modules map[string]bool // go.mod and go.sum files that were written
	counts  Counts
}

// An Item is one finding to go through.
type Item struct {
	Entry  *rewrite.Entry
	Series *rewrite.Series // of its package

	// Plan is the rewrite that is offered, or nil.
	Plan *verify.Verified
}

// Counts says what happened to the findings.
type Counts struct {
	Applied, Held int
	Edited        int // of those applied
	Left          int // with no answer, or no
	Gone          int // by what was done for another one
}

type line struct {
	text string
	err  error
}

// errQuit ends a review.
var errQuit = errors.New("quit")

// Run goes through the items. The error is that of the context, or of a file that could
// not be written.
func (r *Review) Run(ctx context.Context, items []*Item) (Counts, error) {
	r.wanted, r.lines = make(chan bool), make(chan line, 1)
	r.skipped, r.modules = make(map[string]bool), make(map[string]bool)
	defer close(r.wanted)
	go r.read()
	for i, it := range items {
		if r.skipped[it.file()] {
			r.counts.Left++
			continue
		}
		err := r.item(ctx, it, fmt.Sprintf("(%d/%d)", i+1, len(items)))
		if err != nil {
			r.counts.Left += len(items) - i
			if err == errQuit {
				err = nil
			}
			return r.counts, err
		}
	}
	return r.counts, nil
}

func (it *Item) file() string { return it.Entry.Finding.Section.Unit.File.Name }

// read reads the lines that are wanted.
func (r *Review) read() {
	in := bufio.NewReader(r.In)
	for range r.wanted {
		text, err := in.ReadString('\n')
		if err == io.EOF && text != "" {
			err = nil
		}
		r.lines <- line{strings.TrimSpace(text), err}
	}
}

// ask prints a question and reads the answer. The end of the input is a q.
func (r *Review) ask(ctx context.Context, format string, args ...any) (string, error) {
	fmt.Fprintf(r.Out, "%s%s%s ", r.Bold[0], fmt.Sprintf(format, args...), r.Bold[1])
	r.wanted <- true
	select {
	case l := <-r.lines:
		if l.err != nil {
			fmt.Fprintln(r.Out)
			return "", errQuit
		}
		if r.Echo {
			fmt.Fprintln(r.Out, l.text)
		}
		return l.text, nil
	case <-ctx.Done():
		fmt.Fprintln(r.Out)
		return "", ctx.Err()
	}
}

// A proposal is what a yes would do now.
type proposal struct {
	entry   *rewrite.Entry // as it is now
	now     *verify.Verified
	changes []verify.Change
	edited  bool
	kept    []byte // an edited text that does not compile
}

// item asks about one finding until it is settled.
func (r *Review) item(ctx context.Context, it *Item, count string) error {
	p := r.propose(it)
	if p == nil {
		fmt.Fprintf(r.Out, "%s %s is gone: a rewrite that you accepted has fixed it\n\n", count, r.place(it.Entry.Finding))
		r.counts.Gone++
		return nil
	}
	fmt.Fprint(r.Out, r.Print(p.entry, p.changes))
	for {
		answer, err := r.ask(ctx, "%s %s [%s]?", count, p.question(), p.keys())
		if err != nil {
			return err
		}
		done, err := r.answer(ctx, it, p, answer)
		if err != nil || done {
			fmt.Fprintln(r.Out)
			return err
		}
	}
}

// propose works out what can be done about an item now. It is nil if the finding is
// gone.
func (r *Review) propose(it *Item) *proposal {
	f := it.Series.Find(it.Entry.Finding)
	if f == nil {
		return nil
	}
	p := &proposal{entry: &rewrite.Entry{Finding: f, Plans: it.Entry.Plans, Refusals: it.Entry.Refusals}}
	if it.Plan == nil {
		return p
	}
	if p.now = it.Series.Now(it.Plan); p.now != nil {
		p.entry.Plans, p.entry.Applied = []*verify.Verified{p.now}, p.now.Plan
		p.changes = r.notYet(append(p.now.Changes[:len(p.now.Changes):len(p.now.Changes)], verify.ModuleChanges(p.now.Plan.Requires)...))
	} else {
		p.entry.Plans = nil
	}
	return p
}

// notYet leaves out go.mod and go.sum if they were written with another rewrite, and
// what is there twice.
func (r *Review) notYet(changes []verify.Change) []verify.Change {
	var out []verify.Change
	seen := make(map[string]bool)
	for _, c := range changes {
		if !r.modules[c.File.Name] && !seen[c.File.Name] {
			out = append(out, c)
		}
		seen[c.File.Name] = true
	}
	return out
}

func (p *proposal) question() string {
	switch {
	case p.edited:
		return "apply what you have written"
	case len(p.changes) > 0:
		return "apply this rewrite"
	}
	return "no rewrite; go on"
}

// keys are the answers that there are, as "git add -p" prints them.
func (p *proposal) keys() string {
	keys := "n,e,h,s,q,?"
	if len(p.changes) > 0 {
		return "y," + keys
	}
	return keys
}

const help = `y - apply the rewrite; its questions are answered with yes
n - leave this finding as it is
e - edit the file by hand, as the rewrite would make it, and look at it again
h - the lock is held on purpose: write //letgo:hold above it, with a reason
s - leave this finding and all others of its file
q - end here; what was applied stays
? - print this
`

// answer carries out what was answered. It reports whether the finding is settled.
func (r *Review) answer(ctx context.Context, it *Item, p *proposal, answer string) (done bool, err error) {
	switch {
	case answer == "y" && len(p.changes) > 0:
		return r.accept(ctx, it, p)
	case answer == "n" || answer == "" && len(p.changes) == 0:
		r.counts.Left++
		return true, nil
	case answer == "e":
		return false, r.edit(ctx, it, p)
	case answer == "h":
		return r.hold(ctx, it, p)
	case answer == "s":
		r.skipped[it.file()] = true
		r.counts.Left++
		return true, nil
	case answer == "q":
		return false, errQuit
	}
	fmt.Fprint(r.Out, help)
	return false, nil
}

// accept tries the changes, if tests were asked for, and writes them.
func (r *Review) accept(ctx context.Context, it *Item, p *proposal) (done bool, err error) {
	if r.Try != nil {
		why, err := r.Try(ctx, p.entry, p.changes)
		if err != nil {
			return false, err
		}
		if why != "" {
			fmt.Fprintf(r.Out, "not applied: %s\n", why)
			return false, nil
		}
	}
	if err := r.Write(ctx, p.changes); err != nil {
		return false, err
	}
	for _, c := range p.changes {
		r.modules[c.File.Name] = c.File.Syntax == nil
	}
	if p.edited {
		it.Series.Put(it.Entry.Finding, p.now)
		r.counts.Edited++
	} else {
		it.Series.Take(it.Plan, p.now)
	}
	r.counts.Applied++
	return true, nil
}

// place is where a finding stands, for messages.
func (r *Review) place(f *finding.Finding) string {
	at := f.Position()
	return fmt.Sprintf("%s:%d", r.Name(at.Filename), at.Line)
}
