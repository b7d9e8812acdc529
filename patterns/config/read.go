package config

import (
	"fmt"
	"io"
	"os"
)

// The sizes in bytes above which a file is taken for something else.
const (
	maxProject  = 1 << 20
	MaxBaseline = 64 << 20
)

// ReadFile reads a regular file of at most so many bytes. For anything else it returns
// an error at once, because reading a named pipe or a device may never end.
func ReadFile(name string, most int64) ([]byte, error) {
	fail := func(format string, args ...any) ([]byte, error) {
		return nil, &os.PathError{Op: "read", Path: name, Err: fmt.Errorf(format, args...)}
	}
	// Opened without waiting for a writer, and looked at once it is open: what is
	// there by that name can change.
	f, err := os.OpenFile(name, os.O_RDONLY|noWait, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return fail("it is not a regular file")
	case info.Size() > most:
		return fail("it has %d bytes, and at most %d are read", info.Size(), most)
	}
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		return fail("it has more than %d bytes", most)
	}
	return content, err
}
