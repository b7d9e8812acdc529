package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// modelServer is the program that speaks the Model Context Protocol. It is not part of
// this one because of what its SDK links.
const modelServer = "letgo-mcp"

// serveModel starts the server for language models, which runs this program.
func (a *app) serveModel(ctx context.Context) int {
	if len(a.opts.args) > 0 {
		return a.fail("letgo mcp takes no arguments: -C names the directory")
	}
	self, err := os.Executable()
	if err != nil {
		return a.fail("finding out what program this is: %v", err)
	}
	name, err := findModelServer(self)
	if err != nil {
		return a.fail("letgo mcp needs the program %s, which is neither beside letgo nor in the PATH; install it with: go install github.com/letgo-dev/letgo/cmd/%s", modelServer, modelServer)
	}
	args := []string{"-letgo=" + self, "-C=" + a.dir}
	if a.opts.write {
		args = append(args, "-w")
	}
	a.bar.stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	if f, ok := fileOf(a.stdout); ok {
		cmd.Stdout = f
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode() // it has said why
		}
		return a.fail("running %s: %v", name, err)
	}
	return exitNone
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
