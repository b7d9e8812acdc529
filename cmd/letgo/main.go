// Command letgo finds mutex critical sections that wait for something while
// they hold the lock, and rewrites those that do so by accident.
//
// Run "letgo help" for how to use it.
package main

import (
	"context"
	"fmt"
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
