//go:build !unix

package scratch

import "os"

// Running reports whether there is a process with the given ID.
func Running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
