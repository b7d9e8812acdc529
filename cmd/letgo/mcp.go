package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
)

// modelServer is the program that speaks the Model Context Protocol. It is not part of
// this one because of what its SDK links.
const modelServer = "letgo-mcp"

// serveModel starts the server for language models, which runs this program.
func (a *command) serveModel(ctx context.Context) int {
	if len(a.Opts.Args) > 0 {
		return a.Fail("letgo mcp takes no arguments: -C names the directory")
	}
	self, err := os.Executable()
	if err != nil {
		return a.Fail("finding out what program this is: %v", err)
	}
	name, err := findModelServer(self)
	if err != nil {
		return a.Fail("letgo mcp needs the program %s, which is neither beside letgo nor in the PATH; install it with: go install github.com/letgo-dev/letgo/cmd/%s", modelServer, modelServer)
	}
	args := []string{"-letgo=" + self, "-C=" + a.Dir}
	if a.Opts.Write {
		args = append(args, "-w")
	}
	a.Bar.Stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	if f, ok := app.FileOf(a.Stdout); ok {
		cmd.Stdout = f
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode() // it has said why
		}
		return a.Fail("running %s: %v", name, err)
	}
	return app.ExitNone
}

// findModelServer looks beside this program, then in the PATH.
func findModelServer(self string) (string, error) {
	name := modelServer
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	beside := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(beside); err == nil {
		return beside, nil
	}
	return exec.LookPath(name)
}
