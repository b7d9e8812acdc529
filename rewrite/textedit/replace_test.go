package textedit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// newFile creates a file in a new directory.
func newFile(t *testing.T, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.go")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// check checks the content of a file and that no temporary file is left next to
// it.
func check(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Errorf("content %q, want %q", got, content)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "tmp") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestReplace(t *testing.T) {
	for _, mode := range []fs.FileMode{0o644, 0o755, 0o600, 0o200, 0o666} {
		if mode&0o400 == 0 && os.Geteuid() != 0 || runtime.GOOS == "windows" && mode != 0o666 {
			continue
		}
		path := newFile(t, "old", mode)
		if err := Replace(path, []byte("old"), []byte("new")); err != nil {
			t.Fatal(err)
		}
		check(t, path, "new")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("mode %v, want %v", info.Mode(), mode)
		}
	}
}

func TestReplaceSymlink(t *testing.T) {
	path := newFile(t, "old", 0o644)
	link := filepath.Join(t.TempDir(), "link.go")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := Replace(link, []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	check(t, path, "new")
	if got, err := os.Readlink(link); err != nil || got != path {
		t.Errorf("the link is %q, %v", got, err)
	}
}

func TestReplaceRefuses(t *testing.T) {
	t.Run("changed", func(t *testing.T) {
		path := newFile(t, "other", 0o644)
		if err := Replace(path, []byte("old"), []byte("new")); !errors.Is(err, ErrChanged) {
			t.Errorf("error %v", err)
		}
		check(t, path, "other")
	})
	t.Run("changed meanwhile", func(t *testing.T) {
		path := newFile(t, "old", 0o644)
		d := realDisk
		d.sync = func(f *os.File) error { return os.WriteFile(path, []byte("other"), 0o644) }
		if err := d.replace(path, []byte("old"), []byte("new")); !errors.Is(err, ErrChanged) {
			t.Errorf("error %v", err)
		}
		check(t, path, "other")
	})
	t.Run("read-only file", func(t *testing.T) {
		path := newFile(t, "old", 0o444)
		err := Replace(path, []byte("old"), []byte("new"))
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("error %v", err)
		}
		check(t, path, "old")
	})
	t.Run("read-only directory", func(t *testing.T) {
		if os.Geteuid() == 0 || runtime.GOOS == "windows" {
			t.Skip("the superuser may write to any directory")
		}
		path := newFile(t, "old", 0o644)
		dir := filepath.Dir(path)
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o755)
		if err := Replace(path, []byte("old"), []byte("new")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("error %v", err)
		}
		check(t, path, "old")
	})
	t.Run("directory", func(t *testing.T) {
		if err := Replace(t.TempDir(), nil, []byte("new")); err == nil {
			t.Error("no error")
		}
	})
	t.Run("missing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "f.go")
		if err := Replace(path, nil, []byte("new")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	})
}

// TestReplaceFails makes each step fail, as it could on a full or broken disk.
func TestReplaceFails(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}
	tests := map[string]func(*disk){
		"create": func(d *disk) { d.create = func(string, string) (*os.File, error) { return nil, full } },
		"write": func(d *disk) {
			d.write = func(f *os.File, b []byte) error { f.Write(b[:1]); return full }
		},
		"sync":   func(d *disk) { d.sync = func(*os.File) error { return full } },
		"rename": func(d *disk) { d.rename = func(string, string) error { return full } },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			path := newFile(t, "old", 0o644)
			d := realDisk
			fail(&d)
			if err := d.replace(path, []byte("old"), []byte("new")); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("error %v", err)
			}
			check(t, path, "old")
		})
	}
}

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Create(path, []byte("new\n")); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("other\n")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that is there: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
