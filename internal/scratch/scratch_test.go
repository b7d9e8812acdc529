package scratch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestDir checks that only the directory of a process that is no longer running is removed.
func TestDir(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp) // for Windows, where processes seem to run forever
	gone := exec.Command("go", "version")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	stray := fmt.Sprintf("%s%d-1", prefix(), gone.Process.Pid)
	names := []string{stray, fmt.Sprintf("letgo-00000000-%d-1", gone.Process.Pid), fmt.Sprintf("%s%d", prefix(), gone.Process.Pid), prefix() + "x-1"}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(tmp, name, "below"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		dir, err := Dir()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(dir))
	}
	if !Running(gone.Process.Pid) {
		names = names[1:]
	}
	var left []string
	entries, err := os.ReadDir(tmp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if slices.Sort(names); !slices.Equal(left, names) {
		t.Errorf("left are %v, want %v", left, names)
	}
}
