//go:build unix

package scratch

import (
	"errors"
	"syscall"
)

// Running reports whether there is a process with the given ID.
func Running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
