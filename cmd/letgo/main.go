// Command letgo finds critical sections that hold a mutex while they wait for
// something, and rewrites those that do so by accident.
//
// Run "letgo help" to see how to use it.
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

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	_ "github.com/letgo-dev/letgo/cmd/letgo/early"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns/load"
)

// A command is one run, with what prints it.
type command struct{ *app.App }

func main() {
	if len(os.Args) > 1 && os.Args[1] == load.BuiltCommand {
		os.Exit(load.RefuseTool(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		endAnyway(patienceAfterSignal, os.Exit)
	})
	a := &command{&app.App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Tool: ownProgram()}}
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
	fmt.Fprintln(os.Stderr, "letgo: interrupted; it did not stop in time and was ended")
	exit(app.ExitFailed)
}

// run executes the command and returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&command{&app.App{Stdin: stdin, Stdout: stdout, Stderr: stderr}}).run(ctx, args)
}

// run executes the command. That standard output could not be written to makes it a
// failure: what is there is not all.
func (a *command) run(ctx context.Context, args []string) int {
	out := &app.Output{Writer: a.Stdout}
	a.Stdout = out
	status := a.execute(ctx, args)
	if err := out.Err; err != nil && (a.Opts == nil || a.Opts.Command != "lsp") {
		return a.Fail("writing to standard output: %v; what is there is not complete", outcome.PlainError(err))
	}
	return status
}

func (a *command) execute(ctx context.Context, args []string) int {
	if status, ok := a.asTool(ctx, args); ok {
		return status
	}
	opts, err := app.ParseArgs(args)
	if err != nil {
		return a.Fail("%v", err)
	}
	a.Opts, a.Args = opts, args
	if opts.Command != "lsp" { // which has its own pace
		defer roomyHeap()()
	}
	if a.Dir, err = filepath.Abs(opts.Dir); err != nil {
		return a.Fail("%v", err)
	}
	a.Bar = app.NewProgress(a.Stderr)
	defer a.Bar.Stop()
	switch opts.Command {
	case "help":
		if opts.HelpOn != "" {
			return help.Command(a.App, opts.HelpOn)
		}
		return help.Print(a.App, opts.Args)
	case "version":
		return help.Version(a.App)
	case "completion":
		return help.Completion(a.App, opts.Args)
	case "explain":
		return a.explain(ctx)
	case "table":
		return a.addToTable()
	case "lsp":
		return a.serve(ctx)
	case "mcp":
		return a.serveModel(ctx)
	}
	if opts.List {
		return a.list(ctx)
	}
	if opts.Interactive {
		return a.review(ctx)
	}
	return a.fix(ctx)
}
