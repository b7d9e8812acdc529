// Command letgo finds mutex critical sections that wait for something while
// they hold the lock, and rewrites those that do so by accident.
//
// Run "letgo help" for how to use it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/letgo-dev/letgo/cmd/letgo/early"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		endAnyway(patienceAfterSignal, os.Exit)
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
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
