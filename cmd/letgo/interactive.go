package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/letgo-dev/letgo/cmd/letgo/review"
	"github.com/letgo-dev/letgo/internal/scratch"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// review goes through the findings with the user.
func (a *app) review(ctx context.Context) int {
	o, err := a.analyse(ctx, propose)
	if err != nil {
		return a.fail("%v", err)
	}
	a.bar.stop()
	a.removeStray(o)
	a.printProblems(o)
	a.printMistakes(a.stderr, o)
	r := &review.Review{
		In: a.stdin, Out: a.stdout, Name: a.rel, Print: a.reviewed(),
		Write: func(ctx context.Context, changes []verify.Change) error {
			_, err := a.write(ctx, changes)
			return err
		},
		Edit: a.editor, Echo: true,
	}
	if a.opts.try.set {
		r.Try = a.tryOne(o)
	}
	if f, ok := a.stdin.(*os.File); ok {
		r.Echo = !term.IsTerminal(int(f.Fd()))
	}
	if a.colour(a.stdout) {
		r.Bold = [2]string{string(bold), reset}
	}
	n, err := r.Run(ctx, a.items(o))
	fmt.Fprintln(a.stdout, reviewSummary(n))
	switch {
	case errors.Is(err, context.Canceled):
		return a.fail("interrupted; what was applied stays")
	case err != nil:
		return a.fail("%v", err)
	case o.failed():
		return exitFailed
	case n.Left > 0 || len(o.mistakes) > 0:
		return exitFound
	}
	return exitNone
}

// propose works out the plans of a package, and chooses the best of each finding. It
// carries none out: which ones are, the user says.
func propose(x *patterns.Program, q *patterns.Package, l rewrite.Limits) *rewrite.Result {
	r := &rewrite.Result{Entries: rewrite.Entries(x, q, l), Package: q}
	for _, e := range r.Entries {
		if v := l.Best(e); v != nil {
			e.Applied = v.Plan
		}
	}
	return r
}

// items lists what there is to go through, that of most worth first.
func (a *app) items(o *outcome) []*review.Item {
	series := make(map[*rewrite.Entry]*rewrite.Series)
	for _, f := range o.fixed {
		s := f.series()
		for _, e := range f.result.Entries {
			series[e] = s
		}
	}
	var items []*review.Item
	for _, e := range a.detailed(o) {
		items = append(items, &review.Item{Entry: e, Series: series[e], Plan: e.Offered()})
	}
	return items
}

// reviewed returns the function that prints one finding, with a heading where another
// group begins, all questions, and the diff.
func (a *app) reviewed() func(*rewrite.Entry, []verify.Change) string {
	last := ""
	return func(e *rewrite.Entry, changes []verify.Change) string {
		var b strings.Builder
		if e != nil {
			if g := groupOf(e); g != last {
				last = g
				fmt.Fprintf(&b, "%s\n\n", paint(a.colour(a.stdout), bold, headings[g]))
			}
			b.WriteString(a.briefOf(a.stdout, e, nil, math.MaxInt))
		}
		text, outside, err := a.diff(changes)
		if err != nil {
			fmt.Fprintf(&b, "there is no diff: %v\n", err)
		}
		b.Write(colourDiff(text, a.colour(a.stdout)))
		for _, name := range outside {
			fmt.Fprintf(&b, "there is no diff of %s, which is not below the working directory; -C names another one\n", name)
		}
		return b.String()
	}
}

// reviewSummary says what became of the findings.
func reviewSummary(n review.Counts) string {
	applied := plural(n.Applied, "rewrite") + " applied"
	if n.Edited > 0 {
		applied += fmt.Sprintf(" (%d edited)", n.Edited)
	}
	parts := []string{applied}
	for _, more := range []struct {
		n    int
		text string
	}{{n.Held, "held on purpose"}, {n.Gone, "gone with another one"}, {n.Left, "left"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", more.n, more.text))
		}
	}
	return strings.Join(parts, "; ")
}

// atLine are editors that begin at a line if it is given as +N.
var atLine = []string{"emacs", "emacsclient", "jed", "joe", "kak", "mg", "micro", "nano", "nvim", "vi", "view", "vim"}

// editor lets the user edit a text in the editor that the environment names.
func (a *app) editor(ctx context.Context, name string, content []byte, line int) ([]byte, error) {
	command := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	dir, err := scratch.Dir()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return nil, err
	}
	words := strings.Fields(command)
	if len(words) > 0 && slices.Contains(atLine, filepath.Base(words[0])) {
		words = append(words, fmt.Sprintf("+%d", line))
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], file)...)
	if in, ok := a.stdin.(*os.File); ok {
		cmd.Stdin = in // else it would be read to its end
	}
	// An editor wants the terminal itself.
	cmd.Stdout, cmd.Stderr = a.stdout, a.stderr
	if f, ok := fileOf(a.stdout); ok {
		cmd.Stdout = f
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running the editor %q (VISUAL and EDITOR name another one): %w", command, err)
	}
	return os.ReadFile(file)
}
