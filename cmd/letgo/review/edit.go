package review

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// edit lets the person edit the file of a finding, and makes the result what is
// proposed. What does not compile is kept for the next e, and nothing else changes.
func (r *Review) edit(ctx context.Context, it *Item, p *proposal) error {
	file := it.Series.File(it.file())
	if file.Fixed != "" {
		fmt.Fprintf(r.Out, "%s is not edited: %s\n", r.Name(file.Name), file.Fixed)
		return nil
	}
	offered := file.Content
	for _, c := range p.changes {
		if c.File.Name == file.Name {
			offered = c.Content()
		}
	}
	text := offered
	if p.kept != nil {
		text = p.kept
	}
	text, err := r.Edit(ctx, file.Name, text, p.entry.Finding.Position().Line)
	if err != nil {
		fmt.Fprintf(r.Out, "nothing is changed: %v\n", err)
		return ctx.Err()
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if bytes.Equal(text, offered) {
		fmt.Fprintln(r.Out, "nothing was edited")
		return nil
	}
	contents := map[string][]byte{file.Name: text}
	for _, c := range p.changes {
		if c.File.Syntax != nil && c.File.Name != file.Name {
			contents[c.File.Name] = c.Content()
		}
	}
	draft, err := it.Series.Draft(contents)
	if err != nil {
		p.kept = text
		fmt.Fprintf(r.Out, "this does not compile: %v\ne edits it again\n", err)
		return nil
	}
	r.offerEdited(it, p, draft)
	return nil
}

// offerEdited makes an edited text what is proposed, and shows it.
func (r *Review) offerEdited(it *Item, p *proposal, draft *verify.Verified) {
	changes := draft.Changes
	for _, c := range p.changes {
		if c.File.Syntax == nil {
			changes = append(changes, c)
		}
	}
	p.now, p.changes, p.edited, p.kept = draft, changes, true, nil
	fmt.Fprint(r.Out, r.Print(nil, changes))
	if len(changes) == 0 {
		fmt.Fprintln(r.Out, "the file is as it was")
		return
	}
	if it.Series.Ends(draft, it.Entry.Finding) {
		fmt.Fprintln(r.Out, "It compiles, and the finding is gone. No other condition was checked.")
	} else {
		fmt.Fprintln(r.Out, "It compiles. The lock is still held across the wait.")
	}
}

// hold asks for a reason and writes the directive.
func (r *Review) hold(ctx context.Context, it *Item, p *proposal) (done bool, err error) {
	file := it.Series.File(it.file())
	if file.Fixed != "" {
		fmt.Fprintf(r.Out, "%s is not edited: %s\n", r.Name(file.Name), file.Fixed)
		return false, nil
	}
	reason, err := r.ask(ctx, "why is %s held (Enter: it is not)?", p.entry.Finding.Section.Lock)
	if err != nil {
		return false, err
	}
	if reason == "" {
		fmt.Fprintln(r.Out, "nothing is written: letgo reports a hold without a reason")
		return false, nil
	}
	draft, err := it.Series.Draft(map[string][]byte{file.Name: withHold(p.entry.Finding, file, reason)})
	if err != nil {
		fmt.Fprintf(r.Out, "nothing is written: the directive cannot stand above the line of the lock: %v\n", err)
		return false, nil
	}
	if !holds(it.Series, draft, p.entry.Finding) {
		fmt.Fprintln(r.Out, "nothing is written: above the line of this lock the directive would have no effect; see letgo help directives for where else it may stand")
		return false, nil
	}
	if err := r.Write(ctx, draft.Changes); err != nil {
		return false, err
	}
	it.Series.Put(it.Entry.Finding, draft)
	r.counts.Held++
	return true, nil
}

// withHold returns the content of a file with the directive above the line that takes
// the lock.
func withHold(f *finding.Finding, file *patterns.File, reason string) []byte {
	at := f.Section.Unit.Pkg.Fset.PositionFor(f.Section.Acquire.Pos(), false).Offset
	start := bytes.LastIndexByte(file.Content[:at], '\n') + 1
	line := string(file.Content[start:at])
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	out := append(file.Content[:start:start], indent+"//letgo:"+directive.Hold+" "+reason+"\n"...)
	return append(out, file.Content[start:]...)
}

// holds reports whether the directive that a draft has above the line where a finding
// stood applies to it.
func holds(s *rewrite.Series, draft *verify.Verified, f *finding.Finding) bool {
	want := f.Position()
	return slices.ContainsFunc(s.Findings(draft), func(g *finding.Finding) bool {
		at := g.Position()
		return at.Filename == want.Filename && at.Line == want.Line+1 && g.Directive != nil && g.Directive.Name == directive.Hold
	})
}
