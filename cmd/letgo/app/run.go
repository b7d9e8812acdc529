// Package app has what every letgo command needs: the options, the working directory,
// and how text is laid out and coloured.
package app

import (
	"context"
	"fmt"
	"go/types"
	"io"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
)

// The exit statuses, as "letgo help exit" describes them.
const (
	ExitNone   = 0 // nothing found, or everything found was put right
	ExitFound  = 1
	ExitFailed = 2
)

// An App is one run of the command.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Args []string // as given
	Tool string   // see load.Config.Tool
	Opts *Options
	Dir  string // the working directory, absolute
	Bar  *Progress

	Owners map[*types.Package]map[*types.Var]string // memo of fieldOwners

	// hook, if not nil, is called at certain points of a run: "analyse" with
	// the ID of a package, "try" with what is run, "check" before the first file is
	// looked at, and "write" with the name of a file that is about to be written.
	// Tests use it.
	Hook func(point, what string)

	// spoil, if not nil, breaks what a rewrite makes of a file, so that tests see
	// what comes of that.
	Spoil func(content []byte) []byte

	Tried map[*rewrite.Entry]trial.Result // what tests say to rewrites, with -try
}

// Fail prints an error on standard error and returns the status for failure.
func (a *App) Fail(format string, args ...any) int {
	a.Bar.Stop()
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") { // one for each mistake in a file
		fmt.Fprintf(a.Stderr, "letgo: %s\n", line)
	}
	return ExitFailed
}

func (a *App) At(point, what string) {
	if a.Hook != nil {
		a.Hook(point, what)
	}
}

// Rel returns a file name for messages: relative to the working directory if
// the file is below it, otherwise absolute; with slashes.
func (a *App) Rel(name string) string {
	if r, ok := a.Below(name); ok {
		return r
	}
	return filepath.ToSlash(name)
}

// Below returns the name of a file relative to the working directory, with
// slashes, if the file is below it.
func (a *App) Below(name string) (string, bool) {
	r, err := filepath.Rel(a.Dir, name)
	if err != nil || !filepath.IsLocal(r) {
		return "", false
	}
	return filepath.ToSlash(r), true
}

// LoadConfig says how to load packages in the directory.
func (a *App) LoadConfig(ctx context.Context, dir string) load.Config {
	return load.Config{Dir: dir, Tags: a.Opts.Tags, Tests: a.Opts.Tests, Tool: a.Tool, Context: ctx, Waiting: a.Bar.Waiting}
}

// Plural returns "1 file", "2 files".
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// OrList joins words for a sentence: "a, b or c".
func OrList(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}
