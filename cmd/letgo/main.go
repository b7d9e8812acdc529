// Command letgo finds mutex critical sections that wait for something while
// they hold the lock, and rewrites those that do so by accident.
//
// Run "letgo help" for how to use it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	_ "github.com/letgo-dev/letgo/cmd/letgo/early"
	"github.com/letgo-dev/letgo/patterns/load"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == load.BuiltCommand {
		os.Exit(load.RefuseTool(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		endAnyway(patienceAfterSignal, os.Exit)
	})
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, tool: ownProgram()}
	os.Exit(a.run(ctx, os.Args[1:]))
}

// ownProgram returns the file of this program, as it was started: a program of tests
// may be another one under its own name. It is "" if that is not known.
func ownProgram() string {
	name, err := exec.LookPath(os.Args[0])
	if err != nil {
		return ""
	}
	if name, err = filepath.Abs(name); err != nil {
		return ""
	}
	return name
}

// patienceAfterSignal is how long a run has to end by itself after a signal: longer
// than a package takes to be loaded or a file to be written.
const patienceAfterSignal = 10 * time.Second

// endAnyway ends the process after a while, whatever it waits for: a file system that
// does not answer knows no context. Files are replaced as a whole, so none is left in
// between.
func endAnyway(after time.Duration, exit func(int)) {
	time.Sleep(after)
	fmt.Fprintln(os.Stderr, "letgo: interrupted; it did not end in time, and is ended now")
	exit(exitFailed)
}

// run executes the command and returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{stdin: stdin, stdout: stdout, stderr: stderr}).run(ctx, args)
}

// run executes the command. That standard output could not be written to makes it a
// failure: what is there is not all.
func (a *app) run(ctx context.Context, args []string) int {
	out := &output{Writer: a.stdout}
	a.stdout = out
	status := a.execute(ctx, args)
	if err := out.err; err != nil && (a.opts == nil || a.opts.command != "lsp") {
		return a.fail("writing to standard output: %v; what is there is not complete", plainError(err))
	}
	return status
}

func (a *app) execute(ctx context.Context, args []string) int {
	if status, ok := a.asTool(ctx, args); ok {
		return status
	}
	opts, err := parseArgs(args)
	if err != nil {
		return a.fail("%v", err)
	}
	a.opts, a.args = opts, args
	if a.dir, err = filepath.Abs(opts.dir); err != nil {
		return a.fail("%v", err)
	}
	a.bar = newProgress(a.stderr)
	defer a.bar.stop()
	switch opts.command {
	case "help":
		return a.help(opts.args)
	case "version":
		return a.version()
	case "completion":
		return a.completion(opts.args)
	case "explain":
		return a.explain(ctx)
	case "table":
		return a.addToTable()
	case "lsp":
		return a.serve(ctx)
	case "mcp":
		return a.serveModel(ctx)
	}
	if opts.list {
		return a.list(ctx)
	}
	if opts.interactive {
		return a.review(ctx)
	}
	return a.fix(ctx)
}
