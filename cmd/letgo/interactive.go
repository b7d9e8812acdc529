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

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/cmd/letgo/review"
	"github.com/letgo-dev/letgo/internal/scratch"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/verify"
	"golang.org/x/term"
)

// review goes through the findings with the user.
func (a *command) review(ctx context.Context) int {
	o, err := outcome.Analyse(ctx, a.App, propose)
	if err != nil {
		return a.Fail("%v", err)
	}
	a.Bar.Stop()
	outcome.RemoveStray(a.App, o)
	a.printProblems(o)
	a.printMistakes(a.Stderr, o)
	r := &review.Review{
		In: a.Stdin, Out: a.Stdout, Name: a.Rel, Print: a.reviewed(),
		Write: func(ctx context.Context, changes []verify.Change) error {
			_, err := outcome.Write(ctx, a.App, changes)
			return err
		},
		Edit: a.editor, Echo: true,
	}
	if a.Opts.Try.Given {
		r.Try = a.tryOne(o)
	}
	if f, ok := a.Stdin.(*os.File); ok {
		r.Echo = !term.IsTerminal(int(f.Fd()))
	}
	if a.Colour(a.Stdout) {
		r.Bold = [2]string{string(app.Bold), app.Reset}
	}
	n, err := r.Run(ctx, a.items(o))
	fmt.Fprintln(a.Stdout, reviewSummary(n))
	switch {
	case errors.Is(err, context.Canceled):
		return a.Fail("interrupted; what was applied stays")
	case err != nil:
		return a.Fail("%v", err)
	case o.Failed():
		return app.ExitFailed
	case n.Left > 0 || len(o.Mistakes) > 0:
		return app.ExitFound
	}
	return app.ExitNone
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
func (a *command) items(o *outcome.Outcome) []*review.Item {
	series := make(map[*rewrite.Entry]*rewrite.Series)
	for _, f := range o.Fixed {
		s := f.Series()
		for _, e := range f.Result.Entries {
			series[e] = s
		}
	}
	var items []*review.Item
	for _, e := range outcome.Detailed(a.App, o) {
		items = append(items, &review.Item{Entry: e, Series: series[e], Plan: e.Offered()})
	}
	return items
}

// reviewed returns the function that prints one finding, with a heading where another
// group begins, all questions, and the diff.
func (a *command) reviewed() func(*rewrite.Entry, []verify.Change) string {
	last := ""
	return func(e *rewrite.Entry, changes []verify.Change) string {
		var b strings.Builder
		if e != nil {
			if g := outcome.GroupOf(e); g != last {
				last = g
				fmt.Fprintf(&b, "%s\n\n", app.Paint(a.Colour(a.Stdout), app.Bold, outcome.Headings[g]))
			}
			b.WriteString(a.briefOf(a.Stdout, e, nil, math.MaxInt))
		}
		text, outside, err := outcome.Diff(a.App, changes)
		if err != nil {
			fmt.Fprintf(&b, "there is no diff: %v\n", err)
		}
		b.Write(app.ColourDiff(text, a.Colour(a.Stdout)))
		for _, name := range outside {
			fmt.Fprintf(&b, "there is no diff of %s, which is outside the working directory; -C names another one\n", name)
		}
		return b.String()
	}
}

// reviewSummary says what became of the findings.
func reviewSummary(n review.Counts) string {
	applied := app.Plural(n.Applied, "rewrite") + " applied"
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
func (a *command) editor(ctx context.Context, name string, content []byte, line int) ([]byte, error) {
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
	if in, ok := a.Stdin.(*os.File); ok {
		cmd.Stdin = in // else it would be read to its end
	}
	// An editor wants the terminal itself.
	cmd.Stdout, cmd.Stderr = a.Stdout, a.Stderr
	if f, ok := app.FileOf(a.Stdout); ok {
		cmd.Stdout = f
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running the editor %q (VISUAL and EDITOR name another one): %w", command, err)
	}
	return os.ReadFile(file)
}
