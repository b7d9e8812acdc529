//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A cost is what one run of a tool has cost, its child processes included.
type cost struct {
	cpu, wall float64 // seconds
	mem       float64 // most of one process, MB
}

// measure runs a tool with the cache of its round. A run that does not come to
// its end is an error.
func measure(ctx context.Context, t tool, m *module, cache string) (cost, error) {
	cmd := m.command(ctx, t.program, t.command(m, cache)...)
	if t.cache != "" {
		cmd.Env = append(cmd.Env, t.cache+"="+cache)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second
	// A process group of its own, so that what it has started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return cost{}, fmt.Errorf("stopped after %v: %w", wall.Round(time.Second), ctx.Err())
	case err != nil && !errors.As(err, &exit):
		return cost{}, err
	case !slices.Contains(t.done, cmd.ProcessState.ExitCode()):
		return cost{}, fmt.Errorf("%v\n%s", cmd.ProcessState, end(stderr.Bytes()))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process has used")
	}
	unit := 1024.0 // Linux and the BSDs count in KB
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return cost{cpu.Seconds(), wall.Seconds(), float64(usage.Maxrss) * unit / 1e6}, nil
}

// end is the end of a tool's output.
func end(text []byte) []byte { return text[max(0, len(text)-2000):] }
