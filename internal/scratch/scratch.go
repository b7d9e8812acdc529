// Package scratch makes temporary directories. One that a killed process has left is
// removed by the next that makes one or cleans up.
package scratch

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dir makes a temporary directory, for the caller to remove.
func Dir() (string, error) {
	RemoveStray()
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix(), os.Getpid()))
}

// prefix begins the names of the directories of this machine or container, which may
// share the place for them with others, where processes have other numbers.
func prefix() string {
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid")
	return fmt.Sprintf("letgo-%x-", sha256.Sum256([]byte(host+"\x00"+space)))[:len("letgo-")+8] + "-"
}

// RemoveStray removes the directories of processes that run no more, as far as that is
// allowed.
func RemoveStray() {
	dir, prefix := os.TempDir(), prefix()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		number, _, dash := strings.Cut(rest, "-")
		if pid, err := strconv.Atoi(number); ok && dash && err == nil && e.IsDir() && !Running(pid) {
			os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}
