//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A cost is what one run of a tool has cost, its child processes included.
type cost struct {
	cpu, wall float64 // seconds
	mem       float64 // most of one process, MB
}

// measure runs a tool with the cache of its round. go vet keeps what it finds by
// its flags: one that no other round has stands for an empty cache.
func measure(t tool, dir, cache string) (cost, error) {
	args := t.args
	if args[0] == "go" {
		funcs := fmt.Sprintf("-printf.funcs=%s%d", strings.ReplaceAll(filepath.Base(cache), "-", ""), os.Getpid())
		args = []string{"go", "vet", funcs, "./..."}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	if t.cache != "" {
		cmd.Env = append(cmd.Env, t.cache+"="+cache)
	}
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return cost{}, fmt.Errorf("%s: %w", t.name, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process has used")
	}
	unit := 1024.0 // Linux counts in KB
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return cost{cpu.Seconds(), wall.Seconds(), float64(usage.Maxrss) * unit / 1e6}, nil
}
