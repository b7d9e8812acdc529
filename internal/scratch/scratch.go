// Package scratch makes temporary directories. A directory left behind by a killed process is
// removed by the next process that makes one or calls RemoveStray.
package scratch

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dir makes a temporary directory. The caller must remove it.
func Dir() (string, error) {
	RemoveStray()
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix(), os.Getpid()))
}

// prefix returns the name prefix for directories of this machine or container. The parent directory
// may be shared with others, whose process IDs are unrelated.
func prefix() string {
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid")
	return fmt.Sprintf("letgo-%x-", sha256.Sum256([]byte(host+"\x00"+space)))[:len("letgo-")+8] + "-"
}

// RemoveStray removes the directories of processes that are no longer running, if permitted.
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
