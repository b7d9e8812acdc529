package textedit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/letgo-dev/letgo/internal/scratch"
)

// TempPattern returns an [os.CreateTemp] pattern for a temporary file next to
// the file at path. The name begins with a dot and does not end in .go, so the go
// command ignores the file. It contains the process ID for [RemoveStray].
func TempPattern(path string) string {
	return fmt.Sprintf(".%s.letgo%d-*.tmp", filepath.Base(path), os.Getpid())
}

var tempName = regexp.MustCompile(`^\..+\.letgo([0-9]+)-[0-9]+\.tmp$`)

// RemoveStray removes temporary files left in dir by processes that were killed
// while replacing a file.
func RemoveStray(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var all []error
	for _, e := range entries {
		m := tempName.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		if pid, err := strconv.Atoi(m[1]); err != nil || scratch.Running(pid) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
