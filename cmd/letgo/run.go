package main

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
	exitNone   = 0 // nothing found, or everything found was put right
	exitFound  = 1
	exitFailed = 2
)

// An app is one run of the command.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	args []string // as given
	tool string   // see load.Config.Tool
	opts *options
	dir  string // the working directory, absolute
	bar  *progress

	owners map[*types.Package]map[*types.Var]string // memo of fieldOwners

	// hook, if not nil, is called at certain points of a run: "analyse" with
	// the ID of a package, "try" with what is run, "check" before the first file is
	// looked at, and "write" with the name of a file that is about to be written.
	// Tests use it.
	hook func(point, what string)

	// spoil, if not nil, breaks what a rewrite makes of a file, so that tests see
	// what comes of that.
	spoil func(content []byte) []byte

	tried map[*rewrite.Entry]trial.Result // what tests say to rewrites, with -try
}

// fail prints an error on standard error and returns the status for failure.
func (a *app) fail(format string, args ...any) int {
	a.bar.stop()
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") { // one for each mistake in a file
		fmt.Fprintf(a.stderr, "letgo: %s\n", line)
	}
	return exitFailed
}

func (a *app) at(point, what string) {
	if a.hook != nil {
		a.hook(point, what)
	}
}

// rel returns a file name for messages: relative to the working directory if
// the file is below it, otherwise absolute; with slashes.
func (a *app) rel(name string) string {
	if r, ok := a.below(name); ok {
		return r
	}
	return filepath.ToSlash(name)
}

// below returns the name of a file relative to the working directory, with
// slashes, if the file is below it.
func (a *app) below(name string) (string, bool) {
	r, err := filepath.Rel(a.dir, name)
	if err != nil || !filepath.IsLocal(r) {
		return "", false
	}
	return filepath.ToSlash(r), true
}

// loadConfig says how to load packages in the directory.
func (a *app) loadConfig(ctx context.Context, dir string) load.Config {
	return load.Config{Dir: dir, Tags: a.opts.tags, Tests: a.opts.tests, Tool: a.tool, Context: ctx}
}

// plural returns "1 file", "2 files".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// orList joins words for a sentence: "a, b or c".
func orList(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}
