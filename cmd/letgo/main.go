// Command letgo finds mutex critical sections that wait for something while
// they hold the lock, and rewrites those that do so by accident.
//
// Run "letgo help" for how to use it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/letgo-dev/letgo/cmd/letgo/early"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
